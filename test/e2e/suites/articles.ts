import { expectError, expectFieldError, expectNoContent } from '../shapes';
import { TestUser, uniqueName, World } from '../world';

const NOT_FOUND = { article: ['not found'] };
const BLANK = ["can't be blank"];

/** POST /articles, GET and DELETE /articles/:slug. */
export function describeArticles(world: World): void {
  describeCreation(world);
  describeSlugs(world);
  describeReading(world);
  describeDeletion(world);
}

function describeCreation(world: World): void {
  describe('creation of an article', () => {
    let author: TestUser;

    beforeAll(async () => {
      author = await world.register();
    });

    test('answers 201 with the whole article', async () => {
      await world.updateUser(author, { bio: 'writes', image: 'https://example.com/a.png' });
      const fields = {
        title: uniqueName('How to train your dragon '),
        description: 'Ever wonder how?',
        body: 'You have to believe\n\n- and *feed* it',
        tagList: [uniqueName('dragons'), uniqueName('angular')],
      };
      const before = Date.now();
      const article = await world.createArticle(author, fields);
      expect(article).toMatchObject({ ...fields, favorited: false, favoritesCount: 0 });
      expect(article.author).toEqual({
        username: author.username,
        bio: 'writes',
        image: 'https://example.com/a.png',
        following: false,
      });
      expect(article.updatedAt).toBe(article.createdAt);
      // The clock of a remote API may differ.
      expect(Math.abs(Date.parse(article.createdAt) - before)).toBeLessThan(600_000);
    });

    test('is read back the same', async () => {
      const article = await world.createArticle(author, { tagList: [uniqueName('tag')] });
      expect(await world.article(article.slug)).toEqual(article);
      expect(await world.article(article.slug, author)).toEqual(article);
    });

    test('without tags makes an article without tags', async () => {
      expect((await world.createArticle(author)).tagList).toEqual([]);
      expect((await world.createArticle(author, { tagList: [] })).tagList).toEqual([]);
    });

    test('keeps the order of tags', async () => {
      const tagList = ['z', 'a', 'm', 'b'].map((letter) => uniqueName(letter));
      const { slug } = await world.createArticle(author, { tagList });
      expect((await world.article(slug)).tagList).toEqual(tagList);
      expect((await world.list({ tag: tagList[2] })).articles[0].tagList).toEqual(tagList);
    });

    test('takes 20 tags and not 21', async () => {
      const tagList = Array.from({ length: 21 }, () => uniqueName('tag'));
      const accepted = await world.createArticle(author, { tagList: tagList.slice(0, 20) });
      expect(accepted.tagList).toEqual(tagList.slice(0, 20));
      const { articlesCount } = await world.list({ author: author.username });
      const article = { title: 'Many tags', description: 'd', body: 'b', tagList };
      expectFieldError(await world.post('/articles', author, { article }), 422, 'tagList');
      expect((await world.list({ author: author.username })).articlesCount).toBe(articlesCount);
      expect(await world.tags()).not.toContain(tagList[20]);
    });

    test.each(['title', 'description', 'body'])('without %s is 422 for that field alone', async (field) => {
      const fields = { title: uniqueName('T'), description: 'd', body: 'b' };
      const create = (value: unknown): ReturnType<World['post']> =>
        world.post('/articles', author, { article: { ...fields, [field]: value } });
      expectError(await create(undefined), 422, { [field]: BLANK });
      expectError(await create(''), 422, { [field]: BLANK });
      expectFieldError(await create(null), 422, field);
    });

    test('with nothing names every field', async () => {
      const answer = await world.post('/articles', author, { article: {} });
      expectError(answer, 422, { title: BLANK, description: BLANK, body: BLANK });
    });
  });
}

function describeSlugs(world: World): void {
  describe('slug', () => {
    let author: TestUser;

    beforeAll(async () => {
      author = await world.register();
    });

    test('is the title in lower case with hyphens', async () => {
      const unique = uniqueName();
      const { slug } = await world.createArticle(author, { title: `How to Train: your DRAGON, ${unique}!` });
      expect(slug).toBe(`how-to-train-your-dragon-${unique}`);
    });

    test('of a title used before is another one, by whomever', async () => {
      const title = uniqueName('Same title ');
      const other = await world.register();
      const first = await world.createArticle(author, { title });
      const second = await world.createArticle(author, { title });
      const third = await world.createArticle(other, { title });
      expect(new Set([first.slug, second.slug, third.slug]).size).toBe(3);
      for (const article of [first, second, third]) expect(await world.article(article.slug)).toEqual(article);
    });

    test('never is the name of a route', async () => {
      const article = await world.createArticle(author, { title: 'Feed' });
      expect(article.slug).not.toBe('feed');
      expect((await world.article(article.slug)).title).toBe('Feed');
      await world.deleteArticle(author, article.slug);
    });

    test.each(['🐉🐉🐉', '???', '. . .', '../..', '日本語の記事', 'مرحبا بالعالم', 'Cafe\u0301 au lait'])(
      'of the title %j leads to the article',
      async (title) => {
        const article = await world.createArticle(author, { title });
        expect(article.title).toBe(title);
        expect(await world.article(article.slug)).toEqual(article);
      },
    );

    test('of a long title stays usable', async () => {
      const title = uniqueName('Long ').padEnd(400, ' word');
      const article = await world.createArticle(author, { title });
      expect(article.title).toBe(title);
      expect(await world.article(article.slug)).toEqual(article);
    });
  });
}

function describeReading(world: World): void {
  describe('reading an article', () => {
    test('of an unknown slug is 404, signed in or not', async () => {
      const reader = await world.register();
      expectError(await world.get(`/articles/${uniqueName()}`), 404, NOT_FOUND);
      expectError(await world.get(`/articles/${uniqueName()}`, reader), 404, NOT_FOUND);
    });

    test('shows each reader their own favorited and following', async () => {
      const [author, fan] = await Promise.all([world.register(), world.register()]);
      const { slug } = await world.createArticle(author);
      await world.favorite(fan, slug);
      await world.follow(fan, author.username);
      const seen = async (viewer?: TestUser): Promise<unknown[]> => {
        const article = await world.article(slug, viewer);
        return [article.favorited, article.favoritesCount, article.author.following];
      };
      expect(await seen(fan)).toEqual([true, 1, true]);
      expect(await seen(author)).toEqual([false, 1, false]);
      expect(await seen()).toEqual([false, 1, false]);
    });

    test('shows the author as they are now', async () => {
      const author = await world.register();
      const { slug } = await world.createArticle(author);
      const fields = { username: uniqueName(), bio: 'new bio', image: 'https://example.com/new.png' };
      await world.updateUser(author, fields);
      expect((await world.article(slug)).author).toEqual({ ...fields, following: false });
    });
  });
}

function describeDeletion(world: World): void {
  describe('deletion of an article', () => {
    let author: TestUser;

    beforeAll(async () => {
      author = await world.register();
    });

    test('answers 204 without a body, and 404 from then on', async () => {
      const { slug } = await world.createArticle(author);
      const path = `/articles/${slug}`;
      expectNoContent(await world.delete(path, author));
      expectError(await world.get(path), 404, NOT_FOUND);
      expectError(await world.delete(path, author), 404, NOT_FOUND);
      expectError(await world.put(path, author, { article: { body: 'x' } }), 404, NOT_FOUND);
      expectError(await world.post(`${path}/favorite`, author), 404, NOT_FOUND);
      expectError(await world.delete(`${path}/favorite`, author), 404, NOT_FOUND);
      expectError(await world.get(`${path}/comments`), 404, NOT_FOUND);
      expectError(await world.post(`${path}/comments`, author, { comment: { body: 'x' } }), 404, NOT_FOUND);
      expectError(await world.delete(`${path}/comments/1`, author), 404, NOT_FOUND);
    });

    test('of an unknown slug is 404', async () => {
      expectError(await world.delete(`/articles/${uniqueName()}`, author), 404, NOT_FOUND);
    });

    test('frees the slug, and nothing of the old article shows in the new one', async () => {
      const title = uniqueName('Phoenix ');
      const fan = await world.register();
      const old = await world.createArticle(author, { title, tagList: [uniqueName('tag')] });
      await world.favorite(fan, old.slug);
      await world.comment(fan, old.slug);
      await world.deleteArticle(author, old.slug);
      const risen = await world.createArticle(author, { title });
      expect(risen).toMatchObject({ slug: old.slug, favoritesCount: 0, favorited: false, tagList: [] });
      expect(await world.article(old.slug, fan)).toMatchObject({ favoritesCount: 0, favorited: false });
      expect(await world.comments(old.slug)).toEqual([]);
      await world.settled();
      expect(await world.article(old.slug, fan)).toEqual(risen);
    });
  });
}
