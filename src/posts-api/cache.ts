import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { PostsCache, PostsEndpoint } from './contract';
import { PostsApiCache, PostsApiCacheTtl } from './posts-api-props';
import { checkSeconds } from '../core/checks';
import { RestApiEndpoint } from '../rest-api/rest-api-options';

/** Seconds that answers are kept where nobody says otherwise. */
const DEFAULT_SECONDS: Readonly<Record<PostsCache, number>> = { me: 300, post: 60, posts: 30, tag: 60, tags: 30 };

/**
 * Refuses times to live that API Gateway would refuse.
 *
 * @internal
 */
export function checkTtls(scope: Construct, cache: PostsApiCache | undefined): void {
  for (const [what, ttl] of Object.entries<Duration | undefined>({ ...cache?.ttl })) {
    checkSeconds(`cache.ttl.${what}`, ttl, { min: 0, max: 3600 }, scope);
  }
}

/**
 * How an endpoint's answers are kept: for one `Authorization` header and one query each, so that nobody is given
 * another's. Nothing is kept where there is no cache, or for no time.
 *
 * @internal
 */
export function cacheOf(
  { cache: kind, query = [] }: PostsEndpoint,
  cache: PostsApiCache | undefined,
): Pick<RestApiEndpoint, 'cacheTtl' | 'cacheKeyParameters'> {
  if (!cache || !kind) {
    return {};
  }
  const ttls: PostsApiCacheTtl = cache.ttl ?? {};
  const ttl = ttls[kind] ?? Duration.seconds(DEFAULT_SECONDS[kind]);
  if (!ttl.isUnresolved() && ttl.toSeconds() === 0) {
    return {};
  }
  return {
    cacheTtl: ttl,
    cacheKeyParameters: [
      'method.request.header.Authorization',
      ...query.map((name) => `method.request.querystring.${name}`),
    ],
  };
}
