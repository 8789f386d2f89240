import { expectError } from '../shapes';
import { slugs, TestUser, uniqueName, World } from '../world';

/** Every read is right at once after the write before it: nothing here waits or tries again. */
export function describeReadYourWrites(world: World): void {
  describe('right after', () => {
    let author: TestUser;
    let reader: TestUser;

    beforeEach(async () => {
      [author, reader] = await world.registerMany(2);
      await world.follow(reader, author.username);
    });

    test('registration, the user signs in and has a profile', async () => {
      expect((await world.login(author.email, author.password)).status).toBe(200);
      expect((await world.profile(author.username)).username).toBe(author.username);
    });

    test('a post, every list and the feed hold it', async () => {
      const tag = uniqueName('tag');
      const totalBefore = (await world.list()).articlesCount;
      const { slug } = await world.createArticle(author, { tagList: [tag] });
      const all = await world.list({ limit: 1 });
      expect(slugs(all)).toEqual([slug]);
      expect(all.articlesCount).toBe(totalBefore + 1);
      for (const list of [await world.list({ tag }), await world.list({ author: author.username })]) {
        expect([slugs(list), list.articlesCount]).toEqual([[slug], 1]);
      }
      const feed = await world.feed(reader);
      expect([slugs(feed), feed.articlesCount]).toEqual([[slug], 1]);
      expect(await world.tags()).toContain(tag);
    });

    test('a deletion, no list, feed, tag or count has it', async () => {
      const tag = uniqueName('tag');
      const [kept, deleted] = await world.createArticles(author, 2, { tagList: [tag] });
      const alone = uniqueName('alone');
      await world.updateArticle(author, deleted.slug, { tagList: [tag, alone] });
      await world.favorite(reader, deleted.slug);
      const totalBefore = (await world.list()).articlesCount;
      await world.deleteArticle(author, deleted.slug);

      const all = await world.list({ limit: 100 });
      expect(slugs(all)).not.toContain(deleted.slug);
      expect(all.articlesCount).toBe(totalBefore - 1);
      for (const list of [
        await world.list({ tag }),
        await world.list({ author: author.username }),
        await world.feed(reader),
      ]) {
        expect([slugs(list), list.articlesCount]).toEqual([[kept.slug], 1]);
      }
      const none = { articles: [], articlesCount: 0 };
      expect(await world.list({ tag: alone })).toEqual(none);
      expect(await world.list({ favorited: reader.username })).toEqual(none);
      const tags = await world.tags();
      expect(tags).toContain(tag);
      expect(tags).not.toContain(alone);
    });

    test('a post, a change of tags and a deletion, the list by author and tag is right, then and later', async () => {
      const [tag, other] = [uniqueName('tag'), uniqueName('other')];
      const listed = async () =>
        Promise.all(
          [tag, other].map(async (each) => {
            const list = await world.list({ author: author.username, tag: each });
            return [slugs(list), list.articlesCount];
          }),
        );
      const expectListed = async (...expected: [string[], string[]]) => {
        const lists = expected.map((each) => [each, each.length]);
        expect(await listed()).toEqual(lists);
        await world.settled();
        expect(await listed()).toEqual(lists);
      };
      await world.createArticle(reader, { tagList: [tag, other] });
      const [first, second] = slugs(await world.createArticles(author, 2, { tagList: [tag] }));
      await expectListed([second, first], []);
      await world.updateArticle(author, first, { tagList: [other] });
      await expectListed([second], [first]);
      await world.updateArticle(author, first, { tagList: [other, tag] });
      await expectListed([second, first], [first]);
      await world.deleteArticle(author, second);
      await expectListed([first], [first]);
    });

    test('a favorite and its undoing, the favorited list is right', async () => {
      const { slug } = await world.createArticle(author);
      const favorites = async (): Promise<unknown[]> => {
        const list = await world.list({ favorited: reader.username });
        return [slugs(list), list.articlesCount];
      };
      await world.favorite(reader, slug);
      expect(await favorites()).toEqual([[slug], 1]);
      await world.unfavorite(reader, slug);
      expect(await favorites()).toEqual([[], 0]);
      await world.favorite(reader, slug);
      expect(await favorites()).toEqual([[slug], 1]);
    });

    test('a change of username, the filters know the new name and not the old one', async () => {
      const { slug } = await world.createArticle(author);
      await world.favorite(author, slug);
      const username = uniqueName();
      await world.updateUser(author, { username });
      const byNew = await world.list({ author: username });
      expect([slugs(byNew), byNew.articlesCount]).toEqual([[slug], 1]);
      expect(byNew.articles[0].author.username).toBe(username);
      expect(slugs(await world.list({ favorited: username }))).toEqual([slug]);
      const none = { articles: [], articlesCount: 0 };
      expect(await world.list({ author: author.username })).toEqual(none);
      expect(await world.list({ favorited: author.username })).toEqual(none);
      expect((await world.feed(reader)).articles[0].author.username).toBe(username);
    });

    test('a username changes hands, the filter finds the new owner’s articles alone', async () => {
      await world.createArticle(author);
      await world.updateUser(author, { username: uniqueName() });
      const successor = await world.register({ username: author.username, email: `${uniqueName()}@example.com` });
      expect((await world.list({ author: author.username })).articlesCount).toBe(0);
      const { slug } = await world.createArticle(successor);
      expect(slugs(await world.list({ author: author.username }))).toEqual([slug]);
    });

    test('an edit, lists show the new text', async () => {
      const { slug } = await world.createArticle(author);
      const { updatedAt } = await world.updateArticle(author, slug, { description: 'edited' });
      const [listed] = (await world.list({ author: author.username })).articles;
      expect(listed).toMatchObject({ description: 'edited', updatedAt });
      expect((await world.feed(reader)).articles[0]).toMatchObject({ description: 'edited', updatedAt });
      expect((await world.list({ limit: 1 })).articles[0]).toMatchObject({ description: 'edited', updatedAt });
    });

    test('a change of the profile, articles show the new one', async () => {
      const { slug } = await world.createArticle(author);
      await world.updateUser(author, { bio: 'new bio' });
      expect((await world.article(slug)).author.bio).toBe('new bio');
      expect((await world.list({ author: author.username })).articles[0].author.bio).toBe('new bio');
      expect((await world.feed(reader)).articles[0].author.bio).toBe('new bio');
    });

    test('a follow of one and an unfollow of another, the feed is the new one’s', async () => {
      const other = await world.register();
      await world.createArticle(author);
      const { slug } = await world.createArticle(other);
      await world.follow(reader, other.username);
      await world.unfollow(reader, author.username);
      const feed = await world.feed(reader);
      expect([slugs(feed), feed.articlesCount]).toEqual([[slug], 1]);
    });

    test('a comment and its deletion, the list is right', async () => {
      const { slug } = await world.createArticle(author);
      const comment = await world.comment(reader, slug);
      expect(await world.comments(slug)).toEqual([comment]);
      await world.deleteComment(reader, slug, comment.id);
      expect(await world.comments(slug)).toEqual([]);
    });

    test('a new title, the old slug is nobody’s', async () => {
      const { slug } = await world.createArticle(author);
      await world.updateArticle(author, slug, { title: uniqueName('New ') });
      for (const path of [`/articles/${slug}`, `/articles/${slug}/comments`]) {
        expectError(await world.get(path), 404, { article: ['not found'] });
      }
      expectError(await world.post(`/articles/${slug}/favorite`, reader), 404, { article: ['not found'] });
    });
  });
}
