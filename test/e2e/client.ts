import { Agent as HttpAgent, IncomingHttpHeaders, OutgoingHttpHeaders, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** What a request carries. */
export interface RequestOptions {
  /** Sent in the header `Authorization`, after the client's scheme. */
  readonly token?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, instead of `body`: what is not JSON, or not even UTF-8. */
  readonly raw?: string | Buffer;
  /** Added to, or in place of, the usual headers; a list is sent as a header for each. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

/** What came back. */
export interface Answer {
  /** `GET /articles`, for messages of failed tests. */
  readonly request: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body; undefined when it is empty or not JSON. */
  readonly json: unknown;
  /** Token and password of the request: no answer about an error may repeat them. */
  readonly secrets: readonly string[];
}

export interface Client {
  /** @param path sent as it is: a segment that needs encoding comes encoded */
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
}

// A connection for each request: a kept one may be closed by the server just as it is used again.
const httpAgent = new HttpAgent({ keepAlive: false });
const httpsAgent = new HttpsAgent({ keepAlive: false });

/**
 * A client of one base URL. It neither normalizes paths nor retries, so that a test sends what it says.
 *
 * @param scheme of the header `Authorization`
 */
export function client(base: string, scheme: 'Bearer' | 'Token' = 'Token'): Client {
  const { protocol, hostname, port, pathname } = new URL(base);
  const prefix = pathname.replace(/\/$/, '');
  const secure = protocol === 'https:';

  return {
    request: (method, path, options = {}) => {
      const payload = payloadOf(options);
      const headers: OutgoingHttpHeaders = {
        ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': payload.length }),
        ...(options.token === undefined ? {} : { authorization: `${scheme} ${options.token}` }),
        ...options.headers,
      };
      return new Promise<Answer>((resolve, reject) => {
        const outgoing = (secure ? httpsRequest : httpRequest)(
          { hostname, port, method, path: prefix + path, headers, agent: secure ? httpsAgent : httpAgent },
          (incoming) => {
            const chunks: Buffer[] = [];
            incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
            incoming.on('error', reject);
            incoming.on('end', () => {
              const text = Buffer.concat(chunks).toString('utf8');
              resolve({
                request: `${method} ${shortened(path)}`,
                status: incoming.statusCode ?? 0,
                headers: incoming.headers,
                text,
                json: parsed(text),
                secrets: secretsOf(options),
              });
            });
          },
        );
        outgoing.on('error', reject);
        outgoing.end(payload);
      });
    },
  };
}

/** A path segment or query value. */
export function encoded(value: string): string {
  return encodeURIComponent(value);
}

/** `?a=1&b=2`, without what is undefined. */
export function queryString(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encoded(name)}=${encoded(String(value))}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function payloadOf(options: RequestOptions): Buffer | undefined {
  if (options.raw !== undefined) return Buffer.from(options.raw as string);
  return options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function secretsOf({ token, body }: RequestOptions): readonly string[] {
  const user = (body as { user?: { password?: unknown } } | undefined | null)?.user;
  const password = user?.password;
  // Short values would be found in any text.
  return [token, password].filter((secret): secret is string => typeof secret === 'string' && secret.length >= 7);
}

function shortened(path: string): string {
  return path.length > 120 ? `${path.slice(0, 120)}... (${path.length} characters)` : path;
}
