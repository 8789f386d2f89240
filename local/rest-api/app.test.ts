import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { Stack } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  IdentitySource,
  JsonSchemaType,
  JsonSchemaVersion,
  LambdaIntegration,
  LogGroupLogDestination,
  RequestAuthorizer,
  ResponseType,
  RestApi,
  TokenAuthorizer,
} from 'aws-cdk-lib/aws-apigateway';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { synthesize, TestAssembly } from '../assembly/test-assembly';
import { startApp } from '../runner';
import { RunningApp } from '../running-app';

const ECHO = `exports.handler = async (event) => ({ statusCode: event.httpMethod === 'POST' ? 201 : 200,
  body: JSON.stringify(event) });`;

// Lets the token "good" do everything, "reader" only GET, and fails as told.
const AUTHORIZER = `exports.handler = async (event) => {
  const token = event.authorizationToken ?? event.headers['X-User'];
  if (token === 'expired') throw new Error('Unauthorized');
  if (token === 'broken') throw new Error('boom');
  const everything = event.methodArn.replace(/(:[a-z0-9]{10}\\/\\w+).*/, '$1/' + (token === 'reader' ? 'GET' : '*') + '/*');
  const Statement = [{ Action: 'execute-api:Invoke', Effect: token === 'bad' ? 'Deny' : 'Allow', Resource: everything }];
  return { principalId: token, policyDocument: { Version: '2012-10-17', Statement },
    context: { calls: ++calls, admin: true, nested: token === 'nested' ? {} : undefined } };
};
let calls = 0;`;

let assembly: TestAssembly;
let app: RunningApp;
let base: string;
const lines: string[] = [];

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
      restApiName: 'items',
      cloudWatchRole: true,
      defaultCorsPreflightOptions: { allowOrigins: ['https://a.example', 'https://b.example'], allowMethods: ['GET'] },
      deployOptions: {
        stageName: 'v1',
        variables: { mode: 'test' },
        methodOptions: { '/slow/GET': { throttlingRateLimit: 0.001, throttlingBurstLimit: 1 } },
        accessLogDestination: new LogGroupLogDestination(new LogGroup(stack, 'Log')),
        accessLogFormat: AccessLogFormat.jsonWithStandardFields(),
      },
    });
    const echo = new LambdaIntegration(make('Echo', ECHO));
    const asked = make('Asked', AUTHORIZER);
    const model = api.addModel('Item', {
      schema: {
        schema: JsonSchemaVersion.DRAFT4,
        type: JsonSchemaType.OBJECT,
        required: ['title'],
        properties: { title: { type: JsonSchemaType.STRING, minLength: 1 } },
      },
    });
    const items = api.root.addResource('items');
    items.addMethod('POST', echo, {
      requestModels: { 'application/json': model },
      requestValidatorOptions: { validateRequestBody: true },
    });
    items.addResource('{id}').addMethod('GET', echo, {
      requestParameters: { 'method.request.querystring.q': false, 'method.request.path.id': true },
    });
    api.root.addResource('search').addMethod('GET', echo, {
      requestParameters: { 'method.request.querystring.q': true },
      requestValidator: api.addRequestValidator('Parameters', { validateRequestParameters: true }),
    });
    api.root.addResource('slow').addMethod('GET', echo);
    api.root.addResource('files').addProxy({ defaultIntegration: echo });
    const guarded = api.root.addResource('guarded');
    const authorizer = new TokenAuthorizer(stack, 'Token', { handler: asked, validationRegex: '[a-z]+' });
    for (const method of ['GET', 'PUT']) guarded.addMethod(method, echo, { authorizer });
    api.root.addResource('mine').addMethod('GET', echo, {
      authorizer: new RequestAuthorizer(stack, 'Request', {
        handler: asked,
        identitySources: [IdentitySource.header('X-User')],
      }),
    });
    api.root.addResource('keyed').addMethod('GET', echo, { apiKeyRequired: true });
    const plan = api.addUsagePlan('Plan', { throttle: { rateLimit: 0.001, burstLimit: 2 } });
    plan.addApiStage({ stage: api.deploymentStage });
    plan.addApiKey(api.addApiKey('Key', { value: 'key-of-twenty-characters' }));
    api.addGatewayResponse('Clients', {
      type: ResponseType.DEFAULT_4XX,
      responseHeaders: { 'Access-Control-Allow-Origin': "'*'", 'X-Stage': 'context.stage' },
    });
    api.addGatewayResponse('Body', {
      type: ResponseType.BAD_REQUEST_BODY,
      statusCode: '422',
      templates: {
        'application/json': '{"error":$context.error.messageString,"why":"$context.error.validationErrorString"}',
      },
    });
  });
  app = await startApp({ assembly: assembly.directory, port: 0, log: (line) => lines.push(line) });
  base = app.urls[0]?.url ?? '';
}, 60_000);

afterAll(async () => {
  await app?.close();
  assembly.remove();
});

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Record<string, unknown>;
}

async function ask(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(base + path, { method, ...init });
  const text = await response.text();
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
  };
}

test('the address that is printed and put out has the stage', () => {
  expect(base).toMatch(/^http:\/\/localhost:\d+\/v1$/);
  expect(app.urls).toContainEqual({ name: expect.stringMatching(/^App\.RestEndpoint/) as string, url: `${base}/` });
  expect(lines.join('\n')).toContain(base);
});

test('a function gets the event of payload format 1.0', async () => {
  const { status, headers, body } = await ask('GET', '/items/a%2Fb%20c?x=1&x=%C3%A9+2&y=', {
    headers: { 'X-Custom': 'One' },
  });
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('application/json');
  expect(body).toMatchObject({
    resource: '/items/{id}',
    path: '/items/a%2Fb%20c',
    httpMethod: 'GET',
    queryStringParameters: { x: 'é 2', y: '' },
    multiValueQueryStringParameters: { x: ['1', 'é 2'], y: [''] },
    pathParameters: { id: 'a%2Fb%20c' },
    stageVariables: { mode: 'test' },
    body: null,
    isBase64Encoded: false,
    requestContext: {
      stage: 'v1',
      path: '/v1/items/a%2Fb%20c',
      resourcePath: '/items/{id}',
      httpMethod: 'GET',
      identity: { sourceIp: '127.0.0.1', user: null },
    },
  });
  const lists = Object.entries(body.multiValueHeaders as Record<string, string[]>);
  expect(lists.find(([name]) => name.toLowerCase() === 'x-custom')?.[1]).toEqual(['One']);
  expect(body.requestContext).not.toHaveProperty('authorizer');
});

test('what a request has not is null', async () => {
  const { body } = await ask('GET', '/slow');
  expect(body).toMatchObject({
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
  });
});

test('a greedy part takes the rest as it was sent, by any method', async () => {
  const { body } = await ask('DELETE', '/files/a/b%20c');
  expect(body).toMatchObject({ resource: '/files/{proxy+}', pathParameters: { proxy: 'a/b%20c' } });
});

test.each<[string, unknown, number, object]>([
  ['application/json', { title: 'a' }, 201, {}],
  ['application/json; charset=utf-8', { title: 'a', more: 1 }, 201, {}],
  [
    'application/json',
    { title: '' },
    422,
    { error: 'Invalid request body', why: expect.stringContaining('too short') as string },
  ],
  ['application/json', {}, 422, { why: '[object has missing required properties (["title"])]' }],
  ['application/json', 'no JSON', 422, { why: 'Invalid JSON' }],
  ['application/json', '', 422, {}],
  // Without a model for the type nothing is validated.
  ['text/plain', 'no JSON', 201, { body: 'no JSON' }],
])('a body of type %s, %j, is %d', async (type, content, status, expected) => {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  // A gateway response that the template escapes badly is the template's: these have no quotes in JSON strings.
  const response = await fetch(`${base}/items`, { method: 'POST', headers: { 'content-type': type }, body: text });
  expect(response.status).toBe(status);
  const answer = await response.text();
  if (status === 422) expect(answer).toContain('"error":"Invalid request body"');
  for (const [key, value] of Object.entries(expected)) {
    const shown = /"why":"(.*)"}$/.exec(answer)?.[1];
    if (key === 'why') expect(shown).toEqual(value);
    else expect(answer).toContain(JSON.stringify(value).slice(1, -1));
  }
});

test.each(['', '?q=', '?other=1'])('a required parameter that is not in "%s" is 400', async (query) => {
  const { status, body } = await ask('GET', `/search${query}`);
  expect([status, body]).toEqual([400, { message: 'Missing required request parameters: [q]' }]);
});

test('a required parameter that is there is enough', async () => {
  expect((await ask('GET', '/search?q=a')).status).toBe(200);
});

test.each([
  ['GET', '/none'],
  ['DELETE', '/items'],
  ['GET', '/items/'],
])('%s %s, which no method takes, is 403 with the headers of DEFAULT_4XX', async (method, path) => {
  const { status, headers, body } = await ask(method, path);
  expect([status, body]).toEqual([403, { message: 'Missing Authentication Token' }]);
  expect(headers).toMatchObject({ 'access-control-allow-origin': '*', 'x-stage': 'v1' });
});

test('outside of a stage there is no API: 403 without its gateway responses', async () => {
  const response = await fetch(base.replace(/v1$/, 'v2/items'));
  expect([response.status, await response.text()]).toEqual([403, '{"message":"Forbidden"}']);
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
});

test.each([
  ['https://a.example', 'https://a.example'],
  ['https://b.example', 'https://b.example'],
  ['https://c.example', 'https://a.example'],
])('a preflight of %s is answered by the MOCK integration of CDK', async (origin, allowed) => {
  const { status, headers } = await ask('OPTIONS', '/items/1', { headers: { origin } });
  expect(status).toBe(204);
  expect(headers).toMatchObject({
    'access-control-allow-origin': allowed,
    'access-control-allow-methods': 'GET',
    vary: 'Origin',
  });
});

describe('a TOKEN authorizer', () => {
  const as = async (token: string | undefined, method = 'GET'): Promise<Answer> =>
    ask(method, '/guarded', token === undefined ? {} : { headers: { authorization: token } });

  test('lets in whom its policy allows, and hands its context over as text', async () => {
    const { status, body } = await as('good');
    expect(status).toBe(200);
    expect(body.requestContext).toMatchObject({ authorizer: { principalId: 'good', admin: 'true' } });
  });

  test('is asked once for a token, and its policy judged for each method', async () => {
    const calls = ({ body }: Answer): unknown =>
      (body.requestContext as { authorizer: { calls: string } }).authorizer.calls;
    const first = await as('reader');
    expect(calls(await as('reader'))).toBe(calls(first));
    const refused = await as('reader', 'PUT');
    expect([refused.status, refused.body]).toEqual([
      403,
      { Message: 'User is not authorized to access this resource' },
    ]);
  });

  test.each<[string | undefined, number, object]>([
    [undefined, 401, { message: 'Unauthorized' }],
    ['UPPER', 401, { message: 'Unauthorized' }],
    ['expired', 401, { message: 'Unauthorized' }],
    ['bad', 403, { Message: 'User is not authorized to access this resource with an explicit deny' }],
    ['broken', 500, { message: null }],
    ['nested', 500, { message: null }],
  ])('answers the token %s with %d', async (token, status, body) => {
    const got = await as(token);
    expect([got.status, got.body]).toEqual([status, body]);
  });
});

test('a REQUEST authorizer sees the request', async () => {
  expect((await ask('GET', '/mine')).status).toBe(401);
  const { status, body } = await ask('GET', '/mine', { headers: { 'X-User': 'bad' } });
  expect([status, body]).toEqual([
    403,
    { Message: 'User is not authorized to access this resource with an explicit deny' },
  ]);
});

test('a method that needs an API key is called with a key of a plan, as fast as the plan allows', async () => {
  const keyed = async (key?: string): Promise<Answer> =>
    ask('GET', '/keyed', key === undefined ? {} : { headers: { 'x-api-key': key } });
  expect((await keyed()).body).toEqual({ message: 'Forbidden' });
  expect((await keyed('another-key-of-twenty-characters')).status).toBe(403);
  const { status, body } = await keyed('key-of-twenty-characters');
  expect(status).toBe(200);
  expect(body.requestContext).toMatchObject({ identity: { apiKey: 'key-of-twenty-characters' } });
  await keyed('key-of-twenty-characters');
  const third = await keyed('key-of-twenty-characters');
  expect([third.status, third.body]).toEqual([429, { message: 'Too Many Requests' }]);
});

test('a method beyond its burst is 429, another is not', async () => {
  await ask('GET', '/slow');
  expect((await ask('GET', '/slow')).status).toBe(429);
  expect((await ask('GET', '/items/1')).status).toBe(200);
});

test('access log lines and requests are known', async () => {
  await ask('GET', '/items/logged');
  expect(JSON.parse(app.accessLogs().at(-1) ?? '{}')).toMatchObject({ resourcePath: '/items/{id}', status: '200' });
  expect(app.requests().at(-1)).toMatchObject({ path: '/v1/items/logged', routeKey: 'GET /items/{id}', status: 200 });
});

test('a header that comes twice is there twice, in any case, and its last value counts', async () => {
  const { port } = new URL(base);
  const event = await new Promise<Record<string, Record<string, unknown>>>((resolve, reject) => {
    const headers = ['host', `localhost:${port}`, 'X-Custom', 'one', 'X-Custom', 'two', 'aCcEpT', 'text/*'];
    const call = request({ port, path: '/v1/items/1', headers }, (answer) => {
      json(answer).then((value) => resolve(value as Record<string, Record<string, unknown>>), reject);
    });
    call.on('error', reject).end();
  });
  expect(event.multiValueHeaders['X-Custom']).toEqual(['one', 'two']);
  expect(event.headers).toMatchObject({ 'X-Custom': 'two', aCcEpT: 'text/*' });
});
