import { PulledAuthors } from './pulled';
import { type TestTables, useTestTables } from '../../../test/support/engine';
import { userIdOf } from '../../../test/support/samples';
import { pulledKey } from '../keys';

const [ADA, BOB] = [1, 2].map(userIdOf);
const NOW = Date.UTC(2026, 0, 1);

let tables: TestTables;
let authors: PulledAuthors;
let now: number;
let elapsed: number;

useTestTables(async (fresh) => {
  tables = fresh;
  [now, elapsed] = [NOW, 7];
  authors = new PulledAuthors(tables, { now: () => now, elapsed: () => elapsed });
  await add(ADA);
});

const add = (authorId: string) => tables.put(tables.feed, [{ ...pulledKey(authorId), expiresAt: NOW / 1000 + 9999 }]);

test('the list is read once a minute, consistently, whoever is on it', async () => {
  await expect(authors.ids()).resolves.toEqual(new Set([ADA]));
  await add(BOB);
  now += 59_999;
  elapsed += 59_999;
  await expect(authors.ids()).resolves.toEqual(new Set([ADA]));
  expect(tables.calls.map(({ input }) => input.ConsistentRead)).toEqual([true]);
  now += 1;
  elapsed += 1;
  await expect(authors.ids()).resolves.toEqual(new Set([ADA, BOB]));
});

test.each([
  ['a sandbox was frozen for a minute', 60_000, 1],
  ['the clock was put back', -1, 1],
  ['the clock was put back while a minute passed', 0, 60_000],
])('the list is read again where %s', async (_, passed, ran) => {
  await authors.ids();
  await add(BOB);
  now += passed;
  elapsed += ran;
  await expect(authors.ids()).resolves.toEqual(new Set([ADA, BOB]));
});

test('the age of the list counts from before it was read', async () => {
  tables.before = () => {
    elapsed += 30_000;
  };
  await authors.ids();
  await add(BOB);
  elapsed += 30_000;
  await expect(authors.ids()).resolves.toEqual(new Set([ADA, BOB]));
});

test('a list that could not be read is not kept', async () => {
  tables.before = () => Promise.reject(new Error('no answer'));
  await expect(authors.ids()).rejects.toThrow('no answer');
  tables.before = () => undefined;
  await expect(authors.ids()).resolves.toEqual(new Set([ADA]));
});
