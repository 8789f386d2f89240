import type { RequestListener } from 'node:http';
import { logFallback, SearchRepository } from './search';
import { SEARCH_FALLBACK } from '../../../src/realworld-api/contract';
import { useLogLines } from '../../../test/support/log-lines';
import { useStubServer } from '../../../test/support/stub-server';
import { SearchClient } from '../../search-index-pipeline/client';
import { SearchUnavailable } from '../domain/search';

const logged = useLogLines();

const TIMEOUT = 500;
const ANSWER = { timed_out: false, _shards: { failed: 0 }, hits: { total: { value: 0 }, hits: [] } };

const domain = useStubServer();
let now: number;
let search: SearchRepository;

beforeAll(() =>
  Object.assign(process.env, { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' }),
);
beforeEach(() => {
  now = 1_000_000;
  const client = new SearchClient(domain.url, 'es');
  search = new SearchRepository(
    'articles',
    TIMEOUT,
    () => client,
    () => now,
  );
});

const answers =
  (status: number, body: object): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
const ask = () => search.newest(undefined, { ids: [] }, 0, 1);

const AWAY: [what: string, listener: RequestListener][] = [
  ['never answers', () => undefined],
  [
    'stops within its answer',
    (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{'),
  ],
  ['breaks off', (request) => request.socket.destroy()],
  ['is overloaded', answers(429, {})],
  ['has no node that answers', answers(503, {})],
  ['does not allow it yet', answers(403, {})],
  ['answers for some of its shards', answers(200, { ...ANSWER, _shards: { failed: 1 } })],
  ['has stopped searching in time', answers(200, { ...ANSWER, timed_out: true })],
];

test.each(AWAY)('an index that %s is unavailable, and for five seconds nobody waits for it again', async (_, away) => {
  domain.listener = away;
  const began = Date.now();
  await expect(ask()).rejects.toThrow(SearchUnavailable);
  expect(Date.now() - began).toBeLessThan(TIMEOUT * 10);
  domain.listener = answers(200, ANSWER);
  now += 4_999;
  await expect(ask()).rejects.toThrow(SearchUnavailable);
  expect(domain.asked).toBe(1);
  now += 1;
  expect(await ask()).toEqual({ rows: [], total: 0 });
  expect(domain.asked).toBe(2);
});

test('a search that it refuses says nothing of the next one', async () => {
  domain.listener = answers(400, { error: { reason: 'dragons' } });
  await expect(ask()).rejects.toThrow(SearchUnavailable);
  domain.listener = answers(200, ANSWER);
  expect(await ask()).toEqual({ rows: [], total: 0 });
});

test('what went wrong is logged by its kind, under the message that is counted', async () => {
  domain.listener = answers(503, { error: 'dragons at 10.0.0.1' });
  await logFallback(
    await ask().then(
      () => new SearchUnavailable('it was available'),
      (error: unknown) => error as SearchUnavailable,
    ),
  );
  expect(logged()).toEqual([
    expect.objectContaining({ level: 'WARN', message: SEARCH_FALLBACK, error: 'ResponseError' }),
  ]);
  expect(JSON.stringify(logged())).not.toMatch(/dragons|10\.0/);
});
