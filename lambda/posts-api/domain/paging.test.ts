import { type Ids, type Listing, nextCursorOf, pageOf, startOf } from './paging';
import { refusalOf } from '../../../test/support/samples';

/** A list of numbers, newest first: some of them can be shown, some of those after a second look. */
class Numbers implements Listing<string> {
  public readonly reads: number[] = [];
  public readonly looks: (readonly string[])[] = [];

  public constructor(
    private readonly count: number,
    private readonly shows: (id: number) => boolean = () => true,
    private readonly confirms: (id: number) => boolean = () => true,
    /** Whether the table says `more` where the last row was read: it may. */
    private readonly vague = false,
  ) {}

  public async newest(before: string | undefined, max: number): Promise<Ids> {
    this.reads.push(max);
    const top = before === undefined ? this.count : Number(before) - 1;
    const ids = Array.from({ length: Math.min(max, top) }, (_, index) => String(top - index));
    return { ids, more: top > max || (this.vague && ids.length === max) };
  }
  public async load(ids: readonly string[]): Promise<string[]> {
    return ids.filter((id) => this.shows(Number(id)));
  }
  public async confirm(candidates: readonly string[]): Promise<string[]> {
    this.looks.push(candidates);
    return candidates.filter((id) => this.confirms(Number(id)));
  }
  public readonly idOf = (id: string) => id;
}

const even = (id: number) => id % 2 === 0;

test('a page of rows that are all shown takes one read of one row more', async () => {
  const list = new Numbers(10);
  expect(await pageOf(list, 3, undefined)).toEqual({ items: ['10', '9', '8'], next: '8' });
  expect([list.reads, list.looks]).toEqual([[4], [['10', '9', '8', '7']]]);
});

test.each([
  [3, undefined],
  [4, '2'],
])('of %d rows, a page of three has the next at %p', async (count, next) => {
  for (const vague of [false, true]) {
    const page = await pageOf(new Numbers(count, undefined, undefined, vague), 3, undefined);
    expect(page).toEqual({ items: [count, count - 1, count - 2].map(String), next });
  }
});

test('rows that fall out are made up for from what follows, whenever they fall out', async () => {
  for (const list of [new Numbers(9, even), new Numbers(9, undefined, even)]) {
    expect(await pageOf(list, 2, undefined)).toEqual({ items: ['8', '6'], next: '6' });
    expect(await pageOf(list, 2, '6')).toEqual({ items: ['4', '2'], next: undefined });
    expect(list.reads).toEqual([3, 100, 3, 100]);
  }
});

test('there is no next page where all that follows falls out', async () => {
  const list = new Numbers(40, (id) => id > 38);
  expect(await pageOf(list, 2, undefined)).toEqual({ items: ['40', '39'], next: undefined });
});

test('what needs a second look is looked at once a page may be full, and once only', async () => {
  const list = new Numbers(30, even);
  await pageOf(list, 5, undefined);
  expect(list.reads).toEqual([6, 100]);
  expect(list.looks.flat()).toEqual([...new Set(list.looks.flat())]);
  expect(list.looks).toHaveLength(1);
});

test('a list that shows nothing ends a page after 500 rows more, and goes on from there', async () => {
  const list = new Numbers(10_000, (id) => id < 8_900 || id === 9_999);
  const first = await pageOf(list, 20, undefined);
  expect(first).toEqual({ items: ['9999'], next: String(10_000 - 21 - 500 + 1) });
  expect(list.reads).toEqual([21, 100, 100, 100, 100, 100]);
  const second = await pageOf(list, 20, first.next);
  expect(second).toEqual({ items: [], next: String(10_000 - 2 * 521 + 1) });
  expect((await pageOf(list, 20, second.next)).items).toHaveLength(20);
});

test('an empty list is one empty page', async () => {
  expect(await pageOf(new Numbers(0), 20, undefined)).toEqual({ items: [], next: undefined });
});

describe('the cursor', () => {
  const ID = '01900000-0007-7000-8000-200000000007';
  const page = { items: [], next: ID };

  test('leads to where the page before has ended, and is null where nothing follows', () => {
    const cursor = nextCursorOf(['list', 'ada'], page) ?? '';
    expect(startOf(['list', 'ada'], { limit: 1, cursor })).toBe(ID);
    expect(startOf(['list', 'ada'], { limit: 1 })).toBeUndefined();
    expect(nextCursorOf(['list', 'ada'], { items: [] })).toBeNull();
  });

  test('of another list is bad input', async () => {
    const cursor = nextCursorOf(['list', 'ada'], page) ?? '';
    for (const text of [cursor, '', ID]) {
      const refused = await refusalOf(() => startOf(['list', 'bob'], { limit: 1, cursor: text }));
      expect(refused).toMatchObject({ status: 400, errors: { invalid_request: expect.any(Array) } });
    }
  });
});
