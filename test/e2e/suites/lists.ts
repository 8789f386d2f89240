import { encoded } from '../client';
import { expectErrorShape, expectFieldError, expectStatus, ListedArticle } from '../shapes';
import { slugs, TestUser, times, uniqueName, World } from '../world';

/** GET /articles: filters, pages, limits. */
export function describeLists(world: World): void {
  describeGlobalList(world);
  describeFilters(world);
  describePages(world);
  describeLimits(world);
}

function describeGlobalList(world: World): void {
  describe('list of all articles', () => {
    test('is newest first and at most 20 long', async () => {
      const author = await world.register();
      const created = await world.createArticles(author, 21);
      const { articles, articlesCount } = await world.list();
      expect(slugs(articles)).toEqual(slugs(created).reverse().slice(0, 20));
      expect(articlesCount).toBeGreaterThanOrEqual(21);
    });

    test('leaves out the body and nothing else', async () => {
      const [author, reader] = await Promise.all([world.register(), world.register()]);
      const { slug } = await world.createArticle(author, { tagList: [uniqueName('tag')] });
      await world.favorite(reader, slug);
      await world.follow(reader, author.username);
      const { body, ...shown } = await world.article(slug, reader);
      expect(body).not.toBe('');
      const [listed] = (await world.list({ author: author.username }, reader)).articles;
      expect(listed).toEqual(shown);
      expect(listed).toMatchObject({ favorited: true, favoritesCount: 1, author: { following: true } });
    });

    test('shows visitors nothing as favorited or followed', async () => {
      const [author, reader] = await Promise.all([world.register(), world.register()]);
      const { slug } = await world.createArticle(author);
      await world.favorite(reader, slug);
      await world.follow(reader, author.username);
      const [listed] = (await world.list({ author: author.username })).articles;
      expect(listed).toMatchObject({ slug, favorited: false, favoritesCount: 1, author: { following: false } });
    });
  });
}

function describeFilters(world: World): void {
  describe('filters', () => {
    let authors: TestUser[];
    let fan: TestUser;
    const [red, blue] = [uniqueName('red'), uniqueName('blue')];
    const made: Record<string, ListedArticle> = {};

    beforeAll(async () => {
      [fan, ...authors] = await world.registerMany(3);
      made.redByFirst = await world.createArticle(authors[0], { tagList: [red] });
      made.blueByFirst = await world.createArticle(authors[0], { tagList: [blue] });
      made.bothBySecond = await world.createArticle(authors[1], { tagList: [blue, red] });
      made.plainBySecond = await world.createArticle(authors[1]);
      await world.favorite(fan, made.plainBySecond.slug);
      await world.favorite(fan, made.redByFirst.slug);
      await world.favorite(fan, made.bothBySecond.slug);
    });

    const filtered = async (query: Parameters<World['list']>[0]): Promise<unknown> => {
      const list = await world.list(query);
      return { slugs: slugs(list), count: list.articlesCount };
    };
    const expected = (...names: string[]): unknown => ({
      slugs: names.map((name) => made[name].slug),
      count: names.length,
    });

    test('author', async () => {
      expect(await filtered({ author: authors[0].username })).toEqual(expected('blueByFirst', 'redByFirst'));
      expect(await filtered({ author: authors[1].username })).toEqual(expected('plainBySecond', 'bothBySecond'));
      expect(await filtered({ author: fan.username })).toEqual(expected());
    });

    test('tag', async () => {
      expect(await filtered({ tag: red })).toEqual(expected('bothBySecond', 'redByFirst'));
      expect(await filtered({ tag: blue })).toEqual(expected('bothBySecond', 'blueByFirst'));
    });

    test('favorited, by time of the article and not of the favorite', async () => {
      const all = expected('plainBySecond', 'bothBySecond', 'redByFirst');
      expect(await filtered({ favorited: fan.username })).toEqual(all);
      expect(await filtered({ favorited: authors[0].username })).toEqual(expected());
    });

    test('combine with AND', async () => {
      const [first, second] = authors.map(({ username }) => username);
      expect(await filtered({ author: first, tag: red })).toEqual(expected('redByFirst'));
      expect(await filtered({ author: second, tag: red })).toEqual(expected('bothBySecond'));
      expect(await filtered({ author: first, favorited: fan.username })).toEqual(expected('redByFirst'));
      expect(await filtered({ tag: blue, favorited: fan.username })).toEqual(expected('bothBySecond'));
      expect(await filtered({ author: second, tag: red, favorited: fan.username })).toEqual(expected('bothBySecond'));
      expect(await filtered({ author: first, tag: blue, favorited: fan.username })).toEqual(expected());
    });

    test('combined are paged as well, with the total of what matches', async () => {
      const query = { tag: red, favorited: fan.username, limit: 1 };
      const pages = [await world.list(query), await world.list({ ...query, offset: 1 })];
      expect(pages.flatMap(slugs)).toEqual([made.bothBySecond.slug, made.redByFirst.slug]);
      expect(pages.map(({ articlesCount }) => articlesCount)).toEqual([2, 2]);
      expect(await world.list({ ...query, offset: 2 })).toEqual({ articles: [], articlesCount: 2 });
    });

    test('of an unknown author, favoriting user or tag give an empty list', async () => {
      const none = { articles: [], articlesCount: 0 };
      expect(await world.list({ author: uniqueName() })).toEqual(none);
      expect(await world.list({ favorited: uniqueName() })).toEqual(none);
      expect(await world.list({ tag: uniqueName() })).toEqual(none);
      expect(await world.list({ tag: red, author: uniqueName() })).toEqual(none);
    });
  });
}

function describePages(world: World): void {
  describe('pages', () => {
    const COUNT = 30;
    let author: TestUser;
    let fan: TestUser;
    let newestFirst: string[];
    const tag = uniqueName('paged');

    beforeAll(async () => {
      [author, fan] = await Promise.all([world.register(), world.register()]);
      const created = await world.createArticles(author, COUNT, { tagList: [tag] });
      newestFirst = slugs(created).reverse();
      await times(COUNT, (index) => world.favorite(fan, newestFirst[index]));
    }, 60_000);

    test.each([['author'], ['tag'], ['favorited'], ['author', 'tag']])(
      'of %s hold each article once, newest first',
      async (...filters) => {
        const values: Record<string, string> = { author: author.username, tag, favorited: fan.username };
        const query = Object.fromEntries(filters.map((filter) => [filter, values[filter]]));
        for (const limit of [7, 10, 29]) {
          const seen: string[] = [];
          for (let offset = 0; offset < COUNT; offset += limit) {
            const page = await world.list({ ...query, limit, offset });
            expect(page.articles).toHaveLength(Math.min(limit, COUNT - offset));
            expect(page.articlesCount).toBe(COUNT);
            seen.push(...slugs(page));
          }
          expect(seen).toEqual(newestFirst);
        }
      },
    );

    test('are 20 long unless told', async () => {
      const page = await world.list({ tag });
      expect(slugs(page)).toEqual(newestFirst.slice(0, 20));
      expect(page.articlesCount).toBe(COUNT);
    });

    test('are up to 100 long', async () => {
      expect(slugs(await world.list({ tag, limit: 100 }))).toEqual(newestFirst);
    });

    test('beyond the end are empty, with the total', async () => {
      expect(await world.list({ tag, offset: COUNT })).toEqual({ articles: [], articlesCount: COUNT });
      expect(await world.list({ tag, offset: 9_000 })).toEqual({ articles: [], articlesCount: COUNT });
    });

    test('of all articles follow each other', async () => {
      const first = slugs(await world.list({ limit: 12 }));
      const second = slugs(await world.list({ limit: 12, offset: 12 }));
      const together = slugs(await world.list({ limit: 24 }));
      expect([...first, ...second]).toEqual(together);
      expect(new Set(together).size).toBe(24);
      expect(together).toEqual(newestFirst.slice(0, 24));
    });
  });
}

function describeLimits(world: World): void {
  describe.each(['/articles', '/articles/feed'])('limits of %s', (path) => {
    let viewer: TestUser;

    beforeAll(async () => {
      viewer = await world.register();
    });

    test.each(['-1', '0', 'abc', '101', '1.5', '1000000000', '1e9', '99999999999999999999', '1; DROP', '0x10'])(
      'limit=%s is 422',
      async (limit) => {
        expectFieldError(await world.get(`${path}?limit=${encoded(limit)}`, viewer), 422, 'limit');
      },
    );

    test.each(['-1', 'abc', '10001', '1.5', 'eyJrIjoxfQ', '99999999999999999999'])(
      'offset=%s is 422',
      async (offset) => {
        expectFieldError(await world.get(`${path}?offset=${encoded(offset)}`, viewer), 422, 'offset');
      },
    );

    test('offset and limit beyond 10,000 together are 422', async () => {
      const answer = await world.get(`${path}?offset=9990&limit=11`, viewer);
      expectStatus(answer, 422);
      expectErrorShape(answer);
    });

    test('the bounds themselves are allowed', async () => {
      expectStatus(await world.get(`${path}?limit=1`, viewer), 200);
      expectStatus(await world.get(`${path}?limit=100`, viewer), 200);
      expectStatus(await world.get(`${path}?limit=10&offset=0`, viewer), 200);
      expectStatus(await world.get(`${path}?limit=10&offset=9990`, viewer), 200);
    });
  });
}
