import { Answer } from './client';
import { SEARCH } from './harness';
import { articleOf, expectError, expectStatus, userOf } from './shapes';
import { slugs, TestUser, times, uniqueEmail, uniqueName, useWorld } from './world';
import { inScope } from '../support/scope';

jest.setTimeout(90_000);

/** How many do something at once: everybody, those who meet in one title, tag or article, those who are followed. */
const CROWD = inScope(20, 100);
const SOME = inScope(8, 20);
const FOLLOWED = inScope(4, 10);
const FOLLOWERS = inScope(12, 50);
/** How often one user does it. */
const OFTEN = inScope(6, 10);

const TAKEN = ['has already been taken'];

/** All at once: as many requests under way as there are results. */
async function together<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  return times(count, make, count);
}

function statuses(answers: readonly Answer[]): number[] {
  return answers.map(({ status }) => status).sort((one, other) => one - other);
}

describe('RealWorld API with many requests at once', () => {
  const world = useWorld({ search: SEARCH === 'silent' ? 'off' : SEARCH, maxProcesses: inScope(2, 4) });
  let crowd: TestUser[];
  let author: TestUser;
  // Users of the crowd who have written nothing but what their test says.
  let several: TestUser[];
  let loner: TestUser;
  let reader: TestUser;
  let followed: TestUser[];
  let pair: TestUser[];

  beforeAll(async () => {
    [author, ...crowd] = await world.registerMany(1 + CROWD);
    several = crowd.slice(4, 4 + SOME);
    [loner, reader, ...followed] = crowd.slice(4 + SOME, 6 + SOME + FOLLOWED);
    pair = crowd.slice(6 + SOME + FOLLOWED, 8 + SOME + FOLLOWED);
  }, 120_000);

  describe('favorites', () => {
    test(`of ${CROWD} users are all counted, and all taken back`, async () => {
      const { slug } = await world.createArticle(author);
      const given = await together(CROWD, (index) => world.favorite(crowd[index], slug));
      expect(given.every(({ favorited }) => favorited)).toBe(true);
      expect((await world.article(slug)).favoritesCount).toBe(CROWD);
      const taken = await together(CROWD, (index) => world.unfavorite(crowd[index], slug));
      expect(taken.some(({ favorited }) => favorited)).toBe(false);
      expect((await world.article(slug)).favoritesCount).toBe(0);
    });

    test(`of one user, ${OFTEN} times, count once`, async () => {
      const { slug } = await world.createArticle(author);
      await together(OFTEN, () => world.favorite(crowd[0], slug));
      expect(await world.article(slug, crowd[0])).toMatchObject({ favorited: true, favoritesCount: 1 });
      expect(slugs(await world.list({ favorited: crowd[0].username }))).toEqual([slug]);
      await together(OFTEN, () => world.unfavorite(crowd[0], slug));
      expect(await world.article(slug, crowd[0])).toMatchObject({ favorited: false, favoritesCount: 0 });
    });

    test('given and taken back by one user end consistent', async () => {
      const fan = crowd[1];
      const { slug } = await world.createArticle(author);
      await together(OFTEN, (index) => (index % 2 ? world.unfavorite(fan, slug) : world.favorite(fan, slug)));
      const { favorited, favoritesCount } = await world.article(slug, fan);
      expect(favoritesCount).toBe(favorited ? 1 : 0);
      expect(slugs(await world.list({ favorited: fan.username }))).toEqual(favorited ? [slug] : []);
    });

    test('are not lost to updates of the article', async () => {
      const { slug } = await world.createArticle(author);
      const favorites = inScope(8, 20);
      await together(1.5 * favorites, async (index) => {
        if (index % 3 === 0) await world.updateArticle(author, slug, { body: `Edit ${index}` });
        else await world.favorite(crowd[index], slug);
      });
      expect((await world.article(slug)).favoritesCount).toBe(favorites);
    });
  });

  describe('the same title', () => {
    const expectDistinct = async (made: readonly { slug: string; title: string }[], title: string): Promise<void> => {
      expect(new Set(slugs(made)).size).toBe(SOME);
      const read = await times(SOME, (index) => world.article(made[index].slug));
      expect(read).toEqual(made);
      expect(read.every((article) => article.title === title)).toBe(true);
    };

    test(`${SOME} times by one user makes ${SOME} slugs`, async () => {
      const title = uniqueName('One title ');
      const writer = crowd[2];
      await expectDistinct(await together(SOME, () => world.createArticle(writer, { title })), title);
      const list = await world.list({ author: writer.username, limit: 100 });
      expect([list.articles.length, list.articlesCount]).toEqual([SOME, SOME]);
    });

    test(`by ${SOME} users makes ${SOME} slugs`, async () => {
      const title = uniqueName('Everyone’s title ');
      await expectDistinct(await together(SOME, (index) => world.createArticle(several[index], { title })), title);
    });

    test('given to several articles at once makes slugs of their own', async () => {
      const title = uniqueName('Wanted title ');
      const articles = await world.createArticles(crowd[3], 5);
      const renamed = await together(5, (index) => world.updateArticle(crowd[3], articles[index].slug, { title }));
      expect(new Set(slugs(renamed)).size).toBe(5);
      for (const article of renamed) expect(await world.article(article.slug)).toEqual(article);
    });
  });

  describe('registrations', () => {
    test('of one e-mail: one 201, one 409', async () => {
      const email = uniqueEmail();
      const wanted = await times(2, async () => ({ username: uniqueName(), email, password: uniqueName('password-') }));
      const answers = await together(2, (index) => world.post('/users', undefined, { user: wanted[index] }));
      expect(statuses(answers)).toEqual([201, 409]);
      const loser = answers.findIndex(({ status }) => status === 409);
      expectError(answers[loser], 409, { email: TAKEN });
      userOf(await world.login(email, wanted[1 - loser].password));
      // What the loser asked for besides is still free.
      await world.register({ username: wanted[loser].username, email: uniqueEmail() });
    });

    test('of one username: one 201, the others 409', async () => {
      const username = uniqueName();
      const answers = await together(5, () =>
        world.post('/users', undefined, { user: { username, email: uniqueEmail(), password: 'some-password' } }),
      );
      expect(statuses(answers)).toEqual([201, 409, 409, 409, 409]);
      answers.filter(({ status }) => status === 409).forEach((answer) => expectError(answer, 409, { username: TAKEN }));
    });

    test('of one e-mail in two cases: one 201, one 409', async () => {
      const email = uniqueEmail();
      const answers = await together(2, (index) =>
        world.post('/users', undefined, {
          user: { username: uniqueName(), email: index ? email : email.toUpperCase(), password: 'some-password' },
        }),
      );
      expect(statuses(answers)).toEqual([201, 409]);
    });

    test('renames to one username: one 200, one 409', async () => {
      const username = uniqueName();
      const rivals = await world.registerMany(2);
      const answers = await together(2, (index) => world.put('/user', rivals[index], { user: { username } }));
      expect(statuses(answers)).toEqual([200, 409]);
      const winner = answers.findIndex(({ status }) => status === 200);
      expect((await world.currentUser(rivals[winner])).username).toBe(username);
      expect((await world.currentUser(rivals[1 - winner])).username).toBe(rivals[1 - winner].username);
    });

    test('two renames of one user leave one name taken', async () => {
      const user = await world.register();
      const wanted = [uniqueName(), uniqueName()];
      const answers = await together(2, (index) =>
        world.put('/user', user, { user: { username: wanted[index], email: `${wanted[index]}@example.com` } }),
      );
      expect(statuses(answers)).toEqual([200, 200]);
      const { username, email } = await world.currentUser(user);
      expect(wanted).toContain(username);
      expect(email).toBe(`${username}@example.com`);
      const abandoned = wanted.find((name) => name !== username);
      for (const free of [abandoned, user.username]) await world.register({ username: free });
    });
  });

  describe('updates of one article', () => {
    test('of different fields lose neither', async () => {
      for (let round = 0; round < inScope(1, 3); round++) {
        const { slug } = await world.createArticle(author);
        const fields = [{ body: `b${round}` }, { description: `d${round}` }, { tagList: [uniqueName('tag')] }];
        await together(3, (index) => world.updateArticle(author, slug, fields[index]));
        expect(await world.article(slug)).toMatchObject(Object.assign({}, ...fields) as object);
      }
    });

    test('move updatedAt to a time of its own for each', async () => {
      const created = await world.createArticle(author);
      const updated = await together(OFTEN, (index) =>
        world.updateArticle(author, created.slug, { body: `Edit ${index}` }),
      );
      const moments = updated.map(({ updatedAt }) => updatedAt).sort();
      expect(new Set([created.updatedAt, ...moments]).size).toBe(OFTEN + 1);
      const last = await world.article(created.slug);
      expect(last.updatedAt).toBe(moments[OFTEN - 1]);
      expect(last.body).toBe(updated.find(({ updatedAt }) => updatedAt === last.updatedAt)?.body);
      expect(created.updatedAt < moments[0]).toBe(true);
    });

    test('of the title leave one slug that works', async () => {
      const created = await world.createArticle(author);
      const answers = await together(5, (index) =>
        world.put(`/articles/${created.slug}`, author, { article: { title: uniqueName(`Title ${index} `) } }),
      );
      // Who comes second may find the old slug gone.
      expect(answers.filter(({ status }) => status !== 200 && status !== 404)).toEqual([]);
      const moved = answers.filter(({ status }) => status === 200).map((answer) => articleOf(answer).slug);
      expect(moved.length).toBeGreaterThan(0);
      const read = await times(moved.length, (index) => world.get(`/articles/${moved[index]}`));
      expect(statuses(read).filter((status) => status === 200)).toHaveLength(1);
      expectStatus(await world.get(`/articles/${created.slug}`), 404);
      const living = read.find(({ status }) => status === 200) as Answer;
      await world.deleteArticle(author, articleOf(living).slug);
    });

    test('of the tags leave the tags of one of them', async () => {
      const { slug } = await world.createArticle(author, { tagList: [uniqueName('first')] });
      const wanted = await times(4, async () => [uniqueName('a'), uniqueName('b')]);
      await together(4, (index) => world.updateArticle(author, slug, { tagList: wanted[index] }));
      const { tagList } = await world.article(slug);
      expect(wanted).toContainEqual(tagList);
      const listed = await world.tags();
      expect(wanted.flat().filter((tag) => listed.includes(tag))).toEqual(tagList);
      for (const tag of wanted.flat()) {
        expect((await world.list({ tag })).articlesCount).toBe(tagList.includes(tag) ? 1 : 0);
      }
    });
  });

  describe('counters and lists', () => {
    test(`of one tag on ${SOME} articles count every creation and deletion`, async () => {
      const tag = uniqueName('busy');
      const made = await together(SOME, (index) => world.createArticle(several[index], { tagList: [tag] }));
      const full = await world.list({ tag, limit: 100 });
      expect(slugs(full).sort()).toEqual(slugs(made).sort());
      expect(full.articlesCount).toBe(SOME);
      await together(SOME, (index) => world.deleteArticle(several[index], made[index].slug));
      expect(await world.list({ tag })).toEqual({ articles: [], articlesCount: 0 });
      expect(await world.tags()).not.toContain(tag);
    });

    test(`of one article deleted ${OFTEN} times count once`, async () => {
      const [kept, deleted] = await world.createArticles(loner, 2);
      const answers = await together(OFTEN, () => world.delete(`/articles/${deleted.slug}`, loner));
      expect(statuses(answers)).toEqual([204, ...Array<number>(OFTEN - 1).fill(404)]);
      const list = await world.list({ author: loner.username });
      expect([slugs(list), list.articlesCount]).toEqual([[kept.slug], 1]);
    });

    test('of an article deleted under favorites and comments show nothing of it', async () => {
      const { slug } = await world.createArticle(author);
      const middle = inScope(4, 10);
      const answers = await together(2 * middle + 1, (index) => {
        if (index === middle) return world.delete(`/articles/${slug}`, author);
        if (index % 2) return world.post(`/articles/${slug}/favorite`, crowd[index]);
        return world.post(`/articles/${slug}/comments`, crowd[index], { comment: { body: 'b' } });
      });
      expectStatus(answers[middle], 204);
      expect(answers.filter(({ status }) => ![200, 201, 204, 404].includes(status))).toEqual([]);
      expectStatus(await world.get(`/articles/${slug}/comments`), 404);
      for (const fan of crowd.slice(0, 2 * middle + 1)) {
        expect(slugs(await world.list({ favorited: fan.username, limit: 100 }))).not.toContain(slug);
      }
    });

    test('of comments lose none', async () => {
      const { slug } = await world.createArticle(author);
      const written = await together(SOME, (index) => world.comment(crowd[index], slug));
      const listed = await world.comments(slug);
      expect(listed.map(({ id }) => id).sort()).toEqual(written.map(({ id }) => id).sort());
      expect(new Set(listed.map(({ id }) => id)).size).toBe(SOME);
    });
  });

  describe('the feed', () => {
    test('misses no post that is made while it is followed', async () => {
      const results = await together(2 * FOLLOWED, async (index) => {
        if (index < FOLLOWED) return world.createArticle(followed[index]);
        await world.follow(reader, followed[index - FOLLOWED].username);
        return undefined;
      });
      const expected = results.flatMap((article) => article?.slug ?? []).sort();
      expect(slugs(await world.feed(reader)).sort()).toEqual(expected);
      await world.settled();
      expect(slugs(await world.feed(reader)).sort()).toEqual(expected);
    });

    test('agrees with the profile after follows and unfollows at once', async () => {
      const [fan, writer] = pair;
      const { slug } = await world.createArticle(writer);
      await together(OFTEN, (index) =>
        index % 2 ? world.unfollow(fan, writer.username) : world.follow(fan, writer.username),
      );
      const { following } = await world.profile(writer.username, fan);
      const expected = following ? [slug] : [];
      expect(slugs(await world.feed(fan))).toEqual(expected);
      await world.settled();
      expect(slugs(await world.feed(fan))).toEqual(expected);
    });

    test(`reaches ${FOLLOWERS} followers of ${FOLLOWED} posts made at once`, async () => {
      const writer = await world.register();
      const readers = crowd.slice(0, FOLLOWERS);
      await together(FOLLOWERS, (index) => world.follow(readers[index], writer.username));
      const made = slugs(await together(FOLLOWED, () => world.createArticle(writer))).sort();
      await world.settled();
      const feeds = await times(FOLLOWERS, (index) => world.feed(readers[index], { limit: 100 }));
      for (const feed of feeds) {
        expect(slugs(feed.articles.filter((article) => article.author.username === writer.username)).sort()).toEqual(
          made,
        );
      }
    });
  });
});
