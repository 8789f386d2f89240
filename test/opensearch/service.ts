import { randomUUID } from 'node:crypto';

/** What the suite of OpenSearch talks to: a real one, or the embedded subset. */
export interface SearchService {
  /** `http://127.0.0.1:9201` */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer of it, body as JSON. */
export interface ServiceAnswer<Body> {
  readonly status: number;
  readonly body: Body;
}

/** @param body an object as JSON, several as lines of JSON, a text as it is */
export async function call<Body>(
  { url, headers }: SearchService,
  method: string,
  path: string,
  body?: object | readonly object[] | string,
): Promise<ServiceAnswer<Body>> {
  const lines = Array.isArray(body);
  const sent = lines ? body.map((line) => `${JSON.stringify(line)}\n`).join('') : body;
  const answer = await fetch(`${url}/${path}`, {
    method,
    headers: {
      ...headers,
      ...(body !== undefined && { 'content-type': lines ? 'application/x-ndjson' : 'application/json' }),
    },
    body: typeof sent === 'object' ? JSON.stringify(sent) : sent,
  });
  const text = await answer.text();
  return { status: answer.status, body: (text === '' ? undefined : JSON.parse(text)) as Body };
}

/** @throws Error with its answer where the status is another than 200 */
export async function succeed<Body>(...parameters: Parameters<typeof call>): Promise<Body> {
  const { status, body } = await call<Body>(...parameters);
  if (status !== 200) throw new Error(`${parameters[1]} ${parameters[2]} is ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** The one of `OPENSEARCH_URL`. @throws Error where that is not set */
export function openSearch(): SearchService {
  const url = process.env.OPENSEARCH_URL;
  if (!url) throw new Error('OPENSEARCH_URL is not set: npm run test:opensearch');
  return { url: url.replace(/\/+$/, '') };
}

/** For an index or an alias of this run alone: other runs may use the same service. */
export const uniqueName = (what: string): string => `test-${what}-${randomUUID().slice(0, 8)}`;
