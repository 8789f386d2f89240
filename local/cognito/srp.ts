import {
  createDiffieHellman,
  createHash,
  createHmac,
  getDiffieHellman,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

/**
 * The server's half of SRP-6a as Cognito has it: the 3072-bit group of RFC 3526 with the generator 2, SHA-256, numbers as
 * hexadecimal texts with a sign byte, and a signature by a key that HKDF makes of the shared secret ("Caldera Derived
 * Key"), as the clients of https://github.com/aws-amplify/amplify-js (packages/amazon-cognito-identity-js) do it.
 */

const N = BigInt(`0x${getDiffieHellman('modp15').getPrime('hex')}`);
const G = 2n;
const K = hashNumber(padded(N) + padded(G));

/** What is kept of a password. */
export interface Verifier {
  /** Hexadecimal numbers. */
  readonly salt: string;
  readonly verifier: string;
}

/** What the server keeps between the two steps of a sign-in. */
export interface ServerStep {
  readonly a: bigint;
  readonly b: bigint;
  readonly bPublic: bigint;
}

function hash(hexOrText: string, encoding: 'hex' | 'utf8'): string {
  return createHash('sha256').update(hexOrText, encoding).digest('hex');
}

/** A number as an even count of hexadecimal digits that no one would take for a negative one. */
function padded(value: bigint): string {
  const hex = value.toString(16);
  const even = hex.length % 2 === 1 ? `0${hex}` : hex;
  return /^[89a-f]/.test(even) ? `00${even}` : even;
}

function hashNumber(hex: string): bigint {
  return BigInt(`0x${hash(hex, 'hex')}`);
}

function bytes(value: bigint): Buffer {
  return Buffer.from(padded(value), 'hex');
}

/** 2 to a power, as Diffie-Hellman of the group has it: in a twentieth of the time that big integers take. */
function powerOfTwo(exponent: bigint): bigint {
  const group = createDiffieHellman(bytes(N), bytes(G));
  group.setPrivateKey(bytes(exponent));
  return BigInt(`0x${group.generateKeys('hex')}`);
}

/** Any other number: of a generator that it does not know, Diffie-Hellman would check the group for seconds. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % N;
  for (const bit of [...exponent.toString(2)].reverse()) {
    if (bit === '1') result = (result * square) % N;
    square = (square * square) % N;
  }
  return result;
}

/** A number of so many random bytes; never 0, and always as long. */
function randomNumber(length: number): bigint {
  return BigInt(`0x01${randomBytes(length).toString('hex')}`);
}

/** The name of a pool in the protocol: what stands behind the region in its id. */
function poolName(poolId: string): string {
  return poolId.slice(poolId.indexOf('_') + 1);
}

function verifierOf(poolId: string, username: string, password: string, salt: bigint): bigint {
  const x = hashNumber(padded(salt) + hash(`${poolName(poolId)}${username}:${password}`, 'utf8'));
  return powerOfTwo(x);
}

/** What is kept of a password: it tells nobody the password, and both ways to sign in can be checked by it. */
export function makeVerifier(poolId: string, username: string, password: string): Verifier {
  const salt = randomNumber(15);
  return { salt: salt.toString(16), verifier: verifierOf(poolId, username, password, salt).toString(16) };
}

/** True where the password is the one that the verifier was made of. */
export function isPassword(poolId: string, username: string, password: string, kept: Verifier): boolean {
  const made = verifierOf(poolId, username, password, BigInt(`0x${kept.salt}`)).toString(16);
  return same(made, kept.verifier);
}

/**
 * The server's answer to the first step.
 *
 * @param aHex the client's public number; undefined is answered where it is none
 */
export function firstStep(aHex: string, kept: Verifier): ServerStep | undefined {
  if (!/^[0-9a-f]+$/i.test(aHex)) return undefined;
  const a = BigInt(`0x${aHex}`);
  if (a % N === 0n) return undefined;
  const b = randomNumber(32);
  return { a, b, bPublic: (K * BigInt(`0x${kept.verifier}`) + powerOfTwo(b)) % N };
}

/** What the client signs beside the names. */
export interface Claim {
  readonly poolId: string;
  readonly username: string;
  readonly secretBlock: Buffer;
  readonly timestamp: string;
}

/** True where the signature shows that the client knows the password. */
export function isSignature(step: ServerStep, kept: Verifier, claim: Claim, signature: string): boolean {
  const u = hashNumber(padded(step.a) + padded(step.bPublic));
  const secret = power((step.a * power(BigInt(`0x${kept.verifier}`), u)) % N, step.b);
  const key = hkdfSync('sha256', bytes(secret), bytes(u), 'Caldera Derived Key', 16);
  const made = createHmac('sha256', Buffer.from(key))
    .update(poolName(claim.poolId))
    .update(claim.username)
    .update(claim.secretBlock)
    .update(claim.timestamp)
    .digest('base64');
  return same(made, signature);
}

function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
