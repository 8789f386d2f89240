import { cleanUpTag } from './domain/tag-clean-up';
import { PostRepository } from './repository/posts';
import { TagCleanUpRepository } from './repository/tag-clean-up';
import { TagRepository } from './repository/tags';
import { startTestEngine, type TestEngine, type TestTables, weakReads } from '../../test/support/engine';
import { fullPostOf, postIdOf, tagIdOf, tagOf } from '../../test/support/post-samples';
import type { Key } from '../core/dynamodb';
import { POST, TAG } from '../social-table/post-entities';
import { postKey, postTagKey, taggedPostKey } from '../social-table/post-keys';

const TAG_ID = tagIdOf(1);
const OTHER = tagIdOf(2);

let engine: TestEngine;
let tables: TestTables;
let store: TagCleanUpRepository;

beforeAll(async () => (engine = await startTestEngine()));
afterAll(() => engine.close());
beforeEach(async () => {
  tables = await engine.tables();
  store = new TagCleanUpRepository(tables);
  await tables.put(
    tables.social,
    [1, 2].map((number) => TAG.item([tagIdOf(number)], tagOf(number, 1))),
  );
});
afterEach(() => expect(weakReads(tables.calls)).toEqual([]));

const put = (...items: Record<string, unknown>[]) => tables.put(tables.social, items);
const remove = (...keys: Key[]) => tables.delete(tables.social, keys);
/** Posts from 1 to `count`, each with both tags. */
async function publish(count: number) {
  const posts = new PostRepository(tables);
  for (let number = 1; number <= count; number++) {
    const post = fullPostOf(number, 1, { tagIds: [TAG_ID, OTHER], accessType: 'public' });
    expect(await posts.create(post, [])).toEqual({ kind: 'done' });
  }
}
const deleteTag = () => new TagRepository(tables).delete(tagOf(1, 1));
const post = async (number: number) => {
  const item = await tables.item(tables.social, postKey(postIdOf(number)));
  return item && POST.read(item);
};
const items = async () =>
  (await tables.items(tables.social)).map((item) => JSON.stringify(item, Object.keys(item).sort())).sort();
const traces = async () => (await items()).filter((item) => item.includes(TAG_ID));

let handedOn: number;
let timeIsShort: () => boolean;
beforeEach(() => {
  handedOn = 0;
  timeIsShort = () => false;
});
const run = () => cleanUpTag(store, { timeIsShort: () => timeIsShort(), handOn: async () => void handedOn++ }, TAG_ID);

test('a deleted tag is taken off all posts, which keep all else', async () => {
  await publish(60);
  const before = await post(7);
  await deleteTag();
  await run();
  expect(await traces()).toEqual([]);
  expect(await post(7)).toEqual({ ...before, tagIds: [OTHER], version: 2 });
  const edges = [postTagKey(postIdOf(7), OTHER), taggedPostKey(OTHER, postIdOf(7))];
  for (const edge of edges) {
    expect(await tables.item(tables.social, edge)).toBeDefined();
  }
  expect(handedOn).toBe(0);
});

test('a tag that is there stays on its posts, whatever a message says', async () => {
  await publish(2);
  const before = await items();
  await run();
  expect(await items()).toEqual(before);
});

test('a second delivery finds nothing to do', async () => {
  await publish(3);
  await deleteTag();
  await run();
  const before = await items();
  await run();
  expect(await items()).toEqual(before);
});

test('what does not fit an invocation is handed on, until nothing is left', async () => {
  await publish(60);
  await deleteTag();
  timeIsShort = () => true;
  for (const [rounds, left] of [
    [1, 35],
    [2, 10],
  ]) {
    await run();
    expect(handedOn).toBe(rounds);
    const posts = (await traces()).filter((item) => item.includes('"Post"'));
    expect(posts).toHaveLength(left);
  }
  await run();
  expect([handedOn, await traces()]).toEqual([2, []]);
});

test('a pass that breaks off is found again by the next, at every write', async () => {
  await publish(3);
  await deleteTag();
  for (let failing = 0; failing < 3; failing++) {
    let writes = 0;
    tables.before = ({ operation }) => {
      if (operation === 'TransactWriteItems' && writes++ >= failing % 2) throw new Error('broken off');
    };
    await expect(run()).rejects.toThrow('broken off');
    tables.before = () => undefined;
  }
  await run();
  expect(await traces()).toEqual([]);
});

describe('edges without their counterparts', () => {
  beforeEach(() => publish(1));

  test('of a post that is gone are removed', async () => {
    await deleteTag();
    await remove(postKey(postIdOf(1)));
    await run();
    expect(await traces()).toEqual([]);
    expect(await post(1)).toBeUndefined();
  });

  test('of a post that has lost the tag already are removed, and it is not written', async () => {
    await deleteTag();
    const item = (await tables.item(tables.social, postKey(postIdOf(1)))) ?? {};
    await put({ ...item, tagIds: [OTHER], version: 5 });
    await run();
    expect(await traces()).toEqual([]);
    expect(await post(1)).toMatchObject({ tagIds: [OTHER], version: 5 });
  });
});

describe('a post that changes at the same moment', () => {
  /** Lays a change over the post each time that its tag is about to be taken off. */
  const meanwhile = (times: number, change: (item: Record<string, unknown>) => Promise<void>) => {
    let left = times;
    tables.before = async ({ operation }) => {
      if (operation === 'TransactWriteItems' && left-- > 0) {
        await change((await tables.item(tables.social, postKey(postIdOf(1)))) ?? {});
      }
    };
  };

  test('keeps the change, and loses the tag', async () => {
    await publish(1);
    await deleteTag();
    meanwhile(3, (item) =>
      put({
        ...item,
        name: `${String(item.name)}!`,
        tagIds: [TAG_ID, ...(item.tagIds as string[])],
        version: Number(item.version) + 1,
      }),
    );
    await run();
    expect(await post(1)).toMatchObject({ name: 'Post 1!!!', tagIds: [OTHER], version: 5 });
    expect(await traces()).toEqual([]);
  });

  test('by being deleted does not come back', async () => {
    await publish(1);
    await deleteTag();
    meanwhile(1, () => remove(postKey(postIdOf(1))));
    await run();
    expect(await post(1)).toBeUndefined();
    expect(await traces()).toEqual([]);
  });

  test('with every attempt is left to the next delivery', async () => {
    await publish(1);
    await deleteTag();
    meanwhile(1000, (item) => put({ ...item, version: Number(item.version) + 1 }));
    await expect(run()).rejects.toThrow('kept changing');
    tables.before = () => undefined;
    await run();
    expect(await traces()).toEqual([]);
  });
});
