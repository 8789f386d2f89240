import { Duration, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { synthesize, type TestAssembly } from '../../local/assembly/test-assembly';
import { startApp } from '../../local/runner';
import type { RunningApp } from '../../local/running-app';
import { DocumentedRestApi, type RestGatewayResponse } from '../../src';

/** What a DocumentedRestApi says is what the gateway does: cache, keys, schemas and errors in the API's own words. */

const KEY = 'key-of-twenty-characters';
const SPENT_KEY = 'spent-key-of-twenty-characters';
const AUTHORIZATION = 'method.request.header.Authorization';

const ECHO = `let calls = 0;
exports.handler = async (event) => {
  calls += 1;
  const query = event.queryStringParameters ?? {};
  if (query.fail === 'yes') throw new Error('boom "quoted"');
  const body = { calls, length: (event.body ?? '').length, id: event.pathParameters?.id };
  return { statusCode: 200, headers: { 'access-control-allow-origin': '*' }, body: JSON.stringify(body) };
};`;

const AUTHORIZER = `exports.handler = async (event) => {
  const token = event.headers.authorization ?? event.headers.Authorization ?? event.headers.AUTHORIZATION;
  if (token === 'forged') throw new Error('Unauthorized');
  if (token === 'broken') throw new Error('boom');
  return { principalId: token, policyDocument: { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke',
    Effect: token === 'denied' ? 'Deny' : 'Allow', Resource: event.methodArn }] } };
};`;

const body = (code: string) => `{"error":{"code":"${code}","message":$context.error.messageString}}`;
const { ResponseType: type } = apigateway;
const RESPONSES: RestGatewayResponse[] = [
  { type: type.UNAUTHORIZED, body: body('unauthorized'), headers: { 'WWW-Authenticate': 'Bearer' } },
  { type: type.ACCESS_DENIED, body: body('forbidden') },
  { type: type.INVALID_API_KEY, body: body('forbidden') },
  { type: type.BAD_REQUEST_BODY, body: body('invalid_request') },
  { type: type.BAD_REQUEST_PARAMETERS, body: body('invalid_request') },
  { type: type.REQUEST_TOO_LARGE, body: body('payload_too_large') },
  { type: type.THROTTLED, body: body('too_many_requests') },
  { type: type.QUOTA_EXCEEDED, body: body('too_many_requests') },
  { type: type.DEFAULT_5XX, body: body('internal_error') },
  { type: type.AUTHORIZER_FAILURE, body: '{"error":{"code":"unavailable"}}', statusCode: 503 },
];

let assembly: TestAssembly;
let app: RunningApp;
let base: string;
let time = Date.UTC(2026, 0, 31, 12);

beforeAll(async () => {
  assembly = synthesize((cdk, code) => {
    const stack = new Stack(cdk, 'App');
    const make = (id: string, content: string) =>
      new lambda.Function(stack, id, {
        runtime: lambda.Runtime.NODEJS_24_X,
        handler: 'index.handler',
        code: lambda.Code.fromAsset(code({ 'index.js': content })),
      });
    const handler = make('Echo', ECHO);
    const authorizer = new apigateway.RequestAuthorizer(stack, 'Authorizer', {
      handler: make('Asked', AUTHORIZER),
      identitySources: [apigateway.IdentitySource.header('Authorization')],
      resultsCacheTtl: Duration.seconds(0),
    });
    const methodOptions = { authorizer };
    const key = (id: string, value: string) => new apigateway.ApiKey(stack, id, { value });
    const api = new DocumentedRestApi(stack, 'Api', {
      cacheClusterSize: '0.5',
      gatewayResponses: RESPONSES,
      usagePlan: {
        apiKeys: [key('Key', KEY), key('SpentKey', SPENT_KEY)],
        quotaLimit: 200,
        quotaPeriod: apigateway.Period.DAY,
      },
      alarms: false,
      endpoints: [
        {
          id: 'GetNote',
          method: 'GET',
          path: '/v1/notes/{id}',
          handler,
          methodOptions,
          cacheTtl: Duration.seconds(60),
          cacheKeyParameters: [AUTHORIZATION],
        },
        {
          id: 'ListNotes',
          method: 'GET',
          path: '/v1/notes',
          handler,
          methodOptions: { ...methodOptions, requestParameters: { 'method.request.querystring.tag': true } },
        },
        {
          id: 'CreateNote',
          method: 'POST',
          path: '/v1/notes',
          handler,
          methodOptions,
          bodySchema: { type: 'object', required: ['name'], properties: { name: { type: 'string', minLength: 1 } } },
        },
        {
          id: 'GetRarely',
          method: 'GET',
          path: '/v1/rarely',
          handler,
          methodOptions,
          throttlingRateLimit: 1,
          throttlingBurstLimit: 1,
        },
      ],
    });
    api.addEndpoint({ id: 'GetAnything', method: 'GET', path: '/v1/anything', handler, methodOptions });
  });
  app = await startApp({ assembly: assembly.directory, port: 0, clock: () => time });
  base = app.urls[0].url;
});
afterAll(async () => {
  await app?.close();
  assembly.remove();
});

/** Another day, with nothing of the last in the cache or used of a quota. */
beforeEach(() => {
  time += 86_400_000;
});

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

async function ask(path: string, { method = 'GET', headers = {}, body: content }: Sent = {}) {
  const all = { authorization: 'alice', 'x-api-key': KEY, ...headers };
  const answer = await fetch(base + path, { method, headers: all, body: content });
  return { status: answer.status, headers: answer.headers, json: (await answer.json()) as Record<string, unknown> };
}

const error = (code: string, message?: string) => ({ error: { code, ...(message === undefined ? {} : { message }) } });

describe('the cache', () => {
  test('gives everybody their own answers for as long as the endpoint says', async () => {
    const alice = await ask('/v1/notes/1');
    const bob = await ask('/v1/notes/1', { headers: { authorization: 'bob' } });
    expect(bob.json.calls).not.toBe(alice.json.calls);
    time += 59_000;
    expect((await ask('/v1/notes/1')).json).toEqual(alice.json);
    time += 1_000;
    expect((await ask('/v1/notes/1')).json.calls).not.toBe(alice.json.calls);
  });

  test('tells paths apart, as they were sent', async () => {
    expect((await ask('/v1/notes/1')).json.id).toBe('1');
    expect((await ask('/v1/notes/a%2Fb')).json.id).toBe('a%2Fb');
  });

  test('is not for endpoints that do not ask for it', async () => {
    const first = (await ask('/v1/notes?tag=a')).json.calls;
    expect((await ask('/v1/notes?tag=a')).json.calls).not.toBe(first);
  });

  test('is not to be emptied by callers, since a function has said so to the stage at deployment', async () => {
    const first = await ask('/v1/notes/1');
    const again = await ask('/v1/notes/1', { headers: { 'Cache-Control': 'max-age=0' } });
    expect(again.json).toEqual(first.json);
    expect(again.headers.get('warning')).toMatch(/^199 /);
    expect(app.calls().map(({ service, operation }) => `${service}:${operation}`)).toContain('apigateway:UpdateStage');
    expect(app.unusedActions().filter(({ action }) => action.startsWith('apigateway:'))).toEqual([]);
  });
});

describe('a key', () => {
  test.each([[{}], [{ 'x-api-key': 'unknown-key-of-twenty-characters' }]])(
    'is needed: with %j it is 403',
    async (headers) => {
      const sent = { headers: { authorization: 'alice', ...headers } };
      const answer = await fetch(`${base}/v1/anything`, sent);
      expect([answer.status, await answer.json()]).toEqual([403, error('forbidden', 'Forbidden')]);
    },
  );

  test('has its quota, with which another key has nothing to do, and has it again the next day', async () => {
    const spent = { headers: { 'x-api-key': SPENT_KEY } };
    const statuses = new Set<number>();
    for (let sent = 0; sent < 200; sent += 1) statuses.add((await ask('/v1/notes/1', spent)).status);
    expect([...statuses]).toEqual([200]);
    const answer = await ask('/v1/notes/1', spent);
    expect([answer.status, answer.json]).toEqual([429, error('too_many_requests', 'Limit Exceeded')]);
    expect((await ask('/v1/notes/1')).status).toBe(200);
    time += 86_400_000;
    expect((await ask('/v1/notes/1', spent)).status).toBe(200);
  });
});

test('an endpoint that takes one request a second takes no second one, and another does', async () => {
  expect((await ask('/v1/rarely')).status).toBe(200);
  const answer = await ask('/v1/rarely');
  expect([answer.status, answer.json]).toEqual([429, error('too_many_requests', 'Too Many Requests')]);
  expect((await ask('/v1/anything')).status).toBe(200);
  time += 1_000;
  expect((await ask('/v1/rarely')).status).toBe(200);
});

describe('an error of the gateway is in the words of the API', () => {
  test.each<[string, string, Sent, number, unknown]>([
    ['no credentials', '/v1/anything', { headers: { authorization: '' } }, 401, error('unauthorized', 'Unauthorized')],
    ['bad ones', '/v1/anything', { headers: { authorization: 'forged' } }, 401, error('unauthorized', 'Unauthorized')],
    [
      'a policy that denies',
      '/v1/anything',
      { headers: { authorization: 'denied' } },
      403,
      error('forbidden', 'User is not authorized to access this resource with an explicit deny'),
    ],
    ['an authorizer that fails', '/v1/anything', { headers: { authorization: 'broken' } }, 503, error('unavailable')],
    [
      'a parameter that is missing',
      '/v1/notes',
      {},
      400,
      error('invalid_request', 'Missing required request parameters: [tag]'),
    ],
    ['a function that fails', '/v1/anything?fail=yes', {}, 502, error('internal_error', 'Internal server error')],
    ['what is not there', '/v1/nothing', {}, 404, { message: 'Not Found' }],
  ])('for %s', async (_what, path, sent, status, json) => {
    const answer = await ask(path, sent);
    expect([answer.status, answer.json]).toEqual([status, json]);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
  });
});

describe('a body', () => {
  const post = (contentType: string, content: string) =>
    ask('/v1/notes', { method: 'POST', headers: { 'CONTENT-type': contentType }, body: content });
  const named = (name: string) => JSON.stringify({ name });
  const TYPES = [
    'application/json',
    'Application/JSON; charset=utf-8',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
  ];

  test.each(TYPES)('of type %s is taken where it satisfies the schema, and refused where not', async (contentType) => {
    expect((await post(contentType, named('a'))).status).toBe(200);
    for (const wrong of ['{"name":""}', '{}', '[]', 'name=a', '{"name":', '"{\\"name\\":\\"a\\"}"', 'null', '']) {
      const answer = await post(contentType, wrong);
      expect([wrong, answer.status, answer.json]).toEqual([
        wrong,
        400,
        error('invalid_request', 'Invalid request body'),
      ]);
    }
  });

  test('of a megabyte reaches the function', async () => {
    const content = named('x'.repeat(1024 * 1024));
    expect((await post('application/json', content)).json.length).toBe(content.length);
  });

  test('of more than ten is refused', async () => {
    const answer = await post('application/json', named('x'.repeat(10 * 1024 * 1024)));
    expect([answer.status, answer.json]).toEqual([413, error('payload_too_large', 'Request Too Long')]);
  });
});
