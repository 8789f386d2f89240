import { getAllowedUsers, type GrantStore } from './grants';
import type { FullPost, Post, PostAccess, Tag } from './model';
import {
  createPost,
  deletePost,
  getPost,
  getPostTags,
  type PostPorts,
  type PostStore,
  updateAllowedUsers,
  updatePost,
} from './posts';
import { postIdOf, principalOf, tagIdOf, tagOf } from '../../../test/support/post-samples';
import { HttpError } from '../../core/http/errors';
import { InvalidRequest } from '../errors';

const [ADA, BOB, CID] = [1, 2, 3].map(principalOf);
const NOW = Date.parse('2026-01-01T00:00:00.000Z');
const ID = postIdOf(1);

/** Posts in memory, with the outcomes that storage would have where others get in its way. */
class Store implements PostStore {
  public readonly posts = new Map<string, FullPost>();
  public readonly granted = new Map<string, readonly string[]>();
  public readonly all = new Map<string, Tag>();
  public readonly asked: string[] = [];
  public ownerGone = false;
  /** Called before each write: somebody else may come first. */
  public before: () => void = () => undefined;

  public create(post: FullPost, userIds: readonly string[]) {
    this.before();
    if (this.ownerGone) return Promise.resolve({ kind: 'owner-gone' } as const);
    this.posts.set(post.postId, post);
    this.granted.set(post.postId, userIds);
    return Promise.resolve({ kind: 'done' } as const);
  }
  public find(postId: string) {
    this.asked.push(postId);
    return Promise.resolve(this.posts.get(postId));
  }
  public findDetails(postId: string) {
    return this.find(postId);
  }
  public update(before: Post, { post, content, grants }: Parameters<PostStore['update']>[1]) {
    this.before();
    const stored = this.posts.get(before.postId);
    if (stored?.version !== before.version) return Promise.resolve({ kind: 'changed' } as const);
    const { name, accessType, tagIds, updatedAt } = post;
    const version = before.version + 1;
    const changed = { name, accessType, tagIds, updatedAt, version, content: content ?? stored.content };
    this.posts.set(before.postId, { ...stored, ...changed });
    if (grants) this.granted.set(before.postId, grants.wanted);
    return Promise.resolve({ kind: 'done' } as const);
  }
  public delete(post: Post) {
    this.before();
    if (this.posts.get(post.postId)?.version !== post.version) return Promise.resolve({ kind: 'changed' } as const);
    this.posts.delete(post.postId);
    return Promise.resolve({ kind: 'done' } as const);
  }
  public grants(postId: string) {
    return Promise.resolve(this.granted.get(postId) ?? []);
  }
  public async context(posts: readonly Post[], viewerId: string) {
    const granted = posts.map(({ postId }): [string, boolean] => [
      postId,
      this.granted.get(postId)?.includes(viewerId) ?? false,
    ]);
    return { tags: await this.tags(posts.flatMap(({ tagIds }) => tagIds)), granted: new Map(granted) };
  }
  public tags(tagIds: readonly string[]) {
    return Promise.resolve(new Map([...this.all].filter(([id]) => tagIds.includes(id))));
  }
}

let store: Store;
let now: number;
let ports: PostPorts;
beforeEach(() => {
  store = new Store();
  now = NOW;
  ports = { posts: store, newId: () => ID, now: () => now, pause: () => Promise.resolve() };
});

const addTag = (number: number, owner: number, accessType: 'private' | 'public') =>
  store.all.set(tagIdOf(number), tagOf(number, owner, { accessType }));
const input = { name: 'A post', content: 'text', access_type: 'private' } as const;
const create = (given: Partial<Parameters<typeof createPost>[2]> = {}) =>
  createPost(ports, ADA, { ...input, ...given });
const update = (given: Parameters<typeof updatePost>[3], by = ADA) => updatePost(ports, by, ID, given);
/** The status of a refusal, and the fields that it names. */
async function refusal(promise: Promise<unknown>) {
  const error: unknown = await promise.then(
    () => new Error('It was not refused'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof HttpError)) throw error;
  return error instanceof InvalidRequest ? [error.statusCode, ...error.fields.keys()] : [error.statusCode];
}

describe('creating', () => {
  test('answers with the post and the names of its tags in their order', async () => {
    addTag(1, 2, 'public');
    addTag(2, 1, 'private');
    expect(await create({ tags: [tagIdOf(2), tagIdOf(1)] })).toEqual({
      ...{ post_id: ID, user_id: ADA.userId, name: 'A post', content: 'text', access_type: 'private' },
      tags: [
        { tag_id: tagIdOf(2), name: 'Tag 2' },
        { tag_id: tagIdOf(1), name: 'Tag 1' },
      ],
      created_at: '2026-01-01T00:00:00.000Z',
      updated_at: '2026-01-01T00:00:00.000Z',
    });
  });

  test('takes the owner among allowed users for nothing', async () => {
    await create({ access_type: 'allowed_user', allowed_users: [ADA.userId, BOB.userId] });
    expect(store.granted.get(ID)).toEqual([BOB.userId]);
  });

  test.each(['private', 'public'] as const)('of a %s post with allowed users is refused', async (access_type) => {
    expect(await refusal(create({ access_type, allowed_users: [BOB.userId] }))).toEqual([400, 'allowed_users']);
    expect((await create({ access_type, allowed_users: [] })).access_type).toBe(access_type);
  });

  test('is refused with a tag that is not there, or is closed and somebody else’s', async () => {
    addTag(1, 2, 'private');
    for (const number of [1, 9]) {
      expect(await refusal(create({ tags: [tagIdOf(number)] }))).toEqual([400, 'tags']);
    }
  });

  test('is refused for somebody who is gone', async () => {
    store.ownerGone = true;
    expect(await refusal(create())).toEqual([401]);
  });
});

const STATES: readonly [PostAccess, owner: number, granted: number, other: number][] = [
  ['private', 200, 404, 404],
  ['public', 200, 200, 200],
  ['allowed_user', 200, 200, 404],
];
describe.each(STATES)('a %s post', (accessType, owner, granted, other) => {
  // A grant that has outlived a change of access must open nothing.
  beforeEach(async () => {
    await create({ access_type: accessType });
    store.granted.set(ID, [BOB.userId]);
  });
  const status = (read: Promise<unknown>) =>
    read.then(
      () => [200],
      () => refusal(read),
    );

  test('is read, and its tags are, by those who may see it', async () => {
    for (const read of [getPost, getPostTags]) {
      expect(await status(read(ports, ADA, ID))).toEqual([owner]);
      expect(await status(read(ports, BOB, ID))).toEqual([granted]);
      expect(await status(read(ports, CID, ID))).toEqual([other]);
    }
  });

  test('is changed by its owner alone: others are told whose it is where they may see it', async () => {
    const grants = { page: () => Promise.reject(new Error('It was read')) } as Pick<GrantStore, 'page'>;
    for (const [viewer, seen] of [
      [BOB, granted],
      [CID, other],
    ] as const) {
      const expected = [seen === 200 ? 403 : 404];
      expect(await refusal(update({ name: 'Mine' }, viewer))).toEqual(expected);
      expect(await refusal(updateAllowedUsers(ports, viewer, ID, []))).toEqual(expected);
      expect(await refusal(deletePost(ports, viewer, ID))).toEqual(expected);
      expect(await refusal(getAllowedUsers({ posts: store, grants }, viewer, ID, { limit: 1 }))).toEqual(expected);
    }
    expect(store.posts.get(ID)).toMatchObject({ name: 'A post', version: 1 });
  });
});

test.each(['x', '', '01900000-0001-7000-8000-ABCDEF000001', `${ID} `, '../me'])(
  '%j leads nowhere, and is not looked up',
  async (id) => {
    for (const work of [getPost(ports, ADA, id), deletePost(ports, ADA, id), updatePost(ports, ADA, id, {})]) {
      expect(await refusal(work)).toEqual([404]);
    }
    expect(store.asked).toEqual([]);
  },
);

describe('changing', () => {
  test('leaves what is left out, and moves the time on, even where the clock goes back', async () => {
    await create();
    now -= 1000;
    expect(await update({ name: 'New' })).toMatchObject({
      ...{ name: 'New', content: 'text', access_type: 'private', tags: [] },
      updated_at: '2026-01-01T00:00:00.001Z',
    });
  });

  test('keeps a tag that its owner has closed meanwhile, and takes no new one', async () => {
    addTag(1, 2, 'public');
    await create({ tags: [tagIdOf(1)] });
    addTag(1, 2, 'private');
    addTag(2, 2, 'private');
    expect((await update({ tags: [tagIdOf(1)] })).tags).toEqual([{ tag_id: tagIdOf(1), name: 'Tag 1' }]);
    expect(await refusal(update({ tags: [tagIdOf(1), tagIdOf(2)] }))).toEqual([400, 'tags']);
  });

  test('away from allowed users takes all grants, and back gives none', async () => {
    await create({ access_type: 'allowed_user', allowed_users: [BOB.userId] });
    await update({ access_type: 'private' });
    expect(store.granted.get(ID)).toEqual([]);
    await update({ access_type: 'allowed_user' });
    expect(store.granted.get(ID)).toEqual([]);
    await update({ allowed_users: [CID.userId, ADA.userId] });
    expect(store.granted.get(ID)).toEqual([CID.userId]);
    await update({ name: 'New' });
    expect(store.granted.get(ID)).toEqual([CID.userId]);
  });

  test('refuses allowed users of a post that is not for them', async () => {
    await create();
    const allowed_users = [BOB.userId];
    expect(await refusal(update({ allowed_users }))).toEqual([400, 'allowed_users']);
    expect(await refusal(updateAllowedUsers(ports, ADA, ID, allowed_users))).toEqual([400, 'allowed_users']);
    await create({ access_type: 'allowed_user' });
    expect(await refusal(update({ access_type: 'public', allowed_users }))).toEqual([400, 'allowed_users']);
    expect(await updateAllowedUsers(ports, ADA, ID, allowed_users)).toEqual({ allowed_users });
  });

  test('beside somebody else loses neither change', async () => {
    await create();
    store.before = () => {
      store.before = () => undefined;
      const post = store.posts.get(ID);
      if (post) store.posts.set(ID, { ...post, content: 'theirs', version: 2 });
    };
    expect(await update({ name: 'Mine' })).toMatchObject({ name: 'Mine', content: 'theirs' });
    expect(store.posts.get(ID)).toMatchObject({ name: 'Mine', content: 'theirs', version: 3 });
  });

  test('is given up where others always come first, and finds nothing where the post is gone', async () => {
    await create();
    store.before = () => {
      const post = store.posts.get(ID);
      if (post) store.posts.set(ID, { ...post, version: post.version + 1 });
    };
    await expect(update({ name: 'Mine' })).rejects.toMatchObject({ name: 'Busy' });
    await expect(deletePost(ports, ADA, ID)).rejects.toMatchObject({ name: 'Busy' });
    store.before = () => void store.posts.delete(ID);
    expect(await refusal(update({ name: 'Mine' }))).toEqual([404]);
  });
});
