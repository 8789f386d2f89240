import { exportJWK, generateKeyPair, importJWK, type JSONWebKeySet, type JWK, SignJWT } from 'jose';
import {
  ALGORITHM,
  AUDIENCE,
  type Claims,
  ISSUER,
  type KeySet,
  type SigningKey,
  verify,
} from '../../lambda/auth/tokens';

/** A pair as the deployment makes it. */
export interface TestPair {
  readonly signing: SigningKey;
  readonly publicKey: JWK;
  readonly keys: JSONWebKeySet;
}

export async function newPair(kid: string): Promise<TestPair> {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const labels = { kid, alg: ALGORITHM };
  const jwk = { ...(await exportJWK(publicKey)), ...labels, use: 'sig' };
  return {
    signing: { kid, privateKey: { ...(await exportJWK(privateKey)), ...labels } },
    publicKey: jwk,
    keys: { keys: [jwk] },
  };
}

/** Verifies, and rejects where that throws. */
export const verified = async (token: string, keys: KeySet): Promise<Claims> => verify(token, keys);

/** What a forger, or a system that is not ours, would put into a token. */
export interface Forgery {
  readonly header?: Readonly<Record<string, unknown>>;
  /** Laid over the claims of a good token; undefined takes one away. */
  readonly payload?: Readonly<Record<string, unknown>>;
}

/** Signs whatever it is told to with the key of a pair. */
export async function forge(pair: TestPair, userId: string, { header, payload }: Forgery): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: userId, gen: 1, iss: ISSUER, aud: AUDIENCE, iat: now, exp: now + 60, ...payload };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: ALGORITHM, kid: pair.signing.kid, typ: 'JWT', ...header })
    .sign(await importJWK(pair.signing.privateKey, ALGORITHM));
}

/** A compact token of any header and payload, with the signature given. */
export function compact(header: unknown, payload: unknown, signature: Buffer | string = ''): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(payload)}.${Buffer.from(signature).toString('base64url')}`;
}
