import { TagRepository } from './tags';
import { startTestEngine, type TestEngine, type TestTables, operations, weakReads } from '../../../test/support/engine';
import { articleIdOf as tagIdOf, userIdOf } from '../../../test/support/samples';
import { DELETED_USER } from '../../social-table/post-entities';
import { publicTagKey, tagKey, userTagKey } from '../../social-table/post-keys';
import type { Tag } from '../domain/model';

const [ADA, BOB] = [1, 2].map(userIdOf);
const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-01T00:01:00.000Z';

let engine: TestEngine;
let tables: TestTables;
let tags: TagRepository;

beforeAll(async () => (engine = await startTestEngine()));
afterAll(() => engine.close());
beforeEach(async () => {
  tables = await engine.tables();
  tags = new TagRepository(tables);
});
afterEach(() => expect(weakReads(tables.calls)).toEqual([]));

const tagOf = (number: number, given: Partial<Tag> = {}): Tag => ({
  tagId: tagIdOf(number),
  ownerId: ADA,
  name: `Tag ${number}`,
  accessType: 'public',
  createdAt: AT,
  updatedAt: AT,
  version: 1,
  ...given,
});
async function create(...made: readonly Tag[]) {
  for (const tag of made) {
    expect(await tags.create(tag)).toBe('done');
  }
  tables.calls.length = 0;
}
const keys = async () => (await tables.items(tables.social)).map(({ PK, SK }) => ({ PK, SK }));
const numbersOf = (ids: readonly string[]) => ids.map((id) => parseInt(id.slice(-10), 16));

describe('a new tag', () => {
  test('is one transaction: the tag, its owner’s edge, and the public one where it is public', async () => {
    await create(tagOf(1), tagOf(2, { accessType: 'private' }));
    expect(await tags.get(tagIdOf(1))).toEqual(tagOf(1));
    expect(await tags.get(tagIdOf(2))).toEqual(tagOf(2, { accessType: 'private' }));
    expect(await tags.get(tagIdOf(3))).toBeUndefined();
    const expected = [
      ...[1, 2].flatMap((number) => [tagKey(tagIdOf(number)), userTagKey(ADA, tagIdOf(number))]),
      publicTagKey(tagIdOf(1)),
    ];
    expect(await keys()).toHaveLength(expected.length);
    expect(await keys()).toEqual(expect.arrayContaining(expected));
  });

  test('of a deleted user is not made', async () => {
    await tables.put(tables.social, [DELETED_USER.item([ADA], { userId: ADA, username: 'ada', expiresAt: 1 })]);
    expect(await tags.create(tagOf(1))).toBe('owner-gone');
    expect(await keys()).toHaveLength(1);
    expect(await tags.create(tagOf(1, { ownerId: BOB }))).toBe('done');
  });

  test('takes nobody else’s place', async () => {
    await create(tagOf(1));
    await expect(tags.create(tagOf(1, { ownerId: BOB }))).rejects.toThrow('tag ConditionalCheckFailed');
    expect(await tags.get(tagIdOf(1))).toEqual(tagOf(1));
  });
});

describe('a change', () => {
  const next = (before: Tag, given: Partial<Tag>): Tag => ({
    ...before,
    ...given,
    updatedAt: LATER,
    version: before.version + 1,
  });

  test('of the name alone is one plain write', async () => {
    await create(tagOf(1));
    const renamed = next(tagOf(1), { name: 'Renamed' });
    expect(await tags.update(tagOf(1), renamed)).toBe('done');
    expect(operations(tables.calls)).toEqual(['UpdateItem']);
    expect(await tags.get(tagIdOf(1))).toEqual(renamed);
    expect(await tables.item(tables.social, publicTagKey(tagIdOf(1)))).toBeDefined();
  });

  test('of the access type writes or removes the public edge with it', async () => {
    await create(tagOf(1));
    const hidden = next(tagOf(1), { accessType: 'private' });
    expect(await tags.update(tagOf(1), hidden)).toBe('done');
    expect(await tables.item(tables.social, publicTagKey(tagIdOf(1)))).toBeUndefined();
    const shown = next(hidden, { accessType: 'public', name: 'Shown' });
    expect(await tags.update(hidden, shown)).toBe('done');
    expect(await tables.item(tables.social, publicTagKey(tagIdOf(1)))).toBeDefined();
    expect(await tags.get(tagIdOf(1))).toEqual(shown);
    expect(operations(tables.calls).filter((name) => name === 'TransactWriteItems')).toHaveLength(2);
  });

  test('of what is not any more what it was changes nothing', async () => {
    await create(tagOf(1));
    const renamed = next(tagOf(1), { name: 'Renamed' });
    await tags.update(tagOf(1), renamed);
    for (const given of [{ name: 'Other' }, { accessType: 'private' as const }]) {
      expect(await tags.update(tagOf(1), next(tagOf(1), given))).toBe('changed');
    }
    expect(await tags.get(tagIdOf(1))).toEqual(renamed);
    expect(await tables.item(tables.social, publicTagKey(tagIdOf(1)))).toBeDefined();
  });

  test('of what is gone makes nothing', async () => {
    for (const given of [{ name: 'Other' }, { accessType: 'private' as const }]) {
      expect(await tags.update(tagOf(1), next(tagOf(1), given))).toBe('changed');
    }
    expect(await keys()).toEqual([]);
  });
});

describe('a deletion', () => {
  test('leaves neither the tag nor an edge to it', async () => {
    await create(tagOf(1), tagOf(2, { accessType: 'private' }));
    for (const number of [1, 2]) {
      expect(await tags.delete(tagOf(number))).toBe('done');
      expect(await tags.delete(tagOf(number))).toBe('gone');
    }
    expect(await keys()).toEqual([]);
  });

  test('removes the public edge of a tag that was private when it was read', async () => {
    await create(tagOf(1));
    expect(await tags.delete(tagOf(1, { accessType: 'private', version: 0 }))).toBe('done');
    expect(await keys()).toEqual([]);
  });
});

describe('lists', () => {
  const PUBLIC = ['public'] as const;
  const ADAS = [{ ownerId: ADA }];
  const ALL = [...PUBLIC, ...ADAS];

  beforeEach(() =>
    create(
      ...Array.from({ length: 12 }, (_, index) =>
        tagOf(index + 1, {
          ownerId: index % 3 === 0 ? ADA : BOB,
          accessType: index % 2 === 0 ? 'public' : 'private',
        }),
      ),
    ),
  );

  test('merge shards and the owner’s, newest first, each once', async () => {
    const { ids, more } = await tags.newest(ALL, undefined, 20);
    expect([numbersOf(ids), more]).toEqual([[11, 10, 9, 7, 5, 4, 3, 1], false]);
    expect(operations(tables.calls)).toEqual(Array(5).fill('Query'));
    expect(numbersOf((await tags.newest(PUBLIC, undefined, 20)).ids)).toEqual([11, 9, 7, 5, 3, 1]);
    expect(numbersOf((await tags.newest(ADAS, undefined, 20)).ids)).toEqual([10, 7, 4, 1]);
  });

  test('go on below any id, and say whether others follow', async () => {
    for (const max of [1, 2, 3, 7]) {
      const walked: number[] = [];
      let before: string | undefined;
      for (;;) {
        const { ids, more } = await tags.newest(ALL, before, max);
        walked.push(...numbersOf(ids));
        before = ids[ids.length - 1] ?? before;
        if (!more) break;
        expect(ids).toHaveLength(max);
      }
      expect(walked).toEqual([11, 10, 9, 7, 5, 4, 3, 1]);
    }
    expect(numbersOf((await tags.newest(ALL, tagIdOf(8), 2)).ids)).toEqual([7, 5]);
  });

  test('lead to the tags that are there, in their order', async () => {
    expect(await tags.read([3, 99, 1].map(tagIdOf))).toEqual([await tags.get(tagIdOf(3)), await tags.get(tagIdOf(1))]);
    expect(await tags.read([])).toEqual([]);
  });
});
