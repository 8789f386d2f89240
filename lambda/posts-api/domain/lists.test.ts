import { listPosts, type ListPorts, listTagPosts, listUserPosts, type PostSource } from './lists';
import type { Post, Tag } from './model';
import { postIdOf, postOf, principalOf, tagIdOf, tagOf } from '../../../test/support/post-samples';
import { refusal, userIdOf } from '../../../test/support/samples';

const [ADA, BOB] = [1, 2].map(principalOf);
const PAGE = { limit: 20 };

/** Rows and posts apart, as in the table: a row may lead to anything, or nowhere. */
class Table {
  public readonly rows: Post[] = [];
  public readonly posts = new Map<string, Post>();
  public readonly tags = new Map<string, Tag>();
  public readonly grants = new Set<string>();
  public readonly asked: { sources: readonly PostSource[]; contexts: string[][] } = { sources: [], contexts: [] };
  public readonly ports: ListPorts = {
    lists: {
      newest: async (sources, before, max) => {
        this.asked.sources = sources;
        const ids = this.rows
          .map(({ postId }) => postId)
          .sort()
          .reverse();
        const below = ids.filter((id) => before === undefined || id < before);
        return { ids: sources.length === 0 ? [] : below.slice(0, max), more: sources.length > 0 && below.length > max };
      },
      read: async (ids) => ids.flatMap((id) => this.posts.get(id) ?? []),
      context: async (posts, viewerId) => {
        this.asked.contexts.push(posts.map(({ postId }) => postId));
        const changed = this.meanwhile(posts);
        const granted = posts
          .filter(({ postId }) => !changed.includes(postId))
          .map(({ postId }): [string, boolean] => [postId, this.grants.has(`${postId} ${viewerId}`)]);
        return { tags: this.tags, granted: new Map(granted) };
      },
      tag: async (tagId) => this.tags.get(tagId),
    },
  };

  /** Called before posts' contexts are read: those that it returns have changed since they were read. */
  public meanwhile: (posts: readonly Post[]) => readonly string[] = () => [];

  public add(number: number, owner: number, given: Partial<Post> = {}): Post {
    const post = postOf(number, owner, { accessType: 'public', ...given });
    this.rows.push(post);
    this.posts.set(post.postId, post);
    return post;
  }
  public grant(number: number, user: number): void {
    this.grants.add(`${postIdOf(number)} ${userIdOf(user)}`);
  }
}

let table: Table;
beforeEach(() => (table = new Table()));

const numbersOf = (page: { posts: readonly { post_id: string }[] }) =>
  page.posts.map(({ post_id: id }) => parseInt(id.slice(-10), 16));
const NO_TAG = { status: 404, errors: { not_found: ['There is no such tag'] } };

describe('whatever rows say', () => {
  beforeEach(() => {
    table.add(1, 1, { accessType: 'private' });
    table.add(2, 2, { accessType: 'private' });
    table.add(3, 1);
    table.add(4, 2);
    table.add(5, 1, { accessType: 'allowed_user' });
    table.add(6, 2, { accessType: 'allowed_user' });
    table.add(7, 2, { accessType: 'allowed_user' });
    table.posts.delete(table.add(8, 2).postId);
    [1, 2, 3, 4, 5, 6].forEach((number) => table.grant(number, 1));
  });

  test.each([
    ['public' as const, [4, 3]],
    ['mine' as const, [5, 3, 1]],
    ['shared' as const, [6]],
    ['all' as const, [6, 5, 4, 3, 1]],
  ])('%s shows what belongs to it and the caller may see', async (scope, numbers) => {
    expect(numbersOf(await listPosts(table.ports, ADA, { scope }, PAGE))).toEqual(numbers);
  });

  test('public is the default', async () => {
    expect(await listPosts(table.ports, ADA, {}, PAGE)).toEqual(
      await listPosts(table.ports, ADA, { scope: 'public' }, PAGE),
    );
    expect(table.asked.sources).toEqual(['public']);
  });

  test('a user’s list shows theirs', async () => {
    expect(numbersOf(await listUserPosts(table.ports, ADA, BOB.userId, PAGE))).toEqual([6, 4]);
    expect(numbersOf(await listUserPosts(table.ports, ADA, ADA.userId, PAGE))).toEqual([5, 3, 1]);
  });

  test('nobody looks for a grant that would not help', async () => {
    await listPosts(table.ports, ADA, { scope: 'all' }, PAGE);
    expect(table.asked.contexts).toEqual([[7, 6, 5, 4, 3, 1].map(postIdOf)]);
  });
});

test('where one comes from is asked of the lists that it may be on, and of no others', async () => {
  table.tags.set(tagIdOf(1), tagOf(1, 1));
  const own = { ownerId: ADA.userId };
  const shared = { sharedWith: ADA.userId };
  const sources = { public: ['public'], mine: [own], shared: [shared], all: [own, 'public', shared] } as const;
  for (const scope of ['public', 'mine', 'shared', 'all'] as const) {
    await listPosts(table.ports, ADA, { scope }, PAGE);
    expect(table.asked.sources).toEqual(sources[scope]);
    await listPosts(table.ports, ADA, { scope, tag: tagIdOf(1) }, PAGE);
    expect(table.asked.sources).toEqual([{ tagId: tagIdOf(1) }]);
  }
});

test('a post is shown without its content, with the names of its tags, private ones too', async () => {
  table.tags.set(tagIdOf(1), tagOf(1, 2, { accessType: 'private' }));
  const post = table.add(1, 2, { tagIds: [tagIdOf(2), tagIdOf(1)] });
  const page = await listPosts(table.ports, ADA, {}, PAGE);
  expect(page).toEqual({
    posts: [
      {
        post_id: post.postId,
        user_id: BOB.userId,
        name: 'Post 1',
        access_type: 'public',
        tags: [{ tag_id: tagIdOf(1), name: 'Tag 1' }],
        created_at: post.createdAt,
        updated_at: post.updatedAt,
      },
    ],
    next_cursor: null,
  });
});

describe('by tag', () => {
  const lists = (tag: string) => [
    () => listTagPosts(table.ports, ADA, tag, PAGE),
    () => listPosts(table.ports, ADA, { scope: 'all', tag }, PAGE),
  ];

  test.each<[string, Partial<Tag> | undefined]>([
    ['that is gone', undefined],
    ['that is somebody else’s own', { accessType: 'private' }],
  ])('a tag %s is not found, though posts carry it', async (_, given) => {
    table.add(1, 1, { tagIds: [tagIdOf(1)] });
    if (given) table.tags.set(tagIdOf(1), tagOf(1, 2, given));
    for (const list of lists(tagIdOf(1))) {
      expect(await refusal(list())).toEqual(NO_TAG);
    }
  });

  test('what is no id is not looked for', async () => {
    table.ports.lists.newest = () => Promise.reject(new Error('looked for'));
    for (const tag of ['', 'x', `${tagIdOf(1)}#`, 'a'.repeat(5000)]) {
      expect(await refusal(listTagPosts(table.ports, ADA, tag, PAGE))).toEqual(NO_TAG);
    }
  });

  test('shows those that still carry it', async () => {
    table.tags.set(tagIdOf(1), tagOf(1, 1, { accessType: 'private' }));
    table.add(1, 2, { tagIds: [tagIdOf(2), tagIdOf(1)] });
    table.add(2, 2, { tagIds: [tagIdOf(2)] });
    for (const list of lists(tagIdOf(1))) {
      expect(numbersOf(await list())).toEqual([1]);
    }
  });

  test('a tag is looked at once a page, however many rows fall out', async () => {
    table.tags.set(tagIdOf(1), tagOf(1, 1));
    for (let number = 1; number <= 130; number++) table.add(number, 1, { tagIds: number < 3 ? [tagIdOf(1)] : [] });
    const read = jest.spyOn(table.ports.lists, 'tag');
    expect(numbersOf(await listTagPosts(table.ports, ADA, tagIdOf(1), PAGE))).toEqual([2, 1]);
    expect(read).toHaveBeenCalledTimes(1);
  });
});

test.each(['x', '', 'a'.repeat(5000), userIdOf(9)])(
  'user %p, of whom nothing is known, has no posts',
  async (userId) => {
    expect(await listUserPosts(table.ports, ADA, userId, PAGE)).toEqual({ posts: [], next_cursor: null });
  },
);

describe('a post that changes while it is listed', () => {
  beforeEach(() => {
    [1, 2, 3].forEach((number) => table.add(number, 2, { accessType: 'allowed_user' }));
    [1, 2, 3].forEach((number) => table.grant(number, 1));
  });
  /** At the first look something else is done. */
  const once = (change: () => void) => {
    let first = true;
    table.meanwhile = () => {
      if (!first) return [];
      first = false;
      change();
      return [postIdOf(2)];
    };
  };

  test('is read again, and shown as it is by then, in its place', async () => {
    once(() => table.posts.set(postIdOf(2), postOf(2, 2, { accessType: 'public', name: 'Open', version: 2 })));
    const page = await listPosts(table.ports, ADA, { scope: 'all' }, PAGE);
    expect(page.posts.map(({ name }) => name)).toEqual(['Post 3', 'Open', 'Post 1']);
    expect(table.asked.contexts).toEqual([[3, 2, 1].map(postIdOf), [postIdOf(2)]]);
  });

  test('is not shown where it is closed, or gone, or not of the list any more', async () => {
    const changes = [
      () => table.posts.set(postIdOf(2), postOf(2, 2, { version: 2 })),
      () => table.posts.delete(postIdOf(2)),
      () => table.posts.set(postIdOf(2), postOf(2, 2, { accessType: 'public', version: 2 })),
      () => table.grants.delete(`${postIdOf(2)} ${ADA.userId}`),
    ];
    for (const change of changes) {
      once(change);
      expect(numbersOf(await listPosts(table.ports, ADA, { scope: 'shared' }, PAGE))).toEqual([3, 1]);
    }
  });

  test('with every read is told to come back', async () => {
    table.meanwhile = () => [postIdOf(2)];
    await expect(listPosts(table.ports, ADA, { scope: 'all' }, PAGE)).rejects.toMatchObject({ name: 'Busy' });
  });
});
