import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  JsonWebKey,
  KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import { Json } from '../aws/protocol';

/** A private key as it is kept in a data folder. */
export type KeptKey = JsonWebKey;

interface SigningKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: JsonWebKey;
}

/** Which kind of token: as in Cognito each is signed with a key of its own. */
export type TokenUse = 'id' | 'access';

const newPair = promisify(generateKeyPair);

function keyOf(privateKey: KeyObject): SigningKey {
  const publicKey = createPublicKey(privateKey);
  const { kty, n, e } = publicKey.export({ format: 'jwk' });
  const id = createHash('sha256')
    .update(n ?? '')
    .digest('base64');
  return { id, privateKey, publicKey, jwk: { alg: 'RS256', e, kid: id, kty, n, use: 'sig' } };
}

/** The keys of a user pool: one signs ID tokens, the other access tokens. */
export class TokenKeys {
  /** Makes new ones. */
  public static async make(): Promise<TokenKeys> {
    const [id, access] = await Promise.all(
      [0, 1].map(async () => (await newPair('rsa', { modulusLength: 2048 })).privateKey),
    );
    return new TokenKeys({ id: keyOf(id), access: keyOf(access) });
  }

  /** Takes those that an earlier run kept. */
  public static from(kept: Readonly<Record<TokenUse, KeptKey>>): TokenKeys {
    const read = (key: KeptKey): SigningKey => keyOf(createPrivateKey({ key, format: 'jwk' }));
    return new TokenKeys({ id: read(kept.id), access: read(kept.access) });
  }

  private constructor(private readonly keys: Readonly<Record<TokenUse, SigningKey>>) {}

  /** The private keys, for a data folder. */
  public kept(): Readonly<Record<TokenUse, KeptKey>> {
    const { id, access } = this.keys;
    return { id: id.privateKey.export({ format: 'jwk' }), access: access.privateKey.export({ format: 'jwk' }) };
  }

  /** The public keys, as `/.well-known/jwks.json` shows them. */
  public jwks(): Json {
    return { keys: [this.keys.id.jwk, this.keys.access.jwk] };
  }

  public sign(use: TokenUse, claims: Json): string {
    const { id, privateKey } = this.keys[use];
    const text = `${encode({ kid: id, alg: 'RS256' })}.${encode(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  }

  /** The claims of a token of this pool; undefined where it is none, or another made it. */
  public read(use: TokenUse, token: string): Json | undefined {
    const [header = '', body = '', signature = '', ...more] = token.split('.');
    const { id, publicKey } = this.keys[use];
    const head = decode(header);
    if (more.length > 0 || head?.alg !== 'RS256' || head.kid !== id) return undefined;
    const genuine = verify('sha256', Buffer.from(`${header}.${body}`), publicKey, Buffer.from(signature, 'base64url'));
    return genuine ? decode(body) : undefined;
  }
}

function encode(value: Json): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** The JSON object of a part of a token, whoever made it; undefined where it is none. */
function decode(part: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

/** What a token says, unchecked: which pool made it. */
export function claimsOf(token: string): Json | undefined {
  return decode(token.split('.')[1] ?? '');
}
