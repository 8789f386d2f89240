import { listPosts, listTagPosts, listUserPosts } from './domain/lists';
import { createTag, deleteTag, getTag, listTags, updateTag } from './domain/tags';
import { ListRepository } from './repository/lists';
import { PostRepository } from './repository/posts';
import { TagRepository } from './repository/tags';
import * as facts from '../../src/posts-api/contract';
import { type Cost, costOf, rightsUsed } from '../../test/support/costs';
import { startTestEngine, type TestEngine, type TestTables, weakReads } from '../../test/support/engine';
import { fullPostOf, principalOf, tagIdOf, tagOf } from '../../test/support/post-samples';
import { newId } from '../core/ids';

/** What lists and tags ask of DynamoDB: a page of 20 posts by 20 authors, with two tags each that no other has. */

const AUTHORS = 20;
const [VIEWER, OTHER] = [principalOf(50), principalOf(51)];
const FIRST = { limit: 20 };

let engine: TestEngine;
let tables: TestTables;
let ports: { lists: ListRepository; tags: TagRepository; newId: () => string; now: () => number };
const made = { posts: 0, tags: 0 };
/** On every post. */
const COMMON = tagIdOf(1);

beforeAll(async () => {
  engine = await startTestEngine();
  tables = await engine.tables();
  ports = { lists: new ListRepository(tables), tags: new TagRepository(tables), newId, now: () => Date.now() };
  await makeTag(1, { accessType: 'public' });
  for (let count = 0; count < 25; count++) await publish(51, 'public', 1);
  for (const round of [2, 1]) {
    for (let author = 1; author <= AUTHORS; author++) {
      await publish(author, 'public', round);
      await publish(author, 'allowed_user', round);
      await publish(50, 'private', round);
    }
  }
}, 60_000);
afterAll(() => engine.close());
afterEach(() => expect(weakReads(tables.calls)).toEqual([]));

async function makeTag(owner: number, given: Parameters<typeof tagOf>[2] = {}): Promise<string> {
  const tag = tagOf(++made.tags, owner, given);
  await ports.tags.create(tag);
  return tag.tagId;
}
/** With two tags of its own, or in the second round with one that others have too. */
async function publish(owner: number, accessType: 'public' | 'private' | 'allowed_user', round: number) {
  const tagIds = [round === 2 ? COMMON : await makeTag(owner), await makeTag(owner)];
  const post = fullPostOf(++made.posts, owner, { accessType, tagIds });
  const readers = accessType === 'allowed_user' ? [VIEWER.userId] : [];
  expect(await new PostRepository(tables).create(post, readers)).toEqual({ kind: 'done' });
}

type Facts = { readonly social?: Readonly<Record<string, readonly string[]>> };
const rightsOf = ({ social = {} }: Facts) =>
  Object.entries(social)
    .flatMap(([action, kinds]) => kinds.map((kind) => `${action} ${kind}`))
    .sort();
type Operation =
  'GetPosts' | 'GetUserPosts' | 'GetTagPosts' | 'CreateTag' | 'GetTags' | 'GetTag' | 'UpdateTag' | 'DeleteTag';
const used = new Map<Operation, Set<string>>();

const posts = async (answer: ReturnType<typeof listPosts>) => {
  const page = await answer;
  expect(page.posts).toHaveLength(20);
  expect(page.posts.every(({ tags }) => tags.length === 2)).toBe(true);
  expect(page.next_cursor).not.toBeNull();
};
const tags = async (answer: ReturnType<typeof listTags>) => {
  const page = await answer;
  expect(page.tags).toHaveLength(20);
  expect(page.next_cursor).not.toBeNull();
};
const cost = (calls: number, depth: number, rcu: number, wcu: number): Cost => ({ calls, depth, rcu, wcu });

const LISTS: readonly [Operation, string, () => Promise<unknown>, Cost][] = [
  ['GetPosts', 'public', () => posts(listPosts(ports, VIEWER, {}, FIRST)), cost(6, 3, 67, 0)],
  ['GetPosts', 'mine', () => posts(listPosts(ports, VIEWER, { scope: 'mine' }, FIRST)), cost(3, 3, 64, 0)],
  ['GetPosts', 'shared', () => posts(listPosts(ports, VIEWER, { scope: 'shared' }, FIRST)), cost(3, 3, 85, 0)],
  ['GetPosts', 'all', () => posts(listPosts(ports, VIEWER, { scope: 'all' }, FIRST)), cost(8, 3, 76, 0)],
  ['GetPosts', 'tag', () => posts(listPosts(ports, VIEWER, { scope: 'all', tag: COMMON }, FIRST)), cost(4, 3, 52, 0)],
  ['GetUserPosts', '', () => posts(listUserPosts(ports, VIEWER, OTHER.userId, FIRST)), cost(3, 3, 64, 0)],
  ['GetTagPosts', '', () => posts(listTagPosts(ports, VIEWER, COMMON, FIRST)), cost(4, 3, 52, 0)],
  ['GetTags', 'all', () => tags(listTags(ports, VIEWER, 'all', FIRST)), cost(6, 2, 26, 0)],
  ['GetTags', 'mine', () => tags(listTags(ports, VIEWER, 'mine', FIRST)), cost(2, 2, 22, 0)],
  ['GetTags', 'public', () => tags(listTags(ports, VIEWER, 'public', FIRST)), cost(5, 2, 25, 0)],
];

type TagWork = (tagId: string) => Promise<unknown>;
const NEW = { name: 'x', access_type: 'private' } as const;
const SHOWN = { ...NEW, access_type: 'public' } as const;
const TAGS: readonly [Operation, string, 'private' | 'public', TagWork, Cost][] = [
  ['GetTag', '', 'public', (id) => getTag(ports, VIEWER, id), cost(1, 1, 1, 0)],
  ['CreateTag', 'private', 'public', () => createTag(ports, VIEWER, NEW), cost(1, 1, 0, 6)],
  ['CreateTag', 'public', 'public', () => createTag(ports, VIEWER, SHOWN), cost(1, 1, 0, 8)],
  ['UpdateTag', 'its name', 'public', (id) => updateTag(ports, VIEWER, id, { name: 'y' }), cost(2, 2, 1, 1)],
  ['UpdateTag', 'to private', 'public', (id) => updateTag(ports, VIEWER, id, NEW), cost(2, 2, 1, 4)],
  ['UpdateTag', 'to public', 'private', (id) => updateTag(ports, VIEWER, id, SHOWN), cost(2, 2, 1, 4)],
  ['DeleteTag', '', 'public', (id) => deleteTag(ports, VIEWER, id), cost(2, 2, 1, 6)],
];

async function counted(operation: Operation, work: () => Promise<unknown>): Promise<Cost> {
  const found = await costOf(tables, work);
  const rights = used.get(operation) ?? new Set();
  rightsUsed(tables.calls).forEach((right) => rights.add(right));
  used.set(operation, rights);
  return found;
}

test.each(LISTS)('%s (%s) costs what is documented', async (operation, _, work, expected) => {
  expect(await counted(operation, work)).toEqual(expected);
});

test.each(TAGS)('%s (%s) costs what is documented', async (operation, _, accessType, work, expected) => {
  const tagId = await makeTag(50, { accessType });
  expect(await counted(operation, () => work(tagId))).toEqual(expected);
});

test('each may do what it does, and no more', () => {
  for (const operation of new Set([...LISTS, ...TAGS].map(([name]) => name))) {
    expect([operation, [...(used.get(operation) ?? [])].sort()]).toEqual([operation, rightsOf(facts[operation])]);
  }
});
