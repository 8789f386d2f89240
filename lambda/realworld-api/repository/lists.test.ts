import { ArticleRepository } from './articles';
import { changedRow } from './changed';
import { FavoriteRepository } from './favorites';
import { ItemCache } from './item-cache';
import { toSlug } from './items';
import { ListRepository } from './lists';
import { SessionRepository } from './sessions';
import type { Call } from '../../../test/support/client';
import { operations, type TestTables, useTestTables, weakReads } from '../../../test/support/engine';
import { articleIdOf, fullArticleOf, userIdOf } from '../../../test/support/samples';
import { CLOCKS } from '../../core/clocks';
import {
  articleKey,
  favoriteKey,
  followKey,
  homeOf,
  profileKey,
  slugKey,
  tagCountKey,
  timelineCountKey,
  timelineKey,
} from '../../social-table/keys';
import type { ArticleRef } from '../domain/model';
import { unsettledSince } from '../domain/settling';

const [ADA, BOB, EVE] = [1, 2, 3].map(userIdOf);
const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-01T00:01:00.000Z';

let tables: TestTables;
let articles: ArticleRepository;
let lists: ListRepository;

useTestTables(async (fresh) => {
  tables = fresh;
  articles = new ArticleRepository(tables);
  lists = new ListRepository(tables);
  await tables.put(
    tables.social,
    [ADA, BOB, EVE].map((userId) => ({ ...profileKey(userId), userId, username: userId, tokenVersion: 1 })),
  );
});

/** Articles 1 to `count`: odd ones by Ada, even ones by Bob. */
async function publish(count: number, tagsOf: (number: number) => string[] = () => []): Promise<void> {
  for (let n = 1; n <= count; n++) {
    const article = fullArticleOf(n, n % 2 === 0 ? 2 : 1, { tagList: tagsOf(n) });
    expect(await articles.create(article, article.slug)).toEqual({ kind: 'done' });
  }
  tables.calls.length = 0;
}
async function recordOf(number: number) {
  const item = await tables.item(tables.social, slugKey(`article-${number}`));
  return toSlug(`article-${number}`, item ?? {});
}
async function remove(number: number, deletedAt = AT): Promise<void> {
  expect(await articles.delete(await recordOf(number), deletedAt)).toEqual({ kind: 'done' });
}
const favorite = (userId: string, ...numbers: number[]) =>
  tables.put(
    tables.social,
    numbers.map((n) => ({ ...favoriteKey(userId, articleIdOf(n)), authorId: ADA })),
  );
const numbers = (rows: readonly ArticleRef[]) => rows.map(({ articleId }) => parseInt(articleId.slice(-10), 16));
const ref = (n: number): ArticleRef => ({ articleId: articleIdOf(n), authorId: n % 2 === 0 ? BOB : ADA });

/** How many articles carry a tag, as it comes with who asks. */
const tagged = async (tag: string, shards = 1) =>
  (await new SessionRepository({ ...tables, shards }).load(undefined, { tag })).tagged;
const deletedSince = async (at: string, by = lists, later = 0) =>
  (await by.lately({ deleted: Date.parse(at) + later, changed: Date.parse(at) })).deleted;

const OWN = ['Query FAVORITES#', 'Query FOLLOWS#'];
/** Articles, authors and what is the viewer's own alone are ever read eventually consistent. */
afterEach(() => expect(weakReads(tables.calls, ...OWN, 'AUTHOR#', 'USER#')).toEqual([]));

/** Writes and reads as where many write at once. */
function onShards(shards: number): ListRepository {
  articles = new ArticleRepository({ ...tables, shards });
  return new ListRepository({ ...tables, shards });
}

describe('the timeline', () => {
  test('merges its shards, newest first, and knows how many there are', async () => {
    const many = onShards(4);
    await publish(11);
    expect(new Set([1, 2, 3, 4].map((n) => timelineKey(articleIdOf(n), 4).PK)).size).toBe(4);
    const { rows, more, total } = await many.timeline(5);
    expect({ rows: numbers(rows), more, total }).toEqual({ rows: [11, 10, 9, 8, 7], more: true, total: 11 });
    expect(rows[0]).toEqual(ref(11));
    expect(operations(tables.calls)).toEqual(Array(4).fill('Query'));
  });

  test('says that it is at its end, there or at the latest one row further', async () => {
    await publish(3);
    expect(await lists.timeline(20)).toMatchObject({ more: false, total: 3 });
    expect(await lists.timeline(4)).toMatchObject({ more: false });
    expect(numbers((await lists.timeline(3)).rows)).toEqual([3, 2, 1]);
  });

  test('of no articles is empty', async () => {
    await expect(lists.timeline(20)).resolves.toEqual({ rows: [], more: false, total: 0 });
  });

  test('counts what is counted, and never fewer than none', async () => {
    const count = (shard: number, held: object) => ({ ...timelineCountKey(articleIdOf(1), 1, shard), ...held });
    await tables.put(tables.social, [
      count(90, {}),
      count(91, { articlesCount: 'many' }),
      count(92, { articlesCount: 2 }),
    ]);
    expect(await lists.timeline(20)).toMatchObject({ total: 2 });
    // As where articles are deleted that were made before they were counted here.
    await tables.put(tables.social, [count(93, { articlesCount: -3 })]);
    expect(await lists.timeline(20)).toMatchObject({ total: 0 });
  });

  test('counts a deleted article no more, though its row is still there', async () => {
    await publish(3);
    await remove(2);
    const { rows, total } = await lists.timeline(20);
    expect([numbers(rows), total]).toEqual([[3, 2, 1], 2]);
    await expect(deletedSince(AT)).resolves.toEqual(new Set([articleIdOf(2)]));
  });
});

describe.each([1, 2])('on %d shards that become four', (before) => {
  test('nothing that was written before is lost, nor counted twice', async () => {
    onShards(before);
    await publish(6, (n) => ['all', n % 2 ? 'odd' : 'even']);
    await remove(1);
    const now = onShards(4);
    const more = fullArticleOf(7, 1, { tagList: ['all', 'odd'] });
    await articles.create(more, more.slug);
    await remove(2);
    await articles.update(await recordOf(3), { tagList: ['all', 'even'] }, LATER);
    expect(numbers((await now.timeline(20)).rows)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect(await now.timeline(20)).toMatchObject({ total: 5, more: false });
    expect([await tagged('all', 4), await tagged('odd', 4)]).toEqual([5, 2]);
    expect(await now.tags(10)).toEqual(['all', 'even', 'odd']);
    expect(await deletedSince(AT, now)).toEqual(new Set([1, 2].map(articleIdOf)));
    for (const n of [4, 6, 3]) {
      const later = new Date(Date.parse(LATER) + n).toISOString();
      await articles.update(await recordOf(n), { tagList: ['all'] }, later);
    }
    expect(await now.tags(10)).toEqual(['all', 'odd']);
  });
});

test('tombstones are found from their moment on, on every shard', async () => {
  lists = onShards(2);
  await publish(4);
  await remove(1, AT);
  await remove(2, LATER);
  await remove(3, LATER);
  await expect(deletedSince(AT)).resolves.toEqual(new Set([1, 2, 3].map(articleIdOf)));
  await expect(deletedSince(LATER)).resolves.toEqual(new Set([2, 3].map(articleIdOf)));
  await expect(deletedSince(LATER, lists, 1)).resolves.toEqual(new Set());
});

describe('by tag', () => {
  test('lists those that carry it, newest first, with how many there are', async () => {
    await publish(7, (n) => (n % 2 ? ['odd', 'C#'] : ['Odd']));
    expect(await lists.byTag('odd', 2)).toMatchObject({ rows: [ref(7), ref(5)], more: true });
    expect(await tagged('odd')).toBe(4);
    expect(numbers((await lists.byTag('C#', 20)).rows)).toEqual([7, 5, 3, 1]);
    expect(await lists.byTag('Odd', 20)).toMatchObject({ rows: [ref(6), ref(4), ref(2)], more: false });
    expect(await tagged('Odd')).toBe(3);
    expect(await lists.byTag('none', 20)).toEqual({ rows: [], more: false });
    expect(await tagged('none')).toBe(0);
  });

  test('follows a change of tags at once', async () => {
    await publish(2, () => ['old']);
    const item = await tables.item(tables.social, slugKey('article-1'));
    await articles.update(toSlug('article-1', item ?? {}), { tagList: ['new'] }, LATER);
    expect(await lists.byTag('old', 20)).toMatchObject({ rows: [ref(2)] });
    expect(await tagged('old')).toBe(1);
    expect(await lists.byTag('new', 20)).toMatchObject({ rows: [ref(1)] });
    expect(await tagged('new')).toBe(1);
  });

  test('tells which of some articles carry it', async () => {
    await publish(5, (n) => (n < 4 ? ['x'] : []));
    const found = await lists.withTag([ref(5), ref(3), ref(1)], 'x');
    expect(numbers(found)).toEqual([3, 1]);
    await expect(lists.withTag([], 'x')).resolves.toEqual([]);
  });
});

describe('by user', () => {
  test('lists the articles themselves of an author, newest first', async () => {
    await publish(7);
    await remove(5);
    const { rows, more } = await lists.byAuthor(ADA, 2);
    expect([numbers(rows), more]).toEqual([[7, 3], true]);
    expect(rows[0]).toMatchObject({ slug: 'article-7', title: 'Article 7', favoritesCount: 0 });
    expect(await lists.byAuthor(EVE, 2)).toEqual({ rows: [], more: false });
    await expect(lists.authorCount(ADA)).resolves.toBe(3);
    await expect(lists.authorCount(EVE)).resolves.toBe(0);
    await expect(lists.profile(ADA)).resolves.toMatchObject({ userId: ADA });
    await expect(lists.profile(userIdOf(9))).resolves.toBeUndefined();
  });

  test('lists what a user has favorited by the time of the article, not of the favorite', async () => {
    await publish(5);
    for (const n of [3, 5, 1]) await new FavoriteRepository(tables).favorite(BOB, ref(n), AT);
    const { rows, more } = await lists.byFavorited(BOB, 2);
    expect([rows, more]).toEqual([[ref(5), ref(3)], true]);
    expect((await lists.byFavorited(EVE, 20)).rows).toEqual([]);
  });

  test('reads the newest favorites of a viewer ahead, and says how far down they reach', async () => {
    await favorite(BOB, 1, 4, 9);
    await expect(lists.newestFavorites(BOB, 2)).resolves.toEqual({
      ids: new Set([articleIdOf(9), articleIdOf(4)]),
      down: articleIdOf(4),
    });
    await expect(lists.newestFavorites(BOB, 10)).resolves.toMatchObject({ down: undefined });
    await expect(lists.newestFavorites(undefined, 10)).resolves.toEqual({ ids: new Set() });
  });
});

describe('how a viewer stands', () => {
  test('is asked in one range for many articles and users', async () => {
    await favorite(BOB, 2, 5, 9);
    await tables.put(
      tables.social,
      [ADA, EVE].map((user) => ({ ...followKey(BOB, user) })),
    );
    await expect(lists.favorited(BOB, [ref(9), ref(3), ref(2)])).resolves.toEqual(new Set([2, 9].map(articleIdOf)));
    await expect(lists.following(BOB, [EVE, userIdOf(7), EVE])).resolves.toEqual(new Set([EVE]));
    expect(operations(tables.calls)).toEqual(['Query', 'Query']);
  });

  test('is right beyond the first page of a long range', async () => {
    const many = Array.from({ length: 400 }, (_, n) => n + 2);
    await favorite(BOB, ...many.filter((n) => n !== 300));
    const asked = [1, 2, 150, 151, 152, 153, 300, 401, 402].map(ref);
    const found = await lists.favorited(BOB, asked);
    expect(numbers(asked.filter(({ articleId }) => found.has(articleId)))).toEqual([2, 150, 151, 152, 153, 401]);
  });

  test('is nothing for a visitor, and nothing is asked for', async () => {
    await expect(lists.favorited(undefined, [ref(1)])).resolves.toEqual(new Set());
    await expect(lists.following(undefined, [ADA])).resolves.toEqual(new Set());
    await expect(lists.favorited(BOB, [])).resolves.toEqual(new Set());
    expect(tables.calls).toEqual([]);
  });
});

describe('a page of rows', () => {
  test('gets its articles, authors and what the viewer made of them; what is gone is left out', async () => {
    await publish(4);
    await remove(3);
    await favorite(EVE, 2);
    await tables.put(tables.social, [{ ...followKey(EVE, BOB) }]);
    tables.calls.length = 0;
    const found = await lists.readArticles([ref(4), ref(3), ref(2)], EVE);
    expect([...found.articles.keys()].sort()).toEqual([2, 4].map(articleIdOf));
    expect(found.articles.get(articleIdOf(4))).toMatchObject({ slug: 'article-4' });
    expect(found.articles.get(articleIdOf(4))).not.toHaveProperty('body');
    expect([...found.authors.keys()].sort()).toEqual([ADA, BOB]);
    expect([found.favorited, found.following]).toEqual([new Set([articleIdOf(2)]), new Set([BOB])]);
    expect(operations(tables.calls).sort()).toEqual(['BatchGetItem', 'Query', 'Query']);
  });

  test('is read eventually consistent where it is known what changed lately, and the viewer not at all', async () => {
    await publish(4);
    tables.readUnits = 0;
    const viewer = { userId: BOB, username: 'bob', bio: null, image: null, tokenVersion: 1 };
    const found = await lists.readArticles([4, 3, 2, 1].map(ref), BOB, new Set(), { changed: new Set(), viewer });
    expect([found.articles.size, found.authors.get(BOB), found.authors.get(ADA)?.username]).toEqual([4, viewer, ADA]);
    // Four articles and one author, and the viewer's favorites, at a half each.
    expect(tables.readUnits).toBe(2.5 + 0.5);
    expect(weakReads(tables.calls)).toHaveLength(2);
  });

  test('is not read again where the function has kept it and nothing of it has changed', async () => {
    await publish(4);
    const kept = new ListRepository({ ...tables, cache: new ItemCache(45_000, CLOCKS) });
    const rows = [4, 3, 2, 1].map(ref);
    const read = async () => {
      const now = Date.now();
      const { changed } = await kept.lately({ deleted: now - 175_000, changed: unsettledSince(now) });
      tables.readUnits = 0;
      return kept.readArticles(rows, undefined, undefined, { changed });
    };
    const first = await read();
    expect([first.articles.size, first.authors.size, tables.readUnits]).toEqual([4, 2, 3]);
    expect(await read()).toEqual(first);
    expect(tables.readUnits).toBe(0);
    const changed = { ...(await tables.item(tables.social, profileKey(ADA))), username: 'new' };
    const at = new Date().toISOString();
    await tables.put(tables.social, [changed, changedRow(tables, ADA, at), changedRow(tables, articleIdOf(2), at)]);
    const third = await read();
    // What is told is read consistently, at one each.
    expect([third.authors.get(ADA)?.username, tables.readUnits]).toEqual(['new', 2]);
    expect(third.articles).toEqual(first.articles);
  });

  test('asks consistently for the viewer’s favorites where an article of it was changed lately', async () => {
    await publish(4);
    await favorite(EVE, 2, 4);
    const favorites = () => tables.calls.filter((call) => JSON.stringify(call).includes('FAVORITES#'));
    for (const changed of [new Set([EVE, articleIdOf(1)]), new Set([articleIdOf(3)])]) {
      tables.calls.length = 0;
      const { favorited } = await lists.readArticles([4, 3, 2].map(ref), EVE, undefined, { changed });
      expect(favorited).toEqual(new Set([2, 4].map(articleIdOf)));
      expect(favorites().map(({ input }) => input.ConsistentRead)).toEqual([changed.has(articleIdOf(3))]);
    }
  });

  test('asks consistently whom the viewer follows where they have followed somebody lately', async () => {
    await publish(2);
    await tables.put(tables.social, [{ ...followKey(EVE, BOB) }]);
    const follows = () => tables.calls.filter((call) => JSON.stringify(call).includes('FOLLOWS#'));
    for (const changed of [new Set<string>(), new Set([EVE])]) {
      tables.calls.length = 0;
      const { following } = await lists.readArticles([ref(2)], EVE, undefined, { changed });
      expect(following).toEqual(new Set([BOB]));
      expect(follows().map(({ input }) => input.ConsistentRead)).toEqual([changed.size > 0]);
    }
  });

  test('has what changed lately as it is, and asks once more for what a read lacks', async () => {
    await publish(3);
    const late = await tables.item(tables.social, articleKey(BOB, articleIdOf(2)));
    await tables.delete(tables.social, [articleKey(BOB, articleIdOf(2))]);
    tables.before = () => (tables.calls.length === 3 ? tables.put(tables.social, [late ?? {}]) : undefined);
    const changed = new Set([articleIdOf(3), BOB]);
    const found = await lists.readArticles([3, 2, 1].map(ref), undefined, undefined, { changed });
    expect([...found.articles.keys()].sort()).toEqual([1, 2, 3].map(articleIdOf));
    const keysOf = (call: Call) =>
      [articleIdOf(1), articleIdOf(2), articleIdOf(3), profileKey(ADA).PK, profileKey(BOB).PK].map((id) =>
        JSON.stringify(call).includes(id),
      );
    expect(tables.calls.map((call) => [weakReads([call]).length === 0, ...keysOf(call)])).toEqual([
      [true, false, false, true, false, true],
      [false, true, true, false, true, false],
      [true, false, true, false, false, false],
    ]);
  });

  test('asks not whom the viewer follows where that is known', async () => {
    await publish(2);
    const followed = new Set([ADA]);
    expect((await lists.readArticles([ref(1)], EVE, followed)).following).toBe(followed);
    expect(operations(tables.calls).sort()).toEqual(['BatchGetItem', 'Query']);
  });

  test('of a hundred rows by a hundred authors takes two batches, and comes whole', async () => {
    const rows = Array.from({ length: 100 }, (_, n) => ({ articleId: articleIdOf(n), authorId: userIdOf(n + 500) }));
    await tables.put(tables.social, [
      ...rows.map((row) => ({ ...articleKey(row.authorId, row.articleId), ...row })),
      ...rows.map(({ authorId }) => ({ ...profileKey(authorId), userId: authorId })),
    ]);
    const found = await lists.readArticles(rows, undefined);
    expect([found.articles.size, found.authors.size]).toEqual([100, 100]);
    expect(operations(tables.calls)).toEqual(['BatchGetItem', 'BatchGetItem']);
  });
});

describe('tags', () => {
  test('are those in use, the most used first, alike ones by name', async () => {
    await publish(4, (n) => ['all', ...(n > 2 ? ['b', 'a'] : []), ...(n === 1 ? ['C#', 'gone'] : [])]);
    await expect(lists.tags(100)).resolves.toEqual(['all', 'a', 'b', 'C#', 'gone']);
    await remove(1);
    await expect(lists.tags(100)).resolves.toEqual(['all', 'a', 'b']);
  });

  test('are the most used where there are more than are listed, whatever their names', async () => {
    await publish(4, (n) => ['often', `zz-${n}`]);
    await expect(lists.tags(1)).resolves.toEqual(['often']);
  });

  test('are the most used of any number of tags, for reads that do not grow with the number', async () => {
    const many = onShards(4);
    const rare = Array.from({ length: 12_500 }, (_, n) => `${n % 2 ? 'a' : 'z'}-${n}`);
    await tables.put(
      tables.social,
      rare.map((tag) => ({ ...tagCountKey(tag, homeOf(tag, 4)), articlesCount: 1, risesAt: 1 })),
    );
    await publish(9, (n) => ['often', ...(n <= 3 ? ['thrice'] : []), ...(n <= 2 ? ['twice'] : [])]);
    tables.calls.length = 0;
    expect((await many.tags(1000)).slice(0, 4)).toEqual(['often', 'thrice', 'twice', 'a-1']);
    expect(tables.calls.map(({ input }) => input.Limit)).toEqual([1000, 1000, 1000, 1000]);
  }, 60_000);

  test('rank lower when they are used less, and not at all when they are used no more', async () => {
    await publish(8, (n) => ['falling', ...(n <= 3 ? ['steady'] : [])]);
    await expect(lists.tags(1)).resolves.toEqual(['falling']);
    for (let n = 1; n <= 7; n++) await articles.update(await recordOf(n), { tagList: n <= 3 ? ['steady'] : [] }, LATER);
    await expect(lists.tags(2)).resolves.toEqual(['steady', 'falling']);
    await articles.update(await recordOf(8), { tagList: [] }, LATER);
    await expect(lists.tags(100)).resolves.toEqual(['steady']);
    expect((await tables.items(tables.social)).filter(({ SK }) => String(SK).includes('falling'))).toEqual([]);
  });

  test('are counted over all shards of their count', async () => {
    await publish(6, (n) => (n <= 4 ? ['spread'] : ['two']));
    await expect(lists.tags(100)).resolves.toEqual(['spread', 'two']);
  });
});
