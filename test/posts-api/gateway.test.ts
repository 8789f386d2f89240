import Ajv from 'ajv-draft-04';
import { Duration } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { resourcesOf, synthesize } from './synthesized';
import { POSTS_ENDPOINTS, type PostsEndpoint } from '../../src/posts-api/contract';

const ENDPOINTS = Object.entries<PostsEndpoint>(POSTS_ENDPOINTS);
const plain = synthesize();
const cached = synthesize({ cache: {} });

interface Method {
  readonly OperationName?: string;
  readonly ApiKeyRequired?: boolean;
  readonly RequestModels?: Readonly<Record<string, { readonly Ref: string }>>;
  readonly Integration: { readonly CacheKeyParameters?: string[]; readonly CacheNamespace?: string };
}
interface MethodSetting {
  readonly ResourcePath: string;
  readonly HttpMethod: string;
  readonly CachingEnabled?: boolean;
  readonly CacheTtlInSeconds?: number;
}
const methodsOf = ({ template }: typeof plain) =>
  new Map(
    Object.values(resourcesOf(template, 'AWS::ApiGateway::Method')).flatMap(({ Properties }) => {
      const method = Properties as unknown as Method;
      return method.OperationName === undefined ? [] : [[method.OperationName, method] as const];
    }),
  );
const settingsOf = ({ template }: typeof plain) =>
  Object.values(resourcesOf(template, 'AWS::ApiGateway::Stage'))[0].Properties.MethodSettings as MethodSetting[];

describe('the method cache', () => {
  test('is off unless it is asked for', () => {
    const [stage] = Object.values(resourcesOf(plain.template, 'AWS::ApiGateway::Stage'));
    expect(stage.Properties.CacheClusterEnabled ?? false).toBe(false);
    expect(settingsOf(plain).some(({ CachingEnabled }) => CachingEnabled)).toBe(false);
    expect([...methodsOf(plain).values()].some(({ Integration }) => Integration.CacheKeyParameters)).toBe(false);
  });

  test('keeps what is read, for as long as the service says', () => {
    const ttls = settingsOf(cached).flatMap(({ ResourcePath, CachingEnabled, CacheTtlInSeconds }) =>
      CachingEnabled ? [[ResourcePath.replaceAll('~1', '/').replace(/^\/\//, '/'), CacheTtlInSeconds]] : [],
    );
    expect(Object.fromEntries(ttls)).toEqual({
      '/v1/me': 300,
      '/v1/posts': 30,
      '/v1/posts/{postId}': 60,
      '/v1/posts/{postId}/tags': 30,
      '/v1/users/{userId}/posts': 30,
      '/v1/tags': 30,
      '/v1/tags/{tagId}': 60,
      '/v1/tags/{tagId}/posts': 30,
    });
    expect(settingsOf(cached).every(({ HttpMethod, CachingEnabled }) => !CachingEnabled || HttpMethod === 'GET')).toBe(
      true,
    );
  });

  test.each(ENDPOINTS.filter(([, { cache }]) => cache))(
    '%s: the key has the caller, the path and all of the query',
    (id, { query = [], path }) => {
      const keys = methodsOf(cached).get(id)?.Integration.CacheKeyParameters ?? [];
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => `method.request.path.${name}`);
      expect([...keys].sort()).toEqual(
        [
          'method.request.header.Authorization',
          ...query.map((name) => `method.request.querystring.${name}`),
          ...names,
        ].sort(),
      );
    },
  );

  test('the names in queries are those that the schemas know: none is missing in a key', () => {
    const { CONTRACTS } = jest.requireActual<{ CONTRACTS: Record<string, { query?: { shape: object } }> }>(
      '../../lambda/posts-api/contracts',
    );
    for (const [id, facts] of ENDPOINTS) {
      expect([id, Object.keys(CONTRACTS[id].query?.shape ?? {}).sort()]).toEqual([id, [...(facts.query ?? [])].sort()]);
    }
  });

  test('a time of nothing keeps nothing, others are taken', () => {
    const some = synthesize({ cache: { size: '1.6', ttl: { me: Duration.seconds(0), post: Duration.seconds(5) } } });
    const ttls = new Map(
      settingsOf(some)
        .filter(({ CachingEnabled }) => CachingEnabled)
        .map(({ ResourcePath, CacheTtlInSeconds }) => [ResourcePath.replaceAll('~1', '/'), CacheTtlInSeconds]),
    );
    expect([...ttls.keys()].some((path) => path.endsWith('/me'))).toBe(false);
    expect([...ttls].find(([path]) => path.endsWith('/posts/{postId}'))?.[1]).toBe(5);
    const [stage] = Object.values(resourcesOf(some.template, 'AWS::ApiGateway::Stage'));
    expect(stage.Properties.CacheClusterSize).toBe('1.6');
  });

  test.each([
    [{ ttl: { me: Duration.hours(2) } }, /cache\.ttl\.me must be whole seconds from 0 to 3600, got: 7200/],
    [{ size: '3' }, /cacheClusterSize must be one of 0\.5, 1\.6/],
  ])('%j is refused at synth', (cache, message) => {
    expect(() => synthesize({ cache })).toThrow(message);
  });
});

describe('validation at the gateway', () => {
  const models = new Map(
    Object.entries(resourcesOf(plain.template, 'AWS::ApiGateway::Model')).map(([id, { Properties }]) => [
      id,
      Properties.Schema as object,
    ]),
  );
  const validatorOf = (operation: string) => {
    const { RequestModels = {} } = methodsOf(plain).get(operation) ?? {};
    expect(Object.keys(RequestModels).sort()).toEqual(['$default', 'application/json']);
    return new Ajv({ strict: false }).compile(models.get(RequestModels.$default.Ref) as object);
  };

  test.each(ENDPOINTS.filter(([, { input = [] }]) => (input as readonly string[]).includes('body')))(
    '%s has a model of its body, which refuses what is no object, and names that nobody knows',
    (id) => {
      const validate = validatorOf(id);
      expect([[], 'text', 7, null, { nothing: true }].map((body) => validate(body))).toEqual([
        false,
        false,
        false,
        false,
        false,
      ]);
    },
  );

  test('a post is refused that lacks a name, has one of another type, or too many tags', () => {
    const validate = validatorOf('CreatePost');
    const good = { name: 'a', content: '', access_type: 'public' };
    expect(validate(good)).toBe(true);
    const { name: _, ...nameless } = good;
    for (const bad of [
      nameless,
      { ...good, name: 7 },
      { ...good, tags: Array(21).fill('x') },
      { ...good, access_type: 'all' },
    ]) {
      expect(validate(bad)).toBe(false);
    }
  });
});

test('errors of the gateway have the shape and the codes of the API', () => {
  const responses = Object.values(resourcesOf(plain.template, 'AWS::ApiGateway::GatewayResponse')).map(
    ({ Properties }) => Properties as { ResponseType: string; ResponseTemplates: Record<string, string> },
  );
  const codes = new Map(
    responses.map(({ ResponseType, ResponseTemplates }) => {
      const text = ResponseTemplates['application/json'].replace('$context.error.messageString', '"text"');
      return [ResponseType, (JSON.parse(text) as { error: { code: string } }).error.code];
    }),
  );
  expect(Object.fromEntries(codes)).toEqual({
    DEFAULT_4XX: 'invalid_request',
    DEFAULT_5XX: 'internal_error',
    MISSING_AUTHENTICATION_TOKEN: 'not_found',
    UNAUTHORIZED: 'unauthorized',
    ACCESS_DENIED: 'forbidden',
    EXPIRED_TOKEN: 'unauthorized',
    INVALID_API_KEY: 'forbidden',
    WAF_FILTERED: 'forbidden',
    REQUEST_TOO_LARGE: 'payload_too_large',
    THROTTLED: 'too_many_requests',
    QUOTA_EXCEEDED: 'too_many_requests',
    INTEGRATION_TIMEOUT: 'unavailable',
  });
});

test('a usage plan asks every endpoint for a key', () => {
  const { template } = synthesize({ usagePlan: { rateLimit: 5, quotaLimit: 100, quotaPeriod: apigateway.Period.DAY } });
  template.hasResourceProperties('AWS::ApiGateway::UsagePlan', {
    Throttle: { RateLimit: 5 },
    Quota: { Limit: 100, Period: 'DAY' },
  });
  const operations = Object.values(resourcesOf(template, 'AWS::ApiGateway::Method')).filter(
    ({ Properties }) => Properties.OperationName !== undefined,
  );
  expect(operations).toHaveLength(ENDPOINTS.length);
  expect(operations.every(({ Properties }) => Properties.ApiKeyRequired === true)).toBe(true);
});
