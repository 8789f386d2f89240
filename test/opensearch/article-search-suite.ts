import type { SearchService } from './service';
import { scoreOf } from '../../lambda/realworld-api/domain/words';
import { startTestEngine, type TestEngine } from '../support/engine';
import { type Given, PEOPLE, SearchWorld, WINDOWS } from '../support/search-world';
import { seeded } from '../support/seeded';

const newestFirst = (a: string, b: string) => (a < b ? 1 : -1);

/** What lists, tags and searches answer, by an index that is behind: as given, and as the writes of each seed leave it. */
export function describeArticleSearch(service: () => SearchService, seeds: readonly number[]): void {
  let engine: TestEngine;
  let world: SearchWorld;

  beforeAll(async () => (engine = await startTestEngine()));
  afterAll(() => engine.close());
  beforeEach(async () => (world = await SearchWorld.start(await engine.tables(), service())));
  afterEach(() => world.close());

  const shown = ({ articles }: { articles: readonly { title: string }[] }) => articles.map(({ title }) => title);
  const LATE = WINDOWS.written - 1;

  test('the best first: in the title, as a tag, in the description, in the body; of equal ones the newest', async () => {
    const places: Given[] = [
      { title: 'in the body', body: 'A quasar.' },
      { title: 'as a tag', tagList: ['quasar'] },
      { title: 'A quasar' },
      { title: 'in the description', description: 'Of a quasar' },
      { title: 'in the body again', body: 'Quasar!' },
      { title: 'nowhere', tagList: ['Quasars'] },
    ];
    for (const [place, given] of places.entries()) {
      // The second half is laid over.
      await world.create(given, place < 3 ? 0 : LATE);
      await world.pass(1);
    }
    const order = ['A quasar', 'as a tag', 'in the description', 'in the body again', 'in the body'];
    const found = await world.search(['quasar']);
    expect(shown(found)).toEqual(order);
    expect(found).toMatchObject({ articlesCount: 5, complete: true, next: undefined });
    expect(found.tags).toEqual([{ tag: 'quasar', count: 1 }]);
    await world.pass(WINDOWS.deleted);
    expect(await world.search(['quasar'])).toEqual(found);
  });

  test('all words are wanted, wherever each is', async () => {
    await world.create({ title: 'Green tea', body: 'Not boiling' });
    await world.create({ title: 'Black tea', body: 'Boiling' }, LATE);
    expect(shown(await world.search(['tea', 'boiling']))).toEqual(['Black tea', 'Green tea']);
    expect(shown(await world.search(['green', 'boiling']))).toEqual(['Green tea']);
    expect(shown(await world.search(['green', 'black']))).toEqual([]);
  });

  test('words are marked, and nothing that an author writes is taken for HTML', async () => {
    const text = {
      title: '<b>Tea</b> & more',
      description: 'No word',
      body: `${'Some more of it. '.repeat(20)}Tea "hot".`,
    };
    await world.create(text, LATE);
    const highlights = async () => (await world.search(['tea'])).articles[0].highlights;
    const marked = {
      title: '&lt;b&gt;<em>Tea</em>&lt;&#x2F;b&gt; &amp; more',
      body: [expect.stringMatching(/^.{20,200}<em>Tea<\/em> &quot;hot&quot;\.$/)],
    };
    expect(await highlights()).toEqual(marked);
    await world.pass(WINDOWS.deleted);
    expect(await highlights()).toEqual(marked);
  });

  test('with a tag, by an author; by one who is not there nothing is found', async () => {
    const [ada, bob] = PEOPLE;
    await world.create({ title: 'Tea one', authorId: ada.userId, tagList: ['a'] });
    await world.create({ title: 'Tea two', authorId: bob.userId, tagList: ['a'] }, LATE);
    await world.create({ title: 'Tea three', authorId: bob.userId, tagList: ['b'] });
    expect(shown(await world.search(['tea'], { tag: 'a' }))).toEqual(['Tea two', 'Tea one']);
    expect(shown(await world.search(['tea'], { author: bob.username }))).toEqual(['Tea three', 'Tea two']);
    expect(shown(await world.search(['tea'], { author: bob.username, tag: 'a' }))).toEqual(['Tea two']);
    expect(await world.search(['tea'], { author: 'nobody' })).toMatchObject({
      articles: [],
      articlesCount: 0,
      tags: [],
    });
    expect(shown(await world.list({ words: ['tea'], tag: 'a' }))).toEqual(['Tea two', 'Tea one']);
  });

  test('pages go on behind the last article of the one before, also when articles come in between', async () => {
    for (let number = 1; number <= 7; number++) {
      await world.create({ title: `Tea ${number}` }, number % 2 === 0 ? LATE : 0);
      await world.pass(1);
    }
    const first = await world.search(['tea'], {}, { limit: 3 });
    expect(shown(first)).toEqual(['Tea 7', 'Tea 6', 'Tea 5']);
    await world.create({ title: 'Tea 8' });
    const second = await world.search(['tea'], {}, { limit: 3, after: first.next });
    expect(shown(second)).toEqual(['Tea 4', 'Tea 3', 'Tea 2']);
    const third = await world.search(['tea'], {}, { limit: 3, after: second.next });
    expect(shown(third)).toEqual(['Tea 1']);
    expect(third).toMatchObject({ next: undefined, articlesCount: 8 });
  });

  test('a deleted article is found no more, be it in the index or not yet', async () => {
    const ids = [await world.create({ title: 'Tea 1' }), await world.create({ title: 'Tea 2' }, LATE)];
    await world.create({ title: 'Tea 3' });
    for (const id of ids) await world.remove(id, [WINDOWS.written, LATE]);
    for (const time of [0, WINDOWS.written, WINDOWS.deleted]) {
      await world.pass(time);
      expect(await world.search(['tea'])).toMatchObject({ articles: [{ title: 'Tea 3' }], articlesCount: 1 });
      expect(await world.list()).toMatchObject({ articles: [{ title: 'Tea 3' }], articlesCount: 1 });
    }
  });

  test('where the index has an article that is gone for long, the page is filled up from those behind it', async () => {
    for (let number = 1; number <= 4; number++) {
      await world.create({ title: `Tea ${number}`, tagList: ['t'] });
      await world.pass(1);
    }
    const gone = [...world.articles.keys()].sort(newestFirst)[1];
    await world.remove(gone, [0, WINDOWS.deleted * 9]);
    await world.pass(WINDOWS.deleted + 1);
    expect(await world.list({}, 2)).toMatchObject({
      articles: [{ title: 'Tea 4' }, { title: 'Tea 2' }],
      articlesCount: 3,
    });
    expect(shown(await world.list({ tag: 't' }, 2, 1))).toEqual(['Tea 2', 'Tea 1']);
  });

  test('while the index does not answer, lists are those of the table, and a search finds what is newest', async () => {
    for (let number = 1; number <= 3; number++) {
      await world.create({ title: `Tea ${number}`, tagList: ['t'] });
      await world.pass(WINDOWS.deleted);
    }
    const whole = {
      list: await world.list(),
      tagged: await world.list({ tag: 't' }),
      found: await world.search(['tea']),
    };
    expect(world.fallbacks).toBe(0);
    world.isUp = false;
    expect(await world.list()).toEqual(whole.list);
    expect(await world.list({ tag: 't' })).toEqual(whole.tagged);
    expect(await world.search(['tea'])).toEqual({ ...whole.found, complete: false });
    expect(await world.tags()).toEqual(['from the table']);
    expect(world.fallbacks).toBe(4);
  });

  /** So long that two are all that is read of them for a search. */
  const createLong = async (count: number, lag = 0) => {
    for (let number = 1; number <= count; number++) {
      await world.create({ title: `Tea ${number}`, body: 'x'.repeat(350_000) }, lag);
      await world.pass(1);
    }
  };
  const changeTitles = async (lag = 0) => {
    for (const [id, { title }] of world.articles) await world.update(id, { title: `${title} changed` }, lag);
  };

  test('while the index does not answer, long articles are read until they are a megabyte together', async () => {
    await createLong(4);
    await world.pass(WINDOWS.deleted);
    world.isUp = false;
    const found = { articles: [{ title: 'Tea 4' }, { title: 'Tea 3' }], articlesCount: 2, complete: false };
    expect(await world.search(['tea'])).toMatchObject(found);
    await changeTitles();
    expect(shown(await world.search(['tea']))).toEqual(['Tea 4 changed', 'Tea 3 changed']);
  });

  test('of the last moments too, also where something else than the body has been changed since', async () => {
    await createLong(4, LATE);
    expect(shown(await world.search(['tea']))).toEqual(['Tea 4', 'Tea 3']);
    await changeTitles(LATE);
    expect(shown(await world.search(['tea']))).toEqual(['Tea 4 changed', 'Tea 3 changed']);
    const [, second] = world.articles.keys();
    await world.update(second, { body: 'Short' }, LATE);
    await world.update(second, { title: 'Tea 2 is short' }, LATE);
    expect(shown(await world.search(['tea']))).toEqual(['Tea 4 changed', 'Tea 3 changed', 'Tea 2 is short']);
    expect(world.fallbacks).toBe(0);
  });

  /** Articles of the world that a search finds, in its order. */
  function expected(words: readonly string[], tag?: string): { articleId: string; score: number }[] {
    return [...world.articles.values()]
      .filter(({ tagList }) => tag === undefined || tagList.includes(tag))
      .flatMap((article) => {
        const score = scoreOf(words, article);
        return score === undefined ? [] : [{ articleId: article.articleId, score }];
      })
      .sort((a, b) => b.score - a.score || newestFirst(a.articleId, b.articleId));
  }

  const slugs = (ids: readonly string[]) => ids.map((id) => world.articles.get(id)!.slug);

  async function check(words: readonly string[], tag: string): Promise<void> {
    const all = [...world.articles.keys()].sort(newestFirst);
    const tagged = all.filter((id) => world.articles.get(id)!.tagList.includes(tag));
    for (const [list, wanted] of [
      [await world.list({}, 5, 2), all],
      [await world.list({ tag }, 5, 2), tagged],
    ] as const) {
      expect(list.articlesCount).toBe(wanted.length);
      expect(list.articles.map(({ slug }) => slug)).toEqual(slugs(wanted.slice(2, 7)));
    }
    const uses = new Map<string, number>();
    for (const one of [...world.articles.values()].flatMap(({ tagList }) => tagList)) {
      uses.set(one, (uses.get(one) ?? 0) + 1);
    }
    const inUse = [...uses].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
    expect(await world.tags()).toEqual(inUse.map(([name]) => name));

    const found = expected(words);
    const listed = await world.list({ words: [...words] }, 4, 1);
    expect(listed.articlesCount).toBe(found.length);
    expect(listed.articles.map(({ slug }) => slug)).toEqual(slugs(found.slice(1, 5).map(({ articleId }) => articleId)));
    const paged: string[] = [];
    let after: Awaited<ReturnType<SearchWorld['search']>>['next'];
    do {
      const page = await world.search(words, {}, { limit: 3, after });
      expect(page).toMatchObject({ articlesCount: found.length, complete: true });
      paged.push(...page.articles.map(({ slug }) => slug));
      after = page.next;
    } while (after);
    expect(paged).toEqual(slugs(found.map(({ articleId }) => articleId)));
    const inTag = await world.search(words, { tag }, { limit: 100 });
    expect(inTag.articles.map(({ slug }) => slug)).toEqual(
      slugs(expected(words, tag).map(({ articleId }) => articleId)),
    );
    expect(inTag.tags.find((facet) => facet.tag === tag)?.count ?? 0).toBe(inTag.articlesCount);
  }

  test.each(seeds)(
    'every answer is that of the table, however far the index is behind within its window: writes of seed %i',
    async (seed) => {
      const random = seeded(seed);
      const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)];
      const some = (values: readonly string[]) => values.filter(() => random() < 0.4);
      const WORDS = ['tea', 'hot', 'cold', 'green'];
      const TAGS = ['a', 'b', 'tea', 'D'];
      const text = () => ({
        title: `${some(WORDS).join(' ')} title`,
        description: `${some(WORDS).join('-')} description`,
        body: `${some(WORDS).join('. ')} body`,
        tagList: some(TAGS),
        authorId: pick(PEOPLE).userId,
      });
      const lag = () => Math.floor(random() * LATE);
      for (let step = 0; step < 40; step++) {
        const ids = [...world.articles.keys()];
        const what = random();
        if (ids.length < 3 || what < 0.5) {
          await world.create(text(), lag());
        } else if (what < 0.8) {
          const { authorId: _, ...changes } = text();
          await world.update(pick(ids), changes, lag());
        } else {
          await world.remove(pick(ids), [Math.floor(random() * (WINDOWS.deleted - WINDOWS.written)), lag()]);
        }
        await world.pass(Math.floor(random() * 40_000));
        if (step % 4 === 3) await check(random() < 0.5 ? [pick(WORDS)] : ['tea', 'hot'], pick(TAGS));
      }
      expect(world.fallbacks).toBe(0);
      expect(world.asked).toBeGreaterThan(50);
    },
    120_000,
  );
}
