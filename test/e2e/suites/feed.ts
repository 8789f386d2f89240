import { slugs, TestUser, times, uniqueName, World } from '../world';

/** GET /articles/feed. */
export function describeFeed(world: World): void {
  describeFeedContent(world);
  describeFeedPages(world);
  describeManyFollowers(world);
}

function describeFeedContent(world: World): void {
  describe('feed', () => {
    let author: TestUser;
    let other: TestUser;
    let reader: TestUser;

    beforeEach(async () => {
      [author, other, reader] = await world.registerMany(3);
    });

    /** The feed's slugs and total, checked now and again when streams and queues are drained. */
    const expectFeed = async (viewer: TestUser, expected: readonly string[]): Promise<void> => {
      const now = await world.feed(viewer);
      expect({ slugs: slugs(now), count: now.articlesCount }).toEqual({ slugs: expected, count: expected.length });
      await world.settled();
      const later = await world.feed(viewer);
      expect({ slugs: slugs(later), count: later.articlesCount }).toEqual({ slugs: expected, count: expected.length });
    };

    test('is empty for those who follow nobody', async () => {
      await world.createArticle(author);
      await expectFeed(reader, []);
    });

    test('shows articles as lists do: no body, author followed, favorites of the reader', async () => {
      const { slug } = await world.createArticle(author, { tagList: [uniqueName('tag')] });
      await world.follow(reader, author.username);
      await world.favorite(reader, slug);
      const { body, ...shown } = await world.article(slug, reader);
      expect(body).not.toBe('');
      expect(shown).toMatchObject({ favorited: true, favoritesCount: 1, author: { following: true } });
      expect((await world.feed(reader)).articles).toEqual([shown]);
    });

    test('holds what the followed write from now on', async () => {
      await world.follow(reader, author.username);
      const { slug } = await world.createArticle(author);
      await expectFeed(reader, [slug]);
    });

    test('holds the older articles of someone newly followed', async () => {
      const older = slugs(await world.createArticles(author, 3));
      await world.settled();
      await world.follow(reader, author.username);
      await expectFeed(reader, [...older].reverse());
    });

    test('holds nothing of those who are not followed', async () => {
      await world.follow(reader, author.username);
      await world.createArticle(other);
      const { slug } = await world.createArticle(author);
      await expectFeed(reader, [slug]);
    });

    test('mixes several authors, newest first', async () => {
      await world.follow(reader, author.username);
      const written = await times(6, (index) => world.createArticle(index % 2 ? author : other), 1);
      await world.follow(reader, other.username);
      await expectFeed(reader, slugs(written).reverse());
    });

    test('loses the articles of someone unfollowed at once', async () => {
      await world.follow(reader, author.username);
      await world.follow(reader, other.username);
      await world.createArticles(author, 2);
      const { slug } = await world.createArticle(other);
      await world.settled();
      await world.unfollow(reader, author.username);
      await expectFeed(reader, [slug]);
    });

    test('gets them back when followed again', async () => {
      const { slug } = await world.createArticle(author);
      for (let round = 0; round < 3; round++) {
        await world.follow(reader, author.username);
        await world.unfollow(reader, author.username);
      }
      await world.follow(reader, author.username);
      await expectFeed(reader, [slug]);
    });

    test('loses a deleted article at once', async () => {
      await world.follow(reader, author.username);
      const [kept, deleted] = await world.createArticles(author, 2);
      await world.settled();
      await world.deleteArticle(author, deleted.slug);
      await expectFeed(reader, [kept.slug]);
    });

    test('never shows an article that was deleted before its delivery', async () => {
      await world.follow(reader, author.username);
      const { slug } = await world.createArticle(author);
      await world.deleteArticle(author, slug);
      await expectFeed(reader, []);
    });

    test('follows a renamed author and a new title', async () => {
      await world.follow(reader, author.username);
      const { slug } = await world.createArticle(author);
      const username = uniqueName();
      await world.updateUser(author, { username });
      const renamed = await world.updateArticle(author, slug, { title: uniqueName('Renamed ') });
      const [shown] = (await world.feed(reader)).articles;
      expect(shown).toMatchObject({ slug: renamed.slug, title: renamed.title, author: { username, following: true } });
      await expectFeed(reader, [renamed.slug]);
    });

    test('is each reader’s own', async () => {
      await world.follow(reader, author.username);
      await world.follow(other, reader.username);
      const { slug } = await world.createArticle(author);
      await expectFeed(reader, [slug]);
      await expectFeed(other, []);
    });
  });
}

function describeFeedPages(world: World): void {
  describe('pages of the feed', () => {
    const COUNT = 28;
    let reader: TestUser;
    let authors: TestUser[];
    let newestFirst: string[];

    beforeAll(async () => {
      [reader, ...authors] = await world.registerMany(3);
      await world.follow(reader, authors[0].username);
      const written = await times(COUNT, (index) => world.createArticle(authors[index % 2]), 1);
      await world.follow(reader, authors[1].username);
      newestFirst = slugs(written).reverse();
    }, 60_000);

    const expectPages = async (limit: number): Promise<void> => {
      const seen: string[] = [];
      for (let offset = 0; offset < COUNT; offset += limit) {
        const page = await world.feed(reader, { limit, offset });
        expect(page.articles).toHaveLength(Math.min(limit, COUNT - offset));
        expect(page.articlesCount).toBe(COUNT);
        seen.push(...slugs(page));
      }
      expect(seen).toEqual(newestFirst);
    };

    test('hold each article once, newest first, before and after delivery', async () => {
      await expectPages(9);
      await world.settled();
      await expectPages(9);
      await expectPages(25);
    });

    test('are 20 long unless told, and end with the total', async () => {
      expect(slugs(await world.feed(reader))).toEqual(newestFirst.slice(0, 20));
      expect(await world.feed(reader, { offset: COUNT })).toEqual({ articles: [], articlesCount: COUNT });
    });
  });
}

function describeManyFollowers(world: World): void {
  describe('an author with more than 25 followers', () => {
    test('reaches every one of them, once, at once and after delivery', async () => {
      const author = await world.register();
      const followers = await world.registerMany(30);
      await times(30, (index) => world.follow(followers[index], author.username));
      const { slug } = await world.createArticle(author);
      const expectDelivered = async (expected: readonly string[]): Promise<void> => {
        const feeds = await times(30, (index) => world.feed(followers[index]));
        expect(feeds.map((feed) => slugs(feed))).toEqual(followers.map(() => expected));
        expect(feeds.map(({ articlesCount }) => articlesCount)).toEqual(followers.map(() => expected.length));
      };
      await expectDelivered([slug]);
      await world.settled();
      await expectDelivered([slug]);
      await world.deleteArticle(author, slug);
      await expectDelivered([]);
      await world.settled();
      await expectDelivered([]);
    }, 90_000);
  });
}
