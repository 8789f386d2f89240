import { expectError, expectFieldError, ListedArticle } from '../shapes';
import { slugs, TestUser, uniqueName, World } from '../world';

/** PUT /articles/:slug. */
export function describeArticleUpdates(world: World): void {
  describeFields(world);
  describeTitle(world);
  describeTagList(world);
  describeTime(world);
}

function describeFields(world: World): void {
  describe('update of an article', () => {
    let author: TestUser;

    beforeAll(async () => {
      author = await world.register();
    });

    test('of the body alone keeps everything else and moves updatedAt', async () => {
      const before = await world.createArticle(author, { tagList: [uniqueName('a'), uniqueName('b')] });
      const after = await world.updateArticle(author, before.slug, { body: 'With two hands' });
      expect(after).toEqual({ ...before, body: 'With two hands', updatedAt: after.updatedAt });
      expectLater(after, before);
      expect(await world.article(before.slug)).toEqual(after);
    });

    test('of the description alone keeps everything else', async () => {
      const before = await world.createArticle(author, { tagList: [uniqueName('a')] });
      const after = await world.updateArticle(author, before.slug, { description: 'Shorter' });
      expect(after).toEqual({ ...before, description: 'Shorter', updatedAt: after.updatedAt });
      expect(await world.article(before.slug)).toEqual(after);
    });

    test('of everything at once changes everything but createdAt and favorites', async () => {
      const before = await world.createArticle(author, { tagList: [uniqueName('old')] });
      await world.favorite(author, before.slug);
      const fields = { title: uniqueName('New '), description: 'd2', body: 'b2', tagList: [uniqueName('new')] };
      const after = await world.updateArticle(author, before.slug, fields);
      expect(after).toMatchObject({ ...fields, createdAt: before.createdAt, favorited: true, favoritesCount: 1 });
      expect(after.author).toEqual(before.author);
      expect(await world.article(after.slug, author)).toEqual(after);
    });

    test('keeps comments and favorites', async () => {
      const fan = await world.register();
      const before = await world.createArticle(author);
      const comment = await world.comment(fan, before.slug);
      await world.favorite(fan, before.slug);
      const { slug } = await world.updateArticle(author, before.slug, { title: uniqueName('Moved ') });
      expect(await world.comments(slug)).toEqual([comment]);
      expect(await world.article(slug, fan)).toMatchObject({ favorited: true, favoritesCount: 1 });
      expect(slugs(await world.list({ favorited: fan.username }))).toEqual([slug]);
    });

    test.each(['title', 'description', 'body', 'tagList'])('with null for %s is 422', async (field) => {
      const before = await world.createArticle(author, { tagList: [uniqueName('kept')] });
      const answer = await world.put(`/articles/${before.slug}`, author, { article: { [field]: null } });
      expectFieldError(answer, 422, field);
      expect(await world.article(before.slug)).toEqual(before);
    });

    test('with an empty title is 422', async () => {
      const before = await world.createArticle(author);
      const answer = await world.put(`/articles/${before.slug}`, author, { article: { title: '' } });
      expectFieldError(answer, 422, 'title');
      expect(await world.article(before.slug)).toEqual(before);
    });

    test('of an unknown slug is 404', async () => {
      const answer = await world.put(`/articles/${uniqueName()}`, author, { article: { body: 'b' } });
      expectError(answer, 404, { article: ['not found'] });
    });

    test('makes no article of a slug that is not there', async () => {
      const slug = uniqueName();
      await world.put(`/articles/${slug}`, author, { article: { title: slug, description: 'd', body: 'b' } });
      expectError(await world.get(`/articles/${slug}`), 404, { article: ['not found'] });
    });
  });
}

function describeTitle(world: World): void {
  describe('a new title', () => {
    let author: TestUser;

    beforeAll(async () => {
      author = await world.register();
    });

    test('moves the slug; the old one is 404', async () => {
      const before = await world.createArticle(author);
      const unique = uniqueName();
      const after = await world.updateArticle(author, before.slug, { title: `Did you train ${unique}?` });
      expect(after).toEqual({
        ...before,
        title: `Did you train ${unique}?`,
        slug: `did-you-train-${unique}`,
        updatedAt: after.updatedAt,
      });
      expect(await world.article(after.slug)).toEqual(after);
      expectError(await world.get(`/articles/${before.slug}`), 404, { article: ['not found'] });
    });

    test('frees the old slug for anyone', async () => {
      const [title, other] = [uniqueName('Old title '), await world.register()];
      const before = await world.createArticle(author, { title });
      const moved = await world.updateArticle(author, before.slug, { title: uniqueName('New title ') });
      const successor = await world.createArticle(other, { title });
      expect(successor.slug).toBe(before.slug);
      expect(await world.article(moved.slug)).toEqual(moved);
      expect(await world.article(before.slug)).toEqual(successor);
    });

    test('that is the same keeps the slug', async () => {
      const before = await world.createArticle(author);
      const after = await world.updateArticle(author, before.slug, { title: before.title });
      expect(after).toEqual({ ...before, updatedAt: after.updatedAt });
      expectLater(after, before);
      expect(await world.article(before.slug)).toEqual(after);
    });

    test('that is the same keeps a slug that had to differ from the title', async () => {
      const { title } = await world.createArticle(author);
      const second = await world.createArticle(author, { title });
      const after = await world.updateArticle(author, second.slug, { title, body: 'changed' });
      expect(after.slug).toBe(second.slug);
      expect((await world.article(second.slug)).body).toBe('changed');
    });

    test.each(['Twice told', 'Feed'])('that spells the suffixed slug of a second %j keeps that slug', async (text) => {
      const title = text === 'Feed' ? text : uniqueName(`${text} `);
      await world.createArticle(author, { title });
      const second = await world.createArticle(author, { title });
      const spelled = second.slug.split('-').join(' ');
      const after = await world.updateArticle(author, second.slug, { title: spelled });
      expect([after.slug, after.title]).toEqual([second.slug, spelled]);
      expect(await world.article(second.slug)).toEqual(after);
      await world.deleteArticle(author, second.slug);
    });

    test("that is another article's leads to a slug of its own", async () => {
      const [first, second] = await world.createArticles(author, 2);
      const after = await world.updateArticle(author, second.slug, { title: first.title });
      expect(after.title).toBe(first.title);
      expect(after.slug).not.toBe(first.slug);
      expect(await world.article(first.slug)).toEqual(first);
      expect(await world.article(after.slug)).toEqual(after);
    });

    test('can be taken back, with its slug', async () => {
      const before = await world.createArticle(author);
      const away = await world.updateArticle(author, before.slug, { title: uniqueName('Away ') });
      const back = await world.updateArticle(author, away.slug, { title: before.title });
      expect(back.slug).toBe(before.slug);
      expectError(await world.get(`/articles/${away.slug}`), 404, { article: ['not found'] });
    });

    test('shows in every list at once', async () => {
      const [fan, tag] = [await world.register(), uniqueName('tag')];
      const before = await world.createArticle(author, { tagList: [tag] });
      await world.follow(fan, author.username);
      await world.favorite(fan, before.slug);
      const { slug, title } = await world.updateArticle(author, before.slug, { title: uniqueName('Renamed ') });
      const lists = [
        await world.list({ tag }),
        await world.list({ favorited: fan.username }),
        await world.list({ author: author.username, limit: 1 }),
        await world.list({ limit: 1 }),
        await world.feed(fan, { limit: 1 }),
      ];
      for (const { articles } of lists) expect(articles[0]).toMatchObject({ slug, title });
    });
  });
}

function describeTagList(world: World): void {
  describe('a new tagList', () => {
    let author: TestUser;
    const counted = async (tag: string): Promise<number> => (await world.list({ tag })).articlesCount;

    beforeAll(async () => {
      author = await world.register();
    });

    test('replaces the tags, in its order, and every list follows at once', async () => {
      const [gone, kept, added] = [uniqueName('gone'), uniqueName('kept'), uniqueName('added')];
      const { slug } = await world.createArticle(author, { tagList: [gone, kept] });
      const after = await world.updateArticle(author, slug, { tagList: [added, kept] });
      expect(after.tagList).toEqual([added, kept]);
      expect((await world.article(slug)).tagList).toEqual([added, kept]);
      expect([await counted(gone), await counted(kept), await counted(added)]).toEqual([0, 1, 1]);
      expect(slugs(await world.list({ tag: gone }))).toEqual([]);
      expect((await world.list({ tag: added })).articles[0]).toMatchObject({ slug, tagList: [added, kept] });
      const tags = await world.tags();
      expect(tags).toEqual(expect.arrayContaining([kept, added]));
      expect(tags).not.toContain(gone);
    });

    test('that is absent keeps the tags', async () => {
      const tagList = [uniqueName('tag')];
      const { slug } = await world.createArticle(author, { tagList });
      expect((await world.updateArticle(author, slug, { body: 'changed' })).tagList).toEqual(tagList);
      expect(await counted(tagList[0])).toBe(1);
    });

    test('that is empty clears the tags', async () => {
      const tag = uniqueName('tag');
      const { slug } = await world.createArticle(author, { tagList: [tag] });
      expect((await world.updateArticle(author, slug, { tagList: [] })).tagList).toEqual([]);
      expect((await world.article(slug)).tagList).toEqual([]);
      expect(await counted(tag)).toBe(0);
      expect(await world.tags()).not.toContain(tag);
    });

    test('in another order is kept in that order', async () => {
      const tagList = [uniqueName('a'), uniqueName('b'), uniqueName('c')];
      const { slug } = await world.createArticle(author, { tagList });
      const reversed = [...tagList].reverse();
      await world.updateArticle(author, slug, { tagList: reversed });
      expect((await world.article(slug)).tagList).toEqual(reversed);
      for (const tag of tagList) expect(await counted(tag)).toBe(1);
    });

    test('of more than 20 tags is 422', async () => {
      const before = await world.createArticle(author, { tagList: [uniqueName('tag')] });
      const article = { tagList: Array.from({ length: 21 }, () => uniqueName('tag')) };
      expectFieldError(await world.put(`/articles/${before.slug}`, author, { article }), 422, 'tagList');
      expect(await world.article(before.slug)).toEqual(before);
    });

    test('can replace 20 tags by 20 others', async () => {
      const before = Array.from({ length: 20 }, () => uniqueName('old'));
      const after = Array.from({ length: 20 }, () => uniqueName('new'));
      const { slug } = await world.createArticle(author, { tagList: before });
      expect((await world.updateArticle(author, slug, { tagList: after })).tagList).toEqual(after);
      const tags = await world.tags();
      expect(tags.filter((tag) => before.includes(tag))).toEqual([]);
      expect(tags.filter((tag) => after.includes(tag)).sort()).toEqual([...after].sort());
    });
  });
}

function describeTime(world: World): void {
  describe('updatedAt', () => {
    test('is later after every change, also of two in a row', async () => {
      const author = await world.register();
      const created = await world.createArticle(author, { tagList: [uniqueName('tag')] });
      let before: ListedArticle = created;
      const changes = [
        { body: 'one' },
        { body: 'two' },
        { description: 'three' },
        { tagList: [] },
        { title: uniqueName('Four ') },
        { body: 'five' },
      ];
      for (const change of changes) {
        const after: ListedArticle = await world.updateArticle(author, before.slug, change);
        expectLater(after, before);
        expect(after.createdAt).toBe(created.createdAt);
        expect((await world.article(after.slug)).updatedAt).toBe(after.updatedAt);
        before = after;
      }
    });
  });
}

function expectLater(after: ListedArticle, before: ListedArticle): void {
  expect(Date.parse(after.updatedAt)).toBeGreaterThan(Date.parse(before.updatedAt));
}
