import { ListRepository } from './lists';
import { TagCleanUpRepository } from './tag-clean-up';
import { TagRepository } from './tags';
import { UserRepository } from './users';
import { operations, weakReads } from '../../../test/support/engine';
import { firstPost, firstProfile, firstTag } from '../../../test/support/first-posts';
import { ADA, BOB, CID, ID, tagIds, usePosts } from '../../../test/support/post-world';
import { postTagKey } from '../../social-table/post-keys';

/** Posts, tags and profiles as they were first laid out, before their table is migrated. */

const { world, put, at, create } = usePosts();
const [TAG, OTHER] = tagIds(2);
const LATER = '2026-01-01T00:00:01.000Z';

const first = (access: 'public' | 'private' | 'allowed_user' = 'allowed_user') =>
  firstPost({ id: ID, owner: ADA, access, content: 'Dear Bob', tags: [TAG, OTHER], allowed: [BOB] });

afterEach(() => expect(weakReads(world.tables.calls)).toEqual([]));

test('a post is found by its id with its content and tags, by one query more than others', async () => {
  await put(...first());
  world.tables.calls.length = 0;
  const post = await world.posts.find(ID);
  expect(post).toMatchObject({
    postId: ID,
    ownerId: ADA,
    accessType: 'allowed_user',
    content: 'Dear Bob',
    tagIds: [TAG, OTHER],
    version: 1,
    isUnmigrated: true,
  });
  expect(post).not.toHaveProperty('PK');
  expect(operations(world.tables.calls)).toEqual(['BatchGetItem', 'Query']);
  expect(await world.posts.findDetails(ID)).toMatchObject({ name: `Post ${ID}`, tagIds: [TAG, OTHER] });
});

test('who may see it is who could before, and its tags are shown', async () => {
  await put(...first(), firstTag(TAG, ADA, 'private'), firstTag(OTHER, BOB, 'public'));
  const post = (await world.posts.findDetails(ID))!;
  for (const [viewer, may] of [
    [BOB, true],
    [CID, false],
  ] as const) {
    const { granted, tags } = await world.posts.context([post], viewer);
    expect(granted.get(ID)).toBe(may);
    expect([...tags.values()]).toMatchObject([
      { tagId: TAG, ownerId: ADA, accessType: 'private', isUnmigrated: true },
      { tagId: OTHER, ownerId: BOB, accessType: 'public', isUnmigrated: true },
    ]);
  }
  expect(await world.grants.page(post, 10)).toEqual({ items: [BOB], next: undefined });
});

test('what no converter makes sense of is found by nobody', async () => {
  const [post] = first();
  await put({ ...post, access_type: 'friends' }, { ...firstTag(TAG, ADA, 'public'), name: 7 });
  expect([await world.posts.find(ID), await world.posts.findDetails(ID)]).toEqual([undefined, undefined]);
  expect(await new TagRepository(world.tables).get(TAG)).toBeUndefined();
  expect(await world.posts.tags([TAG])).toEqual(new Map());
});

test('a list leaves a post out that an edge leads to and that is not migrated, and shows tags that are not', async () => {
  await put(...first('public'), firstTag(TAG, ADA, 'public'));
  const lists = new ListRepository(world.tables);
  expect(await lists.read([ID])).toEqual([]);
  expect(await lists.tag(TAG)).toMatchObject({ tagId: TAG, name: `Tag ${TAG}` });
  expect(await new TagRepository(world.tables).read([TAG])).toMatchObject([{ tagId: TAG }]);
});

test('nothing is written to it: a change or a delete is refused as though others had changed it', async () => {
  await put(...first());
  const post = (await world.posts.findDetails(ID))!;
  const before = await world.tables.items(world.tables.social);
  expect(await world.posts.update(post, { post: { ...post, name: 'New', updatedAt: LATER } })).toEqual({
    kind: 'changed',
  });
  expect(await world.posts.delete(post)).toEqual({ kind: 'changed' });
  expect(await world.tables.items(world.tables.social)).toEqual(before);
});

test('a tag that is deleted before is taken off it with the edges, of which its tags are made', async () => {
  await put(...first());
  const cleanUp = new TagCleanUpRepository(world.tables);
  expect(await cleanUp.takeOff(TAG, await cleanUp.find(ID))).toBe('done');
  expect(await at(postTagKey(ID, TAG))).toBeUndefined();
  expect(await world.posts.findDetails(ID)).toMatchObject({ tagIds: [OTHER] });
});

test('a profile is shown and changed, and the change outlasts the migration', async () => {
  await put(firstProfile(ADA));
  const users = new UserRepository(world.tables);
  expect(await users.find(ADA)).toEqual({
    displayName: undefined,
    bio: undefined,
    createdAt: '2024-05-01T10:00:00.000Z',
    updatedAt: '2024-06-01T10:00:00.000Z',
  });
  const changed = await users.update(ADA, { displayName: 'Ada' }, LATER);
  expect(changed).toMatchObject({ displayName: 'Ada', updatedAt: LATER, createdAt: '2024-05-01T10:00:00.000Z' });
  expect(await users.find(ADA)).toEqual(changed);
});

test('a post of now costs no call more', async () => {
  await create({ accessType: 'public' });
  world.tables.calls.length = 0;
  expect(await world.posts.find(ID)).not.toHaveProperty('isUnmigrated');
  expect(operations(world.tables.calls)).toEqual(['BatchGetItem']);
});
