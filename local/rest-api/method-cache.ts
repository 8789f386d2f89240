import { queryLists } from './event';
import { RequestParameter } from './validation';
import { GatewayRequest } from '../gateway/request';
import { GatewayResponse } from '../gateway/response';

/** A bigger body is not kept: 1,048,576 bytes, after "Cache settings for REST APIs" of the developer guide. */
const LARGEST_BODY = 1_048_576;

/** From how many entries on those that have ended are thrown out. */
const SWEEP_FROM = 1000;

/** What of a request tells cached answers of a method apart. */
export interface CacheKey {
  /** Methods with one namespace share their entries. @default - the id of the resource */
  readonly namespace?: string;
  readonly parameters: readonly RequestParameter[];
}

/**
 * The key of an answer: the namespace and the declared parameters, and nothing else. That neither the query nor a part
 * of the path is in it by itself has surprised many (theburningmonk.com, "Serverless: enable caching on query string
 * parameters in API Gateway"); whether the method is, is not documented, so that it is not. An absent parameter is an
 * empty one; of several values of a query parameter the last counts, as in the event.
 */
export function cacheKeyOf(
  { namespace, parameters }: CacheKey,
  resourceId: string,
  request: GatewayRequest,
  pathParameters: Readonly<Record<string, string>>,
): string {
  const query = queryLists(request.rawQuery);
  const values = parameters.map(({ from, name }) => {
    if (from === 'header') return request.headers[name.toLowerCase()] ?? '';
    return (from === 'path' ? pathParameters[name] : query[name]?.at(-1)) ?? '';
  });
  return JSON.stringify([namespace ?? resourceId, ...values]);
}

/**
 * True for `Cache-Control: max-age=0`, among other directives too: the one header that the guide says to invalidate an
 * entry ("Invalidate an API Gateway cache entry").
 */
export function asksForFresh(request: GatewayRequest): boolean {
  const directives = (request.headers['cache-control'] ?? '').split(',');
  return directives.some((directive) => /^\s*max-age\s*=\s*"?0+"?\s*$/i.test(directive));
}

/**
 * The cache of a stage. Answers of every status are kept, those of a failed integration too: API Gateway has no way to
 * leave out errors (https://github.com/DianaIonita/serverless-api-gateway-caching/issues/125).
 */
export class MethodCache {
  private readonly entries = new Map<string, { readonly response: GatewayResponse; readonly until: number }>();

  /** @param now milliseconds */
  public constructor(private readonly now: () => number) {}

  public get(key: string): GatewayResponse | undefined {
    const entry = this.entries.get(key);
    return entry !== undefined && entry.until > this.now() ? entry.response : undefined;
  }

  public put(key: string, response: GatewayResponse, ttlMs: number): void {
    this.entries.delete(key);
    if (response.body.length > LARGEST_BODY) return;
    const now = this.now();
    if (this.entries.size >= SWEEP_FROM) {
      for (const [old, { until }] of this.entries) if (until <= now) this.entries.delete(old);
    }
    this.entries.set(key, { response, until: now + ttlMs });
  }
}
