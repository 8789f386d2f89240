import { ArticleRepository } from './articles';
import { toSlug } from './items';
import { ListRepository } from './lists';
import type { Call } from '../../../test/support/client';
import { operations, type TestTables, useTestTables, weakReads } from '../../../test/support/engine';
import { useLogLines } from '../../../test/support/log-lines';
import { articleOf, fullArticleOf, userIdOf } from '../../../test/support/samples';
import { isBusy } from '../../core/busy';
import { lowestIdAt } from '../../core/ids';
import { settleAuthorTags } from '../../social-table/author-tags';
import { ARTICLE, AUTHOR_TAGGED_ARTICLE, PROFILE } from '../../social-table/entities';
import { authorTagPk, slugKey } from '../../social-table/keys';
import { listArticles, type ListPorts } from '../domain/lists';

const ADA = userIdOf(1);
const NOW = Date.UTC(2026, 0, 1);
const WINDOW = 240_000;
/** Ids of articles made within the window, and before it. */
const RECENT = (n: number) => lowestIdAt(NOW - WINDOW + n);
const OLD = (n: number) => lowestIdAt(NOW - WINDOW - 1000 + n);

let tables: TestTables;
let articles: ArticleRepository;
const logged = useLogLines();

useTestTables(async (fresh) => {
  tables = fresh;
  articles = new ArticleRepository(tables);
  await tables.put(
    tables.social,
    [1, 2].map((n) => {
      const userId = userIdOf(n);
      return PROFILE.item([userId], {
        userId,
        username: `user-${n}`,
        ...{ tokenVersion: 1, createdAt: '', updatedAt: '', version: 1 },
      });
    }),
  );
});

/** The list as a visitor gets it. */
async function list(tag: string, limit = 20, offset = 0) {
  const ports: ListPorts = {
    sessions: {
      verify: () => Promise.reject(new Error('lists verify no token')),
      load: async (_, { usernames = [] } = {}) => ({ userIds: usernames.map((name) => userIdOf(Number(name))) }),
    },
    lists: new ListRepository(tables),
    window: WINDOW,
    now: () => NOW,
  };
  const page = await listArticles(ports, undefined, { author: '1', tag }, { limit, offset });
  return { slugs: page.articles.map(({ slug }) => slug), count: page.articlesCount };
}
const transactions = () => tables.calls.filter(({ operation }) => operation === 'TransactWriteItems');
const slugs = (...numbers: number[]) => ({ slugs: numbers.map((n) => `article-${n}`), count: numbers.length });

/** Makes an article of Ada's under the slug `article-<number>`; its message is yet to come. */
async function create(number: number, articleId: string, ...tagList: string[]): Promise<void> {
  const article = fullArticleOf(number, 1, { articleId, tagList });
  expect(await articles.create(article, article.slug)).toEqual({ kind: 'done' });
}
const record = async (number: number) =>
  toSlug(`article-${number}`, (await tables.item(tables.social, slugKey(`article-${number}`))) ?? {});
let moments = 0;
const later = () => new Date(NOW + ++moments).toISOString();
async function retag(number: number, ...tagList: string[]): Promise<void> {
  expect(await articles.update(await record(number), { tagList }, later())).toEqual({ kind: 'done' });
}
async function remove(number: number): Promise<void> {
  expect(await articles.delete(await record(number), new Date(NOW).toISOString())).toEqual({ kind: 'done' });
}
/** What the stream brings about. */
const settle = (articleId: string, ...tags: string[]) =>
  settleAuthorTags(tables.db, tables.social, { articleId, authorId: ADA }, tags);
/** Tags of the edges of an author's article. */
async function edges(articleId: string): Promise<string[]> {
  const prefix = authorTagPk(ADA, '');
  const items = await tables.items(tables.social);
  return items
    .map(({ PK, SK }) => [String(PK), String(SK)])
    .filter(([pk, sk]) => pk.startsWith(prefix) && sk === `ARTICLE#${articleId}`)
    .map(([pk]) => pk.slice(prefix.length))
    .sort();
}

// What an edge promises may be read eventually consistent, and again where it is not there.
afterEach(() => expect(weakReads(tables.calls, 'AUTHOR#', 'USER#')).toEqual([]));

describe('a page of an author’s articles with a tag', () => {
  /** Articles of one author, of which the first have the tag x. */
  async function library(first: number, author: number, count: number, tagged: number): Promise<void> {
    const all = Array.from({ length: count }, (_, n) =>
      articleOf(first + n, author, { tagList: n < tagged ? ['x'] : ['y'], description: 'd'.repeat(300) }),
    );
    await tables.put(
      tables.social,
      all.flatMap(({ tagList, ...article }) => [
        ARTICLE.item([article.authorId, article.articleId], { ...article, tagList, version: 1 }),
        ...tagList.map((tag) => AUTHOR_TAGGED_ARTICLE.item([article.authorId, tag, article.articleId], {})),
      ]),
    );
  }

  // Reading the cheaper of the two lists through took 32 and 50.
  test.each([
    { ofAuthor: 300, ofOther: 300 },
    { ofAuthor: 600, ofOther: 900 },
  ])('costs what matches, whatever else there is: %j', async ({ ofAuthor, ofOther }) => {
    await library(1, 1, ofAuthor, 25);
    await library(1001, 2, ofOther, ofOther);
    tables.readUnits = 0;
    const page = await list('x', 10);
    expect(page).toEqual({ ...slugs(...Array.from({ length: 10 }, (_, n) => 25 - n)), count: 25 });
    // Ten articles and a profile, at a half each; the edges, articles of the window, what happened lately.
    expect(tables.readUnits).toBe(5 + 0.5 + 1 + 1 + 1);
    expect(operations(tables.calls).sort()).toEqual(['BatchGetItem', ...Array(3).fill('Query')]);
  });

  test('is right before the stream has brought anything', async () => {
    await create(1, RECENT(1), 'x', 'y');
    await create(2, RECENT(2), 'x');
    await create(3, RECENT(3), 'y');
    expect(await list('x')).toEqual(slugs(2, 1));
    await retag(1, 'y', 'z');
    await retag(3, 'x');
    expect(await Promise.all(['x', 'y', 'z'].map((tag) => list(tag)))).toEqual([slugs(3, 2), slugs(1), slugs(1)]);
    await remove(3);
    expect(await Promise.all(['x', 'y'].map((tag) => list(tag)))).toEqual([slugs(2), slugs(1)]);
  });

  test('is as right once the window has passed', async () => {
    for (const n of [1, 2, 3]) {
      await create(n, OLD(n), 'x', ...(n === 2 ? [] : ['y']));
      await settle(OLD(n), 'x', 'y');
    }
    await create(4, RECENT(4), 'x');
    expect(await list('x')).toEqual(slugs(4, 3, 2, 1));
    expect(await list('x', 2, 1)).toEqual({ ...slugs(3, 2), count: 4 });
    await retag(1, 'y', 'z');
    await retag(2, 'y', 'x');
    await remove(3);
    expect(await Promise.all(['x', 'y', 'z'].map((tag) => list(tag)))).toEqual([slugs(4, 2), slugs(2, 1), slugs(1)]);
  });

  test('has no article of another author, and of another tag that begins alike', async () => {
    await create(1, OLD(1), 'x#', 'x');
    await settle(OLD(1), 'x#', 'x');
    await create(2, OLD(2), 'x#y');
    await settle(OLD(2), 'x#y');
    await library(1001, 2, 1, 1);
    expect(await Promise.all(['x', 'x#', 'x#y', '#'].map((tag) => list(tag)))).toEqual([
      slugs(1),
      slugs(1),
      slugs(2),
      slugs(),
    ]);
  });

  test('shows nothing of an edge that should not be there, and is filled from what follows', async () => {
    for (const n of [1, 2, 3]) await create(n, OLD(n), n === 2 ? 'y' : 'x');
    const stale = [1, 2, 3, 4].map((n) => AUTHOR_TAGGED_ARTICLE.item([ADA, 'x', OLD(n)], {}));
    await tables.put(tables.social, stale);
    expect((await list('x', 2)).slugs).toEqual(slugs(3, 1).slugs);
    expect((await list('x')).slugs).toEqual(slugs(3, 1).slugs);
  });
});

describe('a change of tags', () => {
  test('moves the edges by author and tag in its own transaction', async () => {
    await create(1, OLD(1), 'x', 'y');
    await settle(OLD(1), 'x', 'y');
    tables.calls.length = 0;
    await retag(1, 'y', 'z');
    expect(await edges(OLD(1))).toEqual(['y', 'z']);
    expect(transactions()).toHaveLength(1);
  });

  test.each([
    [26, 0],
    [27, 1],
    [40, 1],
  ])('of %d tags fits its transaction, or is right at once by one more', async (count, more) => {
    const tagsOf = (name: string, length: number) => Array.from({ length }, (_, n) => `${name}-${n + 10}`);
    const [before, after] = [tagsOf('old', 20), tagsOf('new', count - 20)];
    // Tags that are used twice move their ranks, as many as ever do at once.
    await create(1, OLD(1), ...before);
    await create(2, OLD(2), ...before);
    await create(3, OLD(3), ...after);
    await settle(OLD(1), ...before);
    expect(await edges(OLD(1))).toEqual(before);
    tables.calls.length = 0;
    await retag(1, ...after);
    expect(await edges(OLD(1))).toEqual(after);
    const sizes = transactions().map(({ input }) => (input.TransactItems as unknown[]).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    const ofEdgesAlone = transactions().filter(({ input }) => !JSON.stringify(input).includes('TAGS#'));
    expect(ofEdgesAlone).toHaveLength(more);
  });

  describe('of more than a transaction takes', () => {
    const [before, after] = ['old', 'new'].map((name) => Array.from({ length: 20 }, (_, n) => `${name}-${n + 10}`));
    const isOfEdges = ({ operation, input }: Call) =>
      operation === 'TransactWriteItems' && !JSON.stringify(input).includes('TAGS#');

    beforeEach(async () => {
      await create(1, OLD(1), ...before);
      await settle(OLD(1), ...before);
    });

    test('is made right by its message where the request breaks off', async () => {
      tables.before = (call) => {
        if (isOfEdges(call)) throw new Error('broken off');
      };
      await retag(1, ...after);
      expect(logged()).toMatchObject([{ level: 'WARN', message: 'edges by author and tag are left to the stream' }]);
      expect(await edges(OLD(1))).toEqual(before);
      tables.before = () => undefined;
      await settle(OLD(1), ...before, ...after);
      expect(await edges(OLD(1))).toEqual(after);
    });

    test('writes nothing that a further change has overtaken', async () => {
      tables.before = async (call) => {
        if (isOfEdges(call)) {
          tables.before = () => undefined;
          await retag(1, before[0]);
          await settle(OLD(1), ...before, ...after);
        }
      };
      await retag(1, ...after);
      expect(logged()).toMatchObject([{ level: 'WARN', error: 'TransactionRefused' }]);
      expect(await edges(OLD(1))).toEqual([before[0]]);
    });
  });
});

describe('what the stream brings', () => {
  /** Does something in place of what else would be done, just before the n-th call of an operation. */
  function atCall(operation: string, at: number, action: () => Promise<void>): void {
    let seen = 0;
    tables.before = async (call: Call) => {
      if (call.operation === operation && ++seen === at) {
        tables.before = () => undefined;
        await action();
      }
    };
  }

  beforeEach(() => create(1, OLD(1), 'x', 'y'));

  test('is an edge for each tag, for one write each, once or twice', async () => {
    tables.calls.length = 0;
    await settle(OLD(1), 'x', 'y', 'x');
    expect(operations(tables.calls)).toEqual(['BatchGetItem', 'BatchWriteItem', 'BatchGetItem']);
    await settle(OLD(1), 'x', 'y');
    expect(await edges(OLD(1))).toEqual(['x', 'y']);
  });

  test('late, after a change of tags, leaves none that is wrong', async () => {
    await retag(1, 'y', 'z');
    await settle(OLD(1), 'x', 'y');
    expect(await edges(OLD(1))).toEqual(['y', 'z']);
  });

  test('late, after a deletion, is nothing', async () => {
    await remove(1);
    await settle(OLD(1), 'x', 'y');
    expect(await edges(OLD(1))).toEqual([]);
  });

  test('is right where tags change between its look and its writes', async () => {
    atCall('BatchWriteItem', 1, () => retag(1, 'y', 'z'));
    await settle(OLD(1), 'x', 'y');
    expect(await edges(OLD(1))).toEqual(['y', 'z']);
  });

  test('is right where they change, and change back before it has followed', async () => {
    atCall('BatchWriteItem', 1, async () => {
      await retag(1, 'y');
      atCall('BatchWriteItem', 1, () => retag(1, 'x', 'y'));
    });
    await settle(OLD(1), 'x', 'y');
    expect(await edges(OLD(1))).toEqual(['x', 'y']);
  });

  test('is nothing where the article is deleted between its look and its writes', async () => {
    atCall('BatchWriteItem', 1, () => remove(1));
    await settle(OLD(1), 'x', 'y');
    expect(await edges(OLD(1))).toEqual([]);
  });

  test('is made right by the next run, where one breaks off after a change of tags', async () => {
    atCall('BatchWriteItem', 1, async () => {
      await retag(1, 'y');
      atCall('BatchGetItem', 1, () => Promise.reject(new Error('broken off')));
    });
    await expect(settle(OLD(1), 'x', 'y')).rejects.toThrow('broken off');
    expect(await edges(OLD(1))).toEqual(['x', 'y']);
    await settle(OLD(1), 'x', 'y');
    expect(await edges(OLD(1))).toEqual(['y']);
  });

  test('comes again where tags never stand still', async () => {
    let changes = 0;
    let open = true;
    tables.before = async ({ operation }) => {
      if (operation === 'BatchWriteItem' && open) {
        open = false;
        await retag(1, ...(++changes % 2 ? [] : ['x']));
        open = true;
      }
    };
    const outcome: unknown = await settle(OLD(1), 'x').catch((error: unknown) => error);
    expect([isBusy(outcome), changes]).toEqual([true, 10]);
  });
});
