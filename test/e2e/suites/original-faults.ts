import { expectError, expectNoContent, expectStatus } from '../shapes';
import { slugs, TestUser, times, uniqueName, World } from '../world';

/** What the Go original gets wrong and HTTP can show: one test a fault, named after it. */
export function describeOriginalFaults(world: World): void {
  describe('unlike the original', () => {
    let author: TestUser;
    let reader: TestUser;

    beforeEach(async () => {
      [author, reader] = await world.registerMany(2);
    });

    test('lists are not under the key article', async () => {
      const answer = await world.get('/articles?limit=1');
      expect(Object.keys(answer.json as object).sort()).toEqual(['articles', 'articlesCount']);
      const feed = await world.get('/articles/feed', reader);
      expect(Object.keys(feed.json as object).sort()).toEqual(['articles', 'articlesCount']);
    });

    test('comment ids are not UUIDs', async () => {
      const { slug } = await world.createArticle(author);
      const { id } = await world.comment(reader, slug);
      expect(Number.isSafeInteger(id)).toBe(true);
      await world.deleteComment(reader, slug, id);
    });

    test('not every success is 200', async () => {
      const article = { title: uniqueName('T '), description: 'd', body: 'b' };
      const created = await world.post('/articles', author, { article });
      expectStatus(created, 201);
      const { slug } = (created.json as { article: { slug: string } }).article;
      expectStatus(await world.post(`/articles/${slug}/comments`, author, { comment: { body: 'b' } }), 201);
      expectNoContent(await world.delete(`/articles/${slug}`, author));
    });

    test('errors are not {message}', async () => {
      expectError(await world.get('/user'), 401, { token: ['is missing'] });
      expectError(await world.get(`/articles/${uniqueName()}`), 404, { article: ['not found'] });
      expectError(await world.get(`/profiles/${uniqueName()}`), 404, { profile: ['not found'] });
    });

    test('the count is not the length of the page', async () => {
      await world.createArticles(author, 3);
      const { articles, articlesCount } = await world.list({ author: author.username, limit: 1 });
      expect([articles.length, articlesCount]).toEqual([1, 3]);
    });

    test('offset is not an opaque token', async () => {
      const created = slugs(await world.createArticles(author, 3)).reverse();
      const page = await world.get(`/articles?author=${author.username}&limit=1&offset=1`);
      expect(slugs((page.json as { articles: { slug: string }[] }).articles)).toEqual([created[1]]);
    });

    test('reads after writes do not come from an index that is behind', async () => {
      for (let round = 0; round < 5; round++) {
        const { slug } = await world.createArticle(author);
        expect((await world.article(slug)).slug).toBe(slug);
        expect(slugs(await world.list({ author: author.username, limit: 1 }))).toEqual([slug]);
        await world.favorite(reader, slug);
        expect(slugs(await world.list({ favorited: reader.username, limit: 1 }))).toEqual([slug]);
      }
    });

    test('an update of the article does not lose concurrent favorites', async () => {
      const { slug } = await world.createArticle(author);
      const fans = await world.registerMany(5);
      await Promise.all([
        ...fans.map((fan) => world.favorite(fan, slug)),
        ...['one', 'two', 'three'].map((body) => world.updateArticle(author, slug, { body })),
      ]);
      expect((await world.article(slug)).favoritesCount).toBe(5);
    });

    test('a new title does not corrupt the index of slugs', async () => {
      let article = await world.createArticle(author);
      const former: string[] = [];
      for (let round = 0; round < 3; round++) {
        former.push(article.slug);
        article = await world.updateArticle(author, article.slug, { title: uniqueName('Round ') });
      }
      expect(await world.article(article.slug)).toEqual(article);
      for (const slug of former) expectStatus(await world.get(`/articles/${slug}`), 404);
      await world.deleteArticle(author, article.slug);
      expectStatus(await world.get(`/articles/${article.slug}`), 404);
    });

    test('the same title within a second does not fail', async () => {
      const title = uniqueName('Twice ');
      const [first, second] = await times(2, () => world.createArticle(author, { title }), 2);
      expect(first.slug).not.toBe(second.slug);
    });

    test('unfavorite does not return the viewer as the author', async () => {
      const { slug } = await world.createArticle(author);
      await world.favorite(reader, slug);
      expect((await world.unfavorite(reader, slug)).author.username).toBe(author.username);
    });

    test('comments are not capped at 10, and come newest first', async () => {
      const { slug } = await world.createArticle(author);
      const ids = await times(12, async () => (await world.comment(reader, slug)).id, 1);
      const listed = (await world.comments(slug)).map(({ id }) => id);
      expect(listed).toEqual([...ids].reverse());
    });

    test('tags are not empty on the second warm call', async () => {
      const tag = uniqueName('tag');
      await world.createArticle(author, { tagList: [tag] });
      for (let call = 0; call < 5; call++) expect(await world.tags()).toContain(tag);
    });

    test('pages of articles of one moment neither repeat nor drop any', async () => {
      const tag = uniqueName('moment');
      const created = await times(10, () => world.createArticle(author, { tagList: [tag] }), 10);
      const pages = await times(5, (page) => world.list({ tag, limit: 2, offset: page * 2 }), 1);
      expect(pages.flatMap(slugs).sort()).toEqual(slugs(created).sort());
    });

    test('tags are matched as a whole, not word by word', async () => {
      const [word, rest] = [uniqueName('word'), uniqueName('rest')];
      await world.createArticle(author, { tagList: [`${word} ${rest}`, `${word}-${rest}`] });
      for (const part of [word, rest]) expect((await world.list({ tag: part })).articlesCount).toBe(0);
      expect((await world.list({ tag: `${word} ${rest}` })).articlesCount).toBe(1);
    });

    test('articles of one moment do not overwrite each other in the feed', async () => {
      const authors = await world.registerMany(5);
      for (const followed of authors) await world.follow(reader, followed.username);
      const created = await times(10, (index) => world.createArticle(authors[index % 5]), 10);
      await world.settled();
      expect(slugs(await world.feed(reader)).sort()).toEqual(slugs(created).sort());
    });

    test('pages of the feed are not short after an unfollow', async () => {
      const other = await world.register();
      for (const followed of [author, other]) await world.follow(reader, followed.username);
      const created = await times(10, (index) => world.createArticle(index % 2 ? author : other), 1);
      const kept = slugs(created.filter((_, index) => index % 2 === 1)).reverse();
      await world.settled();
      await world.unfollow(reader, other.username);
      const page = await world.feed(reader, { limit: 5 });
      expect([slugs(page), page.articlesCount]).toEqual([kept, 5]);
    });

    test('a follow brings the older articles into the feed', async () => {
      const older = slugs(await world.createArticles(author, 2)).reverse();
      await world.settled();
      await world.follow(reader, author.username);
      expect(slugs(await world.feed(reader))).toEqual(older);
    });

    test('a deletion leaves no slug, comments, favorites or feed rows', async () => {
      await world.follow(reader, author.username);
      const { slug, title } = await world.createArticle(author);
      await world.favorite(reader, slug);
      await world.comment(reader, slug);
      await world.deleteArticle(author, slug);
      await world.settled();
      const none = { articles: [], articlesCount: 0 };
      expect(await world.feed(reader)).toEqual(none);
      expect(await world.list({ favorited: reader.username })).toEqual(none);
      expectStatus(await world.get(`/articles/${slug}/comments`), 404);
      expect((await world.createArticle(author, { title })).slug).toBe(slug);
    });
  });
}
