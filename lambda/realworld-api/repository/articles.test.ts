import { ArticleRepository } from './articles';
import { sumOf } from './counts';
import { FavoriteRepository } from './favorites';
import { toSlug } from './items';
import { changedSince } from './lately';
import { ListRepository } from './lists';
import type { Call } from '../../../test/support/client';
import { operations, type TestTables, useTestTables, weakReads } from '../../../test/support/engine';
import { articleIdOf, fullArticleOf, profileOf, userIdOf } from '../../../test/support/samples';
import type { Key } from '../../core/dynamodb';
import { timeOfId } from '../../core/ids';
import {
  articleKey,
  articleTextKey,
  authorCountPk,
  changedKey,
  deletedAtOf,
  favoriteKey,
  followKey,
  homeOf,
  isTombstone,
  profileKey,
  slugKey,
  tagCountKey,
  tagEdgeKey,
  timelineKey,
} from '../../social-table/keys';
import type { FullArticle, SlugRecord } from '../domain/model';

const [ADA, BOB] = [1, 2].map(userIdOf);
const ID = articleIdOf(1);
const REF = { articleId: ID, authorId: ADA };
const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-01T00:00:01.000Z';

let tables: TestTables;
let articles: ArticleRepository;
let favorites: FavoriteRepository;

useTestTables(async (fresh) => {
  tables = fresh;
  articles = new ArticleRepository(tables);
  favorites = new FavoriteRepository(tables);
  await tables.put(
    tables.social,
    [ADA, BOB].map((userId) => ({
      ...profileKey(userId),
      userId,
      username: userId,
      tokenVersion: 1,
    })),
  );
});

const sample = (number: number, given: Partial<FullArticle> = {}) =>
  fullArticleOf(number, 1, { tagList: ['z', 'a'], ...given });
const create = (number: number, given: Partial<FullArticle> = {}) =>
  articles.create(sample(number, given), given.slug ?? `article-${number}`);
const at = (key: { PK: string; SK: string }) => tables.item(tables.social, key);
const countOf = async (key: { PK: string; SK: string }) => (await at(key))?.articlesCount;
/** How many articles there are, and how many of Ada's. */
const totals = async () => [
  (await new ListRepository(tables).timeline(1)).total,
  await sumOf(tables, authorCountPk(ADA)),
];

async function record(slug = 'article-1'): Promise<SlugRecord> {
  const item = await at(slugKey(slug));
  if (!item) throw new Error(`No slug ${slug}`);
  return toSlug(slug, item);
}
type WireKey = Record<'PK' | 'SK', { readonly S: string }>;
/** The items that a transaction writes. */
const keysOf = ({ input }: Call) =>
  (input.TransactItems as Record<string, { Item?: WireKey; Key?: WireKey }>[])
    .flatMap((write) => Object.values(write))
    .map(({ Item, Key = Item }) => `${Key?.PK.S} ${Key?.SK.S}`);
/** Everything but the version and time that each change moves. */
const everything = () => tables.items(tables.social);

describe('creating', () => {
  test('writes the article, its text, slug, edges and counts in one transaction', async () => {
    await expect(create(1)).resolves.toEqual({ kind: 'done' });
    expect(operations(tables.calls)).toEqual(['TransactWriteItems']);
    expect(await at(articleKey(ADA, ID))).toMatchObject({ slug: 'article-1', favoritesCount: 0, version: 1 });
    expect(await at(slugKey('article-1'))).toMatchObject({ articleId: ID, authorId: ADA, tagList: ['z', 'a'] });
    expect(await at(timelineKey(ID, 1))).toMatchObject({ authorId: ADA });
    expect(await at(tagEdgeKey('z', ID))).toMatchObject({ authorId: ADA });
    expect(await Promise.all([tagCountKey('z', 0), tagCountKey('a', 0)].map(countOf))).toEqual([1, 1]);
    expect(await totals()).toEqual([1, 1]);
  });

  test('keeps the body apart from what lists show, with all that an index needs', async () => {
    await create(1);
    expect(await at(articleKey(ADA, ID))).not.toHaveProperty('body');
    expect(await at(articleTextKey(ID))).toMatchObject({
      ...{ articleId: ID, authorId: ADA, title: 'Article 1', description: 'About 1', body: 'Body 1' },
      ...{ tagList: ['z', 'a'], version: 1 },
    });
  });

  test('of a slug that is taken writes nothing and says so', async () => {
    await create(1);
    const there = await everything();
    await expect(create(2, { slug: 'article-1' })).resolves.toEqual({ kind: 'slug-taken' });
    expect(await everything()).toEqual(there);
  });

  test('twenty tags and the longest text fit', async () => {
    const tagList = Array.from({ length: 20 }, (_, n) => `tag ${n} ${'🐉'.repeat(20)}`);
    const long = sample(1, {
      tagList,
      body: 'x'.repeat(350_000),
      description: '🐉'.repeat(1000),
      title: 'é'.repeat(500),
    });
    await expect(articles.create(long, 'article-1')).resolves.toEqual({ kind: 'done' });
    expect((await articles.read(REF, undefined))?.article).toEqual(long);
  });

  test('by one author at once write no item in common, so that none waits for another', async () => {
    const posts = () => tables.calls.filter(({ operation }) => operation === 'TransactWriteItems').map(keysOf);
    for (let n = 1; n <= 8; n++) await create(n, { tagList: [] });
    const counts = posts().map((keys) => keys.filter((key) => key.includes('COUNT')));
    expect(counts.every((keys) => keys.length === 2)).toBe(true);
    // Shards are chosen at random: that all eight are the same happens once in a thousand million.
    expect(new Set(counts.flat()).size).toBeGreaterThan(3);
    const others = posts().flatMap((keys) => keys.filter((key) => !key.includes('COUNT')));
    expect(new Set(others).size).toBe(others.length);
  });

  test('many at once: each is counted', async () => {
    await Promise.all(Array.from({ length: 12 }, (_, n) => create(n + 1)));
    expect(await totals()).toEqual([12, 12]);
  });
});

describe('reading', () => {
  const stand = (...keys: Key[]) =>
    tables.put(
      tables.social,
      keys.map((key) => ({ ...key })),
    );
  beforeEach(() => create(1));

  test('brings article, text, author and how the viewer stands to both, with reads side by side', async () => {
    await stand(favoriteKey(BOB, ID), followKey(BOB, ADA));
    tables.calls.length = 0;
    await expect(articles.read(REF, { userId: BOB })).resolves.toEqual({
      article: sample(1),
      author: { userId: ADA, username: ADA, bio: null, image: null, tokenVersion: 1 },
      viewerState: { favorited: true, following: true },
    });
    expect(operations(tables.calls)).toEqual(['BatchGetItem', 'BatchGetItem']);
    expect(weakReads(tables.calls, articleTextKey(ID).PK)).toEqual([]);
    const visitor = { favorited: false, following: false };
    expect((await articles.read(REF, undefined))?.viewerState).toEqual(visitor);
    expect((await articles.read(REF, { userId: ADA }))?.viewerState).toEqual(visitor);
  });

  test('a favorite without a follow, and a follow without a favorite, are told apart', async () => {
    await stand(followKey(BOB, ADA));
    expect((await articles.read(REF, { userId: BOB }))?.viewerState).toEqual({ favorited: false, following: true });
    await tables.put(tables.social, [{ ...favoriteKey(ADA, ID) }]);
    expect((await articles.read(REF, { userId: ADA }))?.viewerState).toEqual({ favorited: true, following: false });
  });

  test('takes the text as it is where its version is the article’s, and reads it again where it is behind', async () => {
    const behind = await at(articleTextKey(ID));
    await articles.update(await record(), { body: 'new' }, LATER);
    const now = await at(articleTextKey(ID));
    for (const copy of [behind, undefined]) {
      await (copy ? tables.put(tables.social, [copy]) : tables.delete(tables.social, [articleTextKey(ID)]));
      tables.calls.length = 0;
      tables.before = () => (tables.calls.length === 3 ? tables.put(tables.social, [now ?? {}]) : undefined);
      expect((await articles.read(REF, undefined))?.article).toMatchObject({ body: 'new', updatedAt: LATER });
      expect(weakReads(tables.calls)).toHaveLength(1);
      expect(weakReads(tables.calls.slice(2))).toEqual([]);
    }
    tables.calls.length = 0;
    expect((await articles.read(REF, undefined))?.article.body).toBe('new');
    expect(tables.calls).toHaveLength(2);
  });

  test('costs half where it is known what changed lately, and is as it is for what did', async () => {
    await stand(favoriteKey(BOB, ID), followKey(BOB, ADA));
    for (const [consistent, ...ids] of [[0], [1, BOB], [2, ID], [4, ID, ADA, BOB]] as const) {
      [tables.calls.length, tables.readUnits] = [0, 0];
      const found = await articles.read(REF, { userId: BOB }, {}, { changed: new Set<string>(ids) });
      expect(found).toMatchObject({ article: sample(1), viewerState: { favorited: true, following: true } });
      expect(tables.readUnits).toBe(2.5 + consistent / 2);
      expect(tables.calls).toHaveLength(consistent > 0 ? 2 : 1);
    }
  });

  test('asks again for what must be there and a read lacks, and not for what need not be', async () => {
    const details = await at(articleKey(ADA, ID));
    await tables.delete(tables.social, [articleKey(ADA, ID)]);
    tables.calls.length = 0;
    tables.before = () => (tables.calls.length === 2 ? tables.put(tables.social, [details ?? {}]) : undefined);
    const found = await articles.read(REF, { userId: BOB }, {}, { changed: new Set() });
    expect(found).toMatchObject({ article: sample(1), viewerState: { favorited: false, following: false } });
    expect(JSON.stringify(tables.calls[1])).not.toMatch(/FAVORITES#|FOLLOWS#|USER#|TEXT/);
    expect(tables.calls).toHaveLength(2);
  });

  test('does not read what is known', async () => {
    const author = profileOf(1);
    tables.calls.length = 0;
    const found = await articles.read(REF, { userId: BOB }, { author, favorited: true, body: 'known' });
    expect(found).toMatchObject({ author, article: { body: 'known' }, viewerState: { favorited: true } });
    expect(JSON.stringify(tables.calls)).not.toMatch(/USER#|FAVORITES#|"ARTICLE#[^"]*"},"SK":{"S":"TEXT/);
    expect(operations(tables.calls)).toEqual(['BatchGetItem']);
  });

  test('what is not there, or only in part, is nothing', async () => {
    await expect(articles.read({ articleId: articleIdOf(2), authorId: ADA }, { userId: BOB })).resolves.toBeUndefined();
    await expect(articles.read({ articleId: ID, authorId: BOB }, { userId: BOB })).resolves.toBeUndefined();
  });
});

describe('changing', () => {
  beforeEach(() => create(1));

  test('is told in the same transaction, with the time of the change', async () => {
    await articles.update(await record(), { body: 'new' }, LATER);
    expect(await at(changedKey(ID, LATER, 1))).toMatchObject({ expiresAt: Date.parse(LATER) / 1000 + 600 });
    await articles.update(await record(), { body: 'newer' }, LATER);
    const since = async (time: number) => {
      const changed = await changedSince(tables, time);
      return [ID, ADA].filter((id) => changed.has(id));
    };
    expect(await since(Date.parse(LATER))).toEqual([ID]);
    expect(await since(Date.parse(LATER) + 1)).toEqual([]);
  });

  test('the body changes the text alone, and moves version and time', async () => {
    await expect(articles.update(await record(), { body: 'new' }, LATER)).resolves.toEqual({ kind: 'done' });
    expect(await at(articleTextKey(ID))).toMatchObject({ body: 'new', title: 'Article 1', version: 2 });
    expect(await at(articleKey(ADA, ID))).toMatchObject({
      title: 'Article 1',
      updatedAt: LATER,
      createdAt: AT,
      version: 2,
    });
    expect(await record()).toMatchObject({ articleId: ID });
  });

  test('title and slug move together: the old slug is free, who commented is kept in mind', async () => {
    const known = { ...(await record()), commenterIds: [BOB] };
    const moved = await articles.update(known, { title: 'Moved' }, LATER, { slug: 'moved', slugBase: 'moved' });
    expect(moved).toEqual({ kind: 'done' });
    expect(await at(slugKey('article-1'))).toBeUndefined();
    expect(await record('moved')).toEqual({ ...known, slug: 'moved', slugBase: 'moved' });
    expect(await at(articleKey(ADA, ID))).toMatchObject({ title: 'Moved', slug: 'moved' });
    await expect(create(2, { slug: 'article-1' })).resolves.toEqual({ kind: 'done' });
  });

  test('tags that go lose edge and count, those that come get both, those that stay are not touched', async () => {
    await create(2, { tagList: ['a'] });
    await articles.update(await record(), { tagList: ['a', 'new'] }, LATER);
    expect(await at(tagEdgeKey('z', ID))).toBeUndefined();
    expect(await at(tagEdgeKey('new', ID))).toMatchObject({ authorId: ADA });
    expect(await Promise.all(['z', 'new', 'a'].map((tag) => countOf(tagCountKey(tag, 0))))).toEqual([undefined, 1, 2]);
    expect((await record()).tagList).toEqual(['a', 'new']);
    expect((await at(articleTextKey(ID)))?.tagList).toEqual(['a', 'new']);
  });

  test('another order of the same tags is kept', async () => {
    await articles.update(await record(), { tagList: ['a', 'z'] }, LATER);
    expect((await articles.read(REF, undefined))?.article.tagList).toEqual(['a', 'z']);
    expect(await countOf(tagCountKey('z', 0))).toBe(1);
  });

  test('a new title with all twenty tags exchanged fits one transaction', async () => {
    const tags = (kind: string) => Array.from({ length: 20 }, (_, n) => `${kind}-${n}`);
    await create(2, { tagList: tags('old') });
    const changes = { title: 'x', body: 'b', description: 'd', tagList: tags('new') };
    const outcome = await articles.update(await record('article-2'), changes, LATER, { slug: 'x', slugBase: 'x' });
    expect(outcome).toEqual({ kind: 'done' });
    expect((await record('x')).tagList).toEqual(tags('new'));
  });

  test('a change that is not later than the last is told when that was', async () => {
    for (const updatedAt of [AT, '2025-12-31T00:00:00.000Z']) {
      const outcome = await articles.update(await record(), { body: 'new' }, updatedAt);
      expect(outcome).toEqual({ kind: 'too-early', updatedAt: AT });
    }
    expect((await at(articleTextKey(ID)))?.body).toBe('Body 1');
  });

  test('a slug that is taken is told, and nothing is written', async () => {
    await create(2);
    const there = await everything();
    const outcome = await articles.update(await record(), { title: 'x' }, LATER, { slug: 'article-2', slugBase: 'x' });
    expect(outcome).toEqual({ kind: 'slug-taken' });
    expect(await everything()).toEqual(there);
  });

  test('what was renamed, or given other tags, since it was read is told so, and nothing is written', async () => {
    const old = await record();
    await articles.update(old, { tagList: ['other'] }, LATER);
    const later = '2026-01-01T00:00:02.000Z';
    const there = await everything();
    await expect(articles.update(old, { tagList: ['mine'] }, later)).resolves.toEqual({ kind: 'changed' });
    await expect(articles.update(old, { title: 'x' }, later, { slug: 'x', slugBase: 'x' })).resolves.toEqual({
      kind: 'changed',
    });
    expect(await everything()).toEqual(there);
    await articles.update(await record(), { title: 'y' }, later, { slug: 'y', slugBase: 'y' });
    const latest = '2026-01-01T00:00:03.000Z';
    await expect(articles.update(old, { body: 'mine' }, latest)).resolves.toEqual({ kind: 'changed' });
  });

  test('what is gone is told so', async () => {
    const old = await record();
    await articles.delete(old, LATER);
    const there = await everything();
    await expect(articles.update(old, { body: 'x' }, LATER)).resolves.toEqual({ kind: 'gone' });
    await expect(
      articles.update(old, { title: 'x', tagList: ['n'] }, LATER, { slug: 'x', slugBase: 'x' }),
    ).resolves.toEqual({ kind: 'gone' });
    expect(await everything()).toEqual(there);
  });

  test('does not lose favorites that come at the same time', async () => {
    const known = await record();
    await Promise.all([
      ...Array.from({ length: 8 }, (_, n) => favorites.favorite(userIdOf(n + 10), REF, AT)),
      articles.update(known, { body: 'new', title: 'New' }, LATER, { slug: 'new', slugBase: 'new' }),
    ]);
    expect((await articles.read(REF, undefined))?.article).toMatchObject({
      favoritesCount: 8,
      body: 'new',
      slug: 'new',
    });
  });
});

describe('deleting', () => {
  beforeEach(() => create(1));

  test('takes article, slug and counts at once, and leaves word for those behind the stream', async () => {
    await create(2);
    await expect(articles.delete(await record(), LATER)).resolves.toEqual({ kind: 'done' });
    expect([await at(articleKey(ADA, ID)), await at(slugKey('article-1'))]).toEqual([undefined, undefined]);
    expect(await totals()).toEqual([1, 1]);
    expect(await Promise.all([tagCountKey('z', 0), tagCountKey('a', 0)].map(countOf))).toEqual([1, 1]);
    const word = (await everything()).find(({ entityType }) => entityType === 'Tombstone');
    expect(word).toMatchObject({ articleId: ID, authorId: ADA, expiresAt: Date.parse(LATER) / 1000 + 24 * 3600 });
  });

  test('leaves word that is as young as the article where clocks differ, and no more than they may', async () => {
    const timeOfWord = async (number: number, behind: number) => {
      await create(number);
      const articleId = articleIdOf(number);
      const created = timeOfId(articleId);
      await articles.delete(await record(`article-${number}`), new Date(created - behind).toISOString());
      const word = (await everything()).find((item) => isTombstone(item) && item.articleId === articleId);
      return deletedAtOf(String(word?.SK)) - created;
    };
    expect([await timeOfWord(2, -700), await timeOfWord(3, 700), await timeOfWord(4, 60_000)]).toEqual([
      700, 0, -55_000,
    ]);
  });

  test('frees the slug', async () => {
    await articles.delete(await record(), LATER);
    await expect(create(2, { slug: 'article-1' })).resolves.toEqual({ kind: 'done' });
  });

  test('twice is once: the second is told that it is gone', async () => {
    const known = await record();
    await articles.delete(known, LATER);
    const there = await everything();
    await expect(articles.delete(known, LATER)).resolves.toEqual({ kind: 'gone' });
    expect(await everything()).toEqual(there);
  });

  test('is not done on other tags than were read, whose counts it would miss', async () => {
    const old = await record();
    await articles.update(old, { tagList: ['other'] }, LATER);
    await expect(articles.delete(old, LATER)).resolves.toEqual({ kind: 'changed' });
    expect(await countOf(tagCountKey('other', 0))).toBe(1);
    await expect(articles.delete(await record(), LATER)).resolves.toEqual({ kind: 'done' });
    expect(await countOf(tagCountKey('other', 0))).toBe(0);
  });
});

test('tags whose counts are at their bounds take one further try, however many of the others are', async () => {
  // The shard that a tag is counted on first is free for half of the tags; all others are at the bound of their rank.
  const tagList = Array.from({ length: 6 }, (_, index) => `tag-${index}`);
  const shards = 4;
  articles = new ArticleRepository({ ...tables, shards });
  const full = tagList.flatMap((tag, index) =>
    Array.from({ length: shards }, (_, shard) => shard)
      .filter((shard) => index % 2 === 0 || shard !== homeOf(tag, shards))
      .map((shard) => ({ ...tagCountKey(tag, shard), articlesCount: 1, risesAt: 1 })),
  );
  await tables.put(tables.social, full);
  tables.calls.length = 0;
  expect(await create(1, { tagList })).toEqual({ kind: 'done' });
  expect(operations(tables.calls)).toEqual(['TransactWriteItems', 'TransactWriteItems']);
});
