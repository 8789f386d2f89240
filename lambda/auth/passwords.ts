import { randomBytes } from 'node:crypto';
import { argon2id, argon2Verify } from 'hash-wasm';

/**
 * Argon2id with 12 MiB, 3 passes and 1 lane: one of OWASP's equivalent minimum settings, and the strongest of them
 * that keeps the processor for less time than bcrypt at cost 10 does (44 ms against 50 ms). The WebAssembly build runs
 * on arm64 and x86_64 alike.
 */
const PARAMETERS = { memorySize: 12_288, iterations: 3, parallelism: 1, hashLength: 32 };
const SALT_LENGTH = 16;

/** A PHC string with its own random salt. */
export function hashPassword(password: string): Promise<string> {
  return argon2id({ ...PARAMETERS, password, salt: randomBytes(SALT_LENGTH), outputType: 'encoded' });
}

/**
 * What a password is compared with where no account is: a hash of nothing, with the parameters of all others. It is
 * written down and not made, because making it costs a cold start as much as a sign-in does.
 */
const DECOY = ((): string => {
  const { memorySize, iterations, parallelism, hashLength } = PARAMETERS;
  const zeros = (length: number) => Buffer.alloc(length).toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${memorySize},t=${iterations},p=${parallelism}$${zeros(SALT_LENGTH)}$${zeros(hashLength)}`;
})();

/**
 * Compares with a stored hash. Without one (unknown e-mail) it does the same work on a decoy and answers false, so
 * that the time taken does not tell whether an account exists.
 */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  return (await argon2Verify({ password, hash: stored ?? DECOY })) && stored !== undefined;
}
