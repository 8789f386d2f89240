import { request as httpRequest } from 'node:http';
import { GatewayHandler } from '../gateway/server';
import { HttpServers } from '../http/server';
import { RequestRecord } from '../types';
import { Event, Setup, StartedApi, startApi } from './testing';

let server: StartedApi | undefined;
let records: readonly RequestRecord[];
let logged: readonly string[];

afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Starts an API and gives its address. */
async function start(setup?: Setup): Promise<string> {
  server = await startApi(setup);
  ({ records, logged } = server);
  return server.url;
}

async function event(url: string, init?: RequestInit): Promise<Event> {
  return (await (await fetch(url, init)).json()) as Event;
}

describe('the event of payload format 2.0', () => {
  test('has every part of the request', async () => {
    const url = await start({ routes: ['POST /articles/{slug}'] });
    const got = await event(`${url}/articles/a%20b?tag=x&tag=y%20z&q=`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'X-Custom': 'One',
        cookie: 'a=1; b=2',
        'user-agent': 'me',
      },
      body: '{"é":1}',
    });
    expect(got).toMatchObject({
      version: '2.0',
      routeKey: 'POST /articles/{slug}',
      rawPath: '/articles/a b',
      rawQueryString: 'tag=x&tag=y%20z&q=',
      cookies: ['a=1', 'b=2'],
      headers: {
        'x-custom': 'One',
        'content-type': 'application/json; charset=utf-8',
        'content-length': '8',
        'x-forwarded-proto': 'http',
      },
      queryStringParameters: { tag: 'x,y z', q: '' },
      pathParameters: { slug: 'a b' },
      body: '{"é":1}',
      isBase64Encoded: false,
      requestContext: {
        accountId: '000000000000',
        apiId: 'abcdefghij',
        stage: '$default',
        routeKey: 'POST /articles/{slug}',
        http: { method: 'POST', path: '/articles/a b', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'me' },
        time: expect.stringMatching(/^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000$/),
      },
    });
    expect(got.headers.cookie).toBeUndefined();
  });

  test('leaves out what the request has not', async () => {
    const got = await event(`${await start()}/`);
    expect(Object.keys(got).sort()).toEqual(
      ['headers', 'isBase64Encoded', 'rawPath', 'rawQueryString', 'requestContext', 'routeKey', 'version'].sort(),
    );
  });

  test('has the path decoded: twice, and split after the first time', async () => {
    const url = await start({ routes: ['GET /profiles/{name}', 'GET /profiles/{name}/{more}', '$default'] });
    const seen = async (path: string): Promise<unknown> => {
      const { routeKey, rawPath, rawQueryString, pathParameters } = await event(url + path);
      return { routeKey, rawPath, rawQueryString, pathParameters };
    };
    expect(await seen('/profiles/a%252Fb%20c?q=%3F')).toEqual({
      routeKey: 'GET /profiles/{name}',
      rawPath: '/profiles/a/b c',
      rawQueryString: 'q=%3F',
      pathParameters: { name: 'a/b c' },
    });
    expect(await seen('/profiles/a%2Fb')).toMatchObject({ pathParameters: { name: 'a', more: 'b' } });
    expect(await seen('/profiles/bob%3Fx=1?y=2')).toEqual({
      routeKey: 'GET /profiles/{name}',
      rawPath: '/profiles/bob',
      rawQueryString: 'y=2',
      pathParameters: { name: 'bob' },
    });
  });

  test.each(['/50%25off', '/%zz'])('of %s, which cannot be decoded, is never made: 400', async (path) => {
    const response = await fetch((await start()) + path);
    expect([response.status, await response.text()]).toEqual([400, '{"message":"Bad Request"}']);
  });

  test('joins repeated headers by commas', async () => {
    const url = await start();
    const body = await new Promise<string>((resolve, reject) => {
      httpRequest(url, { headers: { 'X-Many': ['a', 'b'] } }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', () => resolve(text));
      })
        .on('error', reject)
        .end();
    });
    expect((JSON.parse(body) as Event).headers['x-many']).toBe('a,b');
  });

  test.each<[string | undefined, boolean]>([
    ['text/plain', false],
    ['application/vnd.api+json', false],
    ['application/xml', false],
    ['application/octet-stream', true],
    ['application/x-www-form-urlencoded', true],
    [undefined, true],
  ])('a body of type %s as base64: %s', async (type, binary) => {
    const headers = type === undefined ? undefined : { 'content-type': type };
    const got = await event(await start(), { method: 'POST', headers, body: Buffer.from('a=b') });
    expect(got).toMatchObject({ isBase64Encoded: binary, body: binary ? 'YT1i' : 'a=b' });
  });

  test('a named stage is the first part of the path and stays in it', async () => {
    const url = await start({ routes: ['GET /x'], stages: [{ name: 'v1', variables: { mode: 'a' } }] });
    expect(await event(`${url}/v1/x`)).toMatchObject({
      rawPath: '/v1/x',
      requestContext: { stage: 'v1' },
      stageVariables: { mode: 'a' },
    });
    expect((await fetch(`${url}/x`)).status).toBe(404);
  });
});

describe('the answer', () => {
  test.each<[unknown, number, string, string]>([
    ['hello', 200, 'application/json', 'hello'],
    [{ a: 1 }, 200, 'application/json', '{"a":1}'],
    [null, 200, 'application/json', 'null'],
    [{ statusCode: 201, body: 'made' }, 201, 'text/plain;charset=UTF-8', 'made'],
    [
      {
        statusCode: '418',
        headers: { 'Content-Type': 'a/b', 'content-length': 99 },
        body: 'aGk=',
        isBase64Encoded: true,
      },
      418,
      'a/b',
      'hi',
    ],
    [{ statusCode: 'many' }, 500, 'application/json', '{"message":"Internal Server Error"}'],
    [{ statusCode: 200, body: { a: 1 } }, 500, 'application/json', '{"message":"Internal Server Error"}'],
    [{ statusCode: 200, headers: { 'x-bad': 'a\nb' } }, 500, 'application/json', '{"message":"Internal Server Error"}'],
    [new Error('boom'), 500, 'application/json', '{"message":"Internal Server Error"}'],
  ])('%j is %d', async (returned, status, type, body) => {
    const response = await fetch(await start({ handler: async () => returned }));
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      status,
      type,
      body,
    ]);
    expect(records).toMatchObject([{ status, method: 'GET', path: '/' }]);
  });

  test('has several cookies', async () => {
    const response = await fetch(
      await start({ handler: async () => ({ statusCode: 204, cookies: ['a=1', 'b=2; Secure'] }) }),
    );
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2; Secure']);
  });

  test('is 404 for no route and 503 when the function takes too long', async () => {
    let release = (): void => undefined;
    const url = await start({
      routes: ['GET /slow'],
      timeoutMs: 50,
      handler: async () => new Promise((resolve) => (release = () => resolve('late'))),
    });
    const unknown = await fetch(`${url}/other`);
    expect([unknown.status, await unknown.text()]).toEqual([404, '{"message":"Not Found"}']);
    const slow = await fetch(`${url}/slow`);
    expect([slow.status, await slow.text()]).toEqual([503, '{"message":"Service Unavailable"}']);
    release();
  });

  test.each([
    [10 * 1024 * 1024 + 1, 413],
    [6 * 1024 * 1024 + 1, 413],
    [5 * 1024 * 1024, 200],
  ])('to a body of %d bytes is %d', async (size, status) => {
    const url = await start({ handler: async (got) => String(got.body).length });
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'x'.repeat(size),
    });
    expect([response.status, await response.text()]).toEqual([
      status,
      status === 200 ? String(size) : '{"message":"Request Entity Too Large"}',
    ]);
  });
});

describe('permissions', () => {
  const permission = { functionName: 'fn', action: 'lambda:InvokeFunction', principal: 'apigateway.amazonaws.com' };
  const arn = 'arn:aws:execute-api:us-east-1:000000000000:abcdefghij';

  test.each<[string | undefined, string, number]>([
    [`${arn}/*/*/pets/{id}`, 'GET /pets/{id}', 200],
    [`${arn}/$default/GET/pets/*`, 'GET /pets/{id}', 200],
    [`${arn}/*/*/dogs/{id}`, 'GET /pets/{id}', 500],
    [`${arn}/*/*`, '$default', 200],
    [undefined, 'GET /pets/{id}', 500],
  ])('source %s for route %s: %d', async (sourceArn, route, status) => {
    const permissions = sourceArn === undefined ? [] : [{ ...permission, sourceArn }];
    const url = await start({ routes: [route], permissions });
    expect((await fetch(`${url}/pets/1`)).status).toBe(status);
    if (status === 500) expect(logged[0]).toMatch(/no AWS::Lambda::Permission lets .*\/GET\/pets\/\{id\} invoke fn$/);
  });
});

describe('CORS', () => {
  const cors = {
    allowOrigins: ['https://app.example', 'https://*.dev.example'],
    allowMethods: ['GET', 'POST'],
    allowHeaders: ['authorization'],
    exposeHeaders: ['etag'],
    allowCredentials: false,
    maxAge: 600,
  };

  async function preflight(url: string, origin: string, method: string, headers = ''): Promise<Response> {
    return fetch(`${url}/anything`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': method,
        ...(headers === '' ? {} : { 'access-control-request-headers': headers }),
      },
    });
  }

  test.each(['$default', 'ANY /anything', 'OPTIONS /{proxy+}'])(
    'a preflight goes to the route %s, and its answer gets the headers of the gateway',
    async (route) => {
      const handler = async (): Promise<unknown> => ({
        statusCode: 404,
        headers: { 'access-control-allow-origin': '*', 'access-control-allow-methods': 'PUT' },
      });
      const response = await preflight(
        await start({ cors, handler, preflight: 'route', routes: [route] }),
        'https://app.example',
        'POST',
      );
      expect(response.status).toBe(404);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'access-control-allow-origin': 'https://app.example',
        'access-control-allow-methods': 'GET,POST',
      });
    },
  );

  test('the other reading, in which the gateway comes before all but an OPTIONS route, can be asked for', async () => {
    const handler = async (got: Event): Promise<unknown> => ({ statusCode: 418, body: String(got.routeKey) });
    const given: Setup = { cors, handler, preflight: 'gateway' };
    const url = await start({ ...given, routes: ['$default', 'ANY /anything'] });
    expect((await preflight(url, 'https://app.example', 'POST')).status).toBe(204);
    expect((await fetch(`${url}/anything`, { method: 'OPTIONS' })).status).toBe(418);
    await server?.close();
    const withRoute = await start({ ...given, routes: ['OPTIONS /anything'] });
    expect((await preflight(withRoute, 'https://app.example', 'POST')).status).toBe(418);
  });

  test('without a route that takes it a preflight is answered by the gateway', async () => {
    const url = await start({ cors, routes: ['GET /x'] });
    const response = await preflight(url, 'https://a.dev.example', 'POST', 'Authorization');
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': 'https://a.dev.example',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'authorization',
      'access-control-max-age': '600',
    });
  });

  test.each([
    ['https://evil.example', 'GET', ''],
    ['https://app.example', 'DELETE', ''],
    ['https://app.example', 'GET', 'x-other'],
  ])('a preflight of %s for %s with "%s" allows nothing', async (origin, method, headers) => {
    const response = await preflight(await start({ cors, routes: ['GET /x'] }), origin, method, headers);
    expect(response.status).toBe(204);
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('real answers get the headers, errors too, and those of the function are replaced', async () => {
    const handler = async (): Promise<unknown> => ({
      statusCode: 400,
      headers: { 'Access-Control-Allow-Origin': '*', 'x-own': '1' },
      body: 'no',
    });
    const url = await start({ cors, handler, routes: ['GET /x'] });
    const ask = async (path: string, origin?: string): Promise<Record<string, string>> =>
      Object.fromEntries((await fetch(url + path, { headers: origin === undefined ? {} : { origin } })).headers);
    expect(await ask('/x', 'https://app.example')).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-expose-headers': 'etag',
      'x-own': '1',
    });
    expect(await ask('/none', 'https://app.example')).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
    });
    expect(await ask('/x', 'https://evil.example')).not.toHaveProperty('access-control-allow-origin');
    expect(await ask('/x')).not.toHaveProperty('access-control-allow-origin');
  });

  test('OPTIONS is 204 without a route only where CORS is configured', async () => {
    expect((await fetch(`${await start({ cors, routes: ['GET /x'] })}/x`, { method: 'OPTIONS' })).status).toBe(204);
    await server?.close();
    expect((await fetch(`${await start({ routes: ['GET /x'] })}/x`, { method: 'OPTIONS' })).status).toBe(404);
  });
});

test('a route beyond its burst is 429, the others are not', async () => {
  const url = await start({
    routes: ['GET /a', 'GET /b'],
    stages: [{ routeThrottle: { 'GET /a': { rate: 0.001, burst: 2 } }, throttle: { rate: 1000, burst: 1000 } }],
  });
  const statuses: number[] = [];
  for (let count = 0; count < 3; count += 1) statuses.push((await fetch(`${url}/a`)).status);
  expect(statuses).toEqual([200, 200, 429]);
  expect((await fetch(`${url}/b`)).status).toBe(200);
});

test('access log lines are rendered from the format of the stage', async () => {
  const accessLogFormat =
    '{"route":"$context.routeKey","status":$context.status,"error":"$context.error.message","ip":"$context.identity.sourceIp"}';
  const url = await start({ routes: ['GET /a'], stages: [{ accessLogFormat }] });
  await fetch(`${url}/a`);
  await fetch(`${url}/b`);
  expect(server?.api.accessLogs().map((line) => JSON.parse(line) as unknown)).toEqual([
    { route: 'GET /a', status: 200, error: '-', ip: '127.0.0.1' },
    { route: '-', status: 404, error: 'Not Found', ip: '127.0.0.1' },
  ]);
});

test('a HEAD answer has no body and keeps its length', async () => {
  const response = await fetch(await start({ handler: async () => ({ statusCode: 200, body: 'four' }) }), {
    method: 'HEAD',
  });
  expect([response.headers.get('content-length'), await response.text()]).toEqual(['4', '']);
});

test('a taken port is said', async () => {
  const url = await start();
  const port = Number(new URL(url).port);
  const other = new HttpServers(port);
  await expect(other.open(new GatewayHandler(() => undefined))).rejects.toThrow(
    `port ${port} is taken: use --port N, or --port 0 for a free one`,
  );
});
