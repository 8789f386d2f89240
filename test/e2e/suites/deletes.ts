import { remote } from '../harness';
import { expectStatus } from '../shapes';
import { tableItems, articleIdOf, mentions } from '../tables';
import { TestUser, times, uniqueName, World } from '../world';

const local = remote ? describe.skip : describe;

/**
 * What a deletion leaves in the tables, seen through the runner's own view of them. Runs before the other suites,
 * while the tables are small enough for that view to show every item.
 */
export function describeDeletes(world: World): void {
  local('a deleted article (not with REALWORLD_URL: its tables are out of sight)', () => {
    let author: TestUser;
    let fans: TestUser[];

    beforeAll(async () => {
      [author, ...fans] = await world.registerMany(4);
      for (const fan of fans) await world.follow(fan, author.username);
    });

    test('leaves nothing: no text, slug, tag, favorite, comment, feed row', async () => {
      const { slug, title } = await world.createArticle(author, { tagList: [uniqueName('a'), uniqueName('b')] });
      for (const fan of fans) {
        await world.favorite(fan, slug);
        await times(3, () => world.comment(fan, slug));
      }
      await world.settled();
      const before = await tableItems(world);
      const id = articleIdOf(before, slug);
      // The article, its text, three favorites, nine comments and three feed rows at the least.
      expect(before.filter(mentions(id)).length).toBeGreaterThanOrEqual(17);
      // Edges by author and tag, which come from the stream.
      expect(before.filter(mentions(id)).filter(mentions('AUTHOR_TAG#'))).toHaveLength(2);

      await world.deleteArticle(author, slug);
      await world.settled();
      const after = await tableItems(world);
      expect(after.filter(mentions(id))).toEqual([]);
      expect(after.filter(mentions(slug))).toEqual([]);
      expect(after.filter(mentions(title))).toEqual([]);
    });

    test('leaves nothing of its former titles and tags', async () => {
      const former = await world.createArticle(author, { tagList: [uniqueName('former')] });
      const present = uniqueName('present');
      const renamed = await world.updateArticle(author, former.slug, {
        title: uniqueName('Renamed '),
        tagList: [present],
      });
      await world.settled();
      const before = await tableItems(world);
      const id = articleIdOf(before, renamed.slug);
      const edges = before.filter(mentions(id)).filter(mentions('AUTHOR_TAG#'));
      expect([edges.length, edges.filter(mentions(`#${present}`)).length]).toEqual([1, 1]);
      await world.deleteArticle(author, renamed.slug);
      await world.settled();
      const after = await tableItems(world);
      for (const text of [id, former.slug, former.title, renamed.slug, renamed.title]) {
        expect(after.filter(mentions(text))).toEqual([]);
      }
    });

    test('leaves nothing when comments and favorites come in at the same time', async () => {
      const { slug } = await world.createArticle(author);
      await world.settled();
      const id = articleIdOf(await tableItems(world), slug);
      const answers = await Promise.all([
        ...fans.map((fan) => world.post(`/articles/${slug}/comments`, fan, { comment: { body: 'too late?' } })),
        ...fans.map((fan) => world.post(`/articles/${slug}/favorite`, fan)),
        world.delete(`/articles/${slug}`, author),
      ]);
      expectStatus(answers[answers.length - 1], 204);
      expect(answers.filter(({ status }) => ![200, 201, 204, 404].includes(status))).toEqual([]);
      await world.settled();
      expect((await tableItems(world)).filter(mentions(id))).toEqual([]);
    });

    test('leaves no feed row when it is deleted at once', async () => {
      const { slug, title } = await world.createArticle(author);
      const id = articleIdOf(await tableItems(world), slug);
      await world.deleteArticle(author, slug);
      await world.settled();
      const after = await tableItems(world);
      expect(after.filter(mentions(id))).toEqual([]);
      expect(after.filter(mentions(title))).toEqual([]);
    });

    test('takes nothing of other articles with it', async () => {
      const [kept, deleted] = await world.createArticles(author, 2, { tagList: [uniqueName('shared')] });
      await world.favorite(fans[0], kept.slug);
      const comment = await world.comment(fans[0], kept.slug);
      await world.settled();
      const before = await tableItems(world);
      const keptId = articleIdOf(before, kept.slug);
      await world.deleteArticle(author, deleted.slug);
      await world.settled();
      const after = await tableItems(world);
      expect(after.filter(mentions(keptId))).toHaveLength(before.filter(mentions(keptId)).length);
      expect(await world.comments(kept.slug)).toEqual([comment]);
      expect(await world.article(kept.slug, fans[0])).toMatchObject({ favorited: true, favoritesCount: 1 });
    });
  });

  local('an unfollowed author (not with REALWORLD_URL: its tables are out of sight)', () => {
    test('leaves no feed row', async () => {
      const [author, reader] = await world.registerMany(2);
      await world.follow(reader, author.username);
      const { slug } = await world.createArticle(author);
      await world.settled();
      const id = articleIdOf(await tableItems(world), slug);
      const followed = (await tableItems(world)).filter(mentions(id)).length;
      await world.unfollow(reader, author.username);
      await world.settled();
      expect((await tableItems(world)).filter(mentions(id))).toHaveLength(followed - 1);
    });
  });
}
