import { TablesRepository } from './repository';
import { type TestTables, useTestTables } from '../../../test/support/engine';
import { lowestIdAt } from '../../core/ids';
import type { FeedSource } from '../source';
import type { FeedMessage } from '../worker/messages';
import { handleMessage } from '../worker/use-case';

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const TTL_SECONDS = 60 * 24 * 3600;
const idAt = (time: number) => lowestIdAt(time);
/** ULIDs of the same moments, by the ten digits that are their time. */
const ulidAt = (time: number): string => {
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  return Array.from({ length: 10 }, (_, n) => digits[Math.floor(time / 32 ** (9 - n)) % 32]).join('') + '0'.repeat(16);
};

let tables: TestTables;
let source: FeedSource;
let store: TablesRepository;
let now: number;

useTestTables((fresh) => {
  tables = fresh;
  now = NOW;
  const part = (attribute: string, prefix: string) => ({ attribute, prefix });
  // Both in one table, where other things lie too.
  source = {
    items: { tableName: tables.social, partition: part('PK', 'AUTHOR#'), sort: part('SK', 'POST#') },
    followers: { tableName: tables.social, partition: part('PK', 'AUTHOR#'), sort: part('SK', 'FAN#') },
  };
  store = new TablesRepository({ db: tables.db, feed: tables.feed, ttlSeconds: TTL_SECONDS, now: () => now, source });
});

const post = (author: string, id: string, more: object = {}) => ({ PK: `AUTHOR#${author}`, SK: `POST#${id}`, ...more });
const fan = (followee: string, follower: string, more: object = {}) => ({
  PK: `AUTHOR#${followee}`,
  SK: `FAN#${follower}`,
  ...more,
});
const put = (...items: Record<string, unknown>[]) => tables.put(tables.social, items);

describe('the graph', () => {
  test('an item is there for its author alone', async () => {
    await put(post('ada', idAt(NOW)));
    await expect(store.articleExists('ada', idAt(NOW))).resolves.toBe(true);
    await expect(store.articleExists('bob', idAt(NOW))).resolves.toBe(false);
  });

  test('a follow is there or not, and nothing is noted of it', async () => {
    await put(fan('ada', 'bob'));
    await expect(store.followedSince('bob', 'ada')).resolves.toEqual(expect.any(String));
    await expect(store.followedSince('ada', 'bob')).resolves.toBeUndefined();
    tables.calls.length = 0;
    await store.markFilled();
    await store.announceRemovals();
    expect(tables.calls).toEqual([]);
  });

  test('followers come page by page, without what else lies there', async () => {
    await put(fan('ada', 'b'), fan('ada', 'c'), fan('ada', 'd'), fan('bob', 'e'), post('ada', idAt(NOW)));
    await put({ PK: 'AUTHOR#ada', SK: 'PROFILE' });
    await expect(store.followers('ada', 0, undefined, 2)).resolves.toEqual({
      ids: ['b', 'c'],
      next: 'c',
      counted: 2,
    });
    await expect(store.followers('ada', 0, 'c', 2)).resolves.toEqual({ ids: ['d'], counted: 1 });
    await expect(store.countFollowers('ada', 0, undefined, 2)).resolves.toEqual({ count: 2, next: 'c' });
    await expect(store.countFollowers('ada', 0, 'c', 9)).resolves.toEqual({ count: 1 });
    expect(tables.calls.map(({ input }) => input.ConsistentRead)).toEqual([true, true, false, false]);
  });

  test('of some followers those are told that follow now, however their ids sort and over any number of pages', async () => {
    const padding = 'x'.repeat(300_000);
    // DynamoDB sorts the first of these before the second, JavaScript after it.
    const names = ['\uFFFD', '😀', 'a', 'b', 'ä', 'B'];
    await put(...names.map((name) => fan('ada', name, { padding })));
    await expect(store.followersAmong('ada', 0, ['😀', '\uFFFD', 'a', 'x'])).resolves.toEqual(
      new Set(['a', '\uFFFD', '😀']),
    );
    expect(tables.calls.length).toBeGreaterThan(1);
    await expect(store.followersAmong('ada', 0, [])).resolves.toEqual(new Set());
  });

  test.each([
    ['UUIDv7s', idAt],
    ['ULIDs', ulidAt],
  ])('the newest items by %s are those within the time to live, newest first, up to a number', async (_, id) => {
    const ids = [TTL_SECONDS * 1000 + 1, TTL_SECONDS * 1000, 2 * HOUR, HOUR, 0].map((age) => id(NOW - age));
    await put(...ids.map((each) => post('ada', each)), post('bob', ids[2]), post('ada', 'no-id'));
    await expect(store.newestArticles('ada', 9)).resolves.toEqual([ids[4], ids[3], ids[2]]);
    await expect(store.newestArticles('ada', 2)).resolves.toEqual([ids[4], ids[3]].slice(0, 2));
  });

  test('an author’s items that are too old for feeds are not all read', async () => {
    const ids = Array.from({ length: 250 }, (_, n) => idAt(NOW - TTL_SECONDS * 1000 - n * HOUR));
    await put(...ids.map((id) => post('ada', id)), post('ada', idAt(NOW)));
    await expect(store.newestArticles('ada', 1000)).resolves.toEqual([idAt(NOW)]);
    expect(tables.calls).toHaveLength(1);
  });

  test('of some items those are told that exist', async () => {
    const ids = [1, 2, 3].map((n) => idAt(NOW + n));
    await put(post('ada', ids[0]), post('bob', ids[1]), post('ada', ids[2]));
    await expect(store.articlesAmong('ada', ids)).resolves.toEqual(new Set([ids[0], ids[2]]));
  });
});

test('feeds are filled from tables whose names are of any kind, and nothing is written there', async () => {
  // Words that DynamoDB reserves, and no prefixes.
  source.items = {
    tableName: tables.accounts,
    partition: { attribute: 'PK', prefix: '' },
    sort: { attribute: 'SK', prefix: '' },
  };
  const [first, second] = [ulidAt(NOW - HOUR), ulidAt(NOW)];
  await tables.put(tables.accounts, [
    { PK: 'ada', SK: first },
    { PK: 'ada', SK: second },
  ]);
  await put(fan('ada', 'bob'), fan('ada', 'eve'));
  const queue: FeedMessage[] = [];
  const ports = {
    store,
    send: async (messages: readonly FeedMessage[]) => void queue.push(...messages),
    timeIsShort: () => false,
    readCap: 1000,
    ttlSeconds: TTL_SECONDS,
    pullAbove: 10_000,
    now: () => now,
  };
  const work = async (...messages: FeedMessage[]) => {
    queue.push(...messages);
    for (let message = queue.shift(); message; message = queue.shift()) await handleMessage(ports, message);
  };
  const rows = async () =>
    (await tables.items(tables.feed))
      .filter(({ PK }) => String(PK).startsWith('USER#'))
      .map(({ PK, SK }) => `${String(PK)} ${String(SK)}`)
      .sort();

  await work({ type: 'article-created', authorId: 'ada', articleId: second });
  await expect(rows()).resolves.toEqual([`USER#bob ${second}`, `USER#eve ${second}`]);
  await work({ type: 'followed', followee: 'ada', follower: 'bob' });
  await expect(rows()).resolves.toEqual([`USER#bob ${first}`, `USER#bob ${second}`, `USER#eve ${second}`].sort());

  await tables.delete(tables.social, [fan('ada', 'eve')]);
  await work({ type: 'unfollowed', followee: 'ada', follower: 'eve' });
  await tables.delete(tables.accounts, [{ PK: 'ada', SK: second }]);
  await work({ type: 'article-deleted', authorId: 'ada', articleId: second });
  await expect(rows()).resolves.toEqual([`USER#bob ${first}`]);
  const written = tables.calls.filter(({ operation }) => /Write|Put|Update|Delete/.test(operation));
  expect(written.length).toBeGreaterThan(0);
  expect(JSON.stringify(written)).not.toMatch(new RegExp(`"(${tables.social}|${tables.accounts})"`));
});
