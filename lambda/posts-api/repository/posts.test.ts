import { BatchGetCommand, type BatchGetCommandOutput } from '@aws-sdk/lib-dynamodb';
import { operations, weakReads } from '../../../test/support/engine';
import { fullPostOf, tagIdOf, tagOf } from '../../../test/support/post-samples';
import { ADA, BOB, CID, ID, tagIds, text, usePosts, users } from '../../../test/support/post-world';
import type { Item, Key } from '../../core/dynamodb';
import { DELETED_USER } from '../../social-table/post-entities';
import {
  allowedUserKey,
  postContentKey,
  postGrantsKey,
  postKey,
  publicPostKey,
  sharedPostKey,
  tagKey,
} from '../../social-table/post-keys';
import type { FullPost, Post } from '../domain/model';
import type { PostUpdate } from '../domain/posts';

const { world, at, put, keys, putTags, create, found, whole, wanted } = usePosts();

const LATER = '2026-01-01T00:00:01.000Z';
const pending = async () => (await at(postKey(ID)))?.grantsPending;

describe('creating', () => {
  test('writes the post, its content and its edges in one transaction', async () => {
    await putTags(tagIds(1));
    expect(await create({ accessType: 'public', tagIds: tagIds(1) })).toEqual({ kind: 'done' });
    expect(operations(world.tables.calls)).toEqual(['TransactWriteItems']);
    expect(await keys()).toEqual(await whole());
    expect(await keys()).toHaveLength(6);
    expect(await at(postKey(ID))).toMatchObject({ entityType: 'Post', schemaVersion: 2, version: 1 });
    expect(await at(postKey(ID))).not.toHaveProperty('content');
  });

  test('gives each allowed user a grant and an edge', async () => {
    await create({ accessType: 'allowed_user' }, [BOB, CID]);
    expect(await keys()).toEqual(await whole([BOB, CID]));
    expect(await at(allowedUserKey(ID, BOB))).toMatchObject({ entityType: 'AllowedUser', postVersion: 1 });
    expect(await at(postKey(ID))).not.toHaveProperty('grantsPending');
  });

  test.each([
    [48, 0, false],
    [49, 0, true],
    [18, 20, false],
    [19, 20, true],
    [1000, 20, true],
  ])('with %i allowed users and %i tags: what a transaction does not take is a list: %s', async (...given) => {
    const [count, tags, isList] = given;
    await putTags(tagIds(tags));
    const content = 'x'.repeat(300_000);
    const name = '🐉'.repeat(100);
    await create({ accessType: 'allowed_user', tagIds: tagIds(tags), content, name }, users(count));
    expect(await pending()).toBe(isList ? true : undefined);
    expect(await wanted()).toEqual(isList ? users(count) : undefined);
    expect(await keys()).toEqual(await whole(isList ? [] : users(count)));
    expect(await found()).toMatchObject({ content, name });
  });

  test('is refused for an owner who is gone', async () => {
    await put(DELETED_USER.item([ADA], { userId: ADA, username: 'ada', expiresAt: 1 }));
    const before = await keys();
    expect(await create()).toEqual({ kind: 'owner-gone' });
    expect(await keys()).toEqual(before);
  });

  test.each([
    ['a tag that is not there', {}, tagIds(2)],
    ['a private tag of somebody else', { accessType: 'private', ownerId: BOB }, tagIds(1)],
  ])('is refused with %s', async (_, tag, carried) => {
    await putTags(tagIds(1), tag);
    expect(await create({ tagIds: carried })).toEqual({ kind: 'changed' });
    expect(await keys()).toEqual([]);
  });

  test('takes a private tag of the owner', async () => {
    await putTags(tagIds(1), { accessType: 'private' });
    expect(await create({ tagIds: tagIds(1) })).toEqual({ kind: 'done' });
  });
});

describe('reading', () => {
  test('brings the post and its content with one consistent call', async () => {
    await create({ content: 'secret' });
    world.tables.calls.length = 0;
    expect(await found()).toEqual(fullPostOf(1, 1, { content: 'secret' }));
    expect(operations(world.tables.calls)).toEqual(['BatchGetItem']);
    expect(weakReads(world.tables.calls)).toEqual([]);
  });

  test('of what is not there finds nothing', async () => {
    expect(await world.posts.find(ID)).toBeUndefined();
    expect(await world.posts.findDetails(ID)).toBeUndefined();
  });

  test.each(['DETAILS', 'CONTENT'])(
    'never pairs a post with the content of another moment: %s is of a later one',
    async (later) => {
      await create({ content: 'harmless' });
      const before = (await at({ ...postKey(ID), SK: later })) ?? {};
      await put({ ...before, contentVersion: 2, version: 2, postVersion: 2, content: 'secret' });
      let reads = 0;
      world.tables.before = async () => {
        if (++reads === 2) await put(before);
      };
      expect(await found()).toMatchObject({ content: 'harmless' });
      expect(reads).toBe(2);
    },
  );

  test('of a post whose content never stands still is given up', async () => {
    await create();
    await put({ ...postContentKey(ID), content: 'other', postVersion: 7 });
    await expect(found()).rejects.toMatchObject({ name: 'Busy' });
  });
});

describe('the context of a post', () => {
  const context = async (viewer: string) => {
    const post = await found();
    world.tables.calls.length = 0;
    return world.posts.context([post], viewer);
  };
  const granted = async (viewer: string) => (await context(viewer)).granted.get(ID);

  test('has its tags, and the grant of the viewer, with one consistent call', async () => {
    await putTags(tagIds(2));
    await create({ accessType: 'allowed_user', tagIds: tagIds(2) }, [BOB]);
    const { tags, granted: grants } = await context(BOB);
    expect([...tags.values()]).toEqual(tagIds(2).map((tagId) => ({ ...tagOf(0, 1), tagId })));
    expect(grants).toEqual(new Map([[ID, true]]));
    expect(operations(world.tables.calls)).toEqual(['BatchGetItem']);
    expect(weakReads(world.tables.calls)).toEqual([]);
    expect(await granted(CID)).toBe(false);
  });

  test.each(['public', 'private'] as const)('of a %s post without tags is no call', async (accessType) => {
    await create({ accessType });
    expect(await granted(BOB)).toBe(false);
    expect(world.tables.calls).toEqual([]);
  });

  test('leaves out tags that are gone', async () => {
    await putTags(tagIds(2));
    await create({ tagIds: tagIds(2) });
    await world.tables.delete(world.tables.social, [tagKey(tagIdOf(0))]);
    expect([...(await context(ADA)).tags.keys()]).toEqual([tagIdOf(1)]);
  });

  test('goes by the list while grants are being made, whatever grants there are', async () => {
    await create({ accessType: 'allowed_user' }, users(300));
    await put({ ...allowedUserKey(ID, BOB), postVersion: 1 });
    expect(await granted(users(300)[299])).toBe(true);
    expect(await granted(BOB)).toBe(false);
  });

  test('cannot be told for a post that has changed since', async () => {
    await create({ accessType: 'allowed_user' }, [BOB]);
    const post = await found();
    const isTold = async (given: Partial<FullPost> = {}) =>
      (await world.posts.context([{ ...post, ...given }], BOB)).granted.has(ID);
    expect(await isTold()).toBe(true);
    // The list has been worked off.
    expect(await isTold({ grantsPending: true })).toBe(false);
    // The grant has come with a later write.
    expect(await isTold({ version: 0 })).toBe(false);
    await put({ ...postGrantsKey(ID), userIds: [BOB], postVersion: 2 });
    expect(await isTold({ grantsPending: true })).toBe(false);
    expect(await isTold({ grantsPending: true, version: 2 })).toBe(true);
  });
});

/** Changes the post as it is read now, or was. */
async function update(given: Partial<PostUpdate['post']> & Omit<PostUpdate, 'post'>, read?: Post) {
  const { content, grants, ...post } = given;
  const before = read ?? (await found());
  world.tables.calls.length = 0;
  return world.posts.update(before, { post: { ...before, updatedAt: LATER, ...post }, content, grants });
}

describe('changing', () => {
  test('writes all of it in one transaction and leaves the rest', async () => {
    await putTags(tagIds(2));
    await create({ tagIds: tagIds(1), accessType: 'public', content: 'as it was' });
    expect(await update({ name: 'New', tagIds: tagIds(1, 1), accessType: 'private' })).toEqual({ kind: 'done' });
    expect(operations(world.tables.calls)).toEqual(['TransactWriteItems']);
    expect(await keys()).toEqual(await whole());
    expect(await found()).toEqual({
      ...fullPostOf(1, 1, { name: 'New', tagIds: tagIds(1, 1), content: 'as it was' }),
      ...{ updatedAt: LATER, version: 2 },
    });
  });

  test('of the content alone touches nothing but the post and its content', async () => {
    await create({ accessType: 'public' });
    await update({ content: 'New' });
    const [{ input }] = world.tables.calls;
    expect(input.TransactItems).toHaveLength(2);
    expect(await found()).toMatchObject({ content: 'New', version: 2 });
  });

  test('makes a post public', async () => {
    await create();
    await update({ accessType: 'public' });
    expect(await keys()).toEqual(await whole());
    expect(await keys()).toContain(text(publicPostKey(ID)));
  });

  test('is refused where the post has changed since, or is gone', async () => {
    await create({ content: 'one' });
    const stale = await found();
    await update({ content: 'two' });
    expect(await update({ content: 'three' }, stale)).toEqual({ kind: 'changed' });
    expect(await found()).toMatchObject({ content: 'two', version: 2 });
    await world.posts.delete(await found());
    expect(await update({ content: 'three' }, stale)).toEqual({ kind: 'changed' });
    expect(await keys()).toEqual([]);
  });

  test('is refused with a new tag that is gone, and not with one that the post has', async () => {
    await putTags(tagIds(1));
    await create({ tagIds: tagIds(1) });
    await world.tables.delete(world.tables.social, [tagKey(tagIdOf(0))]);
    expect(await update({ tagIds: tagIds(2) })).toEqual({ kind: 'changed' });
    expect(await update({ name: 'New' })).toEqual({ kind: 'done' });
  });

  test('gives and takes grants', async () => {
    await create({ accessType: 'allowed_user' }, [BOB]);
    await update({ grants: { wanted: [CID], made: await world.posts.grants(ID) } });
    expect(await keys()).toEqual(await whole([CID]));
    expect(await at(allowedUserKey(ID, CID))).toMatchObject({ postVersion: 2 });
    expect(await at(sharedPostKey(BOB, ID))).toBeUndefined();
  });

  test('leaves grants that do not fit to a list, with all else in one transaction', async () => {
    await create({ accessType: 'allowed_user' }, [BOB]);
    await update({ name: 'New', content: 'new', grants: { wanted: users(60), made: [BOB] } });
    expect(await pending()).toBe(true);
    expect(await wanted()).toEqual(users(60));
    expect(await found()).toMatchObject({ name: 'New', content: 'new', grantsPending: true });
    expect(await keys()).toEqual(await whole([BOB]));
  });

  test('replaces a list that has yet to be worked off, even by one that would fit', async () => {
    await create({ accessType: 'allowed_user' }, users(60));
    await update({ grants: { wanted: [BOB], made: [] } });
    expect(await wanted()).toEqual([BOB]);
    expect(await at(postGrantsKey(ID))).toMatchObject({ postVersion: 2 });
    await update({ name: 'New' });
    expect(await wanted()).toEqual([BOB]);
    expect(await pending()).toBe(true);
  });

  test('of twenty tags for twenty others leaves the old edges to the clean-up, and who may see the post as it was', async () => {
    await putTags(tagIds(40));
    await create({ accessType: 'allowed_user', tagIds: tagIds(20) }, [BOB]);
    expect(await update({ tagIds: tagIds(20, 20), content: 'new' })).toEqual({ kind: 'done' });
    expect(await found()).toMatchObject({ tagIds: tagIds(20, 20), content: 'new' });
    expect(await wanted()).toEqual([BOB]);
    const leftOver = (await keys()).filter((key) => tagIds(20).some((tagId) => key.includes(tagId)));
    expect(leftOver).toHaveLength(40);
    // Once more, while that is still to be done.
    expect(await update({ tagIds: tagIds(20) })).toEqual({ kind: 'done' });
    expect(await wanted()).toEqual([BOB]);
  });
});

describe('deleting', () => {
  test('removes all but grants in one transaction', async () => {
    await putTags(tagIds(20));
    await create({ accessType: 'public', tagIds: tagIds(20) });
    const post = await found();
    world.tables.calls.length = 0;
    expect(await world.posts.delete(post)).toEqual({ kind: 'done' });
    expect(operations(world.tables.calls)).toEqual(['TransactWriteItems']);
    expect(await keys()).toEqual([]);
  });

  test('is refused where the post has changed since', async () => {
    await create();
    const stale = await found();
    await update({ name: 'New' });
    expect(await world.posts.delete(stale)).toEqual({ kind: 'changed' });
    expect(await keys()).toEqual(await whole());
  });
});

test('every read is consistent', async () => {
  await putTags(tagIds(20));
  await create({ accessType: 'allowed_user', tagIds: tagIds(20) }, users(60));
  await world.posts.context([await found()], BOB);
  await world.posts.grants(ID);
  await world.grants.pending(ID);
  await world.grants.made(ID);
  await world.grants.page(await found(), 10);
  await world.grants.page({ ...(await found()), grantsPending: undefined }, 10);
  await world.cleanUp.exists(ID);
  await world.cleanUp.removePage(ID);
  expect(world.tables.calls.length).toBeGreaterThan(12);
  expect(weakReads(world.tables.calls)).toEqual([]);
});

test('a list that is replaced while it is read is never taken for the one of the post that is read with it', async () => {
  await create({ accessType: 'allowed_user' }, users(1000));
  const [details, list] = [await at(postKey(ID)), await at(postGrantsKey(ID))];
  const replace = () => put({ ...details, version: 2 } as never, { ...list, userIds: [BOB], postVersion: 2 } as never);
  const { db } = world.tables;
  const send = db.send.bind(db) as (command: BatchGetCommand) => Promise<BatchGetCommandOutput>;
  let reads = 0;
  // Items of one batch are not of one moment: here each is read by itself, the last first, and the write falls between.
  jest.spyOn(db, 'send').mockImplementation((async ({ input }: BatchGetCommand) => {
    const [[table, { Keys = [] }]] = Object.entries(input.RequestItems ?? {}) as [string, { Keys?: Key[] }][];
    const items: Item[] = [];
    for (const key of [...Keys].reverse()) {
      const answer = await send(
        new BatchGetCommand({ RequestItems: { [table]: { Keys: [key], ConsistentRead: true } } }),
      );
      items.push(...((answer.Responses?.[table] ?? []) as Item[]));
      if (++reads === 1) await replace();
    }
    return { Responses: { [table]: items } };
  }) as never);
  expect(await world.grants.pending(ID)).toEqual({ kind: 'changed' });
  expect(await world.grants.pending(ID)).toMatchObject({ kind: 'pending', wanted: [BOB] });
});
