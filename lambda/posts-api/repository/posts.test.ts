import { PostRepository } from './posts';
import { operations, startTestEngine, type TestEngine, type TestTables, weakReads } from '../../../test/support/engine';
import { fullPostOf, postIdOf, tagIdOf, tagOf } from '../../../test/support/post-samples';
import { userIdOf } from '../../../test/support/samples';
import type { Key } from '../../core/dynamodb';
import { DELETED_USER, TAG } from '../../social-table/post-entities';
import {
  allowedUserKey,
  postContentKey,
  postGrantsKey,
  postKey,
  postTagKey,
  publicPostKey,
  sharedPostKey,
  taggedPostKey,
  tagKey,
  userPostKey,
} from '../../social-table/post-keys';
import type { FullPost } from '../domain/model';

const [ADA, BOB, CID] = [1, 2, 3].map(userIdOf);
const ID = postIdOf(1);

let engine: TestEngine;
let tables: TestTables;
let posts: PostRepository;

beforeAll(async () => (engine = await startTestEngine()));
afterAll(() => engine.close());
beforeEach(async () => {
  tables = await engine.tables();
  posts = new PostRepository(tables);
});

const users = (count: number) => Array.from({ length: count }, (_, n) => userIdOf(100 + n));
const text = ({ PK, SK }: Key) => `${PK} ${SK}`;
const keys = async () => (await tables.items(tables.social)).map((item) => text(item as Key)).sort();
const at = (key: Key) => tables.item(tables.social, key);
const putTags = (count: number, given: object = {}) =>
  tables.put(
    tables.social,
    Array.from({ length: count }, (_, n) => {
      const tag = tagOf(n, 1, given);
      return TAG.item([tag.tagId], tag);
    }),
  );
const tagIds = (count: number) => Array.from({ length: count }, (_, n) => tagIdOf(n));
/** Makes a post of Ada's. */
const create = (given: Partial<FullPost> = {}, userIds: readonly string[] = []) =>
  posts.create(fullPostOf(1, 1, given), userIds);
const found = async () => {
  const post = await posts.find(ID);
  if (!post) throw new Error('No post');
  return post;
};

describe('creating', () => {
  test('writes the post, its content and its edges in one transaction', async () => {
    await putTags(1);
    expect(await create({ accessType: 'public', tagIds: tagIds(1) })).toEqual({ kind: 'done' });
    expect(operations(tables.calls)).toEqual(['TransactWriteItems']);
    const [tag] = tagIds(1);
    expect(await keys()).toEqual(
      [
        ...[postKey(ID), postContentKey(ID), postTagKey(ID, tag)],
        ...[taggedPostKey(tag, ID), publicPostKey(ID), userPostKey(ADA, ID), tagKey(tag)],
      ]
        .map(text)
        .sort(),
    );
    expect(await at(postKey(ID))).toMatchObject({ entityType: 'Post', schemaVersion: 2, version: 1 });
    expect(await at(postKey(ID))).not.toHaveProperty('content');
  });

  test('gives each allowed user a grant and an edge', async () => {
    await create({ accessType: 'allowed_user' }, [BOB, CID]);
    for (const user of [BOB, CID]) {
      expect(await at(allowedUserKey(ID, user))).toMatchObject({ entityType: 'AllowedUser', postVersion: 1 });
      expect(await at(sharedPostKey(user, ID))).toBeDefined();
    }
    expect(await at(postKey(ID))).not.toHaveProperty('grantsPending');
    expect(await at(publicPostKey(ID))).toBeUndefined();
  });

  test.each([
    [48, 0, false],
    [49, 0, true],
    [18, 20, false],
    [19, 20, true],
    [1000, 20, true],
  ])('with %i allowed users and %i tags: more than a transaction takes are a list, pending: %s', async (...given) => {
    const [count, tags, pending] = given;
    await putTags(tags);
    const content = 'x'.repeat(300_000);
    const name = '🐉'.repeat(100);
    await create({ accessType: 'allowed_user', tagIds: tagIds(tags), content, name }, users(count));
    expect((await at(postKey(ID)))?.grantsPending).toBe(pending ? true : undefined);
    expect((await at(postGrantsKey(ID)))?.userIds).toEqual(pending ? users(count) : undefined);
    expect((await keys()).filter((key) => key.includes('ALLOWED_USER'))).toHaveLength(pending ? 0 : count);
    expect(await found()).toMatchObject({ content, name });
  });

  test('is refused for an owner who is gone', async () => {
    await tables.put(tables.social, [DELETED_USER.item([ADA], { userId: ADA, username: 'ada', expiresAt: 1 })]);
    const before = await keys();
    expect(await create()).toEqual({ kind: 'owner-gone' });
    expect(await keys()).toEqual(before);
  });

  test.each([
    ['a tag that is not there', {}, 1],
    ['a private tag of somebody else', { accessType: 'private', ownerId: BOB }, 0],
  ])('is refused with %s', async (_, tag, missing) => {
    await putTags(2, tag);
    await tables.delete(
      tables.social,
      tagIds(missing).map((id) => tagKey(id)),
    );
    const before = await keys();
    expect(await create({ tagIds: tagIds(2) })).toEqual({ kind: 'changed' });
    expect(await keys()).toEqual(before);
  });

  test('takes a private tag of the owner', async () => {
    await putTags(1, { accessType: 'private' });
    expect(await create({ tagIds: tagIds(1) })).toEqual({ kind: 'done' });
  });
});

describe('reading', () => {
  test('brings the post and its content with one consistent call', async () => {
    await create({ content: 'secret' });
    tables.calls.length = 0;
    expect(await found()).toEqual(fullPostOf(1, 1, { content: 'secret' }));
    expect(operations(tables.calls)).toEqual(['BatchGetItem']);
    expect(weakReads(tables.calls)).toEqual([]);
  });

  test('of what is not there finds nothing', async () => {
    expect(await posts.find(ID)).toBeUndefined();
    expect(await posts.findDetails(ID)).toBeUndefined();
  });

  test.each(['DETAILS', 'CONTENT'])(
    'never pairs a post with the content of another moment: %s was read before a change',
    async (stale) => {
      await create({ content: 'harmless' });
      const before = (await at({ ...postKey(ID), SK: stale })) ?? {};
      const after = { ...before, contentVersion: 2, version: 2, postVersion: 2, content: 'changed' };
      await tables.put(tables.social, [after]);
      let reads = 0;
      tables.before = async () => {
        if (++reads === 2) await tables.put(tables.social, [before]);
      };
      expect(await found()).toMatchObject({ content: 'harmless' });
      expect(reads).toBe(2);
    },
  );

  test('of a post whose content never stands still is given up', async () => {
    await create();
    await tables.put(tables.social, [{ ...postContentKey(ID), content: 'other', postVersion: 7 }]);
    await expect(posts.find(ID)).rejects.toMatchObject({ name: 'Busy' });
  });
});

describe('the context of a post', () => {
  const context = async (viewer: string) => {
    const post = await found();
    tables.calls.length = 0;
    return posts.context([post], viewer);
  };
  const granted = async (viewer: string) => (await context(viewer)).granted.get(ID);

  test('has its tags, and the grant of the viewer, with one consistent call', async () => {
    await putTags(2);
    await create({ accessType: 'allowed_user', tagIds: tagIds(2) }, [BOB]);
    const { tags, granted: grants } = await context(BOB);
    expect([...tags.values()]).toEqual([tagOf(0, 1), tagOf(1, 1)]);
    expect(grants).toEqual(new Map([[ID, true]]));
    expect(operations(tables.calls)).toEqual(['BatchGetItem']);
    expect(weakReads(tables.calls)).toEqual([]);
    expect(await granted(CID)).toBe(false);
  });

  test.each(['public', 'private'] as const)('of a %s post without tags is no call', async (accessType) => {
    await create({ accessType });
    expect(await granted(BOB)).toBe(false);
    expect(tables.calls).toEqual([]);
  });

  test('leaves out tags that are gone', async () => {
    await putTags(2);
    await create({ tagIds: tagIds(2) });
    await tables.delete(tables.social, [tagKey(tagIdOf(0))]);
    expect([...(await context(ADA)).tags.keys()]).toEqual([tagIdOf(1)]);
  });

  test('goes by the list while grants are being made, whatever grants there are', async () => {
    await create({ accessType: 'allowed_user' }, users(300));
    await tables.put(tables.social, [{ ...allowedUserKey(ID, BOB), postVersion: 1 }]);
    expect(await granted(users(300)[299])).toBe(true);
    expect(await granted(BOB)).toBe(false);
  });

  test('cannot be told for a post that has changed since', async () => {
    await create({ accessType: 'allowed_user' }, [BOB]);
    const post = await found();
    const ask = async (given: Partial<FullPost> = {}) =>
      (await posts.context([{ ...post, ...given }], BOB)).granted.has(ID);
    expect(await ask()).toBe(true);
    // The list has been worked off.
    expect(await ask({ grantsPending: true })).toBe(false);
    // The grant has come with a later write.
    expect(await ask({ version: 0 })).toBe(false);
    await tables.put(tables.social, [{ ...postGrantsKey(ID), userIds: [BOB], postVersion: 2 }]);
    expect(await ask({ grantsPending: true })).toBe(false);
    expect(await ask({ grantsPending: true, version: 2 })).toBe(true);
  });
});
