import { ApiError, badCredentials, forbidden, invalid, notFound, taken, unauthorized } from './errors';
import { type Answer, created, httpHandler, noContent, ok, type Request } from './http';
import { logError } from './logger';
import { call, requestEvent } from '../../test/support/events';

jest.mock('./logger', () => ({ logError: jest.fn() }));

/** The request that a handler got from an event. */
async function received(sample: Parameters<typeof call>[1]): Promise<Request> {
  let request: Request | undefined;
  await call(
    httpHandler((given) => ((request = given), Promise.resolve(noContent))),
    sample,
  );
  return request as Request;
}

const answering = (answer: Answer) => call(httpHandler(() => Promise.resolve(answer)));
const failing = (error: unknown, sample?: Parameters<typeof call>[1]) =>
  call(
    httpHandler(() => Promise.reject(error as Error)),
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
      body: { a: [1] },
      path: { slug: 'a-slug' },
      query: { limit: '3' },
      headers: { accept: 'text/html' },
      origin: 'https://api.example.com',
    });
  });

  test('without path, query or body has none of them', async () => {
    const request = await received({});
    expect([request.path, request.query, request.body]).toEqual([{}, {}, undefined]);
  });

  test('with an empty body has none', async () => {
    expect((await received({ raw: '' })).body).toBeUndefined();
  });

  test.each([undefined, 'text/plain', 'application/json; charset=utf-8', 'application/x-www-form-urlencoded'])(
    'is read as JSON where its content type is %p',
    async (type) => {
      const request = await received({ body: { a: 1 }, headers: type === undefined ? {} : { 'content-type': type } });
      expect(request.body).toEqual({ a: 1 });
    },
  );

  test('that the gateway has encoded is decoded', async () => {
    const raw = Buffer.from('{"name":"Zoë"}').toString('base64');
    expect((await received({ raw, isBase64Encoded: true })).body).toEqual({ name: 'Zoë' });
  });

  test.each(['null', '0', '"text"', '[1]'])('whose JSON is %s has that for a body', async (raw) => {
    expect((await received({ raw })).body).toEqual(JSON.parse(raw));
  });

  test.each(['{', 'secret-text', '{"a":1}}', '\u0000'])(
    'with the malformed body %j is answered without it',
    async (raw) => {
      const answer = await call(
        httpHandler((request) => Promise.resolve(ok(request.body))),
        { raw },
      );
      expect(answer).toMatchObject({ status: 422, json: { errors: { body: ['must be valid JSON'] } } });
      expect(logError).not.toHaveBeenCalled();
    },
  );

  test('with a malformed body is not told so before its body is looked at', async () => {
    const answer = await failing(unauthorized('is missing'), { raw: '{' });
    expect(answer).toMatchObject({ status: 401, json: { errors: { token: ['is missing'] } } });
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
    const handler = httpHandler(() =>
      Promise.resolve({ status: 200, body: 'plain', headers: { 'content-type': 'text/plain' } }),
    );
    const result = await (handler as (event: unknown, context: unknown) => Promise<unknown>)(requestEvent(), {});
    expect(result).toMatchObject({ body: 'plain', headers: { 'content-type': 'text/plain' } });
  });
});

describe('an error that the caller is meant to see', () => {
  test.each([
    [invalid('title', 'is too long'), 422, { title: ['is too long'] }],
    [unauthorized('is missing'), 401, { token: ['is missing'] }],
    [badCredentials(), 401, { credentials: ['invalid'] }],
    [forbidden('article'), 403, { article: ['forbidden'] }],
    [notFound('profile'), 404, { profile: ['not found'] }],
    [taken(['username', 'email']), 409, { username: ['has already been taken'], email: ['has already been taken'] }],
  ])('is answered in the shape of the API: %s', async (error, status, errors) => {
    const answer = await failing(error);
    expect(answer).toMatchObject({ status, json: { errors } });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(logError).not.toHaveBeenCalled();
  });

  test('brings its headers', async () => {
    const answer = await failing(new ApiError(429, { credentials: ['too many'] }, { 'retry-after': '9' }));
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
    expect(logError).toHaveBeenCalledTimes(1);
    expect(logError).toHaveBeenCalledWith('request failed', aws, {
      requestId: 'request-1',
      route: 'POST /api/things/{id}',
      functionRequestId: 'invocation-1',
    });
    expect(JSON.stringify(jest.mocked(logError).mock.calls)).not.toMatch(new RegExp(`hunter2|${TOKEN}`));
  });
});
