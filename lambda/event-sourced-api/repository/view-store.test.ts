import { DynamoViewStore } from './view-store';
import { startTestEngine, type TestEngine, type TestTables } from '../../../test/support/engine';
import type { ViewRow } from '../domain/ports';

/** Two who write the row of one aggregate: the projector and a rebuild, each by what it has read. */

let engine: TestEngine;
let tables: TestTables;
let views: DynamoViewStore;

beforeAll(async () => (engine = await startTestEngine()));
afterAll(() => engine.close());
beforeEach(async () => {
  tables = await engine.tables();
  views = new DynamoViewStore({ db: tables.db, table: tables.feed });
});

const rowOf = (revision: number, position: number, lists: ViewRow['lists']): ViewRow => ({
  ...{ id: 'c1', revision, position, lists, owner: 'ann', updatedAt: '2026-11-22T12:00:00.000Z' },
  ...{ projectionVersion: 1, data: { id: 'c1', version: position } },
});
const stored = async () => (await views.rows([{ view: 'claims', id: 'c1' }]))[0];

describe.each<[string, (value: string) => ViewRow['lists']]>([
  ['in a list', (value) => ({ byStatus: { value, sort: 'a' } })],
  ['in no list', () => ({})],
])('a row %s', (_, lists) => {
  const first = rowOf(1, 1, lists('OPEN'));

  test('is made once', async () => {
    expect(await views.put('claims', first, undefined)).toBe(true);
    expect(await views.put('claims', rowOf(1, 2, lists('PAID')), undefined)).toBe(false);
    expect(await stored()).toMatchObject({ position: 1, revision: 1 });
  });

  test.each([
    ['that is of an earlier version', 1],
    ['of the same version', 2],
    ['that is of a later one', 3],
  ])('is not overwritten by who has read it before, with a row %s', async (_what, position) => {
    await views.put('claims', first, undefined);
    expect(await views.put('claims', rowOf(2, 2, lists('SUBMITTED')), first)).toBe(true);
    const before = await tables.items(tables.feed);
    expect(await views.put('claims', rowOf(2, position, lists('PAID')), first)).toBe(false);
    expect(await tables.items(tables.feed)).toEqual(before);
    expect(await views.put('claims', rowOf(3, 3, lists('PAID')), await stored())).toBe(true);
    expect(await stored()).toMatchObject({ position: 3, revision: 3 });
  });
});
