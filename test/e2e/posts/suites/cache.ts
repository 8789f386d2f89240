import { POSTS_ENDPOINTS, type PostsEndpoint } from '../../../../src/posts-api/contract';
import { inScope } from '../../../support/scope';
import type { Answer } from '../../client';
import { expectStatus } from '../../shapes';
import { expectRefused, postOf, postsOf, type Post, type Tag, tagsOf } from '../shapes';
import { type Credential, type PostsWorld, type Session, text } from '../world';

/** Seconds for which the documents say that an answer may be old, by operation. */
const BOUNDS: Readonly<Record<string, number>> = {
  GetMe: 300,
  GetPost: 60,
  GetPosts: 30,
  GetPostTags: 30,
  GetUserPosts: 30,
  GetTag: 60,
  GetTags: 30,
  GetTagPosts: 30,
};

/** What is read of an owner: a post and a tag that are theirs alone. */
interface Things {
  readonly owner: Session;
  readonly post: Post;
  readonly tag: Tag;
}

interface Cached {
  readonly path: (things: Things) => string;
  /** What the owner is shown at this path, and nobody else. */
  readonly secret: (things: Things) => string;
  /** Something that changes what the owner is shown. */
  readonly change: (world: PostsWorld, things: Things) => Promise<unknown>;
}

const another = (world: PostsWorld, { owner, tag }: Things) => world.createPost(owner, { tags: [tag.tag_id] });

const CACHED: Readonly<Record<string, Cached>> = {
  GetMe: {
    path: () => '/me',
    secret: ({ owner }) => owner.userId,
    change: (world, { owner }) => world.updateMe(owner, { display_name: text('name') }),
  },
  GetPost: {
    path: ({ post }) => `/posts/${post.post_id}`,
    secret: ({ post }) => post.content,
    change: (world, { owner, post }) => world.updatePost(owner, post.post_id, { content: text('changed') }),
  },
  GetPosts: {
    path: () => '/posts?scope=mine',
    secret: ({ post }) => post.post_id,
    change: another,
  },
  GetPostTags: {
    path: ({ post }) => `/posts/${post.post_id}/tags`,
    secret: ({ tag }) => tag.name,
    change: (world, { owner, post }) => world.updatePost(owner, post.post_id, { tags: [] }),
  },
  GetUserPosts: {
    path: ({ owner }) => `/users/${owner.userId}/posts`,
    secret: ({ post }) => post.post_id,
    change: another,
  },
  GetTag: {
    path: ({ tag }) => `/tags/${tag.tag_id}`,
    secret: ({ tag }) => tag.name,
    change: (world, { owner, tag }) => world.put(`/tags/${tag.tag_id}`, owner, { name: text('changed') }),
  },
  GetTags: {
    path: () => '/tags?scope=mine',
    secret: ({ tag }) => tag.tag_id,
    change: (world, { owner }) => world.createTag(owner),
  },
  GetTagPosts: {
    path: ({ tag }) => `/tags/${tag.tag_id}/posts`,
    secret: ({ post }) => post.post_id,
    change: another,
  },
};

const cached = Object.entries(CACHED).map(([name, one], at) => [name, one, at] as const);

const ORDERS: readonly string[] = ['owner first', 'other first'];
const DIRECTIVES: readonly string[] = ['max-age=0', 'no-cache', 'no-store'];

/**
 * With the method cache on: nobody is shown what was kept for another, and nothing for longer than is documented.
 *
 * @param pass moves the clock of the gateway by so many seconds
 */
export function describeCache(world: PostsWorld, pass: (seconds: number) => void): void {
  let owner: Session;
  let other: Session;

  beforeAll(async () => {
    [owner, other] = await world.signUps(2);
  }, 60_000);

  // What one test has left in the cache is nothing to the next.
  beforeEach(() => pass(301));

  const makeThings = async (): Promise<Things> => {
    const tag = await world.createTag(owner, 'private');
    return { owner, tag, post: await world.createPost(owner, { tags: [tag.tag_id] }) };
  };

  test('the endpoints with a bound are those that are cached', () => {
    const facts = Object.entries<PostsEndpoint>(POSTS_ENDPOINTS);
    const names = facts.flatMap(([name, { cache }]) => (cache ? [name] : [])).sort();
    expect([Object.keys(BOUNDS).sort(), Object.keys(CACHED).sort()]).toEqual([names, names]);
  });

  describe.each(cached)('%s', (name, { path, secret, change }, at) => {
    const bound = BOUNDS[name];
    // In a sample each endpoint has one of them.
    const orders = inScope([ORDERS[at % ORDERS.length]], ORDERS);
    const directives = inScope([DIRECTIVES[at % DIRECTIVES.length]], DIRECTIVES);

    test(`is kept, and old for no longer than ${bound} s`, async () => {
      const things = await makeThings();
      const read = async (): Promise<string> => {
        const answer = await world.get(path(things), owner);
        expectStatus(answer, 200);
        return answer.text;
      };
      const first = await read();
      await change(world, things);
      expect(await read()).toBe(first);
      pass(bound - 1);
      expect(await read()).toBe(first);
      pass(1.1);
      expect(await read()).not.toBe(first);
    });

    test.each(orders)('shows each of two users their own, %s', async (order) => {
      const things = await makeThings();
      const users = order === 'owner first' ? [owner, other] : [other, owner];
      for (const user of [...users, ...users]) {
        const answer = await world.get(path(things), user);
        expect([order, user === owner, answer.text.includes(secret(things))]).toEqual([
          order,
          user === owner,
          user === owner,
        ]);
      }
    });

    test('is for a token what its scopes say, whatever was kept for its user', async () => {
      const things = await makeThings();
      const [reading, writing] = [
        await world.createToken(owner, ['read:posts']),
        await world.createToken(owner, ['write:posts']),
      ];
      for (const round of [1, 2]) {
        const answers = [owner, reading].map((by: Credential) => world.get(path(things), by));
        for (const answer of await Promise.all(answers)) {
          expect([round, answer.status, answer.text.includes(secret(things))]).toEqual([round, 200, true]);
        }
        expectRefused(await world.get(path(things), writing), 'insufficient_scope');
      }
    });

    test('is refused to a token that is revoked, at once', async () => {
      const things = await makeThings();
      const { token, token_id: id } = await world.createToken(owner, ['read:posts']);
      for (const _ of [1, 2]) expectStatus(await world.get(path(things), { token }), 200);
      await world.deleteToken(owner, id);
      expectRefused(await world.get(path(things), { token }), 'unauthorized');
    });

    test.each(directives)('is not thrown out by a stranger with %s', async (directive) => {
      const things = await makeThings();
      const first = await world.get(path(things), owner);
      await change(world, things);
      const headers = { 'cache-control': directive, pragma: 'no-cache' };
      for (const token of [undefined, other.token, owner.token]) {
        const answer = await world.request('GET', path(things), { token, headers });
        if (token === owner.token) expect([answer.status, answer.text]).toEqual([200, first.text]);
      }
      expect((await world.get(path(things), owner)).text).toBe(first.text);
    });
  });

  describe('a page', () => {
    let tags: readonly Tag[];
    let posts: readonly Post[];

    beforeAll(async () => {
      tags = [await world.createTag(owner), await world.createTag(owner)];
      const made: Post[] = [];
      for (const access of ['public', 'private', 'public'] as const) {
        made.push(await world.createPost(owner, { access_type: access, tags: tags.map(({ tag_id: id }) => id) }));
      }
      posts = made.reverse();
    }, 60_000);

    const idsOf = (answer: Answer): readonly string[] => {
      const json = answer.json as { posts?: unknown; tags?: unknown };
      return json.posts ? postsOf(answer).rows.map((row) => row.post_id) : tagsOf(answer).rows.map((row) => row.tag_id);
    };

    const paths = () => [
      `/posts?scope=mine&tag=${tags[0].tag_id}`,
      `/users/${owner.userId}/posts?`,
      `/tags/${tags[0].tag_id}/posts?`,
      '/tags?scope=mine',
    ];

    test('of another size is another answer, in both orders', async () => {
      for (const path of paths()) {
        for (const sizes of [
          [1, 2],
          [2, 1],
        ]) {
          pass(31);
          for (const limit of [...sizes, ...sizes]) {
            const rows = idsOf(await world.get(`${path}&limit=${limit}`.replace('?&', '?'), owner));
            expect([path, limit, rows.length]).toEqual([path, limit, limit]);
          }
        }
      }
    });

    test('of another cursor is another answer', async () => {
      for (const path of paths()) {
        const seen: string[] = [];
        let query = '&limit=1';
        for (let page = 0; page < 2; page++) {
          const answer = await world.get(`${path}${query}`.replace('?&', '?'), owner);
          seen.push(...idsOf(answer));
          query = `&limit=1&cursor=${String((answer.json as { next_cursor: string | null }).next_cursor)}`;
        }
        expect([path, new Set(seen).size]).toEqual([path, 2]);
      }
    });

    test('of another scope or tag is another answer', async () => {
      const [newest, hidden, oldest] = posts.map(({ post_id: id }) => id);
      const tag = tags[1].tag_id;
      const none = (await world.createTag(owner)).tag_id;
      const expected: readonly (readonly [string, readonly string[]])[] = [
        [`/posts?tag=${tag}`, [newest, oldest]],
        [`/posts?tag=${tag}&scope=mine`, [newest, hidden, oldest]],
        [`/posts?tag=${tag}&scope=shared`, []],
        [`/posts?tag=${none}&scope=mine`, []],
        [`/posts?tag=${tag}&scope=all`, [newest, hidden, oldest]],
        [`/posts?tag=${tag}&scope=public`, [newest, oldest]],
      ];
      for (const round of [expected, [...expected].reverse()]) {
        for (const [path, ids] of round) expect([path, idsOf(await world.get(path, owner))]).toEqual([path, ids]);
        pass(31);
      }
    });

    test('of a name that is not known is no way past the key', async () => {
      const plain = await world.get('/posts?scope=mine', owner);
      for (const query of ['scope=mine&x=1', 'scope=mine&Authorization=x', 'scope=mine&scope=all', 'x=1&scope=mine']) {
        const answer = await world.get(`/posts?${query}`, other);
        expect(idsMentioned(answer, plain)).toEqual([]);
      }
    });

    const idsMentioned = (answer: Answer, of: Answer): readonly string[] =>
      idsOf(of).filter(
        (id) => answer.text.includes(id) && posts.some((post) => post.post_id === id && post.access_type === 'private'),
      );
  });

  describe('a post that others may no longer see', () => {
    const LISTS = 30;
    const POST = 60;

    test.each([
      ['is private again', (id: string) => world.updatePost(owner, id, { access_type: 'private' }), 'public'],
      ['is deleted', (id: string) => world.deletePost(owner, id), 'public'],
      ['is taken from them', (id: string) => world.setAllowedUsers(owner, id, []), 'allowed_user'],
    ] as const)('because it %s, is shown no longer than it may be old', async (_, hide, access) => {
      const shared = access === 'public' ? {} : { allowed_users: [other.userId] };
      const { post_id: id } = await world.createPost(owner, { access_type: access, ...shared });
      const lists = ['/posts?scope=all&limit=100', `/users/${owner.userId}/posts?limit=100`];
      const read = () => Promise.all(['/posts/' + id, ...lists].map((path) => world.get(path, other)));
      const [first, ...firstLists] = await read();
      postOf(first);
      for (const list of firstLists) expect(idsIn(list)).toContain(id);
      await hide(id);
      pass(LISTS + 0.1);
      const [, ...later] = await read();
      for (const list of later) expect(idsIn(list)).not.toContain(id);
      pass(POST - LISTS);
      expectRefused((await read())[0], 'not_found');
    });

    const idsIn = (answer: Answer): readonly string[] => postsOf(answer).rows.map(({ post_id: id }) => id);
  });

  test('a post that one may see from now on is shown no later than an answer may be old', async () => {
    const { post_id: id } = await world.createPost(owner);
    expectRefused(await world.get(`/posts/${id}`, other), 'not_found');
    await world.updatePost(owner, id, { access_type: 'public' });
    pass(60.1);
    postOf(await world.get(`/posts/${id}`, other));
  });

  test('a user who has deleted themself is refused at once, whatever was kept for them', async () => {
    const gone = await world.signUp();
    const token = await world.createToken(gone, ['read:posts']);
    for (const by of [gone, token, gone, token]) await world.me(by);
    await world.deleteMe(gone);
    for (const by of [gone, token]) expectRefused(await world.get('/me', by), 'unauthorized');
  });

  test('a token that was rotated is refused at once, and the new one is shown what the user is', async () => {
    const old = await world.createToken(owner, ['read:posts']);
    await world.me(old);
    const rotated = await world.rotateToken(owner, old.token_id);
    expectRefused(await world.get('/me', old), 'unauthorized');
    expect((await world.me(rotated)).user_id).toBe(owner.userId);
  });

  test('what is not cached is new at once: tokens, and who is allowed', async () => {
    const before = await world.tokens(owner);
    const made = await world.createToken(owner, ['read:posts']);
    expect((await world.tokens(owner)).length).toBe(before.length + 1);
    await world.deleteToken(owner, made.token_id);
    expect((await world.tokens(owner)).length).toBe(before.length);
    const { post_id: id } = await world.createPost(owner, { access_type: 'allowed_user' });
    expect(await world.allowedUsers(owner, id)).toEqual([]);
    await world.setAllowedUsers(owner, id, [other.userId]);
    expect(await world.allowedUsers(owner, id)).toEqual([other.userId]);
  });
}
