import type { Context } from 'aws-lambda';
import type { ErrorRenderer } from './error-renderer';
import { HttpError } from './errors';
import { httpHandler } from './handler';
import type { HttpRequest } from './request';
import type { HttpResponse } from './response';
import { call, requestEvent, restEvent } from '../../../test/support/events';
import { useLogLines } from '../../../test/support/log-lines';
import { Busy } from '../busy';

const logged = useLogLines();

/** An API with a shape and words of its own. */
const api: ErrorRenderer = {
  render: ({ messages }) => ({ errors: messages }),
  internalError: { server: ['internal error'] },
  unavailable: { server: ['is busy'] },
};
const ok = (body: unknown): HttpResponse => ({ statusCode: 200, body });
const created = (body: unknown): HttpResponse => ({ statusCode: 201, body });
const noContent: HttpResponse = { statusCode: 204 };

/** The request that a handler got from an event. */
async function received(sample: Parameters<typeof call>[1]): Promise<HttpRequest> {
  let request: HttpRequest | undefined;
  await call(
    httpHandler(api, (given) => ((request = given), Promise.resolve(noContent))),
    sample,
  );
  return request as HttpRequest;
}

const answering = (answer: HttpResponse) => call(httpHandler(api, () => Promise.resolve(answer)));
const failing = (error: unknown, sample?: Parameters<typeof call>[1]) =>
  call(
    httpHandler(api, () => Promise.reject(error as Error)),
    sample,
  );

describe('a request', () => {
  test('brings its parts, and the origin it was sent to', async () => {
    const request = await received({
      body: { a: [1] },
      path: { slug: 'a-slug' },
      query: { limit: '3' },
      headers: { accept: 'text/html' },
    });
    expect(request).toMatchObject({
      body: { kind: 'json', value: { a: [1] } },
      path: { slug: 'a-slug' },
      query: { limit: '3' },
      headers: { accept: 'text/html' },
      origin: 'https://api.example.com',
      sourceIp: '192.0.2.1',
    });
  });

  test('without path, query or body has none of them', async () => {
    const request = await received({});
    expect([request.path, request.query, request.body]).toEqual([{}, {}, { kind: 'none' }]);
  });

  test('with an empty body has none', async () => {
    expect((await received({ raw: '' })).body).toEqual({ kind: 'none' });
  });

  test.each([undefined, 'text/plain', 'application/json; charset=utf-8', 'application/x-www-form-urlencoded'])(
    'is read as JSON where its content type is %p',
    async (type) => {
      const request = await received({ body: { a: 1 }, headers: type === undefined ? {} : { 'content-type': type } });
      expect(request.body).toEqual({ kind: 'json', value: { a: 1 } });
    },
  );

  test('that the gateway has encoded is decoded', async () => {
    const raw = Buffer.from('{"name":"Zoë"}').toString('base64');
    expect((await received({ raw, isBase64Encoded: true })).body).toEqual({ kind: 'json', value: { name: 'Zoë' } });
  });

  test.each(['null', '0', '"text"', '[1]'])('whose JSON is %s has that for a body', async (raw) => {
    expect((await received({ raw })).body).toEqual({ kind: 'json', value: JSON.parse(raw) as unknown });
  });

  test.each(['{', 'secret-text', '{"a":1}}', '\u0000'])('whose body %j is not JSON says no more of it', async (raw) => {
    expect((await received({ raw })).body).toEqual({ kind: 'malformed' });
    expect(logged()).toEqual([]);
  });

  test('of a REST API is the same as that of an HTTP API', async () => {
    const sample = {
      body: { a: 1 },
      path: { id: '1' },
      query: { tag: 'x' },
      headers: { 'X-Custom': 'y', Authorization: 'Token z' },
    };
    let request: HttpRequest | undefined;
    const handler = httpHandler(api, (given) => ((request = given), Promise.resolve(noContent)));
    await (handler as (event: unknown, context: unknown) => Promise<unknown>)(restEvent(sample), {});
    const { route, ...rest } = await received(sample);
    expect(request).toEqual({ ...rest, route: 'POST /things/{id}' });
    expect(route).toBe('POST /api/things/{id}');
    expect(rest.headers).toEqual({ 'x-custom': 'y', authorization: 'Token z' });
  });

  test('of a REST API without anything has nothing, and joins what is sent twice', async () => {
    let request: HttpRequest | undefined;
    const handler = httpHandler(api, (given) => ((request = given), Promise.resolve(noContent)));
    const run = handler as (event: unknown, context: unknown) => Promise<unknown>;
    await run(restEvent(), {});
    expect(request).toMatchObject({ path: {}, query: {}, headers: {}, body: { kind: 'none' } });
    await run({ ...restEvent(), multiValueQueryStringParameters: { tag: ['x', 'y'] } }, {});
    expect(request?.query).toEqual({ tag: 'x,y' });
  });
});

describe('an answer', () => {
  test('is JSON that nobody may keep', async () => {
    const answer = await answering(ok({ user: { bio: null } }));
    expect(answer).toMatchObject({ status: 200, text: '{"user":{"bio":null}}' });
    expect(answer.headers).toEqual({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-type': 'application/json; charset=utf-8',
    });
  });

  test('to what was made is 201', async () => {
    expect(await answering(created({ a: 1 }))).toMatchObject({ status: 201, json: { a: 1 } });
  });

  test('without content has no body and no type', async () => {
    const answer = await answering(noContent);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(answer.headers).not.toHaveProperty('content-type');
  });

  test('of text is sent as it is, with the headers given', async () => {
    const handler = httpHandler(api, () =>
      Promise.resolve({ statusCode: 200, body: 'plain', headers: { 'content-type': 'text/plain' } }),
    );
    const result = await (handler as (event: unknown, context: unknown) => Promise<unknown>)(requestEvent(), {});
    expect(result).toMatchObject({ body: 'plain', headers: { 'content-type': 'text/plain' } });
  });
});

describe('an error that the caller is meant to see', () => {
  test('is answered in the shape of the API', async () => {
    const answer = await failing(new HttpError(409, { username: ['is taken'], email: ['is taken'] }));
    expect(answer).toMatchObject({
      status: 409,
      json: { errors: { username: ['is taken'], email: ['is taken'] } },
    });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(logged()).toEqual([]);
  });

  test('brings its headers', async () => {
    const answer = await failing(new HttpError(429, { credentials: ['too many'] }, { 'retry-after': '9' }));
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '9', 'cache-control': 'no-store' } });
  });
});

describe('any other error', () => {
  const TOKEN = 'eyJ0b2tlbi1vZi1hLXRlc3Q';
  const aws = Object.assign(new Error('User: arn:aws:iam::123456789012:role/x is not authorized: dynamodb:GetItem'), {
    name: 'AccessDeniedException',
    $metadata: { requestId: 'aws-request' },
  });

  test.each([
    ['an error of AWS', aws],
    ['a mistake in the code', new TypeError('Cannot read properties of undefined')],
    ['what is not even an error', 'arn:aws:secret'],
  ])('is a 500 that tells nothing: %s', async (_, error) => {
    const answer = await failing(error, { body: { password: 'hunter2' }, token: TOKEN });
    expect(answer).toMatchObject({ status: 500, json: { errors: { server: ['internal error'] } } });
    expect(answer.text).toBe('{"errors":{"server":["internal error"]}}');
    expect(JSON.stringify(answer)).not.toMatch(/arn:aws|Cannot read|\.ts:|AccessDenied|hunter2/);
  });

  test('is logged with the ids to find it by, and with neither body nor token', async () => {
    await failing(aws, { body: { password: 'hunter2' }, token: TOKEN });
    expect(logged()).toEqual([
      expect.objectContaining({
        level: 'ERROR',
        message: 'request failed',
        error: 'AccessDeniedException',
        requestId: 'request-1',
        route: 'POST /api/things/{id}',
        functionRequestId: 'invocation-1',
      }),
    ]);
    expect(JSON.stringify(logged())).not.toMatch(new RegExp(`hunter2|${TOKEN}|arn:`));
  });

  test('is logged with who asked, where an authorizer has said it, and nothing else that it says', async () => {
    const event = restEvent({ token: TOKEN });
    const authorizer = { principalId: 'user-1', username: 'jane@example.com' };
    const asked = { ...event, requestContext: { ...event.requestContext, authorizer } };
    await httpHandler(api, () => Promise.reject(aws))(asked, { awsRequestId: 'invocation-1' } as Context);
    expect(logged()).toEqual([expect.objectContaining({ message: 'request failed', principal: 'user-1' })]);
    expect(JSON.stringify(logged())).not.toContain('jane');
  });
});

test.each([
  new Busy('others were in the way'),
  Object.assign(new Error('Throughput exceeds'), { name: 'ThrottlingException' }),
  Object.assign(new Error('Throughput exceeds'), { name: 'ProvisionedThroughputExceededException' }),
])('what storage was too busy for is a 503 that says when to come back: %s', async (error) => {
  const answer = await failing(error);
  expect(answer).toMatchObject({ status: 503, json: { errors: { server: ['is busy'] } } });
  expect(answer.headers['retry-after']).toBe('1');
  expect(logged()).toEqual([expect.objectContaining({ level: 'ERROR', message: 'request failed' })]);
});

describe('pages of other origins', () => {
  const answerTo = async (origin: string | undefined, allowed: string | undefined) => {
    const environment = { CORS_ALLOW_ORIGINS: allowed, CORS_EXPOSE_HEADERS: 'retry-after' };
    jest.replaceProperty(process, 'env', { ...process.env, ...environment });
    const sent: Record<string, string> = origin === undefined ? {} : { Origin: origin };
    const sample = { headers: sent };
    const answers = await Promise.all([
      call(
        httpHandler(api, () => Promise.resolve(ok({}))),
        sample,
      ),
      failing(new HttpError(404, { note: ['none'] }), sample),
    ]);
    jest.restoreAllMocks();
    return answers.map(({ headers }) => [
      headers['access-control-allow-origin'],
      headers['access-control-expose-headers'],
      headers.vary,
    ]);
  };

  test.each([
    ['may read answers and errors where every origin may', 'https://a.example', '*', ['*', 'retry-after', undefined]],
    [
      'may where theirs is one of those named',
      'https://a.example',
      'https://b.example,https://a.example',
      ['https://a.example', 'retry-after', 'origin'],
    ],
    ['may not where it is none of them', 'https://c.example', 'https://a.example', [undefined, undefined, 'origin']],
    ['may not where nothing is said', 'https://a.example', undefined, [undefined, undefined, undefined]],
    ['are none where no origin is sent', undefined, 'https://a.example', [undefined, undefined, 'origin']],
  ])('%s', async (_, origin, allowed, expected) => {
    expect(await answerTo(origin, allowed)).toEqual([expected, expected]);
  });
});
