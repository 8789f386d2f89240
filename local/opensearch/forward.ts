import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { DomainAnswer } from './domains';
import { RestRequest } from './routes';

/** A real OpenSearch at a URL, which may have a user and a password in it. */
export class Forward {
  private readonly url: URL;

  public constructor(url: string) {
    this.url = new URL(url);
  }

  /** @throws an Error of one line where nothing answers */
  public async check(): Promise<void> {
    const { status } = await this.answer({ method: 'GET', path: '/', query: new URLSearchParams(), body: '' });
    if (status !== 200) throw new Error(`OpenSearch at ${this.url.origin} does not answer: status ${status}`);
  }

  public async answer({ method, path, query, body }: RestRequest): Promise<DomainAnswer> {
    const { protocol, hostname, port, username, password, pathname } = this.url;
    const search = query.toString();
    const bytes = Buffer.from(body, 'utf8');
    const isBulk = path.endsWith('/_bulk');
    try {
      return await new Promise<DomainAnswer>((resolve, reject) => {
        const call = (protocol === 'https:' ? secure : plain)({
          ...{ method, hostname, port },
          path: `${pathname.replace(/\/$/, '')}${path}${search === '' ? '' : `?${search}`}`,
          auth: username === '' ? undefined : `${decodeURIComponent(username)}:${decodeURIComponent(password)}`,
          headers: {
            accept: 'application/json',
            ...(bytes.length === 0
              ? {}
              : {
                  'content-type': isBulk ? 'application/x-ndjson' : 'application/json',
                  'content-length': bytes.length,
                }),
          },
        });
        call.on('response', (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 502, body: Buffer.concat(chunks).toString('utf8') }),
          );
          response.on('error', reject);
        });
        call.on('error', reject);
        call.end(bytes);
      });
    } catch (error) {
      // As the proxy of AWS answers for a domain that is down.
      const reason = error instanceof Error && error.message !== '' ? error.message : String(error);
      return { status: 503, body: { message: `OpenSearch at ${this.url.origin} does not answer: ${reason}` } };
    }
  }
}
