import { expectError } from '../shapes';
import { slugs, TestUser, times, uniqueName, World } from '../world';

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

    test('of a crowd at once are counted wherever the article shows, and are taken back as well', async () => {
      const crowd = await world.registerMany(16);
      const tag = uniqueName('tag');
      const { slug } = await world.createArticle(author, { tagList: [tag] });
      // More than once: where processes start only now, the first users come one by one.
      for (let round = 0; round < 3; round++) {
        await times(16, (index) => world.favorite(crowd[index], slug), 16);
        expect((await world.article(slug, crowd[0])).favoritesCount).toBe(16);
        const after = await times(16, (index) => world.unfavorite(crowd[index], slug), 16);
        expect(after.some(({ favorited }) => favorited)).toBe(false);
        expect((await world.article(slug)).favoritesCount).toBe(0);
      }
      expect((await world.favorite(crowd[0], slug)).favoritesCount).toBe(1);
      expect((await world.unfavorite(crowd[0], slug)).favoritesCount).toBe(0);
      await world.favorite(fan, slug);
      const shown = { slug, favorited: true, favoritesCount: 1 };
      await world.follow(fan, author.username);
      expect((await world.updateArticle(author, slug, { body: 'b' })).favoritesCount).toBe(1);
      expect((await world.list({ tag }, fan)).articles[0]).toMatchObject(shown);
      expect((await world.list({ author: author.username, limit: 1 }, fan)).articles[0]).toMatchObject(shown);
      expect((await world.feed(fan, { limit: 1 })).articles[0]).toMatchObject(shown);
      await world.unfollow(fan, author.username);
      await world.deleteArticle(author, slug);
      expectError(await world.delete(`/articles/${slug}/favorite`, fan), 404, { article: ['not found'] });
      expect(await world.list({ favorited: fan.username, tag })).toEqual({ articles: [], articlesCount: 0 });
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
