import { cleanUpPost, convergeGrants, getAllowedUsers, type LongWork } from './domain/grants';
import {
  createPost,
  deletePost,
  getPost,
  getPostTags,
  type PostPorts,
  updateAllowedUsers,
  updatePost,
} from './domain/posts';
import * as facts from '../../src/posts-api/contract';
import { type Cost, costOf, rightsUsed } from '../../test/support/costs';
import { weakReads } from '../../test/support/engine';
import { firstPost } from '../../test/support/first-posts';
import { fullPostOf, principalOf } from '../../test/support/post-samples';
import { BOB, ID, tagIds, usePosts, users } from '../../test/support/post-world';
import { newId } from '../core/ids';
import { pause } from '../core/retry';

/** What posts and who may see them ask of DynamoDB: a post of 3 KB with two tags. */

const { world, putTags, create, found } = usePosts();

const [OWNER, READER] = [principalOf(1), principalOf(2)];
const CONTENT = 'x'.repeat(3000);
const TAGS = tagIds(2);
const NEW = { name: 'A post', content: CONTENT };
const FIRST = { limit: 20 };

const cost = (calls: number, depth: number, rcu: number, wcu: number): Cost => ({ calls, depth, rcu, wcu });

type Operation =
  'CreatePost' | 'GetPost' | 'UpdatePost' | 'DeletePost' | 'GetPostTags' | 'GetAllowedUsers' | 'UpdateAllowedUsers';
type Ports = PostPorts & { readonly grants: (typeof world)['grants'] };
type Work = (ports: Ports) => Promise<unknown>;

/** Of a post that is there already, in this state. */
type Case = readonly [Operation, string, Parameters<typeof fullPostOf>[2], readonly string[], Work, Cost];

const shared = { accessType: 'allowed_user' } as const;
const put =
  (input: Parameters<typeof updatePost>[3]): Work =>
  (ports) =>
    updatePost(ports, OWNER, ID, input);
const say =
  (userIds: readonly string[]): Work =>
  (ports) =>
    updateAllowedUsers(ports, OWNER, ID, userIds);
const post = (input: Pick<Parameters<typeof createPost>[2], 'access_type' | 'allowed_users' | 'tags'>): Work => {
  return (ports) => createPost({ ...ports, newId }, OWNER, { ...NEW, ...input });
};
const CASES: readonly Case[] = [
  ['CreatePost', 'private', {}, [], post({ access_type: 'private' }), cost(1, 1, 0, 14)],
  ['CreatePost', 'public, two tags', {}, [], post({ access_type: 'public', tags: TAGS }), cost(2, 2, 2, 28)],
  ['CreatePost', 'for ten', {}, [], post({ access_type: 'allowed_user', allowed_users: users(10) }), cost(1, 1, 0, 54)],
  ['GetPost', 'public', { accessType: 'public' }, [], (ports) => getPost(ports, READER, ID), cost(2, 2, 4, 0)],
  ['GetPost', 'shared', shared, [BOB], (ports) => getPost(ports, READER, ID), cost(2, 2, 5, 0)],
  [
    'GetPost',
    'shared, pending',
    shared,
    [BOB, ...users(999)],
    (ports) => getPost(ports, READER, ID),
    cost(2, 2, 14, 0),
  ],
  ['UpdatePost', 'its content', {}, [], put({ content: CONTENT }), cost(3, 3, 3, 10)],
  ['UpdatePost', 'its name', {}, [], put({ name: 'New' }), cost(3, 3, 4, 2)],
  ['UpdatePost', 'its tags', {}, [], put({ tags: tagIds(2, 2) }), cost(3, 3, 4, 22)],
  ['UpdatePost', 'to public', {}, [], put({ access_type: 'public' }), cost(3, 3, 4, 4)],
  ['UpdatePost', 'to private', { accessType: 'public' }, [], put({ access_type: 'private' }), cost(3, 3, 4, 4)],
  ['UpdatePost', 'no more for ten', shared, users(10), put({ access_type: 'private' }), cost(4, 3, 5, 42)],
  ['UpdatePost', 'for one', {}, [], put({ access_type: 'allowed_user', allowed_users: [BOB] }), cost(4, 3, 5, 6)],
  ['DeletePost', '', { accessType: 'public' }, [], (ports) => deletePost(ports, OWNER, ID), cost(2, 2, 1, 22)],
  ['GetPostTags', '', { accessType: 'public' }, [], (ports) => getPostTags(ports, READER, ID), cost(2, 2, 3, 0)],
  ['GetAllowedUsers', '', shared, users(40), (ports) => getAllowedUsers(ports, OWNER, ID, FIRST), cost(2, 2, 2, 0)],
  ['UpdateAllowedUsers', 'ten', shared, [BOB], say(users(10)), cost(3, 3, 2, 46)],
  ['UpdateAllowedUsers', 'a thousand', shared, [BOB], say(users(1000)), cost(3, 3, 2, 76)],
];

type Facts = { readonly social?: Readonly<Record<string, readonly string[]>> };
const rightsOf = ({ social = {} }: Facts) =>
  Object.entries(social)
    .flatMap(([action, kinds]) => kinds.map((kind) => `${action} ${kind}`))
    .sort();
const used = new Map<string, Set<string>>();

async function counted(operation: string, work: () => Promise<unknown>): Promise<Cost> {
  const { tables } = world;
  const counts = await costOf(tables, work);
  const rights = used.get(operation) ?? new Set();
  rightsUsed(tables.calls).forEach((right) => rights.add(right));
  used.set(operation, rights);
  expect(weakReads(tables.calls)).toEqual([]);
  return counts;
}
const ports = (): Ports => ({ ...world, newId, now: () => Date.now(), pause });

test.each(CASES)('%s (%s) costs what is documented', async (operation, _, given, userIds, work, expected) => {
  await putTags(tagIds(4));
  await create({ content: CONTENT, tagIds: TAGS, ...given }, userIds);
  expect(await counted(operation, () => work(ports()))).toEqual(expected);
});

test('a post that waits for its migration costs a query more to read, and a change of it is refused after that', async () => {
  await putTags(TAGS);
  const first = firstPost({ id: ID, owner: OWNER.userId, access: 'public', content: CONTENT, tags: TAGS });
  await world.tables.put(world.tables.social, first);
  expect(await counted('GetPost', () => getPost(ports(), READER, ID))).toEqual(cost(3, 3, 5, 0));
  expect(await counted('GetPostTags', () => getPostTags(ports(), READER, ID))).toEqual(cost(3, 3, 4, 0));
  const refused = () => expect(deletePost(ports(), OWNER, ID)).rejects.toThrow('It has yet to be migrated');
  expect(await counted('DeletePost', refused)).toEqual(cost(2, 2, 2, 0));
});

test('what is no id, or of somebody else, costs nothing or little', async () => {
  await putTags(TAGS);
  await create({ tagIds: TAGS });
  const refused = (work: Promise<unknown>) => expect(work).rejects.toMatchObject({ statusCode: 404 });
  expect(await costOf(world.tables, () => refused(getPost(ports(), READER, 'x')))).toEqual(cost(0, 0, 0, 0));
  expect(await costOf(world.tables, () => refused(getPost(ports(), READER, ID)))).toEqual(cost(1, 1, 2, 0));
  expect(await costOf(world.tables, () => refused(deletePost(ports(), READER, ID)))).toEqual(cost(1, 1, 1, 0));
});

test('the clean-up makes a thousand grants in 21 transactions, and takes them from a deleted post', async () => {
  await create(shared, users(1000));
  const work: LongWork = { timeIsShort: () => false, handOn: () => Promise.reject(new Error('There is time')) };
  const made = await counted('CleanUp', () => convergeGrants(world.grants, work, ID));
  expect(made).toMatchObject({ calls: 25, depth: 24 });
  await world.posts.delete(await found());
  const removed = await counted('CleanUp', () => cleanUpPost(world.cleanUp, work, ID));
  expect(removed).toMatchObject({ calls: 92, wcu: 2000 });
});

test('each may do what it does, and no more', () => {
  for (const operation of new Set(CASES.map(([name]) => name))) {
    expect([operation, [...(used.get(operation) ?? [])].sort()]).toEqual([operation, rightsOf(facts[operation])]);
  }
  const cleanUp = rightsOf(facts.POSTS_HELPERS.CleanUp);
  expect(cleanUp).toEqual(expect.arrayContaining([...(used.get('CleanUp') ?? [])]));
});
