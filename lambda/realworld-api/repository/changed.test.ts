import { changedRow, changedSince, tellChanged } from './changed';
import type { Tables } from './tables';
import { startTestEngine, type TestEngine, type TestTables, weakReads } from '../../../test/support/engine';
import { articleIdOf, userIdOf } from '../../../test/support/samples';

const NOW = Date.UTC(2026, 0, 1);
const iso = (time: number) => new Date(time).toISOString();

let engine: TestEngine;
let tables: TestTables;

beforeAll(async () => (engine = await startTestEngine()));
afterAll(() => engine.close());
beforeEach(async () => (tables = await engine.tables()));
afterEach(() => expect(weakReads(tables.calls)).toEqual([]));

const tell = (count: number, on: Tables = tables) =>
  tables.put(
    tables.social,
    Array.from({ length: count }, (_, n) => changedRow(on, articleIdOf(n), iso(NOW + n))),
  );

test('changes are known from their moment on, of articles and of users', async () => {
  await tellChanged(tables, articleIdOf(1), iso(NOW));
  await tellChanged(tables, userIdOf(2), iso(NOW + 5));
  await tellChanged(tables, userIdOf(2), iso(NOW + 5));
  expect(await changedSince(tables, NOW)).toEqual(new Set([articleIdOf(1), userIdOf(2)]));
  expect(await changedSince(tables, NOW + 1)).toEqual(new Set([userIdOf(2)]));
  expect(await changedSince(tables, NOW + 6)).toEqual(new Set());
});

test('a quiet site pays one unit to know that nothing changed, one that writes much no more than four', async () => {
  await changedSince(tables, NOW);
  expect(tables.readUnits).toBe(1);
  await tell(500);
  tables.readUnits = 0;
  await changedSince(tables, NOW);
  expect(tables.readUnits).toBeLessThanOrEqual(4);
});

test('where there are more changes than are read, anything may have changed', async () => {
  await tell(99);
  const known = await changedSince(tables, NOW);
  expect([known.has(articleIdOf(98)), known.has(articleIdOf(99))]).toEqual([true, false]);
  await tell(101);
  const unknown = await changedSince(tables, NOW);
  expect([articleIdOf(0), articleIdOf(100), articleIdOf(5000), userIdOf(1)].map((id) => unknown.has(id))).toEqual(
    Array.from({ length: 4 }, () => true),
  );
});

test('more shards than there were still know of what was told before', async () => {
  await tell(20);
  const many = { ...tables, shards: 4 };
  await tell(40, many);
  expect(await changedSince(many, NOW)).toEqual(new Set(Array.from({ length: 40 }, (_, n) => articleIdOf(n))));
  const partitions = new Set((await tables.items(tables.social)).map(({ PK }) => PK));
  expect([...partitions].sort()).toEqual([0, 1, 2, 3].map((shard) => `CHANGED#${shard}`));
});
