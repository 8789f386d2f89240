import { gunzipSync } from 'node:zlib';
import * as z from 'zod/mini';
import { takesGzip } from './compression';
import { endpoint } from './endpoint';
import { etag, ifMatch, reply } from './reply';
import type { HttpRequest } from './request';
import type { GatewayResult } from './response';
import { conflict, notFound, preconditionFailed, serviceApi, tooLarge } from './service-api';
import { call, CONTEXT, requestEvent, restEvent } from '../../../test/support/events';

const GET_NOTE = {
  method: 'GET',
  path: '/notes/{id}',
  summary: 'A note',
  tag: 'Notes',
  auth: 'deployment',
  success: 200,
  etag: true,
} as const;
const PUT_NOTE = { ...GET_NOTE, method: 'PUT', input: ['body'], created: 201 } as const;
const path = z.object({ id: z.string() });
const answer = z.object({ text: z.string() });
const body = z.strictObject({
  text: z.string('must be text').check(z.maxLength(3, 'must have at most 3 characters')),
  tags: z.optional(z.array(z.string('must be text'))),
});

type Handled = Awaited<
  ReturnType<Parameters<typeof endpoint<typeof GET_NOTE, { path: typeof path; answer: typeof answer }>>[3]['handle']>
>;

const reading = (handle: () => Promise<Handled>) =>
  endpoint<typeof GET_NOTE, { path: typeof path; answer: typeof answer }>(serviceApi, GET_NOTE, {}, { handle });
const writing = endpoint<typeof PUT_NOTE, { path: typeof path; body: typeof body; answer: typeof answer }>(
  serviceApi,
  PUT_NOTE,
  { body },
  { handle: async ({ body: { text } }) => reply({ text }, { status: 201, etag: etag(1) }) },
);

const failing = async (error: unknown) =>
  call(
    reading(() => Promise.reject(error as Error)),
    { path: { id: '1' } },
  );

describe('an error', () => {
  test.each([
    [notFound('note'), 404, 'There is no such note'],
    [conflict('It is there'), 409, 'It is there'],
    [preconditionFailed(), 412, 'It has another version by now: read it again'],
    [tooLarge(500_000, 409_600), 413, 'It takes 500000 bytes, of at most 409600'],
    [new Error('secret'), 500, 'Something went wrong'],
  ])('%s has a sentence, a time and the id of the request', async (error, status, sentence) => {
    const { status: got, json } = await failing(error);
    expect(got).toBe(status);
    expect(json).toEqual({
      error: sentence,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      requestId: requestEvent().requestContext.requestId,
    });
  });

  test.each([
    [
      'every field that is wrong',
      { text: 'long', tags: ['a', 7] },
      'text must have at most 3 characters; tags.1 must be text',
    ],
    ['what is not known', { text: 'a', __proto__x: 1, more: 2 }, '__proto__x is not known; more is not known'],
    ['a body that is none', undefined, 'body Invalid input'],
  ])('names %s', async (_, sent, sentence) => {
    const { status, json } = await call(writing, { path: { id: '1' }, body: sent });
    expect([status, (json as { error: string }).error]).toEqual([400, sentence]);
  });

  test('about a thousand wrong values is no longer than it needs to be', async () => {
    const sent = { text: 'a', tags: Array.from({ length: 1000 }, () => 1) };
    const { json } = await call(writing, { path: { id: '1' }, body: sent });
    expect((json as { error: string }).error).toHaveLength(1001);
  });

  test('about what is not JSON quotes none of it', async () => {
    const { status, text } = await call(writing, { path: { id: '1' }, raw: '{"password":' });
    expect(status).toBe(400);
    expect(text).toContain('The body is not valid JSON');
    expect(text).not.toContain('password');
  });
});

describe('a version', () => {
  const handler = reading(async () => reply({ text: 'x' }, { etag: etag('v7') }));
  const get = (headers: Record<string, string>) => call(handler, { path: { id: '1' }, headers });

  test('is told, to be asked for again', async () => {
    const { headers } = await get({});
    expect(headers).toMatchObject({ etag: '"v7"', 'cache-control': 'private, no-cache' });
  });

  test.each(['"v7"', 'W/"v7"', '"v6", "v7"', '*'])(
    'that If-None-Match knows as %s is not sent again',
    async (known) => {
      expect(await get({ 'if-none-match': known })).toMatchObject({ status: 304, text: '', headers: { etag: '"v7"' } });
    },
  );

  test.each(['"v6"', 'v7', '""', ''])('that If-None-Match does not know, with %j, is sent', async (known) => {
    expect(await get({ 'if-none-match': known })).toMatchObject({ status: 200, json: { text: 'x' } });
  });

  test('of what was made comes with 201, whatever the request knew before', async () => {
    const made = await call(writing, { path: { id: '1' }, body: { text: 'a' }, headers: { 'if-none-match': '*' } });
    expect(made).toMatchObject({ status: 201, headers: { etag: '"1"' } });
  });

  test.each([
    [undefined, undefined],
    ['*', { any: true, versions: [] }],
    ['"1"', { any: false, versions: ['1'] }],
    ['"1", "2"', { any: false, versions: ['1', '2'] }],
    ['W/"1"', { any: false, versions: [] }],
    ['1', { any: false, versions: [] }],
  ])('that If-Match names as %j is %j', (sent, asked) => {
    expect(ifMatch({ headers: { 'if-match': sent } } as unknown as HttpRequest)).toEqual(asked);
  });
});

describe('compression', () => {
  const run = async (text: string, headers: Record<string, string>, rest = false) => {
    const handler = reading(async () => ({ text })) as (event: unknown, context: unknown) => Promise<GatewayResult>;
    const sample = { path: { id: '1' }, headers };
    return handler(rest ? restEvent(sample) : requestEvent(sample), CONTEXT);
  };
  const LONG = 'ü'.repeat(600);
  const GZIP = { 'Accept-Encoding': 'br, gzip' };

  test('makes a long answer short, for who takes it', async () => {
    const result = await run(LONG, GZIP);
    expect(result).toMatchObject({
      isBase64Encoded: true,
      headers: {
        'content-encoding': 'gzip',
        vary: 'accept-encoding',
        'content-type': 'application/json; charset=utf-8',
      },
    });
    expect(JSON.parse(gunzipSync(Buffer.from(result.body, 'base64')).toString())).toEqual({ text: LONG });
  });

  test('is what a 304 tells caches of as well, whose answer would have varied', async () => {
    const handler = reading(async () => reply({ text: LONG }, { etag: '"v7"' }));
    const { status, headers } = await call(handler, {
      path: { id: '1' },
      headers: { ...GZIP, 'if-none-match': '"v7"' },
    });
    expect([status, headers.vary, headers['content-encoding']]).toEqual([304, 'accept-encoding', undefined]);
  });

  test('leaves an answer alone that is short, that nobody takes so, or that a REST API would not decode', async () => {
    for (const result of [await run('x', GZIP), await run(LONG, {}), await run(LONG, GZIP, true)]) {
      expect(result.headers).not.toHaveProperty('content-encoding');
      expect(JSON.parse(result.body)).toHaveProperty('text');
    }
  });

  test.each([
    [undefined, false],
    ['', false],
    ['gzip', true],
    ['deflate, GZIP;q=0.5', true],
    ['gzip;q=0', false],
    ['gzip; q=0, *', false],
    ['*', true],
    ['br', false],
  ])('is taken by %j: %p', (header, taken) => {
    expect(takesGzip(header)).toBe(taken);
  });
});
