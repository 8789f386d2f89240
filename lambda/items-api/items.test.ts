import { createItem, deleteItem, getItem, type ItemQuery, listItems, updateItem } from './domain/items';
import type { ItemContent } from './domain/model';
import { ItemRepository } from './repository/items';
import { LOST, retryingClient, WireError } from '../../test/support/client';
import { operations } from '../../test/support/engine';
import { idAt, START, useItems } from '../../test/support/items-world';
import { newId } from '../core/ids';

const world = useItems();
const MINUTE = 60_000;

const create = (content: Partial<ItemContent> = {}) => createItem(world.ports, { name: 'Lamp', ...content });
const get = (id: string) => getItem(world.ports, id);
const update = (id: string, content: Partial<ItemContent>, versions?: number[]) =>
  updateItem(world.ports, id, { name: 'Lamp', ...content }, versions);
const remove = (id: string, versions?: number[]) => deleteItem(world.ports, id, versions);
const list = async (query: Partial<ItemQuery> = {}) => listItems(world.ports, { limit: 100, ...query });
const ids = async (query: Partial<ItemQuery> = {}) => (await list(query)).items.map(({ id }) => id);
const stored = () => world.tables.items(world.tables.social);

const NOT_FOUND = { statusCode: 404, messages: { error: ['There is no such item'] } };
const CHANGED = { statusCode: 412 };
const THROTTLED = new WireError('ProvisionedThroughputExceededException');

describe('a new item', () => {
  test('is there as it was made, at the time of its id', async () => {
    const item = await create({ description: 'Lights', category: 'home' });
    expect(item).toEqual({
      id: idAt(START, 1),
      name: 'Lamp',
      description: 'Lights',
      category: 'home',
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-01T00:00:00.000Z',
      version: 1,
    });
    expect(await get(item.id)).toEqual(item);
  });

  test('has the keys of the design: one partition of its own, and a place by category and time', async () => {
    const { id } = await create({ category: 'Electronics' });
    expect(await stored()).toEqual([
      expect.objectContaining({
        PK: `ITEM#${id}`,
        SK: 'ITEM',
        GSI1PK: 'ITEM#electronics#1',
        GSI1SK: `ITEM#2026-01-01T00:00:00.000Z#${id}`,
        GSI2PK: 'ITEMS#1',
        GSI2SK: `ITEM#2026-01-01T00:00:00.000Z#${id}`,
        entityType: 'Item',
      }),
    ]);
  });

  test('takes no other’s place: a key that is there is not overwritten', async () => {
    const item = await create();
    const again = { ...world.ports, newId: () => item.id };
    await expect(createItem(again, { name: 'Other' })).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
    });
    expect(await get(item.id)).toEqual(item);
  });

  test('whose write the SDK has sent twice is made once, and is no error', async () => {
    const { db, calls } = retryingClient(3, LOST, new WireError('ConditionalCheckFailedException'));
    const items = new ItemRepository({ db, items: 'items' });
    await expect(createItem({ items, newId }, { name: 'Lamp' })).resolves.toMatchObject({ name: 'Lamp' });
    expect(calls).toHaveLength(2);
  });

  test('is not taken for done where it was throttled and another of its id is there', async () => {
    const { db, calls } = retryingClient(3, THROTTLED, new WireError('ConditionalCheckFailedException'));
    const items = new ItemRepository({ db, items: 'items' });
    const error = { name: 'ConditionalCheckFailedException' };
    await expect(createItem({ items, newId }, { name: 'Lamp' })).rejects.toMatchObject(error);
    expect(calls).toHaveLength(2);
  });

  test('is spread over partitions of the indexes, whatever its category', async () => {
    for (let count = 0; count < 40; count++) await create({ category: 'home' });
    const places = (await stored()).map(({ GSI1PK, GSI2PK }) => [GSI1PK, GSI2PK]);
    expect(new Set(places.map(([category]) => category)).size).toBe(4);
    expect(new Set(places.map(([, all]) => all)).size).toBe(4);
  });
});

describe('an item that is not there', () => {
  test.each([
    ['was never made', newId()],
    ['is no id', 'none'],
    ['is a key', 'ITEM#1'],
    ['is long', 'x'.repeat(3000)],
    ['is nothing', ''],
  ])('as its id %s is not found, changed or deleted, and is not made by a change', async (_, id) => {
    await expect(get(id)).rejects.toMatchObject(NOT_FOUND);
    await expect(update(id, {})).rejects.toMatchObject(NOT_FOUND);
    await expect(update(id, {}, [1])).rejects.toMatchObject(NOT_FOUND);
    await expect(remove(id)).rejects.toMatchObject(NOT_FOUND);
    await expect(remove(id, [1])).rejects.toMatchObject(NOT_FOUND);
    expect(await stored()).toEqual([]);
  });
});

describe('a change', () => {
  test('replaces the whole content, in one call, and keeps what the item is', async () => {
    const made = await create({ description: 'Lights', category: 'home' });
    world.now += MINUTE;
    world.tables.calls.length = 0;
    const changed = await update(made.id, { name: 'Lantern', category: 'garden' });
    expect(operations(world.tables.calls)).toEqual(['UpdateItem']);
    expect(changed).toEqual({
      id: made.id,
      name: 'Lantern',
      category: 'garden',
      createdAt: made.createdAt,
      updatedAt: '2026-01-01T00:01:00.000Z',
      version: 2,
    });
    expect(await get(made.id)).toEqual(changed);
  });

  test('of the category moves it from one list to the other; of the name, both lists show it', async () => {
    const { id } = await create({ category: 'home' });
    await update(id, { category: 'garden' });
    expect([await ids({ category: 'home' }), await ids({ category: 'garden' }), await ids()]).toEqual([[], [id], [id]]);
    await update(id, { name: 'Lantern', category: 'garden' });
    for (const query of [{}, { category: 'garden' }]) {
      expect((await list(query)).items).toEqual([expect.objectContaining({ id, name: 'Lantern' })]);
    }
    await update(id, {});
    expect([await ids({ category: 'garden' }), await ids()]).toEqual([[], [id]]);
    await update(id, { category: 'home' });
    expect(await ids({ category: 'home' })).toEqual([id]);
  });

  test('leaves its place in the order of lists', async () => {
    const first = await create({ category: 'home' });
    world.now += MINUTE;
    const second = await create({ category: 'home' });
    world.now += MINUTE;
    await update(first.id, { name: 'Lantern', category: 'home' });
    expect(await ids({ category: 'home' })).toEqual([second.id, first.id]);
  });

  test('of a version that it no longer has changes nothing', async () => {
    const { id } = await create();
    const second = await update(id, { name: 'Second' }, [1]);
    await expect(update(id, { name: 'Lost' }, [1])).rejects.toMatchObject(CHANGED);
    await expect(update(id, { name: 'Lost' }, [])).rejects.toMatchObject(CHANGED);
    expect(await get(id)).toEqual(second);
    expect(await update(id, { name: 'Third' }, [7, 2])).toMatchObject({ version: 3 });
  });

  test('of two who read the same version, one is told of the other', async () => {
    const { id } = await create();
    const outcomes = await Promise.allSettled(['One', 'Other'].map((name) => update(id, { name }, [1])));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await get(id)).toMatchObject({ version: 2 });
  });

  test('by a clock that is behind is not before what it follows', async () => {
    const { id } = await create();
    world.now += MINUTE;
    const ahead = await update(id, { name: 'Ahead' });
    world.now -= 2 * MINUTE;
    world.tables.calls.length = 0;
    expect(await update(id, { name: 'Behind' })).toMatchObject({
      name: 'Behind',
      updatedAt: ahead.updatedAt,
      version: 3,
    });
    expect(operations(world.tables.calls)).toEqual(['UpdateItem', 'UpdateItem']);
  });

  test('of a version that comes after far more than DynamoDB takes in one condition is not changed', async () => {
    const { id } = await create();
    const versions = Array.from({ length: 500 }, (_, index) => 500 - index);
    await expect(update(id, {}, versions)).rejects.toMatchObject(CHANGED);
    await expect(remove(id, versions)).rejects.toMatchObject(CHANGED);
    expect(await get(id)).toMatchObject({ version: 1 });
  });

  test('of far more versions than DynamoDB takes in one condition is still one of them', async () => {
    const { id } = await create();
    const versions = Array.from({ length: 500 }, (_, index) => index + 1);
    world.tables.calls.length = 0;
    expect(await update(id, {}, versions)).toMatchObject({ version: 2 });
    const [{ input }] = world.tables.calls;
    expect(String(input.ConditionExpression).match(/:v\d+/g)).toHaveLength(100);
  });

  test('that the SDK has sent twice, and that was done, is done', async () => {
    const written = (name: string) => ({
      id: { S: idAt(START, 1) },
      name: { S: name },
      createdAt: { S: '2026-01-01T00:00:00.000Z' },
      updatedAt: { S: '2026-01-01T00:00:00.000Z' },
      version: { N: '2' },
    });
    for (const [name, first, expected] of [
      ['Own', LOST, 'fulfilled'],
      ['Own', THROTTLED, 'rejected'],
      ['Other', LOST, 'rejected'],
    ] as const) {
      const { db } = retryingClient(
        3,
        first,
        new WireError('ConditionalCheckFailedException', { Item: written(name) }),
      );
      const ports = { items: new ItemRepository({ db, items: 'items' }), now: () => START };
      const [outcome] = await Promise.allSettled([updateItem(ports, idAt(START, 1), { name: 'Own' }, [1])]);
      expect([name, first, outcome.status]).toEqual([name, first, expected]);
    }
  });
});

describe('a deletion', () => {
  test('leaves the item nowhere, and is told of the second time', async () => {
    const { id } = await create({ category: 'home' });
    await remove(id);
    expect([await stored(), await ids(), await ids({ category: 'home' })]).toEqual([[], [], []]);
    await expect(remove(id)).rejects.toMatchObject(NOT_FOUND);
  });

  test('of a version that it no longer has deletes nothing', async () => {
    const { id } = await create();
    await update(id, {});
    await expect(remove(id, [1])).rejects.toMatchObject(CHANGED);
    await expect(remove(id, [])).rejects.toMatchObject(CHANGED);
    expect(await get(id)).toMatchObject({ version: 2 });
    await remove(id, [2]);
    await expect(get(id)).rejects.toMatchObject(NOT_FOUND);
  });

  test('that the SDK has sent twice, and that was done, is done', async () => {
    const { db } = retryingClient(3, LOST, new WireError('ConditionalCheckFailedException'));
    await expect(deleteItem({ items: new ItemRepository({ db, items: 'items' }) }, newId())).resolves.toBeUndefined();
  });

  test('of what is not there is told so where the first attempt was throttled', async () => {
    const { db } = retryingClient(3, THROTTLED, new WireError('ConditionalCheckFailedException'));
    const items = new ItemRepository({ db, items: 'items' });
    await expect(deleteItem({ items }, newId())).rejects.toMatchObject(NOT_FOUND);
  });
});

describe('lists', () => {
  /** Three a minute, of two categories by turns and a third without one. */
  async function fill(count = 24) {
    const made = [];
    for (let index = 0; index < count; index++) {
      if (index % 3 === 0) world.now += MINUTE;
      made.push(await create({ category: ['home', 'garden', undefined][index % 3] }));
    }
    return made.reverse();
  }

  test('are newest first, of all or of a category, whatever its case', async () => {
    const made = await fill();
    expect(await ids()).toEqual(made.map(({ id }) => id));
    const home = made.filter(({ category }) => category === 'home').map(({ id }) => id);
    expect(await ids({ category: 'home' })).toEqual(home);
    expect(await ids({ category: 'HOME' })).toEqual(home);
    for (const category of ['hom', 'home#0', 'home#', 'ITEM#home', 'none']) {
      expect([category, await ids({ category })]).toEqual([category, []]);
    }
  });

  test('of equal times show each item once, page by page', async () => {
    for (let count = 0; count < 30; count++) await create({ category: 'home' });
    for (const limit of [1, 4, 7, 29, 30]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await list({ category: 'home', limit, cursor });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.next ?? undefined;
        if (cursor !== undefined) expect(page.items).toHaveLength(limit);
      } while (cursor !== undefined);
      expect(seen).toEqual(Array.from({ length: 30 }, (_, index) => idAt(START, 30 - index)));
    }
  });

  test('have a next page exactly where there is more', async () => {
    const made = await fill(6);
    const first = await list({ limit: 5 });
    expect(first.next).not.toBeNull();
    expect(await list({ limit: 5, cursor: first.next ?? '' })).toEqual({ items: [made[5]], next: null });
    expect((await list({ limit: 6 })).next).toBeNull();
    expect(await list({ limit: 6, category: 'none' })).toEqual({ items: [], next: null });
  });

  test('since a time have what was made then or later, and go on so', async () => {
    const made = await fill();
    for (const category of [undefined, 'home']) {
      const since = START + 5 * MINUTE;
      const expected = made
        .filter((item) => Date.parse(item.createdAt) >= since && (!category || item.category === category))
        .map(({ id }) => id);
      expect(expected.length).toBeGreaterThan(2);
      expect(await ids({ category, since })).toEqual(expected);
      expect((await ids({ category, since: since + 1 })).length).toBeLessThan(expected.length);
      const { next } = await list({ category, since, limit: 2 });
      expect(await ids({ category, since, cursor: next ?? '' })).toEqual(expected.slice(2));
    }
    expect(await ids({ since: world.now + 1 })).toEqual([]);
  });

  test('go on where they were, though items are made, changed and deleted in between', async () => {
    const made = await fill(9);
    const { next } = await list({ limit: 4 });
    world.now += MINUTE;
    await create();
    await update(made[6].id, { name: 'Changed' });
    await remove(made[3].id);
    expect(await ids({ cursor: next ?? '' })).toEqual(made.slice(4).map(({ id }) => id));
  });

  test('take no cursor of another list', async () => {
    await fill();
    const queries: Partial<ItemQuery>[] = [
      {},
      { category: 'home' },
      { category: 'garden' },
      { since: START },
      { category: 'home', since: START },
    ];
    const cursors = await Promise.all(queries.map(async (query) => (await list({ ...query, limit: 1 })).next ?? ''));
    for (const [at, query] of queries.entries()) {
      for (const [of, cursor] of cursors.entries()) {
        const asked = list({ ...query, cursor });
        await (at === of
          ? expect(asked).resolves.toBeDefined()
          : expect(asked).rejects.toMatchObject({
              statusCode: 400,
              messages: { cursor: ['is not a cursor of this list'] },
            }));
      }
    }
    // The same category, written otherwise.
    await expect(list({ category: 'Home', cursor: cursors[1] })).resolves.toBeDefined();
  });

  test('are right though all that is newest is in one partition', async () => {
    const numbers = Array.from({ length: 60 }, (_, index) => (index < 20 ? index : 20 + 4 * (index - 20)));
    for (const number of numbers) {
      await createItem({ ...world.ports, newId: () => idAt(START, number) }, { name: 'Lamp', category: 'home' });
    }
    const expected = numbers.map((number) => idAt(START, number)).reverse();
    for (const limit of [5, 20, 39, 45, 59]) {
      world.tables.calls.length = 0;
      const { items, next } = await list({ category: 'home', limit });
      expect(items.map(({ id }) => id)).toEqual(expected.slice(0, limit));
      expect(world.tables.calls.length).toBeLessThanOrEqual(5);
      expect(await ids({ category: 'home', cursor: next ?? '' })).toEqual(expected.slice(limit));
    }
  });

  test('read no more than twice of what they show, where items are spread as they are', async () => {
    for (let number = 0; number < 120; number++) await create({ category: 'home' });
    world.tables.calls.length = 0;
    expect((await list({ category: 'home', limit: 19 })).items).toHaveLength(19);
    expect(world.tables.calls.map(({ input }) => input.Limit)).toEqual([10, 10, 10, 10]);
  });

  test('beyond the time that they begin at ask nothing of DynamoDB, which would refuse it', async () => {
    world.tables.calls.length = 0;
    const filter = { since: START + MINUTE };
    expect(await world.ports.items.newest(filter, idAt(START, 1), 10)).toEqual([]);
    expect(world.tables.calls).toEqual([]);
    expect(await world.ports.items.newest({ since: START }, idAt(START, 1), 10)).toEqual([]);
  });
});
