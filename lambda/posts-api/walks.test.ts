import { listPosts, listTagPosts, listUserPosts } from './domain/lists';
import type { Post, Principal, Tag } from './domain/model';
import type { PageRequest } from './domain/paging';
import { listTags } from './domain/tags';
import { ListRepository } from './repository/lists';
import { TagRepository } from './repository/tags';
import { startTestEngine, type TestEngine, type TestTables, weakReads } from '../../test/support/engine';
import { RandomPosts } from '../../test/support/random-posts';
import { inScope } from '../../test/support/scope';
import { seeded } from '../../test/support/seeded';
import { HttpError } from '../core/http/errors';

/** Every list of posts and tags, walked page by page through random worlds, against what the rules say it is. */

const WALKS = inScope(40, 60);
const SIZES = [1, 2, 3, 7, 20, 100];

let engine: TestEngine;
let tables: TestTables;

beforeAll(async () => (engine = await startTestEngine()));
afterAll(() => engine.close());
beforeEach(async () => (tables = await engine.tables()));

interface Row {
  readonly id: string;
  readonly view: object;
}
type Rows = readonly Row[] | 'not found';

/** A list as it is asked for, and as the rules say that it is. */
interface List {
  readonly name: string;
  readonly ask: (page: PageRequest) => Promise<{ rows: readonly object[]; next: string | null }>;
  readonly rows: () => Rows;
}

/** The rules once more, from the world itself. */
class Specification {
  public constructor(
    private readonly world: RandomPosts,
    private readonly userId: string,
  ) {}

  public posts(shows: (post: Post) => boolean, tagId?: string): Rows {
    const tag = tagId === undefined ? undefined : this.world.tags.get(tagId);
    if (tagId !== undefined && !(tag && (tag.accessType === 'public' || tag.ownerId === this.userId))) {
      return 'not found';
    }
    return [...this.world.posts.values()]
      .filter(({ post, readers }) => this.sees(post, readers) && shows(post))
      .filter(({ post }) => tagId === undefined || post.tagIds.includes(tagId))
      .map(({ post }) => ({ id: post.postId, view: this.viewOf(post) }))
      .sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  public tags(shows: (tag: Tag) => boolean): Rows {
    return [...this.world.tags.values()]
      .filter((tag) => shows(tag) && (tag.accessType === 'public' || tag.ownerId === this.userId))
      .map((tag) => ({ id: tag.tagId, view: { tag_id: tag.tagId, name: tag.name, access_type: tag.accessType } }))
      .sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  private sees(post: Post, readers: readonly string[]): boolean {
    const isPublic = post.accessType === 'public';
    return isPublic || post.ownerId === this.userId || readers.includes(this.userId);
  }

  private viewOf({ postId, ownerId, name, accessType, tagIds }: Post): object {
    const named = tagIds.flatMap((tagId) => this.world.tags.get(tagId) ?? []);
    const tags = named.map((tag) => ({ tag_id: tag.tagId, name: tag.name }));
    return { post_id: postId, user_id: ownerId, name, access_type: accessType, tags };
  }
}

/** One of all lists that somebody may ask for. */
function anyList(world: RandomPosts, caller: Principal): List {
  const { userId } = caller;
  const ports = { lists: new ListRepository(tables), tags: new TagRepository(tables) };
  const specification = new Specification(world, userId);
  const posts = async (answer: ReturnType<typeof listPosts>) => {
    const { posts: rows, next_cursor: next } = await answer;
    return { rows, next };
  };
  const scopes = {
    public: (post: Post) => post.accessType === 'public',
    mine: (post: Post) => post.ownerId === userId,
    shared: (post: Post) => post.accessType === 'allowed_user' && post.ownerId !== userId,
    all: () => true,
  };
  const tagScopes = {
    all: () => true,
    mine: (tag: Tag) => tag.ownerId === userId,
    public: (tag: Tag) => tag.accessType === 'public',
  };
  const scope = world.pick(Object.keys(scopes) as (keyof typeof scopes)[]);
  const tagScope = world.pick(Object.keys(tagScopes) as (keyof typeof tagScopes)[]);
  const tag = world.pick([...world.tags.keys()]);
  const owner = world.pick(world.users);
  return world.pick<List>([
    {
      name: `posts of scope ${scope}`,
      ask: (page) => posts(listPosts(ports, caller, { scope }, page)),
      rows: () => specification.posts(scopes[scope]),
    },
    {
      name: `posts of scope ${scope} with tag ${tag}`,
      ask: (page) => posts(listPosts(ports, caller, { scope, tag }, page)),
      rows: () => specification.posts(scopes[scope], tag),
    },
    {
      name: `posts with tag ${tag}`,
      ask: (page) => posts(listTagPosts(ports, caller, tag, page)),
      rows: () => specification.posts(() => true, tag),
    },
    {
      name: `posts of user ${owner}`,
      ask: (page) => posts(listUserPosts(ports, caller, owner, page)),
      rows: () => specification.posts((post) => post.ownerId === owner),
    },
    {
      name: `tags of scope ${tagScope}`,
      ask: async (page) => {
        const { tags: rows, next_cursor: next } = await listTags(ports, caller, tagScope, page);
        return { rows, next };
      },
      rows: () => specification.tags(tagScopes[tagScope]),
    },
  ]);
}

/** Walks a list to its end. @returns ids of what was shown, and of what could be seen throughout */
async function walk(world: RandomPosts, caller: Principal, { name, ask, rows }: List, between: () => Promise<void>) {
  const limit = world.pick(SIZES);
  const shown: string[] = [];
  let throughout: Set<string> | undefined;
  let cursor: string | undefined;
  for (;;) {
    const now = rows();
    const context = `${name}, by ${caller.userId}, ${limit} a page, after ${shown.length}`;
    const answer = await ask({ limit, cursor }).catch((error: unknown) => {
      if (error instanceof HttpError && error.statusCode === 404) return 'not found' as const;
      throw error;
    });
    if (now === 'not found' || answer === 'not found') {
      expect([context, answer]).toEqual([context, now]);
      return { shown, throughout: new Set<string>() };
    }
    const ids = new Set(now.map(({ id }) => id));
    throughout = new Set([...(throughout ?? ids)].filter((id) => ids.has(id)));
    const last = shown[shown.length - 1];
    const left = now.filter(({ id }) => last === undefined || id < last);
    const expected = left.slice(0, limit);
    expect([context, answer.rows]).toEqual([context, expected.map(({ view }) => expect.objectContaining(view))]);
    expect([context, answer.next === null]).toEqual([context, left.length <= limit]);
    shown.push(...expected.map(({ id }) => id));
    if (answer.next === null) {
      return { shown, throughout };
    }
    cursor = answer.next;
    await between();
  }
}

test.each(inScope([1], [1, 2, 3]))('every page of every list is what the rules say, in world %d', async (seed) => {
  const world = new RandomPosts(seeded(seed));
  for (let count = 0; count < 8; count++) world.makeTag();
  for (let count = 0; count < 26; count++) world.publish();
  for (let count = 0; count < 10; count++) world.change();
  await world.store(tables);
  const names = new Set<string>();
  let longest = 0;
  for (let count = 0; count < WALKS; count++) {
    const caller = { userId: world.pick(world.users), username: 'somebody' };
    const changes = world.chance(0.6);
    const list = anyList(world, caller);
    names.add(list.name.split(' ', 4).join(' '));
    const { shown, throughout } = await walk(world, caller, list, async () => {
      if (changes) {
        world.change();
        world.change();
        await world.store(tables);
      }
    });
    expect(shown).toEqual([...new Set(shown)]);
    expect([...throughout].filter((id) => !shown.includes(id))).toEqual([]);
    longest = Math.max(longest, shown.length);
    while (world.posts.size < 20) world.publish();
    while (world.tags.size < 6) world.makeTag();
    await world.store(tables);
  }
  expect(names.size).toBeGreaterThan(8);
  expect(longest).toBeGreaterThan(10);
  expect(weakReads(tables.calls)).toEqual([]);
});
