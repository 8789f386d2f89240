import { ArticleRepository } from './articles';
import { FavoriteRepository } from './favorites';
import { changedSince } from './lately';
import { type TestTables, useTestTables } from '../../../test/support/engine';
import { articleIdOf, articleOf, fullArticleOf, slugOf, userIdOf } from '../../../test/support/samples';
import { articleKey, favoritedByKey, favoriteKey } from '../../social-table/keys';

const [ADA, BOB] = [1, 2].map(userIdOf);
const ID = articleIdOf(1);
const REF = { articleId: ID, authorId: ADA };
const SLUG = slugOf(articleOf(1, 1));
const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-01T00:00:01.000Z';

let tables: TestTables;
let articles: ArticleRepository;
let favorites: FavoriteRepository;

useTestTables(async (fresh) => {
  tables = fresh;
  articles = new ArticleRepository(tables);
  favorites = new FavoriteRepository(tables);
  await articles.create(fullArticleOf(1, 1), 'article-1');
});

const at = (key: { PK: string; SK: string }) => tables.item(tables.social, key);
const count = async () => (await at(articleKey(ADA, ID)))?.favoritesCount;

test('write an edge for each side and count one, however often', async () => {
  const kinds: string[] = [];
  await favorites.announce(BOB, REF, true, AT);
  for (let n = 0; n < 3; n++) kinds.push((await favorites.favorite(BOB, REF, AT)).kind);
  expect(kinds).toEqual(['done', 'already', 'already']);
  expect(await count()).toBe(1);
  expect(await at(favoriteKey(BOB, ID))).toMatchObject({ authorId: ADA, createdAt: AT });
  expect(await at(favoritedByKey(ID, BOB))).toBeDefined();
});

test('are taken back once, however often, and never below none', async () => {
  await favorites.unfavorite(BOB, REF);
  expect(await count()).toBe(0);
  await favorites.favorite(BOB, REF, AT);
  const kinds: string[] = [];
  for (let n = 0; n < 3; n++) kinds.push((await favorites.unfavorite(BOB, REF)).kind);
  expect(kinds).toEqual(['done', 'already', 'already']);
  expect(await count()).toBe(0);
  expect(await at(favoriteKey(BOB, ID))).toBeUndefined();
});

test('are found from their article from before they are made on, also when they were taken back and are made again', async () => {
  await favorites.announce(BOB, REF, true, AT);
  expect(await at(favoritedByKey(ID, BOB))).toBeDefined();
  await favorites.favorite(BOB, REF, AT);
  await favorites.announce(BOB, REF, false, LATER);
  await favorites.unfavorite(BOB, REF);
  // Were it removed with that, it could be after the next favorite has put it.
  expect(await at(favoritedByKey(ID, BOB))).toBeDefined();
  const changed = await changedSince(tables, Date.parse(LATER));
  expect([ID, ADA].filter((id) => changed.has(id))).toEqual([ID]);
});

test('that find their article gone leave what finds them to a late clean-up, and then to its expiry', async () => {
  await favorites.announce(BOB, REF, true, AT);
  await favorites.forgetGone(BOB, ID, AT);
  expect(await at(favoritedByKey(ID, BOB))).toMatchObject({ expiresAt: Date.parse(AT) / 1000 + 30 * 86_400 });
});

test('take six write units: two for the edge and two for the count, one for each row that is announced', async () => {
  tables.writeUnits = 0;
  await favorites.announce(BOB, REF, true, AT);
  await favorites.favorite(BOB, REF, AT);
  expect(tables.writeUnits).toBe(6);
  await favorites.announce(BOB, REF, false, AT);
  await favorites.unfavorite(BOB, REF);
  expect(tables.writeUnits).toBe(11);
});

test('of many at once are all counted', async () => {
  await Promise.all(Array.from({ length: 25 }, (_, n) => favorites.favorite(userIdOf(n + 10), REF, AT)));
  expect(await count()).toBe(25);
});

test('of an article that is gone are told so, and leave nothing', async () => {
  await favorites.favorite(BOB, REF, AT);
  await articles.delete(SLUG, LATER);
  const there = await tables.items(tables.social);
  await expect(favorites.favorite(ADA, REF, AT)).resolves.toEqual({ kind: 'gone' });
  await expect(favorites.favorite(BOB, REF, AT)).resolves.toEqual({ kind: 'gone' });
  await expect(favorites.unfavorite(BOB, REF)).resolves.toEqual({ kind: 'gone' });
  expect(await tables.items(tables.social)).toEqual(there);
});
