import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import type { TableFacts } from './job';
import { TableRepository } from './table-repository';
import { startTestEngine, type TestEngine, type TestTables } from '../../../test/support/engine';
import { ARTICLES, type Attributes, textAt } from '../../../test/support/search-records';

let engine: TestEngine;
let tables: TestTables;
let table: TableRepository;
let facts: TableFacts;

beforeAll(async () => (engine = await startTestEngine()));
afterAll(() => engine.close());
beforeEach(async () => {
  tables = await engine.tables();
  table = new TableRepository(tables.db, tables.feed);
  facts = await table.facts();
});

const at = (n: number, more: Attributes = {}) => textAt(`a${n}`, n + 1, { PK: { S: `ARTICLE#a${n}` }, ...more });

async function put(items: readonly Attributes[]): Promise<void> {
  for (let start = 0; start < items.length; start += 25) {
    const writes = items.slice(start, start + 25).map((Item) => ({ PutRequest: { Item: Item as never } }));
    await tables.db.send(new BatchWriteItemCommand({ RequestItems: { [tables.feed]: writes } }));
  }
}

async function scanAll(source = ARTICLES) {
  const pages: { found: string[]; scanned: number }[] = [];
  for (let segment = 0; segment < facts.segments; segment++) {
    let position: string | undefined;
    do {
      const page = await table.scan({ segment, table: facts, source, position });
      pages.push({ found: page.found.map(({ image }) => image.articleId.S ?? ''), scanned: page.scanned });
      position = page.next;
    } while (position !== undefined);
  }
  return pages;
}

test('a table has at least four segments, and names its keys', () => {
  expect(facts).toEqual({ segments: 4, keys: ['PK', 'SK'], items: 0 });
});

test('segments together have every item once, of the wanted kinds, in pages that are read consistently', async () => {
  const others = Array.from({ length: 30 }, (_, n) => at(10_000 + n, { entityType: { S: 'Comment' } }));
  await put([...Array.from({ length: 120 }, (_, n) => at(n)), ...others]);
  const pages = await scanAll();
  expect(pages.flatMap(({ found }) => found).sort()).toEqual(Array.from({ length: 120 }, (_, n) => `a${n}`).sort());
  expect(pages.reduce((sum, { scanned }) => sum + scanned, 0)).toBe(150);
  const scans = tables.calls.filter(({ operation }) => operation === 'Scan');
  expect(scans.length).toBeGreaterThanOrEqual(4);
  expect(scans.every(({ input }) => input.ConsistentRead === true && input.TotalSegments === 4)).toBe(true);
});

test('without kinds of items every item is one', async () => {
  await put([at(1), at(2, { entityType: { S: 'Comment' } })]);
  const { entityTypes: _, entityTypeAttribute: __, ...all } = ARTICLES;
  expect((await scanAll(all)).flatMap(({ found }) => found).sort()).toEqual(['a1', 'a2']);
});

test('a scan goes on after a page of a thousand items', async () => {
  await put(Array.from({ length: 1_010 }, (_, n) => at(n)));
  facts = { ...facts, segments: 1 };
  expect((await scanAll()).map(({ scanned }) => scanned)).toEqual([1000, 10]);
});

test('items are read by key as they are, without those that are gone; bytes are base64 at any depth', async () => {
  const bytes = {
    tagList: { L: [{ B: new Uint8Array([1, 2]) as never }, { M: { x: { BS: [new Uint8Array([3]) as never] } } }] },
  };
  await put([at(1, bytes), at(2)]);
  const { found } = (
    await Promise.all([0, 1, 2, 3].map((segment) => table.scan({ segment, table: facts, source: ARTICLES })))
  ).reduce((all, page) => ({ ...all, found: [...all.found, ...page.found] }));
  await tables.delete(tables.feed, [{ PK: 'ARTICLE#a2', SK: 'TEXT' }]);
  const read = await table.read(
    found.map(({ key }) => key),
    facts,
    ARTICLES,
  );
  expect(read.map(({ image }) => image.articleId.S)).toEqual(['a1']);
  expect(read[0].image.tagList).toEqual({ L: [{ B: 'AQI=' }, { M: { x: { BS: ['Aw=='] } } }] });
  expect(read[0].image).not.toHaveProperty('description');
  const reads = tables.calls.filter(({ operation }) => operation === 'BatchGetItem');
  expect(JSON.stringify(reads[0].input)).toContain('"ConsistentRead":true');
});
