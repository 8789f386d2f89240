import { startTestEngine, type TestEngine, type TestTables } from './engine';
import { fullPostOf, postIdOf, tagIdOf, tagOf } from './post-samples';
import { userIdOf } from './samples';
import type { Key } from '../../lambda/core/dynamodb';
import { GrantRepository } from '../../lambda/posts-api/repository/grants';
import { PostCleanUpRepository } from '../../lambda/posts-api/repository/post-clean-up';
import { PostRepository } from '../../lambda/posts-api/repository/posts';
import { POST, POST_GRANTS, TAG } from '../../lambda/social-table/post-entities';
import {
  allowedUserKey,
  postContentKey,
  postGrantsKey,
  postKey,
  postTagKey,
  publicPostKey,
  sharedPostKey,
  taggedPostKey,
  userPostKey,
} from '../../lambda/social-table/post-keys';

/** The id of the post that tests of one post are about: Ada's. */
export const ID = postIdOf(1);
export const [ADA, BOB, CID] = [1, 2, 3].map(userIdOf);

/** So many users who are nobody else. */
export const users = (count: number) => Array.from({ length: count }, (_, n) => userIdOf(100 + n));
export const tagIds = (count: number, from = 0) => Array.from({ length: count }, (_, n) => tagIdOf(from + n));
export const text = ({ PK, SK }: Key) => `${PK} ${SK}`;

/** Posts on a DynamoDB: call it once a file of tests; each of them gets a table of its own. */
export function usePosts() {
  let engine: TestEngine;
  const world = {} as {
    tables: TestTables;
    posts: PostRepository;
    grants: GrantRepository;
    cleanUp: PostCleanUpRepository;
  };
  const repositories = () => ({
    posts: new PostRepository(world.tables),
    grants: new GrantRepository(world.tables),
    cleanUp: new PostCleanUpRepository(world.tables),
  });
  beforeAll(async () => (engine = await startTestEngine()));
  afterAll(() => engine.close());
  beforeEach(async () => {
    world.tables = await engine.tables();
    Object.assign(world, repositories());
  });
  const at = (key: Key) => world.tables.item(world.tables.social, key);
  return {
    world,
    at,
    put: (...items: readonly Record<string, unknown>[]) => world.tables.put(world.tables.social, items),
    /** All that is in the table, but for tags. */
    keys: async () => {
      const items = await world.tables.items(world.tables.social);
      return items
        .filter(({ entityType }) => entityType !== TAG.type)
        .map((item) => text(item as Key))
        .sort();
    },
    putTags: async (ids: readonly string[], given: object = {}) => {
      const items = ids.map((tagId) => TAG.item([tagId], { ...tagOf(0, 1), ...given, tagId }));
      await world.tables.put(world.tables.social, items);
    },
    /** Makes Ada's post. */
    create: (given: Parameters<typeof fullPostOf>[2] = {}, userIds: readonly string[] = []) =>
      world.posts.create(fullPostOf(1, 1, given), userIds),
    /** Ada's post as it is. */
    found: async () => {
      const post = await world.posts.find(ID);
      if (!post) throw new Error('There is no post');
      return post;
    },
    /** What must be there of Ada's post, and nothing else, where these users have a grant. */
    whole: async (userIds: readonly string[] = []) => {
      const item = await at(postKey(ID));
      if (!item) return [];
      const { ownerId, accessType, tagIds: carried, grantsPending } = POST.read(item);
      const keys = [
        ...[postKey(ID), postContentKey(ID), userPostKey(ownerId, ID)],
        ...(accessType === 'public' ? [publicPostKey(ID)] : []),
        ...(grantsPending ? [postGrantsKey(ID)] : []),
        ...carried.flatMap((tagId) => [postTagKey(ID, tagId), taggedPostKey(tagId, ID)]),
        ...userIds.flatMap((userId) => [allowedUserKey(ID, userId), sharedPostKey(userId, ID)]),
      ];
      return keys.map(text).sort();
    },
    /** The list that has yet to be worked off. */
    wanted: async () => {
      const item = await at(postGrantsKey(ID));
      return item && POST_GRANTS.read(item).userIds;
    },
  };
}
