import { type Filters, listArticles, type ListPorts, type Page } from './lists';
import { articleIdOf, articleOf, profileOf, refusal, userIdOf } from '../../../test/support/samples';
import { unauthorized } from '../errors';
import type { Article, ArticleRef, Rows } from './model';
import { type Unsettled, unsettledSince } from './settling';

const NOW = Date.UTC(2026, 0, 1);
const WINDOW = 90_000;
const numberOf = (row: ArticleRef) => parseInt(row.articleId.slice(-10), 16);

/** Edges and items apart, as in the table: an edge may outlive what it leads to. */
class Library {
  /** Rows of every list; `articles` has those that are still there. */
  public readonly edges: Article[] = [];
  public readonly articles = new Map<string, Article>();
  public readonly people = new Map(['ada', 'bob'].map((username, n) => [username, profileOf(n + 1, { username })]));
  public readonly favorites = new Map<string, Set<string>>();
  public readonly follows = new Set<string>();
  public readonly tombstones = new Set<string>();
  public readonly reads: { list: string; max: number }[] = [];
  public since: number | undefined;
  public madeSince: number | undefined;
  public changedFrom: number | undefined;
  public readonly changed = new Set<string>();
  /** What each page was read with. */
  public readonly unsettled: (Unsettled | undefined)[] = [];

  public add(number: number, author: number, ...tagList: string[]): void {
    const article = articleOf(number, author, { tagList });
    this.edges.unshift(article);
    this.articles.set(article.articleId, article);
  }

  /** Gone, while its edges are not. */
  public lose(...numbers: number[]): void {
    numbers.forEach((number) => this.articles.delete(articleIdOf(number)));
  }

  public favorite(user: number, ...numbers: number[]): void {
    this.favorites.set(userIdOf(user), new Set(numbers.map(articleIdOf)));
  }

  public ports(): ListPorts {
    const favoritesOf = (userId = '') => this.favorites.get(userId) ?? new Set<string>();
    return {
      sessions: {
        verify: () => Promise.reject(new Error('lists verify no token')),
        load: async (token, { usernames = [], tag } = {}) => {
          const viewer = token === undefined ? undefined : this.people.get(token);
          if (token !== undefined && !viewer) throw unauthorized('is invalid');
          const carriers = [...this.articles.values()].filter(
            ({ tagList }) => tag !== undefined && tagList.includes(tag),
          );
          return {
            viewer,
            userIds: usernames.map((name) => this.people.get(name)?.userId),
            tagged: tag === undefined ? undefined : carriers.length,
          };
        },
      },
      lists: {
        lately: async ({ deleted, changed }) => {
          [this.since, this.changedFrom] = [deleted, changed];
          return { deleted: new Set(this.tombstones), changed: this.changed };
        },
        timeline: async (max) => this.rows('timeline', max, () => true, this.articles.size),
        byTag: async (tag, max) => this.rows('tag', max, ({ tagList }) => tagList.includes(tag)),
        // An author's list is the articles themselves.
        byAuthor: async (id, max) =>
          this.rows('author', max, (row) => row.authorId === id && this.articles.has(row.articleId)) as Rows<Article>,
        byAuthorAndTag: async (id, tag, since, max) => {
          this.madeSince = since;
          return this.rows('author and tag', max, (row) => row.authorId === id && row.tagList.includes(tag));
        },
        byFavorited: async (id, max) => this.rows('favorited', max, ({ articleId }) => favoritesOf(id).has(articleId)),
        withTag: async (rows, tag) => {
          const tagged = new Set(
            this.edges.filter(({ tagList }) => tagList.includes(tag)).map(({ articleId }) => articleId),
          );
          return rows.filter(({ articleId }) => tagged.has(articleId));
        },
        authorCount: async (userId) => this.articlesOf(userId).length,
        profile: async (userId) => [...this.people.values()].find((person) => person.userId === userId),
        readArticles: async (rows, viewerId, _, unsettled) => (
          this.unsettled.push(unsettled),
          {
            articles: new Map([...this.articles].filter(([id]) => rows.some(({ articleId }) => articleId === id))),
            authors: new Map([...this.people.values()].map((person) => [person.userId, person])),
            favorited: favoritesOf(viewerId),
            following: viewerId === userIdOf(2) ? this.follows : new Set(),
          }
        ),
        withAllFavorites: async (articles) => [...articles],
        favorited: async (viewerId, rows) =>
          new Set(rows.map(({ articleId }) => articleId).filter((id) => favoritesOf(viewerId).has(id))),
        following: async (viewerId) => (viewerId === userIdOf(2) ? this.follows : new Set()),
        newestFavorites: async (viewerId, max) => {
          const all = [...favoritesOf(viewerId)].sort().reverse();
          return { ids: new Set(all.slice(0, max)), down: all.length > max ? all[max - 1] : undefined };
        },
      },
      now: () => NOW,
      window: WINDOW,
    };
  }

  private articlesOf(userId: string) {
    return [...this.articles.values()].filter(({ authorId }) => authorId === userId);
  }

  private rows(name: string, max: number, wanted: (row: Article) => boolean, total?: number): Rows {
    this.reads.push({ list: name, max });
    const all = this.edges.filter(wanted);
    return { rows: all.slice(0, max), more: all.length > max, total };
  }
}

let library: Library;

async function list(filters: Filters, range: Partial<Page> = {}, token?: string) {
  const page = await listArticles(library.ports(), token, filters, { limit: 20, offset: 0, ...range });
  return { ...page, slugs: page.articles.map(({ slug }) => slug) };
}
const slugs = (...numbers: number[]) => numbers.map((number) => `article-${number}`);

beforeEach(() => {
  library = new Library();
  for (let n = 1; n <= 12; n++) {
    library.add(n, n % 2 === 0 ? 2 : 1, ...(n % 3 === 0 ? ['three'] : []), 'all');
  }
});

test.each<Filters>([{}, { tag: 'all' }, { favorited: 'bob' }, { author: 'ada', tag: 'all' }])(
  'a page by %j is read with what changed lately, and with who reads it',
  async (filters) => {
    library.favorite(2, 1, 2);
    library.changed.add(articleIdOf(1));
    await list(filters, {}, 'bob');
    expect(library.changedFrom).toBe(unsettledSince(NOW));
    expect(library.unsettled).toEqual([{ viewer: library.people.get('bob'), changed: new Set([articleIdOf(1)]) }]);
    await list(filters);
    expect(library.unsettled[1]).toEqual({ viewer: undefined, changed: new Set([articleIdOf(1)]) });
  },
);

test('what was written ten seconds ago is settled, and five more are left between clocks', () => {
  expect(unsettledSince(NOW)).toBe(NOW - 15_000);
});

describe('all articles', () => {
  test('are listed newest first without their bodies, with how many there are whatever the page', async () => {
    const page = await list({}, { limit: 2, offset: 1 });
    expect(page.slugs).toEqual(slugs(11, 10));
    expect(page.articlesCount).toBe(12);
    expect(Object.keys(page.articles[0])).toEqual([
      'slug',
      'title',
      'description',
      'tagList',
      'createdAt',
      'updatedAt',
      'favorited',
      'favoritesCount',
      'author',
    ]);
  });

  test('beyond the last are none, with the count all the same', async () => {
    expect(await list({}, { offset: 50 })).toMatchObject({ articles: [], articlesCount: 12 });
  });

  test('show a viewer how they stand to each', async () => {
    library.favorite(2, 11);
    library.follows.add(userIdOf(1));
    const { articles } = await list({}, { limit: 2 }, 'bob');
    expect(articles.map(({ favorited, author }) => [favorited, author.following])).toEqual([
      [false, false],
      [true, true],
    ]);
  });

  test('pass over those known to be deleted before the offset is counted', async () => {
    library.tombstones.add(articleIdOf(12));
    library.tombstones.add(articleIdOf(10));
    library.lose(12, 10);
    expect(await list({}, { limit: 2, offset: 1 })).toMatchObject({ slugs: slugs(9, 8), articlesCount: 10 });
    expect(library.since).toBe(NOW - WINDOW);
  });

  test.each([1, 2, 5])('fill a page of %d whose rows lead nowhere from what follows', async (limit) => {
    library.lose(12, 11, 9, 8, 7);
    const expected = [10, 6, 5, 4, 3].slice(0, limit);
    expect((await list({}, { limit })).slugs).toEqual(slugs(...expected));
  });

  test('fill it to the very end, and no further', async () => {
    library.lose(1, 2, 3, 12);
    expect((await list({}, { limit: 10 })).slugs).toEqual(slugs(11, 10, 9, 8, 7, 6, 5, 4));
  });

  test('that all lead nowhere end in an empty page', async () => {
    library.lose(...Array.from({ length: 12 }, (_, n) => n + 1));
    expect((await list({}, { limit: 3 })).slugs).toEqual([]);
  });

  test('are read no further than the furthest row that a list reaches', async () => {
    library.tombstones.add(articleIdOf(12));
    const ports = library.ports();
    const timeline = async (max: number): Promise<Rows> => {
      library.reads.push({ list: 'timeline', max });
      return { rows: library.edges.slice(0, 1), more: true, total: 1 };
    };
    await listArticles({ ...ports, lists: { ...ports.lists, timeline } }, undefined, {}, { limit: 100, offset: 9900 });
    expect(library.reads).toEqual([{ list: 'timeline', max: 10_000 }]);
  });
});

describe('filters', () => {
  test('by tag give those that carry it', async () => {
    expect(await list({ tag: 'three' }, { limit: 2 })).toMatchObject({ slugs: slugs(12, 9), articlesCount: 4 });
    expect(await list({ tag: 'none' })).toMatchObject({ slugs: [], articlesCount: 0 });
  });

  test('by author give theirs, as a viewer stands to each, however many favorites they have', async () => {
    library.favorite(2, ...Array.from({ length: 101 }, (_, n) => n + 3), 1);
    library.follows.add(userIdOf(1));
    const page = await list({ author: 'ada' }, { limit: 4, offset: 2 }, 'bob');
    expect(page).toMatchObject({ slugs: slugs(7, 5, 3, 1), articlesCount: 6 });
    expect(page.articles.map(({ favorited }) => favorited)).toEqual([true, true, true, true]);
    expect(page.articles.every(({ author }) => author.username === 'ada' && author.following)).toBe(true);
    expect((await list({ author: 'ada' }, { limit: 1 })).articles[0]).toMatchObject({
      favorited: false,
      author: { following: false },
    });
  });

  test('by who favorited them give those', async () => {
    library.favorite(2, 2, 5, 9);
    expect(await list({ favorited: 'bob' }, { limit: 2 })).toMatchObject({ slugs: slugs(9, 5), articlesCount: 3 });
  });

  test('combine with AND', async () => {
    library.favorite(2, 2, 3, 5, 6, 9);
    const each = {
      'author and tag': [{ author: 'ada', tag: 'three' }, slugs(9, 3)],
      'favorited and author': [{ favorited: 'bob', author: 'ada' }, slugs(9, 5, 3)],
      'favorited and tag': [{ favorited: 'bob', tag: 'three' }, slugs(9, 6, 3)],
      'all three': [{ favorited: 'bob', author: 'bob', tag: 'three' }, slugs(6)],
      'what excludes itself': [{ favorited: 'ada', author: 'bob', tag: 'three' }, slugs()],
    } as const;
    for (const [name, [filters, expected]] of Object.entries(each)) {
      expect({ name, ...(await list(filters)) }).toMatchObject({
        name,
        slugs: expected,
        articlesCount: expected.length,
      });
    }
  });

  test('author and tag are read from a list of their own, with what the stream may have yet to bring', async () => {
    for (let n = 13; n <= 100; n++) library.add(n, n % 2 === 0 ? 2 : 1, 'other');
    expect(await list({ author: 'ada', tag: 'all' })).toMatchObject({
      slugs: slugs(11, 9, 7, 5, 3, 1),
      articlesCount: 6,
    });
    expect(library.reads).toEqual([{ list: 'author and tag', max: 10_000 }]);
    expect([library.madeSince, library.since]).toEqual([NOW - WINDOW, NOW - WINDOW]);
  });

  test('author and tag pass over rows of articles that have lost the tag, and fill the page', async () => {
    const lost = library.articles.get(articleIdOf(9)) as Article;
    library.articles.set(lost.articleId, { ...lost, tagList: ['three'] });
    expect((await list({ author: 'ada', tag: 'all' }, { limit: 2, offset: 1 })).slugs).toEqual(slugs(7, 5));
    library.lose(5);
    expect((await list({ author: 'ada', tag: 'all' })).slugs).toEqual(slugs(11, 7, 3, 1));
  });

  test.each([50, 150])('of %d favorites by tag find the same, by key or beside the rows of the tag', async (count) => {
    library = new Library();
    for (let n = 1; n <= count; n++) library.add(n, 1, ...(n % 10 === 0 ? ['ten'] : []));
    library.favorite(2, ...Array.from({ length: count }, (_, n) => n + 1).filter((n) => n !== 20));
    const expected = Array.from({ length: count / 10 }, (_, n) => count - n * 10).filter((n) => n !== 20);
    const page = await list({ favorited: 'bob', tag: 'ten' });
    expect(page).toMatchObject({ slugs: slugs(...expected), articlesCount: expected.length });
    expect(library.reads.map(({ list: name }) => name)).toEqual(count > 100 ? ['favorited', 'tag'] : ['favorited']);
  });

  test('that combine are paged, and count what they match, not the page', async () => {
    const page = await list({ author: 'ada', tag: 'all' }, { limit: 2, offset: 1 });
    expect(page).toMatchObject({ slugs: slugs(9, 7), articlesCount: 6 });
  });

  test('that combine neither show nor count what is deleted', async () => {
    library.favorite(2, 2, 5, 9);
    library.tombstones.add(articleIdOf(9));
    library.lose(9);
    expect(await list({ favorited: 'bob' }, { limit: 2 })).toMatchObject({ slugs: slugs(5, 2), articlesCount: 2 });
  });

  test('that combine fill a page whose rows lead nowhere', async () => {
    library.favorite(2, 2, 5, 9);
    library.lose(9);
    expect((await list({ favorited: 'bob' }, { limit: 2 })).slugs).toEqual(slugs(5, 2));
  });

  test.each([
    { author: 'nobody' },
    { favorited: 'nobody' },
    { author: 'ada', favorited: 'nobody' },
    { author: 'nobody', tag: 'all' },
    { author: '' },
    { tag: '' },
    { tag: 'x'.repeat(1001) },
    { author: 'ada', tag: 'x'.repeat(1001) },
  ])('that nothing can match give an empty list: %j', async (filters) => {
    expect(await list(filters)).toEqual({ articles: [], articlesCount: 0, slugs: [] });
  });

  test('by an author whose profile is gone give an empty list', async () => {
    const ports = library.ports();
    const gone = { ...ports, lists: { ...ports.lists, profile: async () => undefined } };
    const page = await listArticles(gone, undefined, { author: 'ada' }, { limit: 20, offset: 0 });
    expect(page).toEqual({ articles: [], articlesCount: 0 });
  });
});

test.each([{}, { tag: 'all' }, { tag: '' }, { author: 'ada' }, { author: 'nobody' }, { favorited: 'bob' }])(
  'a token that is not good is told whatever is asked for: %j',
  async (filters) => {
    const asked = listArticles(library.ports(), 'forged', filters, { limit: 20, offset: 0 });
    expect((await refusal(asked)).status).toBe(401);
  },
);

test('rows come newest first whatever the list', async () => {
  library.favorite(2, 1, 12, 6);
  for (const filters of [{}, { tag: 'all' }, { author: 'ada' }, { favorited: 'bob' }]) {
    const { slugs: listed } = await list(filters);
    const numbers = listed.map((slug) => Number(slug.split('-')[1]));
    expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
    expect(library.edges.map(numberOf)).toEqual(expect.arrayContaining(numbers));
  }
});
