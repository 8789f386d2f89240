import { APIGatewayClient, UpdateStageCommand } from '@aws-sdk/client-api-gateway';
import { Duration, Stack } from 'aws-cdk-lib';
import {
  IdentitySource,
  IntegrationOptions,
  LambdaIntegration,
  MethodOptions,
  RequestAuthorizer,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { synthesize, TestAssembly } from '../assembly/test-assembly';
import { startApp } from '../runner';
import { RunningApp } from '../running-app';

// Says whom it answers and how often it was called, with the status that it is told.
const ECHO = `let calls = 0;
exports.handler = async (event) => {
  const query = event.queryStringParameters ?? {};
  const headers = Object.fromEntries(Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value]));
  calls += 1;
  if (query.fail === 'yes') throw new Error('boom');
  const body = JSON.stringify({ calls, user: headers.authorization, path: event.path, query,
    filler: query.large === 'yes' ? 'x'.repeat(1048576) : undefined });
  return { statusCode: Number(query.status ?? 200), headers: { 'x-calls': String(calls) }, body };
};`;

// Lets everybody in but "revoked"; "keeper" may do all that execute-api knows.
const AUTHORIZER = `exports.handler = async (event) => {
  const token = event.headers.authorization ?? event.headers.Authorization;
  if (token === 'revoked') throw new Error('Unauthorized');
  const Action = token === 'keeper' ? 'execute-api:*' : 'execute-api:Invoke';
  return { principalId: token,
    policyDocument: { Version: '2012-10-17', Statement: [{ Action, Effect: 'Allow', Resource: event.methodArn }] } };
};`;

const AUTHORIZATION = 'method.request.header.Authorization';

let assembly: TestAssembly;
let app: RunningApp;
let base: string;
let time = Date.UTC(2026, 0, 31, 12);

/** What is cached for a minute. */
const CACHED = [
  '/mine/GET',
  '/leaky/GET',
  '/notes/{id}/GET',
  '/parts/{id}/GET',
  '/shared/GET',
  '/shared/POST',
  '/q/GET',
];

beforeAll(async () => {
  assembly = synthesize((cdk, code) => {
    const stack = new Stack(cdk, 'App');
    const make = (id: string, content: string): LambdaFunction =>
      new LambdaFunction(stack, id, {
        runtime: Runtime.NODEJS_24_X,
        handler: 'index.handler',
        code: Code.fromAsset(code({ 'index.js': content })),
      });
    const api = new RestApi(stack, 'Rest', {
      restApiName: 'notes',
      deployOptions: {
        stageName: 'prod',
        cacheClusterEnabled: true,
        cacheClusterSize: '0.5',
        cachingEnabled: false,
        methodOptions: Object.fromEntries(
          CACHED.map((path) => [
            path,
            { cachingEnabled: true, cacheTtl: Duration.minutes(1), cacheDataEncrypted: true },
          ]),
        ),
      },
    });
    const fn = make('Echo', ECHO);
    const authorizer = new RequestAuthorizer(stack, 'Authorizer', {
      handler: make('Asked', AUTHORIZER),
      identitySources: [IdentitySource.header('Authorization')],
      resultsCacheTtl: Duration.seconds(0),
    });
    const add = (method: string, path: string, key: readonly string[], options: MethodOptions = {}): void => {
      const integration: IntegrationOptions = { cacheKeyParameters: [...key] };
      api.root.resourceForPath(path).addMethod(method, new LambdaIntegration(fn, integration), {
        authorizer,
        requestParameters: Object.fromEntries(key.map((name) => [name, name.includes('.path.')])),
        ...options,
      });
    };
    add('GET', '/mine', [AUTHORIZATION, 'method.request.querystring.page', 'method.request.querystring.status']);
    add('GET', '/leaky', []);
    add('GET', '/notes/{id}', [AUTHORIZATION, 'method.request.path.id']);
    add('GET', '/parts/{id}', [AUTHORIZATION]);
    add('GET', '/shared', [AUTHORIZATION]);
    add('POST', '/shared', [AUTHORIZATION]);
    add('GET', '/never', [AUTHORIZATION]);
    // Demands a parameter that is not in its key.
    add('GET', '/q', [AUTHORIZATION], {
      requestParameters: { [AUTHORIZATION]: false, 'method.request.querystring.q': true },
      requestValidator: api.addRequestValidator('Parameters', { validateRequestParameters: true }),
    });
  });
  app = await startApp({ assembly: assembly.directory, port: 0, clock: () => time });
  base = app.urls[0]?.url ?? '';
}, 60_000);

afterAll(async () => {
  await app?.close();
  assembly.remove();
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** What the function said; for an error of the gateway `message`. */
  readonly body: { readonly calls?: number; readonly user?: string; readonly path?: string; readonly message?: string };
}

/** Asks as somebody. */
async function ask(user: string, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(base + path, { ...init, headers: { authorization: user, ...init.headers } });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
}

const FRESH = { headers: { 'cache-control': 'max-age=0' } };

/** The number of the call of the function that an answer comes from. */
const callOf = async (...args: Parameters<typeof ask>): Promise<number | undefined> => (await ask(...args)).body.calls;

/** Another minute, in which nothing that was cached before counts. */
beforeEach(() => {
  time += 60_000;
});

describe.each([
  ['alice', 'bob'],
  ['bob', 'alice'],
])('%s asks before %s', (first, second) => {
  test('and each gets their own where who asks is in the key', async () => {
    expect((await ask(first, '/mine')).body.user).toBe(first);
    expect((await ask(second, '/mine')).body.user).toBe(second);
    expect((await ask(first, '/mine')).body.user).toBe(first);
  });

  test('and the second is given the answer of the first where it is not', async () => {
    expect((await ask(first, '/leaky')).body.user).toBe(first);
    expect((await ask(second, '/leaky')).body.user).toBe(first);
  });
});

test('an answer is given again until its time is over, and no function is called for it', async () => {
  const first = await ask('alice', '/mine');
  time += 59_999;
  const again = await ask('alice', '/mine');
  expect(again.body).toEqual(first.body);
  expect(again.headers.get('x-calls')).toBe(String(first.body.calls));
  expect(again.headers.get('x-amzn-requestid')).not.toBe(first.headers.get('x-amzn-requestid'));
  expect(app.requests().at(-1)).toMatchObject({ path: '/prod/mine', status: 200, functionName: undefined });
  time += 1;
  expect(await callOf('alice', '/mine')).not.toBe(first.body.calls);
});

test('only what is declared tells answers apart: of the query, and of the path', async () => {
  const first = await callOf('alice', '/mine?page=1&sort=up');
  expect(await callOf('alice', '/mine?sort=down&page=1')).toBe(first);
  expect(await callOf('alice', '/mine?page=0&page=1')).toBe(first);
  expect(await callOf('alice', '/mine?page=2')).not.toBe(first);
  expect((await ask('alice', '/notes/1')).body.path).toBe('/notes/1');
  expect((await ask('alice', '/notes/2')).body.path).toBe('/notes/2');
  expect((await ask('alice', '/parts/1')).body.path).toBe('/parts/1');
  expect((await ask('alice', '/parts/2')).body.path).toBe('/parts/1');
});

test('two methods of one resource share answers where neither has a namespace of its own', async () => {
  expect(await callOf('alice', '/shared', { method: 'POST' })).toBe(await callOf('alice', '/shared'));
});

test('a method without caching is never cached', async () => {
  expect(await callOf('alice', '/never')).not.toBe(await callOf('alice', '/never'));
});

test.each([404, 429, 500])('an answer of status %d is cached as any other', async (status) => {
  const first = await ask('alice', `/mine?status=${status}`);
  expect(first.status).toBe(status);
  expect(await ask('alice', `/mine?status=${status}`)).toMatchObject({ status, body: { calls: first.body.calls } });
});

test('so is what the gateway says of a function that failed', async () => {
  const failed = await ask('alice', '/mine?fail=yes');
  expect([failed.status, failed.body]).toEqual([502, { message: 'Internal server error' }]);
  // The key has nothing that tells the two apart.
  expect((await ask('alice', '/mine')).status).toBe(502);
  time += 60_000;
  expect((await ask('alice', '/mine')).status).toBe(200);
});

test('an answer of more than 1,048,576 bytes is not', async () => {
  expect(await callOf('alice', '/mine?large=yes')).not.toBe(await callOf('alice', '/mine?large=yes'));
});

test('who is refused gets nothing of what is cached, from the first request on', async () => {
  await ask('revoked', '/leaky');
  await ask('alice', '/leaky');
  const refused = await ask('revoked', '/leaky');
  expect([refused.status, refused.body]).toEqual([401, { message: 'Unauthorized' }]);
});

test('a request that lacks what is demanded is refused, unless an answer is cached for its key', async () => {
  expect((await ask('alice', '/q')).status).toBe(400);
  expect((await ask('alice', '/q?q=1')).status).toBe(200);
  expect((await ask('alice', '/q')).status).toBe(200);
});

describe('Cache-Control: max-age=0', () => {
  const REQUIRED = { requireAuthorizationForCacheControl: 'true' };
  const patch = async (settings: Readonly<Record<string, string>>): Promise<void> => {
    const client = new APIGatewayClient(app.aws);
    const restApiId = app.physicalId('App/Rest');
    const patchOperations = CACHED.flatMap((key) => {
      const [, path = '', method = ''] = /^(.*)\/(\w+)$/.exec(key) ?? [];
      return Object.entries(settings).map(([name, value]) => ({
        op: 'replace' as const,
        path: `/${path.replaceAll('/', '~1')}/${method}/caching/${name}`,
        value,
      }));
    });
    await client.send(new UpdateStageCommand({ restApiId, stageName: 'prod', patchOperations }));
    client.destroy();
  };

  test.each(['max-age=0', 'no-transform, Max-Age=0'])('as %s throws out an answer, whoever asks', async (value) => {
    const first = await callOf('alice', '/leaky');
    const fresh = await callOf('stranger', '/leaky', { headers: { 'cache-control': value } });
    expect(fresh).not.toBe(first);
    expect(await callOf('alice', '/leaky')).toBe(fresh);
  });

  test.each(['no-cache', 'max-age=00001', 'x-max-age=0'])('is not %s', async (value) => {
    const first = await callOf('alice', '/leaky');
    expect(await callOf('stranger', '/leaky', { headers: { 'cache-control': value } })).toBe(first);
  });

  test('of who may not is passed over with a warning where authorization is required', async () => {
    await patch(REQUIRED);
    const first = await ask('alice', '/leaky');
    expect(first.headers.get('warning')).toBeNull();
    const kept = await ask('stranger', '/leaky', FRESH);
    expect(kept.body.calls).toBe(first.body.calls);
    expect(kept.headers.get('warning')).toMatch(/^199 /);
    // The header is of this request alone.
    expect((await ask('alice', '/leaky')).headers.get('warning')).toBeNull();
  });

  test('is passed over in silence, or refused, as the stage says', async () => {
    await patch({ ...REQUIRED, unauthorizedCacheControlHeaderStrategy: 'SUCCEED_WITHOUT_RESPONSE_HEADER' });
    const first = await callOf('alice', '/leaky');
    const silent = await ask('stranger', '/leaky', FRESH);
    expect([silent.body.calls, silent.headers.get('warning')]).toEqual([first, null]);
    await patch({ ...REQUIRED, unauthorizedCacheControlHeaderStrategy: 'FAIL_WITH_403' });
    expect((await ask('stranger', '/leaky', FRESH)).status).toBe(403);
    expect(await callOf('alice', '/leaky')).toBe(first);
  });

  test('of who is allowed every action of execute-api throws out an answer all the same', async () => {
    await patch(REQUIRED);
    const first = await callOf('alice', '/leaky');
    expect(await callOf('keeper', '/leaky', FRESH)).not.toBe(first);
  });

  test.each([
    ['a setting', { somethingElse: 'true' }, /a patch of \/.*somethingElse is not supported/],
    ['a strategy', { unauthorizedCacheControlHeaderStrategy: 'MAYBE' }, /must be one of FAIL_WITH_403, .* got MAYBE/],
    ['a value', { requireAuthorizationForCacheControl: 'maybe' }, /must be true or false, got maybe/],
  ])('cannot be given %s that is not known', async (_what, settings, message) => {
    await expect(patch(settings)).rejects.toThrow(message);
  });
});
