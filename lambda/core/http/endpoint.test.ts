import * as z from 'zod/mini';
import { type Api, endpoint } from './endpoint';
import { HttpError } from './errors';
import { fallback } from './fallback';
import type { GatewayResult } from './response';
import { call, CONTEXT, requestEvent } from '../../../test/support/events';

/** An API whose errors are lists of words, and whose bad input is a 400. */
const api: Api = {
  credentials: ({ headers }) => headers['x-key'],
  missingCredentials: () => {
    throw new HttpError(401, { key: ['missing'] });
  },
  malformedBody: () => {
    throw new HttpError(400, { body: ['no JSON'] });
  },
  parse: (place, schema, input) => {
    const result = schema.safeParse(input);
    if (!result.success) {
      throw new HttpError(400, { [place]: result.error.issues.map(({ message }) => message) });
    }
    return result.data;
  },
  internalError: { server: ['failed'] },
  unavailable: { server: ['busy'] },
  render: ({ messages }) =>
    Object.entries(messages).flatMap(([about, words]) => words.map((word) => `${about} ${word}`)),
};

const NOTES = { path: '/notes/{id}', summary: 'Something with a note', tag: 'Notes' } as const;
const ENDPOINTS = {
  PutNote: { ...NOTES, method: 'PUT', auth: 'required', input: ['query', 'body'], success: 201, errors: [404] },
  GetNote: { ...NOTES, method: 'GET', auth: 'none', success: 200 },
  DeleteNote: { ...NOTES, method: 'DELETE', auth: 'optional', success: 204 },
} as const;

const note = z.object({ title: z.string('title must be text') });
const contract = {
  path: z.object({ id: z.string() }),
  query: z.object({ draft: z.optional(z.literal('yes', 'draft must be yes')) }),
  body: note,
  answer: z.object({ id: z.string(), title: z.string(), draft: z.boolean() }),
};

const beforeInvalid = jest.fn(async ({ credentials, path }: { credentials: string; path: { id: string } }) => {
  if (credentials === 'bad') {
    throw new HttpError(401, { key: ['bad'] });
  }
  if (path.id === 'none') {
    throw new HttpError(404, { note: ['none'] });
  }
});
const handle = jest.fn();
const handler = endpoint<typeof ENDPOINTS.PutNote, typeof contract>(api, ENDPOINTS.PutNote, contract, {
  beforeInvalid,
  handle: async ({ path, query, body, credentials }) => {
    handle(credentials);
    return { id: path.id, title: body.title, draft: query.draft === 'yes' };
  },
});

const GOOD = { path: { id: '1' }, body: { title: 'x' }, headers: { 'X-Key': 'good' } };

test('a good request is answered with the status of the endpoint, and asks nothing in advance', async () => {
  expect(await call(handler, { ...GOOD, query: { draft: 'yes' } })).toMatchObject({
    status: 201,
    json: { id: '1', title: 'x', draft: true },
  });
  expect(handle).toHaveBeenCalledWith('good');
  expect(beforeInvalid).not.toHaveBeenCalled();
});

test.each([
  ['missing credentials before anything', { headers: {}, body: undefined, raw: '{' }, 401, ['key missing']],
  ['bad credentials before bad input', { headers: { 'x-key': 'bad' }, body: {} }, 401, ['key bad']],
  ['a missing resource before bad input', { path: { id: 'none' }, body: {} }, 404, ['note none']],
  [
    'a missing resource before what is not JSON',
    { path: { id: 'none' }, body: undefined, raw: '{' },
    404,
    ['note none'],
  ],
  ['bad input last', { body: { title: 5 } }, 400, ['body title must be text']],
  ['a missing body as bad input', { body: undefined }, 400, ['body Invalid input']],
  ['what is not JSON as bad input', { body: undefined, raw: '{"a":' }, 400, ['body no JSON']],
  ['the query before the body', { query: { draft: 'no' }, body: {} }, 400, ['query draft must be yes']],
])('it is told %s', async (_, sample, status, json) => {
  expect(await call(handler, { ...GOOD, ...sample })).toMatchObject({ status, json });
  expect(handle).not.toHaveBeenCalled();
});

test('an endpoint that takes no credentials looks at none, and one that takes no body never reads it', async () => {
  const get = endpoint<typeof ENDPOINTS.GetNote, Pick<typeof contract, 'path' | 'answer'>>(
    api,
    ENDPOINTS.GetNote,
    {},
    {
      handle: async ({ path, credentials }) => ({ id: path.id, title: String(credentials), draft: false }),
    },
  );
  expect(await call(get, { ...GOOD, body: undefined, raw: '{' })).toMatchObject({
    status: 200,
    json: { id: '1', title: 'undefined' },
  });
});

test('an endpoint without content answers none, whether somebody has signed in or not', async () => {
  const seen: (string | undefined)[] = [];
  const remove = endpoint<typeof ENDPOINTS.DeleteNote, Pick<typeof contract, 'path'>>(
    api,
    ENDPOINTS.DeleteNote,
    {},
    {
      handle: async ({ credentials }) => void seen.push(credentials),
    },
  );
  for (const headers of [{ 'x-key': 'good' }, {}] as Record<string, string>[]) {
    expect(await call(remove, { path: { id: '1' }, headers })).toMatchObject({ status: 204, text: '' });
  }
  expect(seen).toEqual(['good', undefined]);
});

describe('what no route took', () => {
  const words = { notFound: { path: ['unknown'] }, methodNotAllowed: { method: ['not here'] } };
  const run = fallback({ ...api, ...words }, '/v1', ENDPOINTS);
  const send = async (method: string, rawPath: string) => {
    const event = { ...requestEvent(), rawPath };
    Object.assign(event.requestContext, { http: { method } });
    return (await (run as (given: unknown, context: unknown) => Promise<GatewayResult>)(
      event,
      CONTEXT,
    )) as GatewayResult;
  };

  test.each(['/', '/v1', '/notes/1', '/v1/notes', '/v1/notes/', '/v1/notes/1/2', '/v2/notes/1'])(
    'is a 404 where the path is %s',
    async (path) => {
      expect(await send('PUT', path)).toMatchObject({ statusCode: 404, body: '["path unknown"]' });
    },
  );

  test('is a 405 that names the methods that the path has', async () => {
    expect(await send('POST', '/v1/notes/1')).toMatchObject({
      statusCode: 405,
      headers: { allow: 'PUT, GET, DELETE, OPTIONS' },
      body: '["method not here"]',
    });
  });

  test('is a preflight that the gateway hands on, answered without content', async () => {
    expect(await send('OPTIONS', '/v1/notes/1')).toMatchObject({ statusCode: 204, body: '' });
  });
});
