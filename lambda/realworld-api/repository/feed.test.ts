import { FeedRepository } from './feed';
import { operations, type TestTables, useTestTables, weakReads } from '../../../test/support/engine';
import { userIdOf } from '../../../test/support/samples';
import { lowestIdAt } from '../../core/ids';
import { authoredKey, pulledKey } from '../../feed-fanout/keys';
import { FOLLOW } from '../../social-table/entities';
import { followKey, profileKey, timelineCountKey, timelineKey } from '../../social-table/keys';

const [ADA, BOB, EVE] = [1, 2, 3].map(userIdOf);
const NOW = Date.UTC(2026, 0, 1);
/** Ids of articles of a moment, one on each of four shards and more. */
const idAt = (time: number, n = 0) => lowestIdAt(time).replace(/.{2}$/, n.toString(16).padStart(2, '0'));

const CLOCKS = { now: () => NOW, elapsed: () => 0 };

let tables: TestTables;
let feed: FeedRepository;

useTestTables((fresh) => {
  tables = fresh;
  feed = new FeedRepository(tables, CLOCKS);
});
// What the worker has written may be read from any copy; the graph, and the list of pulled authors, may not.
afterEach(() => {
  const weak = weakReads(tables.calls).map(({ input }) => [input.TableName, keyOf(input)]);
  expect(weak.filter(([table, key]) => table !== tables.feed || !/^(USER|AUTHOR)#/.test(String(key)))).toEqual([]);
});
const keyOf = ({ ExpressionAttributeValues: values }: Record<string, unknown>) =>
  (values as { ':pk': { S: string } })[':pk'].S;

const row = (userId: string, articleId: string, expiresAt?: number) => ({
  PK: `USER#${userId}`,
  SK: articleId,
  authorId: BOB,
  ...(expiresAt === undefined ? {} : { expiresAt }),
});

test('rows of a feed come newest first, up to a number, and of that user alone', async () => {
  const ids = [1, 2, 3, 4].map((n) => idAt(NOW + n));
  await tables.put(tables.feed, [...ids.map((id) => row(ADA, id)), row(EVE, idAt(NOW + 9))]);
  const refs = (wanted: string[]) => wanted.map((articleId) => ({ articleId, authorId: BOB }));
  const page = { rows: refs([ids[3], ids[2], ids[1]]), next: ids[1] };
  await expect(feed.rows(ADA, { max: 3, now: NOW })).resolves.toEqual(page);
  await expect(feed.rows(ADA, { max: 3, now: NOW, before: ids[1] })).resolves.toEqual({ rows: refs([ids[0]]) });
  await expect(feed.rows(BOB, { max: 3, now: NOW })).resolves.toEqual({ rows: [] });
});

test('rows that have expired do not count, removed or not, and others take their places', async () => {
  const seconds = NOW / 1000;
  await tables.put(tables.feed, [
    row(ADA, idAt(NOW + 4), seconds),
    row(ADA, idAt(NOW + 3), seconds + 1),
    row(ADA, idAt(NOW + 2), seconds - 1000),
    row(ADA, idAt(NOW + 1)),
  ]);
  const found = await feed.rows(ADA, { max: 2, now: NOW + 500 });
  expect(found.rows.map(({ articleId }) => articleId)).toEqual([idAt(NOW + 3), idAt(NOW + 1)]);
});

test('follows are all of those whom a user follows, with their time, over any number of pages', async () => {
  const followees = Array.from({ length: 60 }, (_, n) => userIdOf(n + 10));
  // Rows of 20 KB: sixty of them are more than one page of a query.
  const createdAt = '2026-01-01T00:00:00.000Z';
  await tables.put(
    tables.social,
    followees.map((id) => ({ ...followKey(ADA, id), createdAt, padding: 'x'.repeat(20_000) })),
  );
  await tables.put(tables.social, [{ ...profileKey(ADA) }, { ...followKey(BOB, ADA), createdAt }]);
  const follows = await feed.follows(ADA, { consistent: true });
  expect(follows).toEqual(followees.map((followee) => ({ followee, createdAt, filledAt: undefined })));
  expect(operations(tables.calls).length).toBeGreaterThan(1);
});

test('a follow tells since when the feed has its articles', async () => {
  const createdAt = '2026-01-01T00:00:00.000Z';
  await tables.put(tables.social, [FOLLOW.item([ADA, BOB], { createdAt, filledAt: NOW })]);
  await expect(feed.follows(ADA, { consistent: true })).resolves.toEqual([{ followee: BOB, createdAt, filledAt: NOW }]);
});

test('articles since a moment are found on every shard, those of the moment itself too', async () => {
  const before = [0, 1, 2, 3].map((n) => idAt(NOW - 1, n));
  const since = [0, 1, 2, 3].map((n) => idAt(NOW + n, n));
  await tables.put(tables.social, [
    ...[...before, ...since].map((id) => ({ ...timelineKey(id, 4), authorId: BOB })),
    ...since.map((id) => ({ ...timelineCountKey(id, 4, 0), articlesCount: 2 })),
  ]);
  expect(new Set(since.map((id) => timelineKey(id, 4).PK)).size).toBe(4);
  const found = await new FeedRepository({ ...tables, shards: 4 }, CLOCKS).articlesSince(NOW);
  expect(found.map(({ articleId }) => articleId).sort()).toEqual(since);
  expect(found.every(({ authorId }) => authorId === BOB)).toBe(true);
});

test('articles of one author come newest first, up to a number and from an id on', async () => {
  const ids = [1, 2, 3, 4].map((n) => idAt(NOW + n));
  await tables.put(tables.feed, [
    ...ids.map((id) => authoredKey(BOB, id)),
    authoredKey(EVE, idAt(NOW + 9)),
    row(BOB, idAt(NOW + 8)),
  ]);
  const refs = (wanted: string[]) => wanted.map((articleId) => ({ articleId, authorId: BOB }));
  await expect(feed.articlesOf(BOB, lowestIdAt(0), 100)).resolves.toEqual(refs([...ids].reverse()));
  await expect(feed.articlesOf(BOB, lowestIdAt(0), 2)).resolves.toEqual(refs([ids[3], ids[2]]));
  await expect(feed.articlesOf(BOB, lowestIdAt(NOW + 3), 100)).resolves.toEqual(refs([ids[3], ids[2]]));
});

test('authors whose articles may be in nobody’s feed are those whose rows have not ended', async () => {
  const pulled = (authorId: string, expiresAt: number) => ({ ...pulledKey(authorId), expiresAt });
  await tables.put(tables.feed, [pulled(ADA, NOW / 1000 + 1), pulled(BOB, NOW / 1000), authoredKey(EVE, idAt(NOW))]);
  await expect(feed.pulled()).resolves.toEqual(new Set([ADA]));
});
