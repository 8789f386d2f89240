import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ArticleRepository } from './articles';
import { FavoriteRepository } from './favorites';
import { toSlug } from './items';
import { ListRepository } from './lists';
import { SessionRepository } from './sessions';
import type { Tables } from './tables';
import { startTestServices, TABLE, type TestServices } from '../../../local/testing';
import { articleIdOf, fullArticleOf, userIdOf } from '../../../test/support/samples';
import { inScope } from '../../../test/support/scope';
import { batchGet, batchWrite } from '../../core/dynamodb';
import {
  AUTHOR_COUNT_SHARDS,
  authorCountKey,
  FAVORITE_COUNT_SHARDS,
  favoriteCountKey,
  profileKey,
  slugKey,
  tagCountKey,
  TIMELINE_COUNT_SHARDS,
  timelineCountKey,
} from '../../social-table/keys';

/** Writers of the same things at once, on a table whose transactions hold their items for as long as in AWS. */

const ADA = userIdOf(1);
const AT = '2026-01-01T00:00:00.000Z';
/** A transaction takes some ten to twenty milliseconds. */
const HOLD_MS = 15;
/** A site on which many write at once. */
const SHARDS = 4;

let services: TestServices;
let client: DynamoDBClient;
let tables: Tables;
let articles: ArticleRepository;
let favorites: FavoriteRepository;
let lists: ListRepository;
let made = 0;

beforeAll(async () => {
  services = await startTestServices({ conflictHoldMs: HOLD_MS });
  client = new DynamoDBClient(services.client);
  const social = (await services.create('AWS::DynamoDB::Table', 'Social', TABLE)).ref;
  tables = {
    db: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
    social,
    accounts: '',
    shards: SHARDS,
  };
  articles = new ArticleRepository(tables);
  favorites = new FavoriteRepository(tables);
  lists = new ListRepository(tables);
  await batchWrite(tables.db, social, [
    { PutRequest: { Item: { ...profileKey(ADA), userId: ADA, username: 'ada', tokenVersion: 1 } } },
  ]);
}, 40_000);

afterAll(async () => {
  client?.destroy();
  await services?.close();
});

async function publish(tagList: readonly string[] = []) {
  const article = fullArticleOf(++made, 1, { tagList });
  expect(await articles.create(article, article.slug)).toEqual({ kind: 'done' });
  return article;
}
const together = <T>(count: number, make: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));
const read = async (ref: { articleId: string; authorId: string }, viewer?: string) => {
  const found = await articles.read(ref, viewer === undefined ? undefined : { userId: viewer });
  if (!found) throw new Error('The article is gone');
  return found;
};
/** How many shards of a count have counted anything. */
async function shardsUsed(shards: number, keyOf: (shard: number) => { PK: string; SK: string }): Promise<number> {
  const refs = Array.from({ length: shards }, (_, shard) => ({ table: tables.social, key: keyOf(shard) }));
  const items = await batchGet(tables.db, refs);
  return items.filter((item) => Number(item?.articlesCount ?? item?.favoritesCount ?? 0) > 0).length;
}

test.each(inScope([8], [8, 32]))('%d users who favorite one article at once all do, and are counted', async (count) => {
  const article = await publish();
  const outcomes = await together(count, (n) => favorites.favorite(userIdOf(n + 10), article, AT));
  expect(outcomes).toEqual(Array(count).fill({ kind: 'done' }));
  expect((await read(article)).article.favoritesCount).toBe(count);
  expect((await read(article, userIdOf(10))).viewerState.favorited).toBe(true);
  const listed = await lists.readArticles([article], undefined);
  expect(listed.articles.get(article.articleId)?.favoritesCount).toBe(count);
});

describe('an article that many favorited at once', () => {
  test('counts on shards from then on, once for each user, whatever was read before', async () => {
    const before = await publish();
    await together(32, (n) => favorites.favorite(userIdOf(n + 10), before, AT));
    const { article } = await read(before);
    expect(article).toMatchObject({ favoriteShards: 16, favoritesCount: 32 });
    const favoriteShard = (shard: number) => favoriteCountKey(before.articleId, shard);
    expect(await shardsUsed(FAVORITE_COUNT_SHARDS, favoriteShard)).toBeGreaterThan(1);
    for (const known of [before, article]) {
      expect(await favorites.favorite(userIdOf(10), known, AT)).toEqual({ kind: 'already' });
      expect(await favorites.unfavorite(userIdOf(99), known)).toEqual({ kind: 'already' });
      await favorites.favorite(userIdOf(77), known, AT);
    }
    expect((await read(before)).article.favoritesCount).toBe(33);
    const outcomes = await together(32, (n) => favorites.unfavorite(userIdOf(n + 10), before));
    expect(outcomes).toEqual(Array(32).fill({ kind: 'done' }));
    expect((await read(before)).article.favoritesCount).toBe(1);
  });

  test('is deleted with its shards, and is gone for those who favorite it later', async () => {
    const before = await publish();
    await together(32, (n) => favorites.favorite(userIdOf(n + 10), before, AT));
    const { article } = await read(before);
    expect(article.favoriteShards).toBe(16);
    const [slug] = await batchGet(tables.db, [{ table: tables.social, key: slugKey(article.slug) }]);
    expect(await articles.delete(toSlug(article.slug, slug ?? {}), AT)).toEqual({ kind: 'done' });
    for (const known of [before, article]) {
      expect(await favorites.favorite(userIdOf(99), known, AT)).toEqual({ kind: 'gone' });
      expect(await favorites.unfavorite(userIdOf(10), known)).toEqual({ kind: 'gone' });
    }
    expect(await lists.withAllFavorites([article])).toEqual([{ ...article, favoritesCount: article.favoritesCount }]);
  });
});

test('8 posts of one author at once are all made, and counted', async () => {
  const before = await lists.authorCount(ADA);
  await together(8, () => publish(['one', 'two']));
  expect(await lists.authorCount(ADA)).toBe(before + 8);
  expect((await lists.byAuthor(ADA, 100)).rows).toHaveLength(before + 8);
  expect(await lists.timeline(1)).toMatchObject({ total: before + 8 });
  expect((await lists.byTag('one', 100)).rows).toHaveLength(8);
  const { tagged } = await new SessionRepository({ ...tables, shards: SHARDS }).load(undefined, { tag: 'one' });
  expect(tagged).toBe(8);
});

test('posts at once spread over the shards of each count that they share', async () => {
  await together(12, () => publish(['shared']));
  const countOfAll = (n: number) => timelineCountKey(articleIdOf(n % SHARDS), SHARDS, Math.floor(n / SHARDS));
  expect(await shardsUsed(SHARDS * TIMELINE_COUNT_SHARDS, countOfAll)).toBeGreaterThan(SHARDS);
  expect(await shardsUsed(AUTHOR_COUNT_SHARDS, (shard) => authorCountKey(ADA, shard))).toBeGreaterThan(1);
  // The first try of each is on one and the same shard; those that it refuses go anywhere.
  expect(await shardsUsed(SHARDS, (shard) => tagCountKey('shared', shard))).toBeGreaterThan(1);
});

test('an article whose favorites come one by one is never sharded', async () => {
  const article = await publish();
  for (let n = 0; n < 12; n++) await favorites.favorite(userIdOf(n + 10), article, AT);
  const found = (await read(article)).article;
  expect([found.favoritesCount, found.favoriteShards]).toEqual([12, undefined]);
  expect(found.articleId).toBe(articleIdOf(made));
});
