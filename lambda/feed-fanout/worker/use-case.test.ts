import type { FeedMessage } from './messages';
import { type FeedStore, handleMessage } from './use-case';
import { drain, edge, portsOf, World } from '../../../test/support/feed-world';

type Access = Exclude<keyof FeedStore, 'followerShards'>;

/** Does something once, at the first access of this name, before the access or after it. */
function at(world: World, access: Access, when: 'before' | 'after', happening: () => void | Promise<void>): void {
  const original = world[access].bind(world) as (...args: unknown[]) => Promise<unknown>;
  let pending = true;
  Object.assign(world, {
    [access]: async (...args: unknown[]) => {
      const first = pending;
      pending = false;
      if (first && when === 'before') await happening();
      const result = await original(...args);
      if (first && when === 'after') await happening();
      return result;
    },
  });
}

describe('feeds follow the graph', () => {
  test('an article reaches every follower, whatever the shard and page', async () => {
    const world = new World();
    for (let n = 0; n < 60; n++) {
      world.follow(`user-${n.toString(16).padStart(2, '0')}`, 'ada');
    }
    world.publish('ada');
    await drain(world);
    expect(world.actual()).toHaveLength(60);
    expect(world.actual()).toEqual(world.wanted());
  });

  test('a follow brings in the older articles, newest first up to the cap', async () => {
    const world = new World();
    const articles = [1, 2, 3].map(() => world.publish('ada'));
    await drain(world);
    world.follow('b0b', 'ada');
    await drain(world, portsOf(world, { readCap: 2 }));
    expect(world.actual()).toEqual([`b0b ${articles[1]}`, `b0b ${articles[2]}`]);
  });

  test('an unfollow takes out that author and nobody else', async () => {
    const world = new World();
    world.follow('b0b', 'ada');
    world.follow('b0b', 'eve');
    world.publish('ada');
    const kept = world.publish('eve');
    await drain(world);
    world.unfollow('b0b', 'ada');
    await drain(world);
    expect(world.actual()).toEqual([`b0b ${kept}`]);
  });

  test('a deletion takes the article out of every feed', async () => {
    const world = new World();
    ['u-00', 'u-01', 'u-02', 'u-03', 'u-04'].forEach((user) => world.follow(user, 'ada'));
    const articleId = world.publish('ada');
    await drain(world);
    expect(world.actual()).toHaveLength(5);
    world.delete(articleId);
    await drain(world);
    expect(world.actual()).toEqual([]);
  });

  test('work that does not fit an invocation is handed on until it is done', async () => {
    const world = new World();
    for (let n = 0; n < 20; n++) {
      world.follow(`user-${n.toString(16).padStart(2, '0')}`, 'ada');
    }
    world.queue.length = 0;
    const articles = [1, 2, 3, 4, 5].map(() => world.publish('ada'));
    const always = portsOf(world, { timeIsShort: () => true });
    await drain(world, always);
    expect(world.actual()).toEqual(world.wanted());
    world.unfollow('user-00', 'ada');
    await drain(world, always);
    expect(world.actual().filter((row) => row.startsWith('user-00'))).toEqual([]);
    expect(world.actual()).toHaveLength(19 * articles.length);
  });

  test('an article older than feeds show is not delivered', async () => {
    const world = new World();
    world.follow('b0b', 'ada');
    world.queue.length = 0;
    world.publish('ada');
    Object.assign(world, { isExpired: () => true });
    await drain(world);
    expect(world.actual()).toEqual([]);
  });
});

describe('races', () => {
  test('an article deleted while it is delivered leaves no row, though its deletion was worked off before', async () => {
    const world = new World();
    world.follow('b0b', 'ada');
    world.queue.length = 0;
    const articleId = world.publish('ada');
    at(world, 'putRows', 'before', () => {
      world.delete(articleId);
      world.queue.length = 0;
    });
    await drain(world);
    expect(world.actual()).toEqual([]);
  });

  test('an unfollow while an article is delivered leaves no row, though it was worked off before', async () => {
    const world = new World();
    world.follow('b0b', 'ada');
    world.queue.length = 0;
    world.publish('ada');
    at(world, 'putRows', 'before', () => {
      world.unfollow('b0b', 'ada');
      world.queue.length = 0;
    });
    await drain(world);
    expect(world.actual()).toEqual([]);
  });

  test('a delivery that broke off after writing is put right when it comes again after an unfollow', async () => {
    const world = new World();
    world.follow('b0b', 'ada');
    const articleId = world.publish('ada');
    const message: FeedMessage = { type: 'deliver', articleId, authorId: 'ada', shard: 0, followers: ['b0b'] };
    world.rows.set(`b0b ${articleId}`, 'ada');
    world.follows.clear();
    await handleMessage(portsOf(world), message);
    expect(world.actual()).toEqual([]);
  });

  test('a follow while the followers are listed gets the article from its own message', async () => {
    const world = new World();
    const articleId = world.publish('ada');
    at(world, 'followers', 'after', () => world.follow('u-00', 'ada'));
    await drain(world);
    expect(world.actual()).toEqual([`u-00 ${articleId}`]);
  });

  test('an article deleted while a new follower gets the older ones leaves no row', async () => {
    const world = new World();
    const [gone, kept] = [world.publish('ada'), world.publish('ada')];
    world.queue.length = 0;
    world.follow('b0b', 'ada');
    at(world, 'newestArticles', 'after', () => {
      world.delete(gone);
      world.queue.length = 0;
    });
    await drain(world);
    expect(world.actual()).toEqual([`b0b ${kept}`]);
  });

  test('a follow that broke off after writing a row is put right though the article is gone when it comes again', async () => {
    const world = new World();
    const [gone, kept] = [world.publish('ada'), world.publish('ada')];
    world.follow('b0b', 'ada');
    world.delete(gone);
    world.rows.set(`b0b ${gone}`, 'ada');
    world.queue.length = 0;
    await handleMessage(portsOf(world), { type: 'followed', follower: 'b0b', followee: 'ada' });
    expect(world.actual()).toEqual([`b0b ${kept}`]);
  });

  test('an unfollow while the older articles come in takes them out again', async () => {
    const world = new World();
    world.publish('ada');
    world.queue.length = 0;
    world.follow('b0b', 'ada');
    at(world, 'putRows', 'after', () => {
      world.unfollow('b0b', 'ada');
      world.queue.length = 0;
    });
    await drain(world);
    expect(world.actual()).toEqual([]);
  });

  test('a follow while an unfollow is worked off brings the articles back', async () => {
    const world = new World();
    world.follow('b0b', 'ada');
    const articleId = world.publish('ada');
    await drain(world);
    world.unfollow('b0b', 'ada');
    at(world, 'removeRows', 'after', () => {
      world.follow('b0b', 'ada');
      world.queue.length = 0;
    });
    await drain(world);
    expect(world.actual()).toEqual([`b0b ${articleId}`]);
  });

  test('a follow is marked as filled once its older articles are in the feed', async () => {
    const world = new World();
    world.publish('ada');
    world.follow('b0b', 'ada');
    at(world, 'markFilled', 'before', () => expect(world.actual()).toEqual(world.wanted()));
    await drain(world);
    expect(world.follows.get(edge('b0b', 'ada'))?.filled).toBe(true);
  });

  test('a follow that was made anew while the one before was filled is marked by its own filling alone', async () => {
    const world = new World();
    world.publish('ada');
    world.follow('b0b', 'ada');
    at(world, 'putRows', 'after', () => {
      world.unfollow('b0b', 'ada');
      world.rows.clear();
      world.follow('b0b', 'ada');
    });
    const first: FeedMessage = { type: 'followed', follower: 'b0b', followee: 'ada' };
    await handleMessage(portsOf(world), first);
    expect(world.missed()).toEqual([]);
    await drain(world);
    expect(world.actual()).toEqual(world.wanted());
  });

  test.each<[string, Access]>([
    ['an unfollow', 'rowsOfAuthor'],
    ['a delivery', 'followersAmong'],
  ])('a follow made anew is not marked while %s from before may still remove its rows', async (_, access) => {
    const world = new World();
    const articleId = world.publish('ada');
    world.follow('b0b', 'ada');
    await drain(world);
    world.unfollow('b0b', 'ada');
    const [unfollowed] = world.queue.splice(0);
    const deliver: FeedMessage = { type: 'deliver', articleId, authorId: 'ada', shard: 0, followers: ['b0b'] };
    let filled: Promise<void> | undefined;
    // The second time: a delivery has announced what it is about to remove by then.
    let times = access === 'followersAmong' ? 2 : 1;
    const original = world[access].bind(world) as (...args: unknown[]) => Promise<unknown>;
    Object.assign(world, {
      [access]: async (...args: unknown[]) => {
        const result = await original(...args);
        if (--times === 0) {
          Object.assign(world, { [access]: original });
          world.follow('b0b', 'ada');
          filled = handleMessage(portsOf(world), { type: 'followed', follower: 'b0b', followee: 'ada' });
          await filled;
        }
        return result;
      },
    });
    at(world, 'removeRows', 'after', () => expect(world.missed()).toEqual([]));
    await handleMessage(portsOf(world), access === 'rowsOfAuthor' ? unfollowed : deliver);
    await filled;
    expect(filled).toBeDefined();
    expect(world.actual()).toEqual(world.wanted());
    expect(world.follows.get(edge('b0b', 'ada'))?.filled).toBe(false);
  });

  test.each<[string, Access]>([
    ['an unfollow', 'followedSince'],
    ['a delivery', 'followersAmong'],
  ])('%s removes nothing by a graph that it read before it announced that', async (_, access) => {
    const world = new World();
    const articleId = world.publish('ada');
    world.follow('b0b', 'ada');
    await drain(world);
    world.unfollow('b0b', 'ada');
    const [unfollowed] = world.queue.splice(0);
    const deliver: FeedMessage = { type: 'deliver', articleId, authorId: 'ada', shard: 0, followers: ['b0b'] };
    // A follow that is made and filled by then finds no announcement and is marked: readers rely on its rows from then on.
    let filled = false;
    at(world, access, 'after', async () => {
      world.follow('b0b', 'ada');
      await drain(world);
      filled = world.follows.get(edge('b0b', 'ada'))?.filled ?? false;
    });
    world.turn = async () => expect(world.missed()).toEqual([]);
    await handleMessage(portsOf(world), access === 'followedSince' ? unfollowed : deliver);
    expect(filled).toBe(true);
    expect(world.actual()).toEqual(world.wanted());
  });

  test('a fresh delivery reads the graph once, after it has written', async () => {
    const world = new World();
    ['u-00', 'u-04'].forEach((user) => world.follow(user, 'ada'));
    world.queue.length = 0;
    world.publish('ada');
    const asked: string[] = [];
    for (const access of ['articleExists', 'followersAmong', 'putRows'] as const) {
      const original = world[access].bind(world) as (...args: unknown[]) => Promise<unknown>;
      Object.assign(world, { [access]: (...args: unknown[]) => (asked.push(access), original(...args)) });
    }
    await drain(world);
    expect(asked).toEqual(['articleExists', 'putRows', 'articleExists', 'followersAmong']);
    expect(world.actual()).toEqual(world.wanted());
  });

  test('the rows of a deleted article go without a look at who follows', async () => {
    const world = new World();
    world.follow('b0b', 'ada');
    const articleId = world.publish('ada');
    await drain(world);
    world.delete(articleId);
    Object.assign(world, { followersAmong: () => Promise.reject(new Error('asked')) });
    await drain(world);
    expect([world.actual(), [...world.authored]]).toEqual([[], []]);
  });

  test('a message about what is no longer so does what is so now', async () => {
    const world = new World();
    const articleId = world.publish('ada');
    world.follow('b0b', 'ada');
    world.queue.length = 0;
    await handleMessage(portsOf(world), { type: 'unfollowed', follower: 'b0b', followee: 'ada' });
    expect(world.actual()).toEqual([`b0b ${articleId}`]);
  });

  test('a graph that never rests is given up, for the message to come again', async () => {
    const world = new World();
    const articleId = world.publish('ada');
    let following = false;
    let follows = 0;
    Object.assign(world, {
      followedSince: async () => ((following = !following) ? String(++follows) : undefined),
      followersAmong: async (_followee: string, _shard: number, followers: string[]) =>
        new Set((following = !following) ? followers : []),
    });
    const message: FeedMessage = { type: 'followed', follower: 'b0b', followee: 'ada' };
    await expect(handleMessage(portsOf(world), message)).rejects.toThrow('changed 6 times');
    const deliver: FeedMessage = { type: 'deliver', articleId, authorId: 'ada', shard: 0, followers: ['b0b'] };
    following = true;
    await expect(handleMessage(portsOf(world), deliver)).rejects.toThrow('changed 6 times');
  });
});
