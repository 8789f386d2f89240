import { BinaryLike, createHash, createHmac, Hash, Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { SessionCredentials } from './running-app';

/** Who signs a request, and what for. */
export interface Signing {
  /** `app.aws.credentials`, or `app.credentialsOf('Reader')`. */
  readonly credentials: Omit<SessionCredentials, 'sessionToken'> & Partial<SessionCredentials>;
  readonly region: string;
  /** @default 'execute-api' */
  readonly service?: string;
  /** @default - now */
  readonly signingDate?: Date;
}

/** What is sent, as `fetch` has it. */
export interface SignedInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

class Sha256 {
  private readonly hash: Hash | Hmac;

  public constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as BinaryLike);
  }

  public update(data: Uint8Array): void {
    this.hash.update(data);
  }

  public async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }

  public reset(): void {
    throw new Error('a digest is made once');
  }
}

/** Headers with a signature of version 4, as clients of routes with AWS_IAM send them. */
export async function signedHeaders(
  url: string,
  { method = 'GET', headers = {}, body }: SignedInit,
  { credentials, region, service = 'execute-api', signingDate }: Signing,
): Promise<Record<string, string>> {
  const { protocol, hostname, host, port, pathname, searchParams } = new URL(url);
  const query: Record<string, string[]> = {};
  for (const [name, value] of searchParams) (query[name] ??= []).push(value);
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256 });
  const request = await signer.sign(
    {
      method,
      protocol,
      hostname,
      port: Number(port),
      path: pathname,
      query,
      headers: { ...headers, host },
      body,
    },
    { signingDate },
  );
  const { host: _host, ...sent } = request.headers;
  return sent;
}

/** Sends a request that is signed. */
export async function signedFetch(url: string, init: SignedInit, signing: Signing): Promise<Response> {
  return fetch(url, { ...init, headers: await signedHeaders(url, init, signing) });
}
