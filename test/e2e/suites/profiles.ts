import { expectError } from '../shapes';
import { TestUser, uniqueName, World } from '../world';

const NOT_FOUND = { profile: ['not found'] };

/** GET /profiles/:username and following. */
export function describeProfiles(world: World): void {
  describe('profiles', () => {
    let reader: TestUser;
    let writer: TestUser;

    beforeAll(async () => {
      [reader, writer] = await Promise.all([world.register(), world.register()]);
    });

    test('are for visitors too', async () => {
      const expected = { username: writer.username, bio: null, image: null, following: false };
      expect(await world.profile(writer.username)).toEqual(expected);
    });

    test('are for the signed in', async () => {
      const expected = { username: writer.username, bio: null, image: null, following: false };
      expect(await world.profile(writer.username, reader)).toEqual(expected);
    });

    test('that do not exist are 404, signed in or not', async () => {
      expectError(await world.get(`/profiles/${uniqueName()}`), 404, NOT_FOUND);
      expectError(await world.get(`/profiles/${uniqueName()}`, reader), 404, NOT_FOUND);
    });

    test('show at once that they are followed, to the follower alone', async () => {
      const [follower, followed] = await Promise.all([world.register(), world.register()]);
      expect(await world.follow(follower, followed.username)).toMatchObject({
        username: followed.username,
        following: true,
      });
      expect(await world.profile(followed.username, follower)).toMatchObject({ following: true });
      expect(await world.profile(followed.username, reader)).toMatchObject({ following: false });
      expect(await world.profile(followed.username)).toMatchObject({ following: false });
      expect(await world.profile(follower.username, followed)).toMatchObject({ following: false });
    });

    test('show at once that they are followed no longer', async () => {
      const [follower, followed] = await Promise.all([world.register(), world.register()]);
      await world.follow(follower, followed.username);
      expect(await world.unfollow(follower, followed.username)).toMatchObject({
        username: followed.username,
        following: false,
      });
      expect(await world.profile(followed.username, follower)).toMatchObject({ following: false });
    });

    test('followed twice are followed; unfollowed twice are not', async () => {
      const [follower, followed] = await Promise.all([world.register(), world.register()]);
      expect(await world.follow(follower, followed.username)).toMatchObject({ following: true });
      expect(await world.follow(follower, followed.username)).toMatchObject({ following: true });
      expect(await world.unfollow(follower, followed.username)).toMatchObject({ following: false });
      expect(await world.unfollow(follower, followed.username)).toMatchObject({ following: false });
    });

    test('of oneself may be followed, and say so wherever they show', async () => {
      const self = await world.register();
      const author = { username: self.username, following: true };
      expect(await world.follow(self, self.username)).toMatchObject(author);
      expect(await world.profile(self.username, self)).toMatchObject(author);
      const article = await world.createArticle(self);
      expect(article.author).toMatchObject(author);
      expect(await world.article(article.slug, self)).toEqual(article);
      expect((await world.updateArticle(self, article.slug, { body: 'b' })).author).toMatchObject(author);
      expect((await world.favorite(self, article.slug)).author).toMatchObject(author);
      const comment = await world.comment(self, article.slug);
      expect(comment.author).toMatchObject(author);
      expect(await world.comments(article.slug, self)).toEqual([comment]);
      expect((await world.list({ author: self.username }, self)).articles[0].author).toMatchObject(author);
      expect((await world.feed(self)).articles[0].author).toMatchObject(author);
      expect(await world.unfollow(self, self.username)).toMatchObject({ following: false });
      expect((await world.createArticle(self)).author).toMatchObject({ following: false });
    });

    test('never followed may be unfollowed', async () => {
      expect(await world.unfollow(writer, reader.username)).toMatchObject({ following: false });
    });

    test('stay followed when renamed', async () => {
      const [follower, followed] = await Promise.all([world.register(), world.register()]);
      await world.follow(follower, followed.username);
      const username = uniqueName();
      await world.updateUser(followed, { username });
      expect(await world.profile(username, follower)).toMatchObject({ username, following: true });
    });

    test('that do not exist can neither be followed nor unfollowed: 404', async () => {
      expectError(await world.post(`/profiles/${uniqueName()}/follow`, reader), 404, NOT_FOUND);
      expectError(await world.delete(`/profiles/${uniqueName()}/follow`, reader), 404, NOT_FOUND);
    });

    test('show following in articles, lists and comments', async () => {
      const [follower, followed] = await Promise.all([world.register(), world.register()]);
      const { slug } = await world.createArticle(followed);
      await world.comment(followed, slug);
      await world.follow(follower, followed.username);
      const author = { username: followed.username, following: true };
      expect((await world.article(slug, follower)).author).toMatchObject(author);
      expect((await world.comments(slug, follower))[0].author).toMatchObject(author);
      const { articles } = await world.list({ author: followed.username }, follower);
      expect(articles[0].author).toMatchObject(author);
      expect((await world.article(slug)).author).toMatchObject({ ...author, following: false });
    });
  });
}
