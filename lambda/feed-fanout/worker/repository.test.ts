import { creationTime } from './article-times';
import { FeedRepository } from './repository';
import { operations, type TestTables, useTestTables, weakReads } from '../../../test/support/engine';
import { userIdOf } from '../../../test/support/samples';
import { lowestIdAt } from '../../core/ids';
import { FOLLOW } from '../../social-table/entities';
import { articleKey, articlesPk, followerKey, followKey, profileKey } from '../../social-table/keys';
import { authoredKey, feedKey } from '../keys';

const [ADA, BOB, EVE] = [1, 2, 3].map(userIdOf);
const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const TTL_SECONDS = 60 * 24 * 3600;
const idAt = (time: number, n = 0) => lowestIdAt(time).replace(/.{2}$/, n.toString(16).padStart(2, '0'));
const ARTICLE = idAt(NOW);

let tables: TestTables;
let store: FeedRepository;
let now: number;

useTestTables((fresh) => {
  tables = fresh;
  now = NOW;
  store = new FeedRepository({ ...tables, db: tables.db, ttlSeconds: TTL_SECONDS, now: () => now });
});
afterEach(() => expect(weakReads(tables.calls)).toEqual([]));

/** Ids of users whose edges are on one shard. */
const usersOfShard = (count: number) => Array.from({ length: count }, (_, n) => userIdOf(4 * n));

describe('the graph', () => {
  test('an article is there for its author alone', async () => {
    await tables.put(tables.social, [articleKey(ADA, ARTICLE)]);
    await expect(store.articleExists(ADA, ARTICLE)).resolves.toBe(true);
    await expect(store.articleExists(BOB, ARTICLE)).resolves.toBe(false);
  });

  test('a follow is told apart by its time', async () => {
    await tables.put(tables.social, [FOLLOW.item([BOB, ADA], { createdAt: 'then' })]);
    await expect(store.followedSince(BOB, ADA)).resolves.toBe('then');
    await expect(store.followedSince(ADA, BOB)).resolves.toBeUndefined();
  });

  test('a follow is marked as filled, with the time of the mark', async () => {
    await tables.put(tables.social, [FOLLOW.item([BOB, ADA], { createdAt: 'then' })]);
    await store.markFilled(BOB, ADA, 'then');
    await expect(tables.item(tables.social, followKey(BOB, ADA))).resolves.toEqual(
      FOLLOW.item([BOB, ADA], { createdAt: 'then', filledAt: NOW }),
    );
  });

  test('a follow that was made anew, or is gone, is not marked', async () => {
    const follow = FOLLOW.item([BOB, ADA], { createdAt: 'later' });
    await tables.put(tables.social, [follow]);
    await store.markFilled(BOB, ADA, 'then');
    await store.markFilled(EVE, ADA, 'then');
    await expect(tables.items(tables.social)).resolves.toEqual([follow]);
  });

  test('followers come shard by shard, page by page', async () => {
    const followers = usersOfShard(5);
    await tables.put(tables.social, [
      ...followers.map((follower) => followerKey(ADA, follower)),
      followerKey(ADA, userIdOf(1)),
      followerKey(BOB, userIdOf(40)),
    ]);
    await expect(store.followers(ADA, 0, undefined, 3)).resolves.toEqual({
      ids: followers.slice(0, 3),
      next: followers[2],
      counted: 3,
    });
    await expect(store.followers(ADA, 0, followers[2], 3)).resolves.toEqual({
      ids: followers.slice(3),
      counted: 2,
    });
    await expect(store.followers(ADA, 1, undefined, 3)).resolves.toEqual({ ids: [userIdOf(1)], counted: 1 });
  });

  test('followers whose follows are dormant are left out where that is asked for, and counted all the same', async () => {
    const followers = usersOfShard(4);
    await tables.put(
      tables.social,
      followers.map((follower, n) => ({ ...followerKey(ADA, follower), ...(n % 2 === 0 && { dormant: true }) })),
    );
    const page = await store.followers(ADA, 0, undefined, 3, true);
    expect(page).toEqual({ ids: [followers[1]], next: followers[2], counted: 3 });
    await expect(store.followers(ADA, 0, undefined, 9)).resolves.toMatchObject({ ids: followers, counted: 4 });
  });

  test('followers of a shard are counted from one on up to a number, from any copy', async () => {
    const followers = usersOfShard(5);
    await tables.put(
      tables.social,
      followers.map((follower) => followerKey(ADA, follower)),
    );
    await expect(store.countFollowers(ADA, 0, undefined, 3)).resolves.toEqual({ count: 3, next: followers[2] });
    await expect(store.countFollowers(ADA, 0, followers[2], 9)).resolves.toEqual({ count: 2 });
    await expect(store.countFollowers(ADA, 1, undefined, 9)).resolves.toEqual({ count: 0 });
    expect(tables.calls.splice(0).map(({ input }) => input.ConsistentRead)).toEqual([false, false, false]);
  });

  test('of some followers those are told that follow now, over any number of pages', async () => {
    const followers = usersOfShard(120);
    const padding = 'x'.repeat(20_000);
    await tables.put(
      tables.social,
      followers.filter((_, n) => n % 3 > 0).map((follower) => ({ ...followerKey(ADA, follower), padding })),
    );
    const asked = followers.slice(1, 110).filter((_, n) => n % 2 === 0);
    const following = asked.filter((follower) => followers.indexOf(follower) % 3 > 0);
    await expect(store.followersAmong(ADA, 0, asked)).resolves.toEqual(new Set(following));
    expect(operations(tables.calls).length).toBeGreaterThan(1);
  });

  describe('of followers who were listed together', () => {
    const at = (time: number) => new Date(time).toISOString();
    const OLD = at(NOW - HOUR);
    const followed = (followers: readonly string[], createdAt = OLD) =>
      tables.put(
        tables.social,
        followers.map((follower) => ({ ...followerKey(ADA, follower), createdAt })),
      );
    const unfollowed = (follower: string) => tables.delete(tables.social, [followerKey(ADA, follower)]);
    const among = (asked: readonly string[]) => store.followersAmong(ADA, 0, asked, NOW);

    test('all are told by a count, where all follow still', async () => {
      const [before, ...listed] = usersOfShard(7);
      const after = listed.pop()!;
      await followed([before, ...listed, after]);
      await expect(among(listed)).resolves.toEqual(new Set(listed));
      expect(operations(tables.calls)).toEqual(['Query']);
    });

    test('those who have followed since do not stand for those who are gone', async () => {
      const [first, late, gone, last] = usersOfShard(4);
      await followed([first, gone, last]);
      await unfollowed(gone);
      await followed([late], at(NOW + 1));
      await expect(among([first, gone, last])).resolves.toEqual(new Set([first, last]));
    });

    test('nor do those whose follow was under way when they were listed, by the longest run and another clock', async () => {
      const [first, late, gone, last] = usersOfShard(4);
      await followed([first, gone, last]);
      await unfollowed(gone);
      await followed([late], at(NOW - 15 * 60_000 - 5_000));
      await expect(among([first, gone, last])).resolves.toEqual(new Set([first, last]));
    });

    test('nor do those whose edge has no time', async () => {
      const [first, late, gone, last] = usersOfShard(4);
      await followed([first, gone, last]);
      await unfollowed(gone);
      await tables.put(tables.social, [followerKey(ADA, late)]);
      await expect(among([first, gone, last])).resolves.toEqual(new Set([first, last]));
    });

    test('nor do those who were left out because they were dormant, whether they still are or not', async () => {
      const [first, dormant, woken, gone, last] = usersOfShard(5);
      const listed = [first, gone, last];
      await followed(listed);
      await tables.put(tables.social, [{ ...followerKey(ADA, dormant), createdAt: OLD, dormant: true }]);
      await expect(among(listed)).resolves.toEqual(new Set(listed));
      await unfollowed(gone);
      await expect(among(listed)).resolves.toEqual(new Set([first, last]));
      await tables.delete(tables.social, [followerKey(ADA, dormant)]);
      for (const awakeSince of [at(NOW + 1), at(NOW - 15 * 60_000 - 5_000)]) {
        await tables.put(tables.social, [{ ...followerKey(ADA, woken), createdAt: OLD, awakeSince }]);
        await expect(among(listed)).resolves.toEqual(new Set([first, last]));
      }
    });

    test('who was dormant before, or has become so since, is one of them by a count', async () => {
      const listed = usersOfShard(3);
      await followed(listed.slice(0, 1));
      await tables.put(tables.social, [
        { ...followerKey(ADA, listed[1]), createdAt: OLD, awakeSince: at(NOW - HOUR) },
        { ...followerKey(ADA, listed[2]), createdAt: OLD, awakeSince: at(NOW - HOUR), dormant: true },
      ]);
      await expect(among(listed)).resolves.toEqual(new Set(listed));
      expect(operations(tables.calls)).toEqual(['Query']);
    });

    test('who has followed lately, or again, is one of them all the same', async () => {
      const [first, again, lately, late, last] = usersOfShard(5);
      const listed = [first, again, lately, last];
      await followed([first, again, last]);
      await followed([lately], at(NOW - 1_000));
      await unfollowed(again);
      await followed([again], at(NOW + 1_000));
      await followed([late], at(NOW + 2_000));
      await expect(among(listed)).resolves.toEqual(new Set(listed));
      expect(operations(tables.calls)).toEqual(['Query']);
    });

    test('nothing is made of what does not come in one page', async () => {
      const listed = usersOfShard(120);
      const padding = 'x'.repeat(20_000);
      const edges = listed.map((follower) => ({ ...followerKey(ADA, follower), createdAt: OLD, padding }));
      await tables.put(tables.social, edges);
      await unfollowed(listed[118]);
      await expect(among(listed)).resolves.toEqual(new Set(listed.filter((_, n) => n !== 118)));
    });
  });

  test('nothing is read for nobody', async () => {
    await expect(store.followersAmong(ADA, 0, [])).resolves.toEqual(new Set());
    expect(tables.calls).toEqual([]);
  });

  test('the newest articles are those within the time to live, newest first, up to a number', async () => {
    const ids = [TTL_SECONDS * 1000 + 1, TTL_SECONDS * 1000, HOUR, 0].map((age) => idAt(NOW - age));
    await tables.put(tables.social, [
      ...ids.map((id) => articleKey(ADA, id)),
      articleKey(BOB, ids[2]),
      { PK: articlesPk(ADA), SK: 'COUNT' },
      profileKey(ADA),
    ]);
    await expect(store.newestArticles(ADA, 9)).resolves.toEqual([ids[3], ids[2], ids[1]]);
    await expect(store.newestArticles(ADA, 2)).resolves.toEqual([ids[3], ids[2]]);
  });

  test('of some articles those are told that exist', async () => {
    const ids = [1, 2, 3, 4].map((n) => idAt(NOW + n));
    await tables.put(tables.social, [articleKey(ADA, ids[0]), articleKey(ADA, ids[1]), articleKey(BOB, ids[3])]);
    await expect(store.articlesAmong(ADA, [ids[3], ids[2], ids[1]])).resolves.toEqual(new Set([ids[1]]));
  });
});

describe('the feeds', () => {
  const rows = (followers: readonly string[]) => followers.map((follower) => ({ follower, articleId: ARTICLE }));

  test('rows are written 25 at a time, and taken out again', async () => {
    const followers = usersOfShard(60);
    await store.putRows(ADA, rows(followers));
    const sizes = tables.calls.map(
      ({ input }) => (input.RequestItems as Record<string, unknown[]>)[tables.feed].length,
    );
    expect(sizes.sort()).toEqual([10, 25, 25]);
    const expiresAt = Math.floor(NOW / 1000) + TTL_SECONDS;
    await expect(tables.item(tables.feed, feedKey(followers[59], ARTICLE))).resolves.toEqual({
      ...feedKey(followers[59], ARTICLE),
      authorId: ADA,
      expiresAt,
    });
    await store.removeRows(rows(followers.slice(1)));
    await expect(tables.items(tables.feed)).resolves.toHaveLength(1);
  });

  test('a row is the same whenever it is written', async () => {
    await store.putRows(ADA, rows([BOB]));
    const first = await tables.items(tables.feed);
    now += HOUR;
    await store.putRows(ADA, rows([BOB]));
    await expect(tables.items(tables.feed)).resolves.toEqual(first);
  });

  test('rows of one author are found among those of others, page by page', async () => {
    const padding = 'x'.repeat(30_000);
    const ids = Array.from({ length: 60 }, (_, n) => idAt(NOW, n));
    await tables.put(
      tables.feed,
      ids.map((id, n) => ({ ...feedKey(BOB, id), authorId: n % 2 ? ADA : EVE, padding })),
    );
    const found: string[] = [];
    let after: string | undefined;
    let pages = 0;
    do {
      const page = await store.rowsOfAuthor(BOB, ADA, after);
      found.push(...page.ids);
      after = page.next;
      pages++;
    } while (after !== undefined);
    expect(found).toEqual(ids.filter((_, n) => n % 2));
    expect(pages).toBeGreaterThan(1);
  });

  const expiresAt = Math.floor(NOW / 1000) + TTL_SECONDS;

  test('the list of an author has an article once, until it is taken out', async () => {
    await expect(store.decide(ADA, ARTICLE, false)).resolves.toBe(false);
    await expect(store.decide(ADA, ARTICLE, false)).resolves.toBe(false);
    await expect(tables.items(tables.feed)).resolves.toEqual([{ PK: `AUTHOR#${ADA}`, SK: ARTICLE, expiresAt }]);
    await store.removeAuthored(ADA, ARTICLE);
    await expect(tables.items(tables.feed)).resolves.toEqual([]);
  });

  test('what was decided on an article first holds, until it is out of the list', async () => {
    await expect(store.decision(ADA, ARTICLE)).resolves.toBeUndefined();
    await expect(store.decide(ADA, ARTICLE, true)).resolves.toBe(true);
    await expect(store.decide(ADA, ARTICLE, false)).resolves.toBe(true);
    await expect(store.decision(ADA, ARTICLE)).resolves.toBe(true);
    await expect(tables.items(tables.feed)).resolves.toEqual([
      { PK: `AUTHOR#${ADA}`, SK: ARTICLE, expiresAt, pulled: true },
    ]);
    await store.removeAuthored(ADA, ARTICLE);
    await expect(store.decide(ADA, ARTICLE, false)).resolves.toBe(false);
    await expect(store.decide(ADA, ARTICLE, true)).resolves.toBe(false);
  });

  test('a list that was written before there were decisions is of articles that were put into feeds', async () => {
    await tables.put(tables.feed, [{ ...authoredKey(ADA, ARTICLE), expiresAt }]);
    await expect(store.decide(ADA, ARTICLE, true)).resolves.toBe(false);
  });

  test('decisions on some articles of an author are told, and of none that has none', async () => {
    const ids = [1, 2, 3, 4].map((n) => idAt(NOW, n));
    await store.decide(ADA, ids[0], true);
    await store.decide(ADA, ids[1], false);
    await store.decide(ADA, ids[2], true);
    await store.decide(BOB, ids[3], true);
    await expect(store.decisions(ADA, [ids[3], ids[1], ids[0]])).resolves.toEqual(
      new Map([
        [ids[0], true],
        [ids[1], false],
      ]),
    );
  });

  describe('of a pulled author', () => {
    const END = NOW / 1000 + 1000;

    test('a row is put where there is none, or one that ends', async () => {
      await expect(store.pulledAuthor(ADA)).resolves.toBeUndefined();
      await store.putPulled(ADA, END, END - 500);
      await expect(tables.items(tables.feed)).resolves.toEqual([{ PK: 'PULLED#0', SK: ADA, expiresAt: END }]);
      await store.startPulling(ADA, NOW);
      await store.putPulled(ADA, END + 9, END - 1);
      await expect(store.pulledAuthor(ADA)).resolves.toEqual({ expiresAt: END, since: NOW, pulls: true });
      await store.putPulled(ADA, END + 9, END);
      await expect(store.pulledAuthor(ADA)).resolves.toEqual({ expiresAt: END + 9, since: undefined, pulls: false });
    });

    test('a row keeps its moment while its mode changes, and none comes from that', async () => {
      await store.startPulling(ADA, NOW);
      await store.stopPulling(ADA);
      await expect(tables.items(tables.feed)).resolves.toEqual([]);
      await store.putPulled(ADA, END, 0);
      await store.startPulling(ADA, NOW);
      await store.stopPulling(ADA);
      await expect(store.pulledAuthor(ADA)).resolves.toEqual({ expiresAt: END, since: NOW, pulls: false });
      await store.startPulling(ADA, NOW + 1);
      await expect(store.pulledAuthor(ADA)).resolves.toEqual({ expiresAt: END, since: NOW, pulls: true });
    });

    test('the end of a row is put off, never drawn in, and of that row alone', async () => {
      await expect(store.raisePulled(ADA, NOW, END)).resolves.toBeUndefined();
      await expect(tables.items(tables.feed)).resolves.toEqual([]);
      await store.putPulled(ADA, END, 0);
      await store.startPulling(ADA, NOW);
      const ends = async (since: number, at: number) => (await store.raisePulled(ADA, since, at))?.expiresAt;
      await expect(ends(NOW, END + 2)).resolves.toBe(END + 2);
      await expect(ends(NOW, END + 1)).resolves.toBe(END + 2);
      await expect(ends(NOW + 1, END + 3)).resolves.toBe(END + 2);
    });
  });

  test('a removal is under way for an hour from its announcement, in that feed and of that author', async () => {
    await expect(store.removalInProgress(BOB, ADA)).resolves.toBe(false);
    await store.announceRemovals(ADA, [BOB]);
    now += HOUR - 1;
    await expect(store.removalInProgress(BOB, ADA)).resolves.toBe(true);
    await expect(store.removalInProgress(BOB, EVE)).resolves.toBe(false);
    await expect(store.removalInProgress(EVE, ADA)).resolves.toBe(false);
    now += 1_001;
    await expect(store.removalInProgress(BOB, ADA)).resolves.toBe(false);
  });

  test('an article is expired once its time to live is over', () => {
    expect(store.isExpired(ARTICLE)).toBe(false);
    now += TTL_SECONDS * 1000;
    expect(store.isExpired(ARTICLE)).toBe(true);
  });

  test('the time of an article is in its id, and an id without one is refused', () => {
    expect(creationTime(ARTICLE)).toBe(NOW);
    expect(() => creationTime('0192f0c1-0000-4000-8000-00000000000a')).toThrow('must be a UUIDv7 or a ULID');
  });
});
