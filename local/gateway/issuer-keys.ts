import { createPublicKey, JsonWebKey, KeyObject } from 'node:crypto';
import { isObject } from '../assembly';

/** "API Gateway can cache the public key for two hours": what it can do, it does here. */
const KEPT_MS = 2 * 60 * 60 * 1000;

/** "Timeout for OpenID Connect discovery endpoint" and "... for JSON Web Key Set endpoint", quotas of HTTP APIs. */
const TIMEOUT_MS = 1500;

interface PublicKey {
  readonly key: KeyObject;
  /** The only algorithm that it is for; undefined where the issuer does not say. */
  readonly algorithm?: string;
}

/** The public keys of an issuer of tokens, as its discovery document tells where they are. */
export class IssuerKeys {
  private known?: { readonly keys: ReadonlyMap<string, PublicKey>; readonly until: number };

  /**
   * @param localAddress gives the address on this machine of one in AWS, and any other as it is
   * @param now milliseconds since 1970
   */
  public constructor(
    private readonly issuer: string,
    private readonly localAddress: (url: string) => string,
    private readonly now: () => number,
  ) {}

  /**
   * A key that has not been there when the keys were fetched is not found for as long as they are kept: whoever rotates
   * keys has to show new ones two hours before they sign.
   *
   * @returns undefined for a key that the issuer does not have
   * @throws an Error where the issuer does not answer as it has to; that is not remembered
   */
  public async find(keyId: string): Promise<PublicKey | undefined> {
    if (this.known === undefined || this.known.until <= this.now()) {
      this.known = { keys: await this.fetchKeys(), until: this.now() + KEPT_MS };
    }
    return this.known.keys.get(keyId);
  }

  private async fetchKeys(): Promise<ReadonlyMap<string, PublicKey>> {
    const discovery = await this.fetchObject(`${this.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    const { jwks_uri: keySet } = discovery;
    if (typeof keySet !== 'string') throw new Error(`${this.issuer} does not tell its jwks_uri`);
    const { keys } = await this.fetchObject(keySet);
    if (!Array.isArray(keys)) throw new Error(`${keySet} is no set of keys`);
    return new Map((keys as unknown[]).flatMap(readKey));
  }

  private async fetchObject(url: string): Promise<Readonly<Record<string, unknown>>> {
    const address = this.localAddress(url);
    try {
      const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (!response.ok) throw new Error(`status ${response.status}`);
      const body: unknown = await response.json();
      if (!isObject(body)) throw new Error('no JSON object');
      return body;
    } catch (error) {
      throw new Error(`${address}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** The keys that can verify signatures of RSA; others of the issuer are passed over. */
function readKey(jwk: unknown): [string, PublicKey][] {
  if (!isObject(jwk) || jwk.kty !== 'RSA' || typeof jwk.kid !== 'string' || (jwk.use ?? 'sig') !== 'sig') return [];
  try {
    const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    return [[jwk.kid, { key, ...(typeof jwk.alg === 'string' ? { algorithm: jwk.alg } : {}) }]];
  } catch {
    return [];
  }
}
