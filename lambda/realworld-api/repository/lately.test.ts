import { changedRow, tellChanged } from './changed';
import { changedSince, latelySince } from './lately';
import type { Tables } from './tables';
import { operations, type TestTables, useTestTables, weakReads } from '../../../test/support/engine';
import { articleIdOf, userIdOf } from '../../../test/support/samples';
import { TOMBSTONE } from '../../social-table/entities';
import { tombstoneKey } from '../../social-table/keys';
import { type Changes, type LatelySince, unsettledSince } from '../domain/settling';

const NOW = Date.UTC(2026, 0, 1);
const iso = (time: number) => new Date(time).toISOString();

let tables: TestTables;

useTestTables((fresh) => void (tables = fresh));
afterEach(() => expect(weakReads(tables.calls)).toEqual([]));

const tell = (count: number, on: Tables = tables) =>
  tables.put(
    tables.social,
    Array.from({ length: count }, (_, n) => changedRow(on, articleIdOf(n), iso(NOW + n))),
  );

/** Articles from 10,000 on, so many milliseconds after `NOW`. */
const bury = (count: number, on: Tables = tables) =>
  tables.put(
    tables.social,
    Array.from({ length: count }, (_, n) => {
      const articleId = articleIdOf(10_000 + n);
      return TOMBSTONE.item([articleId, iso(NOW + n), on.shards], {
        articleId,
        authorId: userIdOf(1),
        expiresAt: NOW / 1000,
      });
    }),
  );
const buried = (from: number, to: number) =>
  new Set(Array.from({ length: to - from }, (_, n) => articleIdOf(10_000 + from + n)));

const ALL = [...Array.from({ length: 50 }, (_, n) => articleIdOf(n)), userIdOf(1), userIdOf(2)];
const toldOf = (changed: Changes) => ALL.filter((id) => changed.has(id));

test('changes are known from their moment on, of articles and of users', async () => {
  await tellChanged(tables, articleIdOf(1), iso(NOW));
  await tellChanged(tables, userIdOf(2), iso(NOW + 5));
  await tellChanged(tables, userIdOf(2), iso(NOW + 5));
  await bury(3);
  for (const [since, ids] of [
    [NOW, [articleIdOf(1), userIdOf(2)]],
    [NOW + 1, [userIdOf(2)]],
    [NOW + 6, []],
  ] as const) {
    expect(toldOf(await changedSince(tables, since))).toEqual(ids);
    const { changed } = await latelySince(tables, { changed: since, deleted: NOW + 10 });
    expect(toldOf(changed)).toEqual(ids);
  }
});

test('deletions are known from a moment of their own on, with the changes in one call', async () => {
  await bury(3);
  await tell(3);
  const { deleted, changed } = await latelySince(tables, { deleted: NOW + 1, changed: NOW + 2 });
  expect(deleted).toEqual(buried(1, 3));
  expect(toldOf(changed)).toEqual([articleIdOf(2)]);
  expect(operations(tables.calls)).toEqual(['Query']);
});

test('a quiet site pays one unit to know that nothing happened, one that writes much no more than nine', async () => {
  await latelySince(tables, { deleted: NOW, changed: NOW });
  expect(tables.readUnits).toBe(1);
  await tell(500);
  for (const [most, read] of [
    [9, () => changedSince(tables, NOW)],
    [9, () => latelySince(tables, { deleted: NOW, changed: NOW })],
    [1, () => changedSince(tables, NOW, 35)],
  ] as const) {
    tables.readUnits = 0;
    await read();
    expect(tables.readUnits).toBeLessThanOrEqual(most);
  }
});

/** Of what `tell` and `bury` wrote, of others, and of users. */
const SOME = [articleIdOf(0), articleIdOf(298), articleIdOf(299), articleIdOf(5_000), userIdOf(1)];

test('where there are more changes than are read, anything may have changed', async () => {
  await tell(299);
  const known = await changedSince(tables, NOW);
  expect(SOME.map((id) => known.has(id))).toEqual([true, true, false, false, false]);
  expect(SOME.map((id) => known.since?.(id, NOW + 298))).toEqual([false, true, false, false, false]);
  await tell(301);
  const unknown = await changedSince(tables, NOW);
  expect(SOME.map((id) => unknown.has(id))).toEqual([true, true, true, true, true]);
  // What was read is known all the same.
  expect(SOME.map((id) => unknown.since?.(id, NOW + 2))).toEqual([false, true, true, false, false]);
});

test.each([
  [0, ['Query']],
  [1, ['Query', 'Query']],
  [400, ['Query', 'Query']],
  [1_200, ['Query', 'Query', 'Query']],
])('behind %d deletions some hundred changes are known, or that there are more', async (deletions, calls) => {
  await bury(deletions);
  await tell(299);
  const { deleted, changed } = await latelySince(tables, { deleted: NOW, changed: NOW });
  expect(deleted).toEqual(buried(0, deletions));
  expect(SOME.map((id) => changed.has(id))).toEqual([true, true, false, false, false]);
  expect(operations(tables.calls)).toEqual(calls);
  await tell(1_000);
  const { deleted: again, changed: unknown } = await latelySince(tables, { deleted: NOW, changed: NOW });
  expect(again).toEqual(buried(0, deletions));
  expect(SOME.map((id) => unknown.has(id))).toEqual([true, true, true, true, true]);
});

test('of ten thousand deletions and more the newest are known, and the changes', async () => {
  await bury(10_002);
  await tell(2);
  const { deleted, changed } = await latelySince(tables, { deleted: NOW, changed: NOW });
  expect(deleted).toEqual(buried(2, 10_002));
  expect(toldOf(changed)).toEqual([0, 1].map(articleIdOf));
});

/** Rows where tombstones are, as somebody may put them who may put changes alone. */
const forge = (rows: readonly { readonly articleId: string; readonly at: number }[]) => {
  const { expiresAt } = changedRow(tables, articleIdOf(1), iso(NOW));
  const changed = { entityType: 'Changed', expiresAt };
  return tables.put(
    tables.social,
    rows.map(({ articleId, at }) => ({ ...tombstoneKey(articleId, iso(at), 1), ...changed })),
  );
};

test('who may tell of changes alone cannot make an article look deleted', async () => {
  await forge([{ articleId: articleIdOf(1), at: NOW }]);
  const { deleted } = await latelySince(tables, { deleted: NOW, changed: NOW });
  expect(deleted).toEqual(new Set());
});

test('what is put over a tombstone still says that it is not to be shown as it was', async () => {
  await bury(2);
  await forge([{ articleId: articleIdOf(10_001), at: NOW + 1 }]);
  const { deleted, changed } = await latelySince(tables, { deleted: NOW, changed: NOW });
  expect(deleted).toEqual(buried(0, 1));
  const known = (moment: number) => [0, 1, 2].map((n) => changed.since?.(articleIdOf(10_000 + n), moment));
  expect(known(NOW + 1)).toEqual([false, true, false]);
  expect(known(NOW + 2)).toEqual([false, false, false]);
});

test('a row whose time cannot be read tells of a change all the same', async () => {
  await tell(1);
  const [row] = await tables.items(tables.social);
  await tables.put(tables.social, [{ ...row, SK: `${String(row.SK)}#x#${articleIdOf(2)}` }]);
  const changed = await changedSince(tables, NOW);
  expect([1, 2, 3].map((n) => changed.has(articleIdOf(n)))).toEqual([false, true, false]);
  expect(changed.since?.(articleIdOf(2), NOW + 40_000)).toBe(true);
});

describe('what says that it is from ahead', () => {
  /** Of a reader who asks for what is unsettled. */
  const SINCE = { changed: unsettledSince(NOW), deleted: NOW - 175_000 };
  const tellAt = (ids: readonly string[], at: number) =>
    tables.put(
      tables.social,
      ids.map((id) => changedRow(tables, id, iso(at))),
    );
  const [SOON, AHEAD, TRUE] = [1, 2, 3].map(articleIdOf);
  const BOTH = [
    ['alone', async (since: LatelySince) => changedSince(tables, since.changed)],
    ['with deletions', async (since: LatelySince) => (await latelySince(tables, since)).changed],
  ] as const;

  test.each(BOTH)('is no change until its time has come: read %s', async (_, read) => {
    await tellAt([SOON], NOW + 30_000);
    await tellAt([AHEAD], NOW + 30_001);
    expect(toldOf(await read(SINCE))).toEqual([SOON]);
    expect(toldOf(await read({ ...SINCE, changed: SINCE.changed + 1 }))).toEqual([SOON, AHEAD]);
  });

  test.each(BOTH)('keeps nobody from knowing what has changed, however much it is: read %s', async (_, read) => {
    await bury(3);
    await tellAt([TRUE], NOW);
    await tellAt(
      Array.from({ length: 1_500 }, (__, n) => articleIdOf(100 + n)),
      NOW + 86_400_000,
    );
    const known = await read(SINCE);
    expect(toldOf(known)).toEqual([TRUE]);
    expect(known.since?.(articleIdOf(100), NOW + 86_400_000)).toBe(false);
    expect((await latelySince(tables, SINCE)).deleted).toEqual(buried(0, 3));
  });

  test('is a deletion all the same where it is one', async () => {
    const gone = { articleId: AHEAD, authorId: userIdOf(1), expiresAt: NOW };
    await tables.put(tables.social, [TOMBSTONE.item([AHEAD, iso(NOW + 86_400_000), tables.shards], gone)]);
    await forge([{ articleId: TRUE, at: NOW + 86_400_000 }]);
    const { deleted, changed } = await latelySince(tables, SINCE);
    expect(deleted).toEqual(new Set([AHEAD]));
    expect(toldOf(changed)).toEqual([]);
  });

  test('hides no deletion, nor is it a change, where it was put among deletions', async () => {
    await bury(3);
    await tell(2);
    await forge(Array.from({ length: 12_000 }, (_, n) => ({ articleId: articleIdOf(n), at: NOW + 86_400_000 })));
    tables.readUnits = 0;
    const { deleted, changed } = await latelySince(tables, SINCE);
    expect(deleted).toEqual(buried(0, 3));
    expect(toldOf(changed)).toEqual([articleIdOf(0), articleIdOf(1)]);
    expect(changed.since?.(articleIdOf(2), NOW)).toBe(false);
    expect(tables.readUnits).toBeLessThanOrEqual(60);
  });
});

test('more shards than there were still know of what was told before', async () => {
  await tell(20);
  await bury(20);
  const many = { ...tables, shards: 4 };
  await tell(40, many);
  await bury(40, many);
  const { deleted, changed } = await latelySince(many, { deleted: NOW, changed: NOW });
  expect(deleted.size).toBe(40);
  expect(toldOf(changed)).toEqual(Array.from({ length: 40 }, (_, n) => articleIdOf(n)));
  const partitions = new Set((await tables.items(tables.social)).map(({ PK }) => PK));
  expect([...partitions].sort()).toEqual([0, 1, 2, 3].map((shard) => `RECENT#${shard}`));
});
