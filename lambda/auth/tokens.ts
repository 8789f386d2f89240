import {
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';

/** ECDSA on P-256: the one algorithm that is signed with and accepted. */
export const ALGORITHM = 'ES256';
/** Issuer and audience: a token of another system with a key of ours is still refused. */
export const ISSUER = 'cdk-social-backend';
export const AUDIENCE = 'realworld-api';

/** A token that is none of ours, or is good no more. */
export class InvalidToken extends Error {
  public constructor() {
    super('The token is not good');
    this.name = 'InvalidToken';
  }
}

/** How long a key signs before it is read again, in ms: a rotated one is in use within this time. */
export const KEY_LIFE = 5 * 60_000;

/** What a token says: who, and which generation of their tokens. */
export interface Claims {
  readonly userId: string;
  /** Moves with every change of password; tokens of an earlier generation are refused. */
  readonly generation: number;
  /** Every token has its own; those that were signed before there were ids have none. */
  readonly tokenId?: string;
}

/** What a token is signed with: its id is made with it. */
export type NewClaims = Omit<Claims, 'tokenId'>;

/** A key as JSON, with its id. */
export type Jwk = JsonWebKey & { readonly kid?: string };

/** The pair that signs: the private key with its id. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: Jwk;
}

/** Public keys by which tokens are verified, each with its `kid`. */
export interface KeySet {
  readonly keys: readonly Jwk[];
}

/** 128 bits: no two tokens have one id. */
const TOKEN_ID_BYTES = 16;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Longer than any token of ours: what is longer is not parsed. */
const MAX_LENGTH = 2048;

/**
 * The token of an `Authorization: Token <jwt>` (or `Bearer`) header; undefined where there is no header.
 *
 * @throws InvalidToken for another scheme
 */
export function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined || header.trim() === '') {
    return undefined;
  }
  const match = /^(?:token|bearer)\s+(\S+)$/i.exec(header.trim());
  if (!match || match[1].length > MAX_LENGTH) {
    throw new InvalidToken();
  }
  return match[1];
}

/** A token in its parts, each decoded; `signed` is what the signature is of. */
interface Parts {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly signed: string;
  readonly signature: Buffer;
}

/** Decodes base64url and nothing else: Node takes other alphabets and stray bits, so that one token has many texts. */
function decoded(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) {
    throw new InvalidToken();
  }
  return bytes;
}

function decodedObject(part: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(decoded(part).toString());
  if (typeof value !== 'object' || value === null) {
    throw new InvalidToken();
  }
  return value as Readonly<Record<string, unknown>>;
}

/** @throws InvalidToken or SyntaxError for what is no JWS of ours */
function partsOf(token: string): Parts {
  const [header, payload, signature, ...more] = token.split('.');
  if (signature === undefined || more.length > 0) {
    throw new InvalidToken();
  }
  const parts = {
    header: decodedObject(header),
    payload: decodedObject(payload),
    signed: `${header}.${payload}`,
    signature: decoded(signature),
  };
  // `crit` names extensions that must be understood (RFC 7515, 4.1.11): there is none here.
  if (parts.header.alg !== ALGORITHM || 'crit' in parts.header) {
    throw new InvalidToken();
  }
  return parts;
}

function toClaims({ sub, gen, jti }: Readonly<Record<string, unknown>>): Claims {
  const hasId = typeof jti === 'string' && jti !== '';
  if (typeof sub !== 'string' || !UUID.test(sub) || typeof gen !== 'number' || (jti !== undefined && !hasId)) {
    throw new InvalidToken();
  }
  return { userId: sub, generation: gen, ...(hasId ? { tokenId: jti } : {}) };
}

/** Runs what fails in many ways on what a stranger sent, and tells none of them from another. */
function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch {
    throw new InvalidToken();
  }
}

/** What a token claims, unverified: good for reading ahead, never for deciding. @throws InvalidToken */
export function claimed(token: string): Claims & { readonly kid: string } {
  return refusing(() => {
    const { header, payload } = partsOf(token);
    if (typeof header.kid !== 'string') {
      throw new InvalidToken();
    }
    return { ...toClaims(payload), kid: header.kid };
  });
}

/** Keys that were imported, by their JWK: importing costs more than verifying does. */
const imported = new WeakMap<Jwk, KeyObject>();

function importKey(jwk: Jwk, create: typeof createPublicKey | typeof createPrivateKey): KeyObject {
  let key = imported.get(jwk);
  if (!key) {
    key = create({ key: jwk, format: 'jwk' });
    imported.set(jwk, key);
  }
  return key;
}

/** Signatures as JWS has them, R and S side by side (RFC 7518, 3.4), and not in DER as Node's default is. */
const ES256 = (key: KeyObject) => ({ key, dsaEncoding: 'ieee-p1363' as const });

/** May the key verify tokens: is it of our algorithm, and not one that encrypts (RFC 7517, 4.2 and 4.4)? */
const isVerifier = ({ kty, crv, alg = ALGORITHM, use = 'sig' }: Jwk) =>
  kty === 'EC' && crv === 'P-256' && alg === ALGORITHM && use === 'sig';

function isSigned({ header, signed, signature }: Parts, { keys }: KeySet): boolean {
  const jwk = keys.find((key) => key.kid === header.kid && isVerifier(key));
  return (
    jwk !== undefined && verifyBytes('sha256', Buffer.from(signed), ES256(importKey(jwk, createPublicKey)), signature)
  );
}

/** @throws InvalidToken for what is no time */
function isAfter(time: unknown, now: number): boolean {
  if (typeof time !== 'number') {
    throw new InvalidToken();
  }
  return time > now;
}

const seconds = () => Math.floor(Date.now() / 1000);

/** Verifies signature, key id, algorithm, issuer, audience and times. @throws InvalidToken */
export function verify(token: string, keys: KeySet): Claims {
  return refusing(() => {
    const parts = partsOf(token);
    const { iss, aud, iat, exp, nbf = 0 } = parts.payload;
    const inTime = typeof iat === 'number' && isAfter(exp, seconds()) && !isAfter(nbf, seconds());
    if (!isSigned(parts, keys) || iss !== ISSUER || aud !== AUDIENCE || !inTime) {
      throw new InvalidToken();
    }
    return toClaims(parts.payload);
  });
}

const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Signs a token with an id of its own. @param lifetime in seconds */
export function sign(claims: NewClaims, { kid, privateKey }: SigningKey, lifetime: number): string {
  const iat = seconds();
  const header = { alg: ALGORITHM, kid, typ: 'JWT' };
  const payload = {
    gen: claims.generation,
    jti: randomBytes(TOKEN_ID_BYTES).toString('base64url'),
    sub: claims.userId,
    iss: ISSUER,
    aud: AUDIENCE,
    iat,
    exp: iat + lifetime,
  };
  const signed = `${encoded(header)}.${encoded(payload)}`;
  const signature = signBytes('sha256', Buffer.from(signed), ES256(importKey(privateKey, createPrivateKey)));
  return `${signed}.${signature.toString('base64url')}`;
}
