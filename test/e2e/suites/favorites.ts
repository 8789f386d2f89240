import { expectError } from '../shapes';
import { slugs, TestUser, uniqueName, World } from '../world';

/** POST and DELETE /articles/:slug/favorite. */
export function describeFavorites(world: World): void {
  describe('favorites', () => {
    let author: TestUser;
    let fan: TestUser;

    beforeAll(async () => {
      [author, fan] = await Promise.all([world.register(), world.register()]);
    });

    test('answer with the whole article, favorited and counted', async () => {
      const before = await world.createArticle(author, { tagList: [uniqueName('tag')] });
      expect(await world.favorite(fan, before.slug)).toEqual({ ...before, favorited: true, favoritesCount: 1 });
      expect(await world.article(before.slug, fan)).toMatchObject({ favorited: true, favoritesCount: 1 });
    });

    test('are taken back', async () => {
      const before = await world.createArticle(author);
      await world.favorite(fan, before.slug);
      expect(await world.unfavorite(fan, before.slug)).toEqual(before);
      expect(await world.article(before.slug, fan)).toEqual(before);
    });

    test('count once for each user', async () => {
      const { slug } = await world.createArticle(author);
      expect((await world.favorite(fan, slug)).favoritesCount).toBe(1);
      expect((await world.favorite(fan, slug)).favoritesCount).toBe(1);
      expect((await world.favorite(author, slug)).favoritesCount).toBe(2);
      expect((await world.unfavorite(fan, slug)).favoritesCount).toBe(1);
      expect((await world.unfavorite(fan, slug)).favoritesCount).toBe(1);
      expect(await world.article(slug, author)).toMatchObject({ favorited: true, favoritesCount: 1 });
    });

    test('never given may be taken back', async () => {
      const before = await world.createArticle(author);
      expect(await world.unfavorite(fan, before.slug)).toEqual(before);
    });

    test('are counted at once in every list', async () => {
      const tag = uniqueName('tag');
      const { slug } = await world.createArticle(author, { tagList: [tag] });
      await world.favorite(fan, slug);
      const shown = { slug, favorited: true, favoritesCount: 1 };
      expect((await world.list({ tag }, fan)).articles[0]).toMatchObject(shown);
      expect((await world.list({ limit: 1 }, fan)).articles[0]).toMatchObject(shown);
      expect((await world.list({ author: author.username, limit: 1 }, fan)).articles[0]).toMatchObject(shown);
      expect((await world.list({ favorited: fan.username, limit: 1 }, fan)).articles[0]).toMatchObject(shown);
    });

    test("are each user's own", async () => {
      const [one, two] = await world.registerMany(2);
      const [first, second] = await world.createArticles(author, 2);
      await world.favorite(one, first.slug);
      await world.favorite(two, second.slug);
      expect(slugs(await world.list({ favorited: one.username }))).toEqual([first.slug]);
      expect(slugs(await world.list({ favorited: two.username }))).toEqual([second.slug]);
      const [listed] = (await world.list({ favorited: two.username }, one)).articles;
      expect(listed).toMatchObject({ slug: second.slug, favorited: false, favoritesCount: 1 });
    });

    test('do not touch the article itself', async () => {
      const before = await world.createArticle(author);
      await world.favorite(fan, before.slug);
      const after = await world.article(before.slug);
      expect(after).toEqual({ ...before, favoritesCount: 1 });
    });

    test('of an unknown slug are 404', async () => {
      const path = `/articles/${uniqueName()}/favorite`;
      expectError(await world.post(path, fan), 404, { article: ['not found'] });
      expectError(await world.delete(path, fan), 404, { article: ['not found'] });
    });
  });
}
