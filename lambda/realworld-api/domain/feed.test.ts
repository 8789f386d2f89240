import { type FeedPorts, getFeed } from './feed';
import { JUST_NOW, LONG_AGO, ME, NOW, Stream, TTL, WINDOW } from '../../../test/support/feed-stream';
import { articleIdOf, refusal, userIdOf } from '../../../test/support/samples';
import { lowestIdAt } from '../../core/ids';

let stream: Stream;

const feed = (limit?: number, offset?: number) => stream.feed(limit, offset);

beforeEach(() => {
  stream = new Stream();
});

test('the feed of who follows nobody is empty, whatever rows are there', async () => {
  stream.add(1, 2, { row: true, recent: true });
  expect(await feed()).toMatchObject({ numbers: [], count: 0 });
});

test('it holds what the stream has brought, newest first, paged, with the number of all', async () => {
  stream.follow(2);
  stream.follow(3);
  for (let n = 1; n <= 6; n++) stream.add(n, 2 + (n % 2), { row: true });
  expect(await feed(2, 1)).toMatchObject({ numbers: [5, 4], count: 6 });
  expect(await feed(2, 6)).toMatchObject({ numbers: [], count: 6 });
});

test('it shows each article as the viewer stands to it, without its body', async () => {
  stream.follow(2);
  stream.add(1, 2, { row: true });
  const { page } = await feed();
  expect(page.articles).toEqual([
    expect.objectContaining({
      slug: 'article-1',
      favorited: true,
      author: expect.objectContaining({ following: true }) as object,
    }),
  ]);
  expect(page.articles[0]).not.toHaveProperty('body');
});

test('an article of the last moments is there before the stream has brought it, and once when it has', async () => {
  stream.follow(2);
  stream.add(1, 2, { row: true });
  stream.add(2, 2, { recent: true });
  stream.add(3, 2, { row: true, recent: true });
  expect(await feed()).toMatchObject({ numbers: [3, 2, 1], count: 3 });
  expect(stream.asked).toMatchObject({ since: NOW - WINDOW, deletedSince: NOW - WINDOW, now: NOW });
  expect(stream.asked).toMatchObject({ changedSince: NOW - 15_000 });
});

test('articles of the last moments by somebody who is not followed are not there', async () => {
  stream.follow(2);
  stream.add(1, 3, { recent: true });
  stream.add(2, 1, { recent: true });
  expect((await feed()).numbers).toEqual([]);
});

test('somebody newly followed brings all of their older articles, before the stream does', async () => {
  stream.follow(2, JUST_NOW);
  stream.follow(3, LONG_AGO);
  for (let n = 1; n <= 4; n++) stream.add(n, 2 + (n % 2));
  expect(await feed()).toMatchObject({ numbers: [4, 2], count: 2 });
  expect(stream.asked).toMatchObject({ oldest: lowestIdAt(NOW - TTL), ofAuthor: 1000 });
});

test('articles of somebody newly followed are not read once the feed has them', async () => {
  stream.follow(2, JUST_NOW);
  stream.follow(3, JUST_NOW);
  for (let n = 1; n <= 4; n++) stream.add(n, 2 + (n % 2), { row: n % 2 === 0 });
  stream.filled.set(userIdOf(2), NOW - 15_001);
  expect(await feed()).toMatchObject({ numbers: [4, 3, 2, 1], count: 4 });
  expect(stream.readOfAuthors).toBe(2);
});

test('articles of somebody newly followed are read while the feed has them for less than reads may be behind', async () => {
  stream.follow(2, JUST_NOW);
  for (let n = 1; n <= 4; n++) stream.add(n, 2);
  stream.filled.set(userIdOf(2), NOW - 15_000);
  expect(await feed()).toMatchObject({ numbers: [4, 3, 2, 1], count: 4 });
});

test('any number of newly followed bring their articles', async () => {
  for (let n = 2; n < 99; n++) {
    stream.follow(n, new Date(NOW - n).toISOString());
    stream.add(n, n);
  }
  const numbers = Array.from({ length: 97 }, (_, n) => 98 - n);
  expect(await feed(100)).toMatchObject({ numbers, count: 97 });
});

test('of the newly followed no more is read than a feed can show, and a little', async () => {
  stream.readCap = 10;
  for (let author = 2; author < 62; author++) {
    stream.follow(author, new Date(NOW - author).toISOString());
  }
  for (let n = 1; n <= 600; n++) stream.add(n, 61 - ((n - 1) % 60));
  expect(await feed(10)).toMatchObject({ numbers: [600, 599, 598, 597, 596, 595, 594, 593, 592, 591], count: 10 });
  expect(stream.readOfAuthors).toBeLessThan(400);
});

describe('authors whom many follow', () => {
  beforeEach(() => {
    for (const author of [2, 3]) stream.follow(author);
    stream.pulled.add(userIdOf(2)).add(userIdOf(9));
  });

  test('have their articles laid over the feed, each once, whether it is in the feed or not', async () => {
    for (let n = 1; n <= 6; n++) stream.add(n, 2 + (n % 2), { row: n !== 2 && n !== 6, recent: n === 6 });
    expect(await feed()).toMatchObject({ numbers: [6, 5, 4, 3, 2, 1], count: 6 });
    expect(await feed(2, 3)).toMatchObject({ numbers: [3, 2], count: 6 });
    expect(stream.asked).toMatchObject({ oldest: lowestIdAt(NOW - TTL), ofAuthor: 1000 });
    // Of nobody else.
    expect(stream.readOfAuthors).toBe(2 * 3);
  });

  test('are left out once they are not followed, and so are their deleted articles', async () => {
    stream.add(1, 2);
    stream.add(2, 2);
    stream.add(3, 9);
    stream.tombstones.add(articleIdOf(2));
    expect(await feed()).toMatchObject({ numbers: [1], count: 1 });
    stream.follows.delete(userIdOf(2));
    expect(await feed()).toMatchObject({ numbers: [], count: 0 });
  });

  test('fill a feed up to its cap with those of others, the newest ones', async () => {
    stream.readCap = 4;
    for (let n = 1; n <= 9; n++) stream.add(n, 2 + (n % 2), { row: n % 2 === 1 });
    expect(await feed(3)).toMatchObject({ numbers: [9, 8, 7], count: 4 });
    expect(await feed(3, 3)).toMatchObject({ numbers: [6], count: 4 });
  });

  test('may be five hundred: no more than 32 are read at once, and little more than a feed can show', async () => {
    stream.readCap = 10;
    for (let author = 10; author < 510; author++) {
      stream.follow(author);
      stream.pulled.add(userIdOf(author));
    }
    for (let n = 1; n <= 2000; n++) stream.add(n, 509 - ((n - 1) % 500));
    const ports = stream.ports();
    let reading = 0;
    let most = 0;
    const articlesOf: FeedPorts['feed']['articlesOf'] = async (...asked) => {
      most = Math.max(most, ++reading);
      await Promise.resolve();
      reading--;
      return ports.feed.articlesOf(...asked);
    };
    const page = await getFeed({ ...ports, feed: { ...ports.feed, articlesOf } }, 'token', { limit: 10, offset: 0 });
    expect(page.articles.map(({ slug }) => slug)).toEqual(Array.from({ length: 10 }, (_, n) => `article-${2000 - n}`));
    expect(page.articlesCount).toBe(10);
    expect(most).toBe(32);
    expect(stream.readOfAuthors).toBeLessThan(400);
  });
});

describe('rows that are not shown any more', () => {
  /** One row of an author who is followed, below many of one who is not. */
  function oneBelow(many: number): void {
    stream.follow(3);
    stream.add(1, 3, { row: true });
    for (let n = 2; n <= many + 1; n++) stream.add(n, 2, { row: true });
  }

  test('give way to older ones after an unfollow', async () => {
    oneBelow(1008);
    expect(await feed()).toMatchObject({ numbers: [1], count: 1 });
  });

  test('give way to older ones after deletions, up to the cap', async () => {
    stream.readCap = 3;
    stream.follow(2);
    for (let n = 1; n <= 9; n++) stream.add(n, 2, { row: true });
    for (const number of [9, 8, 6, 5]) stream.tombstones.add(articleIdOf(number));
    expect(await feed()).toMatchObject({ numbers: [7, 4, 3], count: 3 });
  });

  test('give way to older ones where only their articles tell', async () => {
    stream.readCap = 3;
    stream.follow(2);
    for (let n = 1; n <= 9; n++) stream.add(n, 2, { row: true });
    for (const number of [9, 8, 6, 5]) stream.articles.delete(articleIdOf(number));
    expect(await feed()).toMatchObject({ numbers: [7, 4, 3], count: 3 });
  });

  test('are passed over in few reads, each larger than the one before', async () => {
    stream.readCap = 8;
    oneBelow(1008);
    expect((await feed()).numbers).toEqual([1]);
    expect(stream.pages.length).toBeLessThan(12);
    expect(stream.pages[1]).toBe(8);
  });

  test('are passed over up to ten thousand', async () => {
    oneBelow(10_999);
    expect((await feed()).numbers).toEqual([1]);
    stream = new Stream();
    oneBelow(11_000);
    expect((await feed()).numbers).toEqual([]);
    expect(stream.pages.reduce((sum, rows) => sum + rows, 0)).toBe(11_000);
  });

  test('cost no further read where there are none', async () => {
    stream.readCap = 3;
    stream.follow(2);
    for (let n = 1; n <= 9; n++) stream.add(n, 2, { row: true });
    expect((await feed()).count).toBe(3);
    expect(stream.pages).toEqual([3]);
  });

  test('do not let older articles of somebody newly followed past rows that are yet to be read', async () => {
    stream.readCap = 4;
    stream.follow(2);
    stream.follow(3, JUST_NOW);
    stream.add(1, 3);
    for (let n = 2; n <= 6; n++) stream.add(n, 2, { row: true });
    for (let n = 7; n <= 9; n++) stream.add(n, 4, { row: true });
    expect(await feed()).toMatchObject({ numbers: [6, 5, 4, 3], count: 4 });
  });
});

test('somebody unfollowed is out of the feed, whether the stream has removed the rows or not', async () => {
  stream.follow(3);
  stream.add(1, 2, { row: true });
  stream.add(2, 2, { row: true, recent: true });
  stream.add(3, 3, { row: true });
  expect(await feed()).toMatchObject({ numbers: [3], count: 1 });
});

test('a follow of the last moments, or its undoing, is seen although a read is behind', async () => {
  stream.add(1, 2, { row: true });
  stream.add(2, 3, { row: true });
  stream.followsBefore = new Map([[userIdOf(2), LONG_AGO]]);
  stream.follow(3);
  expect(await feed()).toMatchObject({ numbers: [1], count: 1 });
  stream.changed.add(ME.userId);
  expect(await feed()).toMatchObject({ numbers: [2], count: 1 });
});

test('a deleted article is out of the feed by its tombstone, on every way in', async () => {
  stream.follow(2, JUST_NOW);
  stream.add(1, 2, { row: true });
  stream.add(2, 2, { recent: true });
  stream.add(3, 2, { row: true });
  for (const number of [1, 2]) stream.tombstones.add(articleIdOf(number));
  expect(await feed()).toMatchObject({ numbers: [3], count: 1 });
});

test('rows that lead nowhere are passed over and the page is filled from the next ones', async () => {
  stream.follow(2);
  for (let n = 1; n <= 8; n++) stream.add(n, 2, { row: true });
  for (const number of [8, 6, 5]) stream.articles.delete(articleIdOf(number));
  expect(await feed(3)).toMatchObject({ numbers: [7, 4, 3] });
  expect((await feed(20)).count).toBe(5);
});

test('a feed whose rows all lead nowhere ends in an empty page', async () => {
  stream.follow(2);
  for (let n = 1; n <= 8; n++) stream.add(n, 2, { row: true });
  stream.articles.clear();
  expect(await feed(3)).toMatchObject({ numbers: [], count: 0 });
  expect(stream.hydrations).toBeLessThanOrEqual(4);
});

test('a feed shows no more rows than its cap, the newest ones', async () => {
  stream.readCap = 3;
  stream.follow(2, JUST_NOW);
  for (let n = 1; n <= 5; n++) stream.add(n, 2, { row: n < 5, recent: n === 5 });
  expect(await feed()).toMatchObject({ numbers: [5, 4, 3], count: 3 });
  expect(stream.asked).toMatchObject({ userId: ME.userId });
  expect(stream.pages).toEqual([3]);
});

test('a token that is forged, or has ended, is refused', async () => {
  for (const token of ['forged', 'ended']) {
    expect((await refusal(getFeed(stream.ports(), token, { limit: 20, offset: 0 }))).status).toBe(401);
  }
  const ports = stream.ports();
  const nobody = { ...ports.sessions, load: async () => ({ userIds: [] }) };
  expect((await refusal(getFeed({ ...ports, sessions: nobody }, 'token', { limit: 20, offset: 0 }))).status).toBe(401);
});
