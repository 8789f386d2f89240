import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  jwtVerify,
  SignJWT,
} from 'jose';

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
}

/** The pair that signs: the private key with its id. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: JWK;
}

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

function toClaims(payload: { sub?: string; gen?: unknown }): Claims {
  if (typeof payload.sub !== 'string' || !UUID.test(payload.sub) || typeof payload.gen !== 'number') {
    throw new InvalidToken();
  }
  return { userId: payload.sub, generation: payload.gen };
}

/** What a token claims, unverified: good for reading ahead, never for deciding. */
export function claimed(token: string): Claims & { readonly kid: string } {
  try {
    const header = decodeProtectedHeader(token);
    if (header.alg !== ALGORITHM || typeof header.kid !== 'string') {
      throw new InvalidToken();
    }
    return { ...toClaims(decodeJwt(token)), kid: header.kid };
  } catch {
    throw new InvalidToken();
  }
}

/** Verifies signature, key id, algorithm, issuer, audience and times. @throws InvalidToken */
export async function verify(token: string, keys: JSONWebKeySet): Promise<Claims> {
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['exp', 'iat', 'sub'],
    });
    return toClaims(payload);
  } catch {
    throw new InvalidToken();
  }
}

/** Signs a token. @param lifetime in seconds */
export async function sign(claims: Claims, key: SigningKey, lifetime: number): Promise<string> {
  return new SignJWT({ gen: claims.generation })
    .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: 'JWT' })
    .setSubject(claims.userId)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(`${lifetime}s`)
    .sign(await importJWK(key.privateKey, ALGORITHM));
}
