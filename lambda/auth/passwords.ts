import { randomBytes } from 'node:crypto';
import { argon2id, argon2Verify } from 'hash-wasm';

/**
 * Argon2id with 12 MiB, 3 passes and 1 lane: one of OWASP's equivalent minimum settings, and the strongest of them
 * that keeps the processor for less time than bcrypt at cost 10 does (44 ms against 50 ms). The WebAssembly build runs
 * on arm64 and x86_64 alike.
 */
const PARAMETERS = { memorySize: 12_288, iterations: 3, parallelism: 1, hashLength: 32 };

/** A PHC string with its own random salt. */
export function hashPassword(password: string): Promise<string> {
  return argon2id({ ...PARAMETERS, password, salt: randomBytes(16), outputType: 'encoded' });
}

let decoy: Promise<string> | undefined;

/**
 * Compares with a stored hash. Without one (unknown e-mail) it does the same work on a decoy and answers false, so
 * that the time taken does not tell whether an account exists.
 */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  decoy ??= hashPassword(randomBytes(16).toString('hex')).catch((error: unknown) => {
    decoy = undefined;
    throw error;
  });
  // Awaited in both branches: otherwise only an unknown e-mail would pay for making the decoy.
  const hash = stored ?? (await decoy);
  await decoy;
  return (await argon2Verify({ password, hash })) && stored !== undefined;
}
