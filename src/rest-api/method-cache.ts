import { Duration } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';
import { RestApiEndpoint } from './rest-api-options';
import { checkSeconds, failure } from '../core/checks';

/** What API Gateway offers, in GB. */
const CACHE_SIZES = ['0.5', '1.6', '6.1', '13.5', '28.4', '58.2', '118', '237'];

/** @internal */
export function checkCacheSize(scope: Construct, size: string | undefined): void {
  if (size !== undefined && !CACHE_SIZES.includes(size)) {
    throw failure(`cacheClusterSize must be one of ${CACHE_SIZES.join(', ')}, got: ${size}`, scope);
  }
}

/** What may be in a key: a value of the request, by its name. */
const KEY_PARAMETER = /^method\.request\.(header|querystring|path)\.[\w.-]+$/;

const AUTHORIZATION = 'method.request.header.authorization';

/**
 * How the answers of one endpoint are cached.
 *
 * @internal
 */
export interface EndpointCache {
  readonly ttl: Duration;
  /** Every parameter that tells answers apart. */
  readonly keyParameters: string[];
}

/**
 * Reads what an endpoint asks of the cache, and refuses a key by which one caller would get the answer of another: API
 * Gateway looks at nothing but the declared parameters, those of the path included.
 *
 * @param alsoKeyed what is in the key of every endpoint
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
 * @see https://theburningmonk.com/2016/04/serverless-enable-caching-on-query-string-parameters-in-api-gateway/
 * @internal
 */
export function endpointCache(
  scope: Construct,
  endpoint: RestApiEndpoint,
  alsoKeyed: readonly string[],
): EndpointCache | undefined {
  const { id, method, path, cacheTtl: ttl, cacheKeyParameters: given = [], cacheForEveryone } = endpoint;
  const what = `of endpoint ${id}`;
  if (ttl === undefined) {
    if (given.length > 0 || cacheForEveryone) {
      throw failure(`cacheKeyParameters and cacheForEveryone ${what} need cacheTtl, got none`, scope);
    }
    return undefined;
  }
  checkSeconds(`cacheTtl ${what}`, ttl, { min: 1, max: 3600 }, scope);
  if (method !== 'GET') {
    throw failure(`cacheTtl is for GET alone, got it for endpoint ${id}, which is ${method}`, scope);
  }
  const { cacheKeyParameters, cacheNamespace } = endpoint.integrationOptions ?? {};
  if (cacheKeyParameters || cacheNamespace) {
    throw failure(`Either provide cacheTtl ${what} or a cache of its integrationOptions, but not both`, scope);
  }
  const wrong = given.find((parameter) => !KEY_PARAMETER.test(parameter));
  if (wrong !== undefined) {
    throw failure(
      `cacheKeyParameters ${what} must be method.request.header, .querystring or .path with a name, got: ${wrong}`,
      scope,
    );
  }
  if (!cacheForEveryone && !given.some((parameter) => parameter.toLowerCase() === AUTHORIZATION)) {
    throw failure(
      `cacheKeyParameters ${what} must have method.request.header.Authorization, unless cacheForEveryone says that ` +
        `the answer is the same for all callers, got: ${given.join(', ') || 'none'}`,
      scope,
    );
  }
  const ofPath = [...path.matchAll(/\{([\w.-]+)\+?\}/g)].map(([, name]) => `method.request.path.${name}`);
  return { ttl, keyParameters: [...new Set([...given, ...alsoKeyed, ...ofPath])] };
}

/** What is in a key and always there. A request that lacks it, however it is spelt, would share the entry of all such. */
const isDemanded = (name: string) => name.startsWith('method.request.path.') || name.toLowerCase() === AUTHORIZATION;

/**
 * The parameters of a method with those of its key declared: what is not declared cannot be in a key. A parameter of the
 * path is always there, and who is told apart by `Authorization` must send it; of the others, what the method demands is
 * its own matter.
 *
 * @internal
 */
export function declaredParameters(
  { keyParameters }: EndpointCache,
  own: apigateway.MethodOptions['requestParameters'],
): Record<string, boolean> {
  const declared = keyParameters.map((name): [string, boolean] => [name, isDemanded(name)]);
  return { ...Object.fromEntries(declared), ...own };
}
