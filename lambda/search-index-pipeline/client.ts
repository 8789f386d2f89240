import { Client } from '@opensearch-project/opensearch';
import { AwsSigv4Signer } from '@opensearch-project/opensearch/aws-v3';
import { lambdaCredentials } from '../core/client-config';
import { requireEnv } from '../core/env';

/** A search service that did not answer in time. */
export class SearchTimeout extends Error {
  public constructor(ms: number) {
    super(`OpenSearch did not answer in ${ms} ms`);
    this.name = 'SearchTimeout';
  }
}

/** A call of the client, which it can break off once it has credentials. */
interface Call<T> extends Promise<T> {
  abort?(): void;
}

/** Makes calls to OpenSearch, signed as AWS asks, each within its time. */
export class SearchClient {
  private readonly client: Client;

  /**
   * @param endpoint address of the domain or collection, with its scheme
   * @param service `es` for a domain, `aoss` for a serverless collection
   */
  public constructor(endpoint: string, service: 'es' | 'aoss') {
    this.client = new Client({
      ...AwsSigv4Signer({ region: requireEnv('AWS_REGION'), service, getCredentials: lambdaCredentials }),
      node: endpoint,
      // Whoever calls knows whether there is time for another try.
      maxRetries: 0,
    });
  }

  /**
   * @param path with its query, percent-encoded
   * @param timeoutMs at most half a minute, which is the client's own
   * @throws SearchTimeout where the whole answer is not there in time
   * @throws ResponseError of the client for a status of 400 or more
   */
  public async request<T>(
    method: string,
    path: string,
    body: object | string | undefined,
    timeoutMs: number,
  ): Promise<T> {
    const [plain, querystring = ''] = path.split('?');
    const content = typeof body === 'string' ? { bulkBody: body } : { body };
    const call = this.client.transport.request({ method, path: plain, querystring, ...content }) as Call<{ body: T }>;
    // The client's own time-out is of a socket that idles, and ends with the head of an answer.
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new SearchTimeout(timeoutMs));
        call.abort?.();
      }, timeoutMs);
    });
    try {
      return (await Promise.race([call, timeout])).body;
    } finally {
      clearTimeout(timer);
      // Broken off, it fails on its own as well.
      call.catch(() => undefined);
    }
  }
}

let client: SearchClient | undefined;

/** The function's one client, made on first use and kept for the life of the sandbox. */
export function searchClient(): SearchClient {
  client ??= new SearchClient(requireEnv('SEARCH_ENDPOINT'), process.env.SEARCH_SERVICE === 'aoss' ? 'aoss' : 'es');
  return client;
}

/** The status that OpenSearch answered with; undefined where it did not answer. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}
