import { type BinaryLike, createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { lambdaCredentials } from './client-config';
import { requireEnv } from './env';

/** Node's own, as the signer asks for it. */
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

/**
 * Posts JSON, signed as IAM asks (Signature Version 4), within its time.
 *
 * @param service the name that the service signs with: `appsync`
 * @throws TimeoutError where the whole answer is not there in time
 */
export async function signedPost(
  url: string,
  body: string,
  { service, timeoutMs }: { readonly service: string; readonly timeoutMs: number },
): Promise<{ readonly status: number; readonly text: string }> {
  const { protocol, hostname, host, port, pathname } = new URL(url);
  const signer = new SignatureV4({
    credentials: lambdaCredentials,
    region: requireEnv('AWS_REGION'),
    service,
    sha256: Sha256,
  });
  const { headers } = await signer.sign({
    method: 'POST',
    protocol,
    hostname,
    port: port === '' ? undefined : Number(port),
    path: pathname,
    query: {},
    headers: { 'content-type': 'application/json', host },
    body,
  });
  const { host: _, ...sent } = headers;
  const answer = await fetch(url, {
    method: 'POST',
    headers: sent,
    body,
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { status: answer.status, text: await answer.text() };
}
