import { PutCommand, type PutCommandInput } from '@aws-sdk/lib-dynamodb';
import { ITEM_BYTES, itemSize } from './item-size';
import type { Item } from './items';
import { startTestEngine, type TestEngine, type TestTables } from '../../../test/support/engine';

let engine: TestEngine;
let tables: TestTables;
beforeAll(async () => {
  engine = await startTestEngine();
  tables = await engine.tables();
});
afterAll(() => engine.close());

describe('the size of an item', () => {
  test.each<[string, number, Item]>([
    ['names and texts in UTF-8', 2 + 1 + 7 + 5, { PK: 'a', größe: 'süß' }],
    ['one byte for null and each boolean', 2 + 2 + 2, { a: null, b: true, c: false }],
    ['bytes as they are', 1 + 3, { a: new Uint8Array(3) }],
    ['three for a list or a map without elements', 1 + 3 + 1 + 3, { a: [], b: {} }],
    ['one more for each element', 1 + 3 + 1 + 1 + 1 + 1, { a: ['x', 'y'] }],
    ['and for those of a map, their names', 1 + 3 + 1 + 2 + 1, { a: { bc: 'x' } }],
    ['the same for a map of JavaScript', 1 + 3 + 1 + 2 + 1, { a: new Map([['bc', 'x']]) }],
    ['nothing for what is not written', 1 + 1 + 1 + 3, { a: 'x', b: undefined, c: { d: undefined } }],
    ['two digits a byte, and one for the exponent', 1 + 3 + 1 + 3, { a: 123, b: 12 }],
    ['no zeros that say nothing', 1 + 2 + 1 + 2, { a: 1000, b: 0.0001 }],
    ['one more for a sign', 1 + 3, { a: -5 }],
    ['one for zero', 1 + 1, { a: 0 }],
  ])('has %s', (_, bytes, item) => {
    expect(itemSize(item)).toBe(bytes);
  });
});

describe('at the edge of 400 KB', () => {
  const key = { PK: 'EDGE', SK: 'EDGE' };
  const put = (item: PutCommandInput['Item']) =>
    tables.db.send(new PutCommand({ TableName: tables.social, Item: item }));
  /** Filled up to a size. */
  const sized = (item: Item, bytes: number) => ({ ...item, text: 'x'.repeat(bytes - itemSize({ ...item, text: '' })) });

  test('DynamoDB takes the largest item, and none that has a byte more', async () => {
    await expect(put(sized(key, ITEM_BYTES))).resolves.toBeDefined();
    await expect(put(sized(key, ITEM_BYTES + 1))).rejects.toThrow('Item size has exceeded the maximum allowed size');
  });

  test.each<[string, () => unknown]>([
    ['numbers of every length', () => (Math.random() - 0.5) * 10 ** (Math.random() * 35 - 20)],
    ['whole numbers', () => Math.floor(Math.random() * 10 ** (Math.random() * 15))],
    ['categories', () => ({ id: `category ${Math.random()}`, score: Math.random() })],
    ['lists in maps in lists', () => [{ a: [null, true, { b: 'é'.repeat(9), c: [] }], d: {} }]],
  ])('it takes what is no larger by this reckoning: %s', async (_, make) => {
    // What a list of 1,000 leaves is filled up: each of its elements may be off by some bytes, and none too small.
    const list = Array.from({ length: 1000 }, make);
    await expect(put(sized({ ...key, list }, ITEM_BYTES))).resolves.toBeDefined();
  });
});
