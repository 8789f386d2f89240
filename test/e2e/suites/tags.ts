import { slugs, TestUser, uniqueName, World } from '../world';

/** GET /tags, and tags as values. */
export function describeTags(world: World): void {
  describe('tags', () => {
    let author: TestUser;

    beforeAll(async () => {
      author = await world.register();
    });

    test('are listed at once, each once', async () => {
      const [shared, single] = [uniqueName('shared'), uniqueName('single')];
      await world.createArticle(author, { tagList: [shared, single] });
      await world.createArticle(author, { tagList: [shared] });
      const tags = await world.tags();
      expect(tags).toEqual(expect.arrayContaining([shared, single]));
      expect(new Set(tags).size).toBe(tags.length);
    });

    test('are listed for as long as one article has them', async () => {
      const tag = uniqueName('tag');
      const [first, second] = await world.createArticles(author, 2, { tagList: [tag] });
      await world.deleteArticle(author, first.slug);
      expect(await world.tags()).toContain(tag);
      expect(slugs(await world.list({ tag }))).toEqual([second.slug]);
      await world.updateArticle(author, second.slug, { tagList: [] });
      expect(await world.tags()).not.toContain(tag);
      expect(await world.list({ tag })).toEqual({ articles: [], articlesCount: 0 });
    });

    test('come back when they are used again', async () => {
      const tag = uniqueName('tag');
      const first = await world.createArticle(author, { tagList: [tag] });
      await world.deleteArticle(author, first.slug);
      const second = await world.createArticle(author, { tagList: [tag] });
      expect(await world.tags()).toContain(tag);
      expect(slugs(await world.list({ tag }))).toEqual([second.slug]);
    });

    test.each(['two words', 'c#', 'a/b', '100%', 'a+b&c=d', '🐉', 'مرحبا', 'e\u0301', "it's", 'x-y', '"quoted"', '#'])(
      'may be %j, are kept as they are and can be filtered by',
      async (text) => {
        const tag = text + uniqueName(text);
        const { slug } = await world.createArticle(author, { tagList: [tag] });
        expect((await world.article(slug)).tagList).toEqual([tag]);
        expect(slugs(await world.list({ tag }))).toEqual([slug]);
        expect(await world.tags()).toContain(tag);
        await world.deleteArticle(author, slug);
        expect(await world.tags()).not.toContain(tag);
      },
    );

    test('given twice in one article are its tag once', async () => {
      const tag = uniqueName('twice');
      const { slug, tagList } = await world.createArticle(author, { tagList: [tag, tag] });
      expect(tagList).toEqual([tag]);
      const list = await world.list({ tag });
      expect([slugs(list), list.articlesCount]).toEqual([[slug], 1]);
      expect((await world.tags()).filter((listed) => listed === tag)).toEqual([tag]);
    });

    test('are listed by how many articles have them', async () => {
      const [often, seldom] = [uniqueName('often'), uniqueName('almost')];
      const made = await world.createArticles(author, 4, { tagList: [often] });
      for (const { slug } of made.slice(0, 2)) await world.updateArticle(author, slug, { tagList: [often, seldom] });
      const order = async () => (await world.tags()).filter((tag) => tag === often || tag === seldom);
      expect(await order()).toEqual([often, seldom]);
      for (const { slug } of made.slice(1)) await world.updateArticle(author, slug, { tagList: [seldom] });
      expect(await order()).toEqual([seldom, often]);
      for (const { slug } of made) await world.deleteArticle(author, slug);
      expect(await order()).toEqual([]);
    });
  });
}
