import { createHmac, createPublicKey, generateKeyPairSync, JsonWebKey, KeyObject, sign } from 'node:crypto';

interface TokenHeader {
  readonly alg: string;
  readonly kid?: string;
  readonly [name: string]: unknown;
}

export interface Decoded {
  readonly header: TokenHeader;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly signature: Buffer;
}

export function decode(token: string): Decoded {
  const [header, payload, signature] = token.split('.').map((part) => Buffer.from(part, 'base64url'));
  return {
    header: JSON.parse(header.toString()) as TokenHeader,
    payload: JSON.parse(payload.toString()) as Readonly<Record<string, unknown>>,
    signature,
  };
}

function segment(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

export function assemble(header: unknown, payload: unknown, signature: Buffer): string {
  return `${segment(header)}.${segment(payload)}.${signature.toString('base64url')}`;
}

/** A token as anyone could sign it with a key pair of their own. */
export function signedByStranger(header: TokenHeader, payload: unknown): string {
  const { privateKey, publicKey } = keyPairFor(header.alg);
  const jwk = publicKey.export({ format: 'jwk' });
  const full = Object.hasOwn(header, 'jwk') ? { ...header, jwk } : header;
  const input = Buffer.from(`${segment(full)}.${segment(payload)}`);
  return `${input.toString()}.${signatureOf(header.alg, input, privateKey).toString('base64url')}`;
}

/** A token signed with a shared secret, which is no secret where it is a public key. */
export function signedBySecret(header: TokenHeader, payload: unknown, secret: string | Buffer): string {
  const input = `${segment({ ...header, alg: 'HS256' })}.${segment(payload)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** The forms in which a public key may be taken for a shared secret. */
export function secretsOf(jwk: Record<string, string>): (string | Buffer)[] {
  const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  const pem = key.export({ type: 'spki', format: 'pem' }).toString();
  return [
    pem,
    pem.trim(),
    key.export({ type: 'spki', format: 'der' }),
    JSON.stringify(jwk),
    Buffer.from(jwk.x ?? jwk.n ?? '', 'base64url'),
  ];
}

function keyPairFor(alg: string): { privateKey: KeyObject; publicKey: KeyObject } {
  switch (alg) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'ES384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' });
    case 'EdDSA':
    case 'Ed25519':
      return generateKeyPairSync('ed25519');
    case 'RS256':
    case 'PS256':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
    default:
      throw new Error(`Tokens of the API are signed with ${alg}, for which the tests have no key pair`);
  }
}

function signatureOf(alg: string, input: Buffer, key: KeyObject): Buffer {
  switch (alg) {
    case 'EdDSA':
    case 'Ed25519':
      return sign(null, input, key);
    case 'ES384':
      return sign('sha384', input, { key, dsaEncoding: 'ieee-p1363' });
    case 'PS256':
      // 6 is RSA_PKCS1_PSS_PADDING; the salt is as long as the hash.
      return sign('sha256', input, { key, padding: 6, saltLength: 32 });
    default:
      return sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' });
  }
}
