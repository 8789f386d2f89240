import { remote, SEARCH } from '../harness';
import { type ArticleList, expectStatus } from '../shapes';
import { slugs, TestUser, times, uniqueName, Viewer, World } from '../world';

interface Found {
  readonly articles: readonly (ArticleList['articles'][number] & {
    readonly highlights: { readonly title?: string; readonly description?: string; readonly body?: readonly string[] };
  })[];
  readonly articlesCount: number;
  readonly tags: readonly { readonly tag: string; readonly count: number }[];
  readonly complete: boolean;
  readonly next: string | null;
}

const withIndex = remote || SEARCH === 'off' ? describe.skip : describe;

/** GET /search, and GET /articles?search=. */
export function describeSearch(world: World): void {
  const search = async (query: Readonly<Record<string, string | number>>, viewer?: Viewer): Promise<Found> => {
    const text = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)])).toString();
    const answer = await world.get(`/search?${text}`, viewer);
    expectStatus(answer, 200);
    const found = answer.json as Found;
    // A search that the index refuses is answered without it.
    if (found.complete || !world.running.isFaulty) expect(found.complete).toBe(SEARCH === 'on');
    return found;
  };

  withIndex('full-text search (not with REALWORLD_URL or REALWORLD_SEARCH=off: there may be no index)', () => {
    let author: TestUser;
    let fan: TestUser;

    beforeAll(async () => {
      [author, fan] = await world.registerMany(2);
    });

    test('finds an article as soon as it is posted, and when the index has it', async () => {
      const [title, tag, description, body] = newWords('word');
      const article = await world.createArticle(author, {
        title: `About ${title}`,
        tagList: [tag],
        description: `This is ${description}.`,
        body: `First <b>${body}</b>, then more.`,
      });
      await world.follow(fan, author.username);
      const found = async () => {
        for (const word of [title, tag, description, body, `${title} ${body}`, title.toUpperCase()]) {
          const { articles, articlesCount } = await search({ q: word }, fan);
          expect([articles.map(({ slug }) => slug), articlesCount]).toEqual([[article.slug], 1]);
        }
        expect((await search({ q: `${title} ${uniqueName('no')}` })).articles).toEqual([]);
        const { articles, tags } = await search({ q: `${title} ${description} ${body}` }, fan);
        expect(articles[0]).toMatchObject({
          title: `About ${title}`,
          favorited: false,
          author: { username: author.username, following: true },
          highlights: {
            title: `About <em>${title}</em>`,
            description: `This is <em>${description}</em>.`,
            body: [`First &lt;b&gt;<em>${body}</em>&lt;&#x2F;b&gt;, then more.`],
          },
        });
        expect(articles[0]).not.toHaveProperty('body');
        expect(tags).toEqual([{ tag, count: 1 }]);
      };
      await found();
      await world.settled();
      await found();
    });

    test('finds what an article says since it was changed, and not what it said before', async () => {
      const [before, after] = newWords('changed');
      const { slug } = await world.createArticle(author, { body: before });
      await world.settled();
      await world.updateArticle(author, slug, { body: after });
      for (const behind of [true, false]) {
        if (!behind) await world.settled();
        expect((await search({ q: before })).articlesCount).toBe(0);
        expect((await search({ q: after })).articles.map((row) => row.slug)).toEqual([slug]);
      }
    });

    test('finds no article that is deleted', async () => {
      const [word] = newWords('deleted');
      const { slug } = await world.createArticle(author, { title: word });
      await world.settled();
      await world.deleteArticle(author, slug);
      expect(await search({ q: word })).toMatchObject({ articles: [], articlesCount: 0, tags: [], next: null });
      await world.settled();
      expect((await search({ q: word })).articles).toEqual([]);
    });

    test('lists with search have the shape of lists, and combine with tag and author', async () => {
      const [word, tag] = newWords('listed');
      const own = await world.createArticle(author, { title: word, tagList: [tag] });
      const other = await world.createArticle(fan, { title: word, tagList: [tag] });
      const plain = await world.createArticle(fan, { description: word });
      const list = (query: object) => world.list({ search: word, ...query });
      expect(slugs(await list({}))).toEqual([other.slug, own.slug, plain.slug]);
      expect(slugs(await list({ author: author.username }))).toEqual([own.slug]);
      expect(slugs(await list({ tag }))).toEqual([other.slug, own.slug]);
      const page = await list({ limit: 1, offset: 1 });
      expect([slugs(page), page.articlesCount]).toEqual([[own.slug], 3]);
      expect(await list({ author: uniqueName('nobody') })).toEqual({ articles: [], articlesCount: 0 });
    });

    test('pages go on by `next`, until there is none', async () => {
      const [word] = newWords('paged');
      await times(7, () => world.createArticle(author, { title: word }), 3);
      const all = (await search({ q: word, limit: 100 })).articles.map(({ slug }) => slug);
      expect(all).toHaveLength(7);
      const paged: string[] = [];
      let next: string | null = '';
      while (next !== null) {
        const page: Found = await search({ q: word, limit: 3, ...(next === '' ? {} : { after: next }) });
        paged.push(...page.articles.map(({ slug }) => slug));
        expect(page.articlesCount).toBe(7);
        next = page.next;
      }
      expect(paged).toEqual(all);
    });

    const words = (count: number) => Array.from({ length: count }, (_, index) => `w${index}`).join(' ');
    const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

    test.each<[what: string, query: string, errors: object]>([
      ['nothing', '', { q: ["can't be blank"] }],
      ['a blank', 'q=%20', { q: ["can't be blank"] }],
      ['signs alone', 'q=%22%2B-*()', { q: ['must have at least one word'] }],
      ['10 kB', `q=${'a'.repeat(10_000)}`, { q: ['is too long (maximum is 256 characters, got 10000)'] }],
      ['seventeen words', `q=${encodeURIComponent(words(17))}`, { q: ['has too many words (maximum is 16, got 17)'] }],
      ['a control character', 'q=a%07', { q: ['must not contain control characters'] }],
      ['a filter that is not known', 'q=a&favorited=x&tags=y', { favorited: ['is not known'], tags: ['is not known'] }],
      ['a page of none', 'q=a&limit=0', { limit: ['must be a whole number from 1 to 100, got 0'] }],
      ['a cursor that is none', 'q=a&after=abc', { after: ['is not a cursor of this search'] }],
      ['a forged cursor', `q=a&after=${forged([1, 'x', 'y'])}`, { after: ['is not a cursor of this search'] }],
      ['an offset', 'q=a&offset=9999', { offset: ['is not known'] }],
    ])('%s is refused', async (_, query, errors) => {
      const answer = await world.get(`/search?${query}`);
      expectStatus(answer, 422);
      expect(answer.json).toEqual({ errors });
    });

    test('a cursor of another search is refused', async () => {
      const [word] = newWords('cursor');
      await times(2, () => world.createArticle(author, { title: word }));
      const { next } = await search({ q: word, limit: 1 });
      for (const other of [{ q: 'other' }, { q: word, author: author.username }] as Record<string, string>[]) {
        const answer = await world.get(`/search?${new URLSearchParams({ ...other, after: next ?? '' }).toString()}`);
        expectStatus(answer, 422);
        expect(answer.json).toEqual({ errors: { after: ['is not a cursor of this search'] } });
      }
    });

    test.each([
      ['too deep a page', 'search=a&offset=9999', { offset: ['plus limit must be at most 10000, got 10019'] }],
      ['favorites', 'search=a&favorited=b', { favorited: ['cannot be combined with search'] }],
      ['no word', 'search=%3F', { search: ['must have at least one word'] }],
    ])('a list with search refuses %s', async (_, query, errors) => {
      const answer = await world.get(`/articles?${query}`);
      expectStatus(answer, 422);
      expect(answer.json).toEqual({ errors });
    });

    test('a token that is not good is told before the search is', async () => {
      const answer = await world.get('/search', { token: 'x.y.z' });
      expectStatus(answer, 401);
    });
  });

  const withoutIndex = !remote && SEARCH === 'off' ? describe : describe.skip;
  withoutIndex('without a search index (only with REALWORLD_SEARCH=off)', () => {
    test('there is no search, a list says so, and the documents know of none', async () => {
      expectStatus(await world.get('/search?q=a'), 404);
      const answer = await world.get('/articles?search=a');
      expectStatus(answer, 422);
      expect(answer.json).toEqual({ errors: { search: ['is not available: this API has no search index'] } });
      const { json } = await world.rootRequest('GET', '/docs/spec.json');
      expect(Object.keys((json as { paths: object }).paths)).not.toContain('/search');
    });
  });
}

/** Words that no other test uses. */
const newWords = (prefix: string) => Array.from({ length: 4 }, () => uniqueName(prefix));
