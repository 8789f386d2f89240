import { fieldsOf, type Fixture, POST_KINDS, TAG_KINDS, type TagKind } from './fixture';
import { type Kind, type Known, listed, type Rule, sees } from './rules';
import type { POSTS_ENDPOINTS } from '../../../../src/posts-api/contract';
import type { Answer } from '../../client';
import { expectNoContent } from '../../shapes';
import {
  allowedUsersOf,
  errorOf,
  meOf,
  newAllowedUsersOf,
  type Page,
  postOf,
  postsOf,
  tagOf,
  tagsOf,
  tagsOfPostOf,
  tokenOf,
  tokensOf,
} from '../shapes';
import { newPost, type Session, text } from '../world';

export type Operation = keyof typeof POSTS_ENDPOINTS;

/** What a request is about. */
export interface Subject {
  /** Values of the path's parameters. */
  readonly path: Readonly<Record<string, string>>;
  /** Sends the request in place of a caller who has the right to: somebody like them, whom nobody else needs. */
  readonly standIn?: Session;
}

/** A request that was let through, and what it was about. */
export interface Success {
  readonly fixture: Fixture;
  readonly subject: Subject;
  readonly known: NonNullable<Known>;
  readonly answer: Answer;
  /** The same request for another page. */
  readonly again: (cursor: string) => Promise<Answer>;
}

/** One kind of request to an endpoint, which every caller sends. */
export interface Row {
  /** What it is about, for the title of its test. */
  readonly of: string;
  readonly rule: Rule;
  readonly kind?: Kind;
  /** Made for all who may only look, and who are refused; and once more for everybody who may write. */
  readonly make?: (fixture: Fixture) => Promise<Subject>;
  readonly query?: (fixture: Fixture) => string;
  readonly body?: (fixture: Fixture) => unknown;
  /** What is not to change by requests that are refused; as the owner sees it. */
  readonly state: (fixture: Fixture, subject: Subject) => Promise<unknown>;
  readonly check: (success: Success) => Promise<unknown> | void;
}

const NOTHING: Subject = { path: {} };
export const subjectOf = (row: Row, fixture: Fixture): Promise<Subject> =>
  row.make?.(fixture) ?? Promise.resolve(NOTHING);

const read = (about: Rule['about']): Rule => ({ needs: 'read', about, success: 200 });
const write = (about: Rule['about'], success: number): Rule => ({ needs: 'write', about, success });
const session = (about: Rule['about'], success: number): Rule => ({ needs: 'session', about, success });

const callerOf = ({ fixture, known, subject }: Success): Session => subject.standIn ?? fixture.people[known.who];

/** Rows of a list, from the page that was answered on. */
async function allRows<T>({ answer, again }: Success, pageOf: (answer: Answer) => Page<T>): Promise<readonly T[]> {
  let page = pageOf(answer);
  const rows = [...page.rows];
  while (page.next !== null) {
    page = pageOf(await again(page.next));
    rows.push(...page.rows);
  }
  return rows;
}

/** Which of the posts of the fixture a list shows, by their kinds. */
async function kindsListed(success: Success): Promise<readonly Kind[]> {
  const { posts } = success.fixture;
  const ids = (await allRows(success, postsOf)).map(({ post_id: id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  return POST_KINDS.filter((kind) => ids.includes(posts[kind].post_id));
}

const everything = async ({ world, people, posts, tags }: Fixture): Promise<unknown> => [
  await world.me(people.owner),
  (await world.posts(people.owner, { scope: 'mine' })).length,
  await Promise.all(POST_KINDS.map((kind) => world.readPost(people.owner, posts[kind].post_id))),
  await Promise.all(TAG_KINDS.map((kind) => world.readTag(people.owner, tags[kind].tag_id))),
];

/** Who has how many posts and tags. */
const counts = async ({ world, people }: Fixture): Promise<unknown> =>
  Promise.all(
    Object.values(people).flatMap((user) => [
      world.posts(user, { scope: 'mine' }).then(({ length }) => length),
      world.tags(user, 'mine').then(({ length }) => length),
    ]),
  );

const profiles = async ({ world, people }: Fixture): Promise<unknown> =>
  Promise.all(Object.values(people).map((user) => world.me(user)));

/** Tokens are used all the time. */
const tokens = async ({ world, people }: Fixture): Promise<unknown> =>
  (await world.tokens(people.owner)).map(({ last_used_at: _, ...token }) => token);

// --- posts

const staticPost =
  (kind: Kind) =>
  async ({ posts }: Fixture) => ({ path: { postId: posts[kind].post_id } });
const freshPost =
  (kind: Kind) =>
  async ({ world, people, tags }: Fixture) => {
    const { post_id: postId } = await world.createPost(people.owner, fieldsOf(kind, people, tags));
    return { path: { postId } };
  };

const postState = async ({ world, people: { owner } }: Fixture, { path: { postId } }: Subject): Promise<unknown> => [
  await world.readPost(owner, postId),
  await world.allowedUsers(owner, postId),
];

const readersOf = (kind: Kind, { people }: Fixture): readonly string[] =>
  kind === 'allowed_user' ? [people.allowed.userId] : [];

const ofPosts = (row: (kind: Kind) => Omit<Row, 'kind' | 'of' | 'state'>): readonly Row[] =>
  POST_KINDS.map((kind) => ({ of: `a post that is ${kind}`, kind, state: postState, ...row(kind) }));

/** Lists of posts: whom they show what. */
const ofLists = (
  of: string,
  rule: Rule,
  query: (fixture: Fixture) => string,
  shows: (who: NonNullable<Known>['who'], kind: Kind) => boolean,
  more: Partial<Row> = {},
): Row => ({
  of,
  rule,
  query,
  state: everything,
  check: async (success) => {
    const { who } = success.known;
    expect([who, await kindsListed(success)]).toEqual([who, POST_KINDS.filter((kind) => shows(who, kind))]);
  },
  ...more,
});

const SCOPES = ['public', 'mine', 'shared', 'all'] as const;

// --- tags

const staticTag =
  (kind: TagKind) =>
  async ({ tags }: Fixture) => ({ path: { tagId: tags[kind].tag_id } });
const freshTag =
  (kind: TagKind) =>
  async ({ world, people }: Fixture) => {
    const { tag_id: tagId } = await world.createTag(people.owner, kind);
    return { path: { tagId } };
  };
const tagState = ({ world, people }: Fixture, { path: { tagId } }: Subject): Promise<unknown> =>
  world.readTag(people.owner, tagId);

const ofTags = (row: (kind: TagKind) => Omit<Row, 'kind' | 'of' | 'state'>): readonly Row[] =>
  TAG_KINDS.map((kind) => ({ of: `a tag that is ${kind}`, kind, state: tagState, ...row(kind) }));

// --- tokens

const freshToken = async ({ world, people }: Fixture) => {
  const { token_id: tokenId } = await world.createToken(people.owner, ['read:posts']);
  return { path: { tokenId } };
};

const LIMIT = () => '?limit=100';

/** Every endpoint, with the requests that all callers send to it. */
export const ROWS: Readonly<Record<Operation, readonly Row[]>> = {
  GetMe: [
    {
      of: 'the caller',
      rule: read('everyone'),
      state: profiles,
      check: (success) => {
        const { userId, email } = callerOf(success);
        expect(meOf(success.answer)).toMatchObject({ user_id: userId, email, email_verified: true });
      },
    },
  ],
  UpdateMe: [
    {
      of: 'the caller',
      rule: session('everyone', 200),
      body: () => ({ display_name: text('name'), bio: text('bio') }),
      state: profiles,
      check: async (success) => {
        const changed = meOf(success.answer);
        const by = callerOf(success);
        expect(changed.user_id).toBe(by.userId);
        expect(await success.fixture.world.me(by)).toEqual(changed);
      },
    },
  ],
  DeleteMe: [
    {
      of: 'the caller',
      rule: session('everyone', 204),
      make: async ({ world }) => ({ path: {}, standIn: await world.signUp() }),
      state: everything,
      check: async (success) => {
        expectNoContent(success.answer);
        const { world } = success.fixture;
        expect(errorOf(await world.get('/me', callerOf(success))).code).toBe('unauthorized');
      },
    },
  ],
  CreateToken: [
    {
      of: 'the caller',
      rule: session('everyone', 201),
      body: () => ({ name: text('token'), scopes: ['read:posts'] }),
      state: tokens,
      check: async (success) => {
        const { world } = success.fixture;
        expect((await world.me(tokenOf(success.answer))).user_id).toBe(callerOf(success).userId);
      },
    },
  ],
  GetTokens: [
    {
      of: 'the caller',
      rule: session('everyone', 200),
      query: LIMIT,
      state: tokens,
      check: async (success) => {
        const made = await success.fixture.world.createToken(callerOf(success), ['write:posts']);
        const ids = (await allRows(success, tokensOf)).map(({ token_id: id }) => id);
        expect(ids).not.toContain(made.token_id);
        expect(ids.length).toBeGreaterThan(0);
        const now = (await success.fixture.world.tokens(callerOf(success))).map(({ token_id: id }) => id);
        expect(now).toEqual(expect.arrayContaining([...ids, made.token_id]));
      },
    },
  ],
  DeleteToken: [
    {
      of: "the owner's token",
      rule: session('owner in secret', 204),
      make: freshToken,
      state: tokens,
      check: async ({ fixture: { world, people }, subject, answer }) => {
        expectNoContent(answer);
        const left = (await world.tokens(people.owner)).map(({ token_id: id }) => id);
        expect(left).not.toContain(subject.path.tokenId);
      },
    },
  ],
  RotateToken: [
    {
      of: "the owner's token",
      rule: session('owner in secret', 200),
      make: freshToken,
      state: tokens,
      check: async ({ fixture: { world, people }, subject, answer }) => {
        const rotated = tokenOf(answer, 200);
        expect(rotated.token_id).toBe(subject.path.tokenId);
        expect((await world.me(rotated)).user_id).toBe(people.owner.userId);
      },
    },
  ],
  CreatePost: POST_KINDS.map((kind) => ({
    of: `a post that is ${kind}`,
    rule: write('everyone', 201),
    body: (fixture) => ({
      ...newPost({ access_type: kind, tags: [fixture.tags.public.tag_id] }),
      ...(kind === 'allowed_user' ? { allowed_users: [fixture.people.allowed.userId] } : {}),
    }),
    state: counts,
    check: async (success) => {
      const made = postOf(success.answer, 201);
      const by = callerOf(success);
      expect(made).toMatchObject({ user_id: by.userId, access_type: kind });
      expect(await success.fixture.world.readPost(by, made.post_id)).toEqual(made);
    },
  })),
  GetPosts: [
    ...SCOPES.map((scope) =>
      ofLists(
        `posts of the scope ${scope}`,
        read('everyone'),
        () => `?limit=100&scope=${scope}`,
        (who, kind) => listed(who, scope, kind),
      ),
    ),
    ofLists(
      'posts of the scope all with a tag',
      read('everyone'),
      ({ tags }) => `?limit=100&scope=all&tag=${tags.public.tag_id}`,
      (who, kind) => listed(who, 'all', kind),
    ),
  ],
  GetPost: ofPosts((kind) => ({
    rule: read('viewers'),
    make: staticPost(kind),
    check: ({ fixture, answer }) => {
      expect(postOf(answer)).toEqual(fixture.posts[kind]);
    },
  })),
  UpdatePost: ofPosts((kind) => ({
    rule: write('owner', 200),
    make: freshPost(kind),
    body: () => ({ name: text('changed'), content: text('changed'), tags: [] }),
    check: async ({ fixture: { world, people }, subject, answer }) => {
      const changed = postOf(answer);
      expect(changed).toMatchObject({ access_type: kind, tags: [], user_id: people.owner.userId });
      expect(await world.readPost(people.owner, subject.path.postId)).toEqual(changed);
    },
  })),
  DeletePost: ofPosts((kind) => ({
    rule: write('owner', 204),
    make: freshPost(kind),
    check: async ({ fixture: { world, people }, subject, answer }) => {
      expectNoContent(answer);
      expect(errorOf(await world.get(`/posts/${subject.path.postId}`, people.owner)).code).toBe('not_found');
    },
  })),
  GetPostTags: ofPosts((kind) => ({
    rule: read('viewers'),
    make: staticPost(kind),
    check: ({ fixture, answer }) => {
      expect(tagsOfPostOf(answer)).toEqual(TAG_KINDS.map((one) => tagNamed(fixture, one)));
    },
  })),
  GetAllowedUsers: ofPosts((kind) => ({
    rule: read('owner'),
    make: staticPost(kind),
    query: LIMIT,
    check: async (success) => {
      expect(await allRows(success, allowedUsersOf)).toEqual(readersOf(kind, success.fixture));
    },
  })),
  UpdateAllowedUsers: ofPosts((kind) => ({
    // Posts of other kinds have no allowed users.
    rule: { ...write('owner', kind === 'allowed_user' ? 200 : 400), code: 'invalid_request' },
    make: freshPost(kind),
    body: ({ people }) => ({ allowed_users: [people.other.userId] }),
    check: async ({ fixture: { world, people }, subject, answer }) => {
      expect(newAllowedUsersOf(answer)).toEqual([people.other.userId]);
      expect(await world.allowedUsers(people.owner, subject.path.postId)).toEqual([people.other.userId]);
      await world.readPost(people.other, subject.path.postId);
      expect(errorOf(await world.get(`/posts/${subject.path.postId}`, people.allowed)).code).toBe('not_found');
    },
  })),
  GetUserPosts: [
    ofLists('posts of the owner', read('everyone'), LIMIT, sees, {
      make: async ({ people }) => ({ path: { userId: people.owner.userId } }),
    }),
    ofLists('posts of somebody who has none of these', read('everyone'), LIMIT, () => false, {
      make: async ({ people }) => ({ path: { userId: people.other.userId } }),
    }),
  ],
  CreateTag: TAG_KINDS.map((kind) => ({
    of: `a tag that is ${kind}`,
    rule: write('everyone', 201),
    body: () => ({ name: text('tag'), access_type: kind }),
    state: counts,
    check: async (success) => {
      const made = tagOf(success.answer, 201);
      const by = callerOf(success);
      expect(made).toMatchObject({ user_id: by.userId, access_type: kind });
      expect(await success.fixture.world.readTag(by, made.tag_id)).toEqual(made);
    },
  })),
  GetTags: (['all', 'mine', 'public'] as const).map((scope) => ({
    of: `tags of the scope ${scope}`,
    rule: read('everyone'),
    query: () => `?limit=100&scope=${scope}`,
    state: everything,
    check: async (success) => {
      const { who } = success.known;
      const ids = (await allRows(success, tagsOf)).map(({ tag_id: id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const shown = TAG_KINDS.filter((kind) => ids.includes(success.fixture.tags[kind].tag_id));
      expect([who, shown]).toEqual([who, TAG_KINDS.filter((kind) => listed(who, scope, kind))]);
    },
  })),
  GetTag: ofTags((kind) => ({
    rule: read('viewers'),
    make: staticTag(kind),
    check: ({ fixture, answer }) => {
      expect(tagOf(answer)).toEqual(fixture.tags[kind]);
    },
  })),
  UpdateTag: ofTags((kind) => ({
    rule: write('owner', 200),
    make: freshTag(kind),
    body: () => ({ name: text('changed') }),
    check: async ({ fixture: { world, people }, subject, answer }) => {
      const changed = tagOf(answer);
      expect(changed).toMatchObject({ access_type: kind, user_id: people.owner.userId });
      expect(await world.readTag(people.owner, subject.path.tagId)).toEqual(changed);
    },
  })),
  DeleteTag: ofTags((kind) => ({
    rule: write('owner', 204),
    make: freshTag(kind),
    check: async ({ fixture: { world, people }, subject, answer }) => {
      expectNoContent(answer);
      expect(errorOf(await world.get(`/tags/${subject.path.tagId}`, people.owner)).code).toBe('not_found');
    },
  })),
  GetTagPosts: TAG_KINDS.map((tagKind) =>
    ofLists(`a tag that is ${tagKind}`, read('viewers'), LIMIT, sees, { kind: tagKind, make: staticTag(tagKind) }),
  ),
};

function tagNamed({ tags }: Fixture, kind: TagKind): { tag_id: string; name: string } {
  return { tag_id: tags[kind].tag_id, name: tags[kind].name };
}
