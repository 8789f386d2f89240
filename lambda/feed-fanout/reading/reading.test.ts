import { feedCursor, idOfCursor } from './cursor';
import { type TestTables, useTestTables } from '../../../test/support/engine';
import { lowestIdAt } from '../../core/ids';
import { authoredKey, feedKey, pulledKey } from '../keys';
import { feedReader, type FeedReader, InvalidCursor } from '../runtime/feed';

const NOW = Date.now();
const HOUR = 3_600_000;
const EXPIRES = Math.floor(NOW / 1000) + 3600;
/** Ascending by number. */
const idOf = (n: number) => lowestIdAt(NOW - HOUR + n);

let tables: TestTables;
let readFeed: FeedReader;

useTestTables((fresh) => {
  tables = fresh;
  readFeed = feedReader({ tableName: tables.feed, client: tables.db });
});

const row = (n: number, authorId: string, expiresAt = EXPIRES, userId = 'me') => ({
  ...feedKey(userId, idOf(n)),
  authorId,
  expiresAt,
});
const authored = (n: number, authorId: string, expiresAt = EXPIRES) => ({
  ...authoredKey(authorId, idOf(n)),
  expiresAt,
});
const pulled = (authorId: string, expiresAt = EXPIRES) => ({ ...pulledKey(authorId), expiresAt });
const put = (...items: Record<string, unknown>[]) => tables.put(tables.feed, items);
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
const numberOf = ({ id }: { readonly id: string }) => numbers(1000).findIndex((n) => idOf(n) === id);

/** All pages of a feed, as numbers. */
async function pages(follows: readonly string[], limit: number, reader = readFeed): Promise<number[][]> {
  const found: number[][] = [];
  let cursor: string | undefined;
  do {
    const page = await reader({ userId: 'me', follows, limit, cursor });
    found.push(page.items.map(numberOf));
    cursor = page.cursor;
  } while (cursor !== undefined && found.length < 100);
  return found;
}

describe('a feed', () => {
  test('has its rows, newest first, page by page, and says where there is more', async () => {
    await put(...numbers(7).map((n) => row(n, n % 2 ? 'ada' : 'bob')), row(9, 'ada', EXPIRES, 'another'));
    await expect(pages(['ada', 'bob'], 3)).resolves.toEqual([[6, 5, 4], [3, 2, 1], [0]]);
    await expect(readFeed({ userId: 'me', follows: ['ada', 'bob'], limit: 1 })).resolves.toEqual({
      items: [{ id: idOf(6), authorId: 'bob' }],
      cursor: expect.stringMatching(/^[\w-]{32}$/) as string,
    });
    await expect(pages(['ada', 'bob'], 7)).resolves.toEqual([[6, 5, 4, 3, 2, 1, 0]]);
  });

  test('is empty for who follows nobody, and for whom nobody has written', async () => {
    await put(row(1, 'ada'));
    await expect(readFeed({ userId: 'me', follows: [] })).resolves.toEqual({ items: [] });
    await expect(readFeed({ userId: 'new', follows: ['ada'] })).resolves.toEqual({ items: [] });
  });

  test('leaves out those who are not followed now and what has expired, and its pages are full all the same', async () => {
    await put(...numbers(300).map((n) => row(n, n % 50 ? 'gone' : 'ada', n === 100 ? EXPIRES - 7200 : EXPIRES)));
    await expect(pages(['ada'], 2)).resolves.toEqual([[250, 200], [150, 50], [0]]);
  });

  test('has the own lists of pulled authors laid over it, each item once', async () => {
    await put(pulled('star'), pulled('sun'), pulled('former', EXPIRES - 7200));
    await put(...[1, 4, 6].map((n) => row(n, 'ada')), row(2, 'star'));
    await put(...[0, 2, 5, 7, 8].map((n) => authored(n, 'star')), authored(9, 'sun'), authored(10, 'former'));
    await put(authored(11, 'star', EXPIRES - 7200));
    const expected = [
      [8, 7, 6],
      [5, 4, 2],
      [1, 0],
    ];
    await expect(pages(['ada', 'star', 'former'], 3)).resolves.toEqual(expected);
    await expect(pages(['ada', 'star', 'former'], 100)).resolves.toEqual([expected.flat()]);
    await expect(pages(['ada'], 9)).resolves.toEqual([[6, 4, 1]]);
  });

  test('is read from any copy, the list of pulled authors consistently and once a minute', async () => {
    await put(pulled('star'), row(1, 'ada'), authored(2, 'star'));
    await pages(['ada', 'star'], 5);
    expect(tables.calls.splice(0).map(({ input }) => input.ConsistentRead)).toEqual(
      expect.arrayContaining([true, false, false]),
    );
    await pages(['ada', 'star'], 5);
    expect(tables.calls.map(({ input }) => input.ConsistentRead)).toEqual([false, false]);
  });

  test('of many authors reads on wherever one has more', async () => {
    const stars = numbers(40).map((n) => `star-${n}`);
    await put(...stars.map((star) => pulled(star)));
    await put(...numbers(400).map((n) => authored(n, stars[n < 200 ? 0 : n % 40])));
    const found = await pages(stars, 100);
    expect(found.flat()).toEqual(numbers(400).reverse());
    expect(found.map(({ length }) => length)).toEqual([100, 100, 100, 100]);
  });
});

describe('items that are loaded', () => {
  const load = async (items: readonly { readonly id: string }[]) =>
    items.map((item) => (numberOf(item) % 3 === 0 ? undefined : { n: numberOf(item) }));

  test('that are gone leave no gaps', async () => {
    await put(...numbers(10).map((n) => row(n, 'ada')));
    const first = await readFeed({ userId: 'me', follows: ['ada'], limit: 4, load });
    expect(first.items).toEqual([8, 7, 5, 4].map((n) => ({ n })));
    const last = await readFeed({ userId: 'me', follows: ['ada'], limit: 4, cursor: first.cursor, load });
    expect(last).toEqual({ items: [2, 1].map((n) => ({ n })) });
  });

  test('must be as many as were asked for', async () => {
    await put(row(1, 'ada'));
    await expect(readFeed({ userId: 'me', follows: ['ada'], load: async () => [] })).rejects.toThrow(
      'load must answer 1 items or undefined, got: 0',
    );
  });
});

test('ten thousand rows of others end a page, and the next goes on after them', async () => {
  const others = numbers(10_050).map((n) => ({
    ...feedKey('me', lowestIdAt(NOW - HOUR + 1 + n)),
    authorId: 'gone',
    expiresAt: EXPIRES,
  }));
  await put(...others, row(0, 'ada'));
  const first = await readFeed({ userId: 'me', follows: ['ada'] });
  expect(first).toEqual({ items: [], cursor: expect.any(String) as string });
  const next = await readFeed({ userId: 'me', follows: ['ada'], cursor: first.cursor });
  expect(next).toEqual({ items: [{ id: idOf(0), authorId: 'ada' }] });
});

test.each([0, 101, 1.5, NaN])('a limit of %s is refused, and nothing is read', async (limit) => {
  await expect(readFeed({ userId: 'me', follows: ['ada'], limit })).rejects.toThrow(
    new RangeError(`limit must be an integer from 1 to 100, got: ${limit}`),
  );
  expect(tables.calls).toEqual([]);
});

describe('a cursor', () => {
  test.each([
    ['a UUIDv7', idOf(7)],
    ['a ULID', '01KDVDN6000123456789ABCDEF'],
    ['the lowest ULID', '0'.repeat(26)],
    ['the highest ULID', `7${'Z'.repeat(25)}`],
  ])('leads back to %s, for the same user', (_, id) => {
    const cursor = feedCursor('me', id);
    expect(idOfCursor('me', cursor)).toBe(id);
    expect(idOfCursor('another', cursor)).toBeUndefined();
  });

  test.each([['', 'no cursor', feedCursor('another', idOf(7))]])('that is none is refused', async (...texts) => {
    for (const cursor of texts) {
      await expect(readFeed({ userId: 'me', follows: ['ada'], cursor })).rejects.toThrow(InvalidCursor);
    }
    expect(tables.calls).toEqual([]);
  });
});
