import { callLatencyMs, type Cost, costOf } from './costs';
import { uniqueName, World } from './world';

/**
 * What a search index changes of the costs in realworld-budgets.test.ts, on items of the same sizes: lists wait for the
 * writes that are laid over, then for the index, then for the articles.
 */

const TAGS = [uniqueName('tag'), uniqueName('tag')];
const WORD = uniqueName('word');

const world = new World();
let viewer: Awaited<ReturnType<World['register']>>;
let authors: readonly Awaited<ReturnType<World['register']>>[];

const article = (by = authors[0]) =>
  world.createArticle(by, {
    title: uniqueName('Title '),
    description: 'd'.repeat(100),
    body: `${WORD} ${'t'.repeat(1300)}`,
    tagList: TAGS,
  });

beforeAll(async () => {
  await world.start({ callLatencyMs, search: 'on', settings: { ITEM_CACHE_TTL_SECONDS: '0' } });
  viewer = await world.register();
  authors = await world.registerMany(10);
  for (const author of authors) await article(author);
}, 180_000);

afterAll(() => world.stop());

interface Most {
  readonly depth: number;
  readonly rcu: number;
  readonly wcu: number;
}

const ROWS: Readonly<Record<string, [most: Most, prepare: () => Promise<() => Promise<unknown>>]>> = {
  'global list': [{ depth: 3, rcu: 20, wcu: 0 }, async () => () => world.list({ limit: 10 }, viewer)],
  'list by tag': [{ depth: 3, rcu: 20, wcu: 0 }, async () => () => world.list({ tag: TAGS[0], limit: 10 }, viewer)],
  tags: [{ depth: 2, rcu: 4, wcu: 0 }, async () => () => world.get('/tags')],
  // Ten articles of the last moments are read with their texts, to be matched here.
  search: [{ depth: 3, rcu: 30, wcu: 0 }, async () => () => world.get(`/search?q=${WORD}&limit=10`, viewer)],
  'list with search': [
    { depth: 3, rcu: 30, wcu: 0 },
    async () => () => world.list({ search: WORD, limit: 10 }, viewer),
  ],
  'update article, title': [
    { depth: 3, rcu: 6, wcu: 14 },
    async () => {
      const { slug } = await article();
      return () => world.updateArticle(authors[0], slug, { title: uniqueName('New title ') });
    },
  ],
  'create article': [{ depth: 2, rcu: 2, wcu: 22 }, async () => () => article()],
};

describe('cost of each endpoint that a search index changes', () => {
  test.each(Object.entries(ROWS))('%s', async (name, [most, prepare]) => {
    await (
      await prepare()
    )();
    const cost: Cost = await costOf(world, await prepare());
    expect(cost.depth).toBeLessThanOrEqual(most.depth);
    expect(cost.rcu).toBeLessThanOrEqual(most.rcu);
    expect(cost.wcu).toBeLessThanOrEqual(most.wcu);
    expect(cost).toMatchSnapshot(name);
  });
});
