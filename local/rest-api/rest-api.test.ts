import { ApiKeys } from './api-keys';
import { GatewayResponses, GatewayResponseSettings } from './gateway-responses';
import { RestApi, RestApiOptions, RestMethod } from './rest-api';
import { Routes } from './routes';
import { GatewayHandler } from '../gateway/server';
import { HttpServers } from '../http/server';

let servers: HttpServers;
let logged: string[];

beforeEach(() => {
  servers = new HttpServers(0);
  logged = [];
});

afterEach(async () => servers.close());

interface Setup extends Partial<Omit<RestApiOptions, 'invoker'>> {
  readonly timeoutMs?: number;
  readonly gatewayResponses?: readonly GatewayResponseSettings[];
  /** Gets the event; an Error that it gives is a function error. */
  readonly handler?: (event: Record<string, unknown>) => Promise<unknown>;
}

/** An API with ANY on its root, in the stage `s`; gives the address of the stage. */
async function start(setup: Setup = {}): Promise<string> {
  const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:fn';
  const { timeoutMs = 5000, handler: answer = async (): Promise<unknown> => ({ statusCode: 200 }) } = setup;
  const api = new RestApi({
    id: 'abcdefghij',
    name: 'test',
    region: 'us-east-1',
    accountId: '000000000000',
    domainName: 'localhost:3000',
    binaryTypes: ['image/*'],
    apiKeys: new ApiKeys(Date.now),
    now: Date.now,
    permissions: [{ functionName: 'fn', action: 'lambda:InvokeFunction', principal: 'apigateway.amazonaws.com' }],
    log: (line) => logged.push(line),
    ...setup,
    invoker: {
      invoke: async (_arn, payload) => {
        const result = await answer(payload as Record<string, unknown>);
        return result instanceof Error
          ? { invocationId: 'i', functionError: 'Unhandled', payload: { errorMessage: result.message } }
          : { invocationId: 'i', payload: result };
      },
    },
  });
  const method: RestMethod = {
    integration: { kind: 'lambda', functionArn, timeoutMs },
    apiKeyRequired: false,
    validation: { required: [], models: new Map() },
    cacheKey: { parameters: [] },
  };
  const routes = new Routes([{ id: 'root', part: '', methods: new Map([['ANY', method]]) }]);
  const gatewayResponses = new GatewayResponses();
  for (const settings of setup.gatewayResponses ?? []) gatewayResponses.add(settings, 'test');
  const deployment = { id: 'd', routes, gatewayResponses };
  api.addStage({ name: 's', deployment, settings: [], cacheCluster: false });
  const handler = new GatewayHandler(() => undefined);
  handler.api = api;
  return `http://127.0.0.1:${await servers.open(handler)}/s`;
}

async function status(url: string, init?: RequestInit): Promise<[number, string]> {
  const response = await fetch(url, init);
  return [response.status, await response.text()];
}

test.each<[string, Setup, number, string, RegExp]>([
  [
    'a function that fails',
    { handler: async () => new Error('boom') },
    502,
    'Internal server error',
    /function error .*boom/,
  ],
  [
    'an answer that is none',
    { handler: async () => 'text' },
    502,
    'Internal server error',
    /malformed answer of the function: must be an object/,
  ],
  [
    'a missing permission',
    { permissions: [] },
    500,
    'Internal server error',
    /no AWS::Lambda::Permission lets .*\/s\/GET\/ /,
  ],
])('%s is an error of the server, and said to the developer alone', async (_what, setup, expected, message, reason) => {
  expect(await status(await start(setup))).toEqual([expected, JSON.stringify({ message })]);
  expect(logged).toEqual([expect.stringMatching(reason)]);
});

test('a function that takes too long is 504', async () => {
  let release = (): void => undefined;
  const handler = async (): Promise<unknown> => new Promise((resolve) => (release = () => resolve(undefined)));
  expect(await status(await start({ handler, timeoutMs: 50 }))).toEqual([
    504,
    '{"message":"Endpoint request timed out"}',
  ]);
  release();
});

test.each([10 * 1024 * 1024 + 1, 6 * 1024 * 1024 + 1])('a body of %d bytes is 413', async (size) => {
  const init = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x'.repeat(size) };
  expect(await status(await start(), init)).toEqual([413, '{"message":"Request Too Long"}']);
});

test.each([
  ['image/png', true, 'aGk='],
  ['text/plain', false, 'hi'],
])('a body of type %s as base64: %s', async (type, binary, body) => {
  const url = await start({ handler: async (event) => ({ statusCode: 200, body: JSON.stringify(event) }) });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body: 'hi' });
  expect(await response.json()).toMatchObject({ isBase64Encoded: binary, body });
});

describe('gateway responses', () => {
  const failing: Setup = { handler: async () => new Error('boom') };

  test('of a type come before those of its class, with what they leave out as usual', async () => {
    const gatewayResponses: GatewayResponseSettings[] = [
      { type: 'DEFAULT_4XX', headers: { 'X-Class': "'4'" }, templates: { 'application/json': '{"all":true}' } },
      { type: 'MISSING_AUTHENTICATION_TOKEN', status: 404, headers: {}, templates: {} },
    ];
    const response = await fetch(`${await start({ gatewayResponses })}/none`);
    expect([response.status, await response.text()]).toEqual([404, '{"message":"Missing Authentication Token"}']);
    expect(response.headers.get('x-class')).toBeNull();
  });

  test('of a class are for every type of it without its own, and may say what the request was', async () => {
    const template =
      '$context.httpMethod $context.resourcePath: $context.error.messageString ($context.error.responseType)';
    const headers = { 'Access-Control-Allow-Origin': 'method.request.header.Origin' };
    const gatewayResponses: GatewayResponseSettings[] = [
      { type: 'DEFAULT_5XX', headers, templates: { 'text/plain': template } },
    ];
    const response = await fetch(await start({ ...failing, gatewayResponses }), { headers: { origin: 'https://a' } });
    expect([response.status, response.headers.get('content-type')]).toEqual([502, 'text/plain']);
    expect(response.headers.get('access-control-allow-origin')).toBe('https://a');
    expect(await response.text()).toBe('GET /: "Internal server error" (DEFAULT_5XX)');
  });

  test.each<[Partial<GatewayResponseSettings>, string]>([
    [{ templates: { 'application/json': '$context.unknown.name' } }, '$context.unknown.name in a template'],
    [{ templates: { 'application/json': '$util.escapeJavaScript("a")' } }, '$util.escapeJavaScript in a template'],
    [{ headers: { A: 'integration.response.header.a' } }, 'integration.response.header.a is not supported here'],
  ])('that use %j are refused by name', (settings, message) => {
    const responses = new GatewayResponses();
    expect(() => responses.add({ type: 'DEFAULT_4XX', headers: {}, templates: {}, ...settings }, 'R')).toThrow(message);
  });
});
