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

    test('given twice in one article are counted once', async () => {
      const tag = uniqueName('twice');
      const title = uniqueName('Twice ');
      const article = { title, description: 'd', body: 'b', tagList: [tag, tag] };
      const answer = await world.post('/articles', author, { article });
      // The contract does not say whether that is an article; if it is, the lists hold it once.
      expect([201, 422]).toContain(answer.status);
      const count = answer.status === 201 ? 1 : 0;
      const list = await world.list({ tag });
      expect([list.articles.length, list.articlesCount]).toEqual([count, count]);
      expect((await world.tags()).filter((listed) => listed === tag)).toHaveLength(count);
    });
  });
}
