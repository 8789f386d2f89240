import type { Principal, Tag } from './model';
import { createTag, deleteTag, getTag, listTags, type TagListPorts, type TagPorts, updateTag } from './tags';
import { articleIdOf as tagIdOf, refusal, userIdOf } from '../../../test/support/samples';

const AT = '2026-01-01T00:00:00.000Z';
const NOW = Date.UTC(2026, 0, 2);
const LATER = '2026-01-02T00:00:00.000Z';
const userOf = (number: number): Principal => ({ userId: userIdOf(number), username: `user-${number}` });
const [ADA, BOB] = [1, 2].map(userOf);

/** Tags as the table has them; what is done between a read and a write of one is `between`. */
class Tags {
  public readonly all = new Map<string, Tag>();
  public readonly reads: string[] = [];
  public ownerGone = false;
  private made = 0;

  public readonly ports: TagPorts & TagListPorts = {
    tags: {
      create: async (tag) => {
        if (this.ownerGone) return 'owner-gone';
        this.all.set(tag.tagId, tag);
        return 'done';
      },
      get: async (tagId) => {
        this.reads.push(tagId);
        return this.all.get(tagId);
      },
      update: async (before, after) => {
        this.between(before);
        const unchanged = this.all.get(before.tagId)?.version === before.version;
        if (unchanged) this.all.set(after.tagId, after);
        return unchanged ? 'done' : 'changed';
      },
      delete: async (tag) => {
        this.between(tag);
        return this.all.delete(tag.tagId) ? 'done' : 'gone';
      },
      newest: async (sources, before, max) => {
        const ids = [...this.all.values()]
          .filter(({ tagId }) => before === undefined || tagId < before)
          .filter((tag) =>
            sources.some((source) =>
              source === 'public' ? tag.accessType === 'public' : tag.ownerId === source.ownerId,
            ),
          )
          .map(({ tagId }) => tagId)
          .sort()
          .reverse();
        return { ids: ids.slice(0, max), more: ids.length > max };
      },
      read: async (tagIds) => tagIds.flatMap((tagId) => this.all.get(tagId) ?? []),
    },
    newId: () => tagIdOf(100 + ++this.made),
    now: () => NOW,
  };

  public between: (tag: Tag) => void = () => undefined;

  public add(number: number, owner: Principal, given: Partial<Tag> = {}): Tag {
    const tag: Tag = {
      tagId: tagIdOf(number),
      ownerId: owner.userId,
      name: `Tag ${number}`,
      accessType: 'public',
      createdAt: AT,
      updatedAt: AT,
      version: 1,
      ...given,
    };
    this.all.set(tag.tagId, tag);
    return tag;
  }
}

let tags: Tags;
let ports: Tags['ports'];
beforeEach(() => {
  tags = new Tags();
  ({ ports } = tags);
});

const NOT_FOUND = { status: 404, errors: { not_found: ['There is no such tag'] } };
const viewOf = (number: number, given: object = {}) => ({
  tag_id: tagIdOf(number),
  user_id: ADA.userId,
  name: `Tag ${number}`,
  access_type: 'public',
  created_at: AT,
  updated_at: AT,
  ...given,
});

describe('a new tag', () => {
  test('is the caller’s, and may have the name of another', async () => {
    const made = { user_id: ADA.userId, name: 'x', access_type: 'private', created_at: LATER, updated_at: LATER };
    for (const number of [101, 102]) {
      const view = await createTag(ports, ADA, { name: 'x', access_type: 'private' });
      expect(view).toEqual({ ...made, tag_id: tagIdOf(number) });
      expect(await getTag(ports, ADA, view.tag_id)).toEqual(view);
    }
  });

  test('of a user who is being deleted is refused as their token will be', async () => {
    tags.ownerGone = true;
    expect(await refusal(createTag(ports, ADA, { name: 'x', access_type: 'public' }))).toMatchObject({ status: 401 });
  });
});

const doing = {
  'is read': (user: Principal, tagId: string) => getTag(ports, user, tagId),
  'is changed': (user: Principal, tagId: string) => updateTag(ports, user, tagId, { name: 'New' }),
  'is deleted': (user: Principal, tagId: string) => deleteTag(ports, user, tagId),
};

describe.each(Object.entries(doing))('a tag that %s', (what, run) => {
  test('and is private, or gone, or no id at all, is not there for others', async () => {
    tags.add(1, ADA, { accessType: 'private' });
    for (const tagId of [tagIdOf(1), tagIdOf(9), 'x', '', `${tagIdOf(1)} `, 'a'.repeat(5000)]) {
      expect(await refusal(run(BOB, tagId))).toEqual(NOT_FOUND);
    }
    expect(tags.reads).toEqual([tagIdOf(1), tagIdOf(9)]);
  });

  test('and is public is there for others, who may only look', async () => {
    const tag = tags.add(1, ADA);
    const outcome = await run(BOB, tagIdOf(1)).catch((error: { statusCode: number }) => error.statusCode);
    expect(outcome).toEqual(what === 'is read' ? viewOf(1) : 403);
    expect(tags.all.get(tagIdOf(1))).toEqual(tag);
  });

  test('and is the caller’s own obeys', async () => {
    tags.add(1, ADA, { accessType: 'private' });
    const hidden = { access_type: 'private' };
    const renamed = { ...hidden, name: 'New', updated_at: LATER };
    const expected = { 'is read': viewOf(1, hidden), 'is changed': viewOf(1, renamed), 'is deleted': undefined };
    expect(await run(ADA, tagIdOf(1))).toEqual(expected[what as keyof typeof doing]);
    expect(tags.all.has(tagIdOf(1))).toBe(what !== 'is deleted');
  });
});

describe('a change', () => {
  test('leaves what it does not name, and moves the version by one', async () => {
    tags.add(1, ADA);
    expect(await updateTag(ports, ADA, tagIdOf(1), { access_type: 'private' })).toEqual(
      viewOf(1, { access_type: 'private', updated_at: LATER }),
    );
    expect(tags.all.get(tagIdOf(1))).toMatchObject({ name: 'Tag 1', accessType: 'private', version: 2 });
  });

  test('that changes nothing is not written', async () => {
    const tag = tags.add(1, ADA);
    expect(await updateTag(ports, ADA, tagIdOf(1), { name: 'Tag 1', access_type: 'public' })).toEqual(viewOf(1));
    expect(tags.all.get(tagIdOf(1))).toBe(tag);
  });

  test('is laid over what another has changed at the same moment', async () => {
    tags.add(1, ADA);
    tags.between = (tag) => {
      if (tag.version === 1) {
        tags.add(1, ADA, { accessType: 'private', version: 2, updatedAt: '2026-01-03T00:00:00.000Z' });
      }
    };
    expect(await updateTag(ports, ADA, tagIdOf(1), { name: 'New' })).toEqual(
      viewOf(1, { name: 'New', access_type: 'private', updated_at: '2026-01-03T00:00:00.000Z' }),
    );
  });

  test('of what is deleted at the same moment finds nothing; one that never gets through says so', async () => {
    tags.add(1, ADA);
    tags.between = ({ tagId }) => tags.all.delete(tagId);
    expect(await refusal(updateTag(ports, ADA, tagIdOf(1), { name: 'New' }))).toEqual(NOT_FOUND);
    tags.add(1, ADA);
    tags.between = (tag) => tags.add(1, ADA, { version: tag.version + 1 });
    await expect(updateTag(ports, ADA, tagIdOf(1), { name: 'New' })).rejects.toThrow('kept changing');
  });
});

test('a tag that is deleted twice at once is not found by the second', async () => {
  tags.add(1, ADA);
  tags.between = ({ tagId }) => tags.all.delete(tagId);
  expect(await refusal(deleteTag(ports, ADA, tagIdOf(1)))).toEqual(NOT_FOUND);
});

describe('lists', () => {
  beforeEach(() => {
    tags.add(1, ADA);
    tags.add(2, ADA, { accessType: 'private' });
    tags.add(3, BOB);
    tags.add(4, BOB, { accessType: 'private' });
    tags.add(5, ADA);
  });
  const list = async (scope?: 'all' | 'mine' | 'public', limit = 20, cursor?: string, user = ADA) => {
    const page = await listTags(ports, user, scope, { limit, cursor });
    return { numbers: page.tags.map(({ tag_id }) => parseInt(tag_id.slice(-10), 16)), next: page.next_cursor };
  };

  test.each([
    [undefined, [5, 3, 2, 1]],
    ['all' as const, [5, 3, 2, 1]],
    ['mine' as const, [5, 2, 1]],
    ['public' as const, [5, 3, 1]],
  ])('of the scope %s are those the caller may use in it, newest first', async (scope, numbers) => {
    expect(await list(scope)).toEqual({ numbers, next: null });
    const walked: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await list(scope, 1, cursor);
      walked.push(...page.numbers);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(walked).toEqual(numbers);
  });

  test('show tags as they are alone', async () => {
    expect((await listTags(ports, ADA, 'mine', { limit: 1 })).tags).toEqual([viewOf(5)]);
  });

  test('take the cursor of the same list of the same user, and of none else', async () => {
    const { next } = await list('all', 2);
    const cursor = next ?? '';
    expect((await list(undefined, 5, cursor)).numbers).toEqual([2, 1]);
    const others = [
      list('mine', 2, cursor),
      list('public', 2, cursor),
      list('all', 2, cursor, BOB),
      list('all', 2, ''),
    ];
    for (const other of others) {
      expect(await refusal(other)).toMatchObject({ status: 400 });
    }
  });
});
