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

test('a quiet site pays one unit to know that nothing changed, one that writes much no more than three', async () => {
  await changedSince(tables, NOW);
  expect(tables.readUnits).toBe(1);
  await tell(500);
  tables.readUnits = 0;
  const newest = Array.from({ length: 100 }, (_, n) => articleIdOf(499 - n));
  expect(await changedSince(tables, NOW)).toEqual(new Set(newest));
  expect(tables.readUnits).toBeLessThanOrEqual(4);
});

test('more shards than there were still know of what was told before', async () => {
  await tell(20);
  const many = { ...tables, shards: 4 };
  await tell(40, many);
  expect((await changedSince(many, NOW)).size).toBe(40);
  const partitions = new Set((await tables.items(tables.social)).map(({ PK }) => PK));
  expect([...partitions].sort()).toEqual([0, 1, 2, 3].map((shard) => `CHANGED#${shard}`));
});
