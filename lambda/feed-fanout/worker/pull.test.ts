import { articlesToFill, beginPull, mayBePulled, reconsiderPull } from './pull';
import { drain, portsOf, World } from '../../../test/support/feed-world';

const MINUTE = 60_000;
const NOTICE = 65_000;

let world: World;

beforeEach(() => {
  world = new World();
  world.ttlSeconds = 3600;
});

/** Ids of users whose edges are on the shard that is counted. */
const crowd = (count: number) => Array.from({ length: count }, (_, n) => `u-${(4 * n).toString(16).padStart(4, '0')}`);

const ports = (pullAbove = 8) => portsOf(world, { pullAbove });
const end = () => world.pulled.get('ada')?.expiresAt ?? 0;
const seconds = (ms: number) => Math.floor(ms / 1000);
const inFeeds = (articleId: string) => world.actual().filter((row) => row.endsWith(articleId)).length;

/** An article, worked off; in how many feeds it is. */
async function post(pullAbove?: number): Promise<number> {
  const articleId = world.publish('ada');
  await drain(world, ports(pullAbove));
  return inFeeds(articleId);
}

async function followed(count: number): Promise<string[]> {
  const followers = crowd(count);
  followers.forEach((follower) => world.follow(follower, 'ada'));
  await drain(world, ports());
  return followers;
}

describe('an author', () => {
  test('is pushed with so many followers in a shard as make up the threshold, and pulled with one more', async () => {
    await followed(2);
    await post();
    expect(world.pulled.size).toBe(0);
    world.follow('u-f000', 'ada');
    expect(await post()).toBe(3);
    expect(world.pulled.get('ada')).toEqual({ expiresAt: end(), since: world.clock, pulls: true });
  });

  test('is pushed until all readers know, by the time of the article, and left to them from then on', async () => {
    await followed(3);
    await post();
    world.clock += NOTICE - 2;
    const early = world.publish('ada');
    const late = world.publish('ada');
    world.clock += 10 * MINUTE;
    await drain(world, ports());
    expect([inFeeds(early), inFeeds(late)]).toEqual([3, 0]);
    expect(world.shown()).toEqual(world.wanted());
  });

  test('is pushed again below four fifths of the threshold, from the next article on, and what was not is laid over', async () => {
    const followers = await followed(5);
    await post(16);
    world.clock += NOTICE;
    expect(await post(16)).toBe(0);
    // Of sixteen, 12.8: four in this shard say so, three do not.
    world.unfollow(followers[0], 'ada');
    expect([await post(16), await post(16)]).toEqual([0, 0]);
    world.unfollow(followers[1], 'ada');
    expect([await post(16), await post(16)]).toEqual([0, 3]);
    expect(world.pulled.get('ada')?.pulls).toBe(false);
    // Between the two it stays.
    world.follow(followers[0], 'ada');
    expect(await post(16)).toBe(4);
    expect(world.shown()).toEqual(world.wanted());
    expect(world.actual()).not.toEqual(world.wanted());
    // And above the threshold, readers know the row.
    world.follow(followers[1], 'ada');
    expect([await post(16), await post(16)]).toEqual([5, 0]);
  });

  test('stays pulled where there is no time to count', async () => {
    await followed(3);
    await post();
    await reconsiderPull(portsOf(world, { pullAbove: 1000, timeIsShort: () => true }), 'ada');
    expect(world.pulled.get('ada')?.pulls).toBe(true);
  });

  test('is counted over the parts of a fan-out that is handed on', async () => {
    await followed(3);
    world.publish('ada');
    await drain(world, portsOf(world, { pullAbove: 8, timeIsShort: () => true }));
    expect(world.pulled.get('ada')?.pulls).toBe(true);
  });

  test('whose row was put without its moment, by a run that broke off, gets it with the next article', async () => {
    await followed(3);
    await world.putPulled('ada', seconds(world.clock) + 9999, 0);
    expect(await post()).toBe(3);
    const since = world.clock;
    world.clock += NOTICE;
    expect(await post()).toBe(0);
    expect(world.pulled.get('ada')?.since).toBe(since);
  });
});

describe('the row of a pulled author', () => {
  beforeEach(async () => {
    await followed(3);
    await post();
    world.clock += NOTICE;
  });

  test('ends after every article that is left to readers, and is put off once for many', async () => {
    const first = end();
    await post();
    expect(end()).toBe(first);
    world.clock += 70 * MINUTE;
    await post();
    expect(end()).toBeGreaterThan(seconds(world.clock) + 3600);
    const raised = end();
    world.clock += 10 * MINUTE;
    await post();
    expect(end()).toBe(raised);
  });

  test('that ends within the notice is as good as none: it begins anew, and the article is pushed', async () => {
    const { since } = world.pulled.get('ada') ?? {};
    world.clock = end() * 1000 - NOTICE;
    expect(await post()).toBe(3);
    expect(world.pulled.get('ada')?.since).toBeGreaterThan(since ?? 0);
    expect(end()).toBeGreaterThan(seconds(world.clock) + 3600);
  });

  test('is not relied on where it was put off too late, or is another one by then', async () => {
    world.clock = end() * 1000 - NOTICE - 10;
    const articleId = world.publish('ada');
    const late = world.raisePulled.bind(world);
    Object.assign(world, {
      raisePulled: (...asked: Parameters<World['raisePulled']>) => {
        world.clock += NOTICE - 5_000 + 10;
        return late(...asked);
      },
    });
    await expect(mayBePulled(ports(), 'ada', articleId)).resolves.toBe(false);
    world.clock = end() * 1000 - NOTICE - 10;
    Object.assign(world, {
      raisePulled: async () => ({ expiresAt: end() * 2, since: 1, pulls: true }),
    });
    await expect(mayBePulled(ports(), 'ada', world.publish('ada'))).resolves.toBe(false);
  });

  test('that is there and pulls is left alone', async () => {
    const row = world.pulled.get('ada');
    await beginPull(ports(), 'ada');
    expect(world.pulled.get('ada')).toBe(row);
  });
});

describe('what was decided on an article', () => {
  test('holds when its message comes again, whatever the author is by then', async () => {
    await followed(3);
    const pushed = world.publish('ada');
    const [first] = world.queue;
    await drain(world, ports());
    world.clock += NOTICE;
    const left = world.publish('ada');
    const [second] = world.queue;
    await drain(world, ports());
    world.rows.clear();
    world.queue.push(first);
    await drain(world, ports());
    await world.stopPulling('ada');
    world.queue.push(second);
    await drain(world, ports());
    expect([inFeeds(pushed), inFeeds(left)]).toEqual([3, 0]);
  });

  test('tells its deletion whether there is anybody to go through', async () => {
    await followed(3);
    const pushed = world.publish('ada');
    await drain(world, ports());
    world.clock += NOTICE;
    const left = world.publish('ada');
    await drain(world, ports());
    const listed: number[] = [];
    const original = world.followers.bind(world);
    Object.assign(world, {
      followers: (...asked: Parameters<World['followers']>) => (listed.push(1), original(...asked)),
    });
    world.delete(left);
    await drain(world, ports());
    expect([listed.length, [...world.authored.keys()]]).toEqual([0, [`ada ${pushed}`]]);
    world.delete(pushed);
    await drain(world, ports());
    expect(listed.length).toBeGreaterThan(0);
    expect([world.actual(), world.authored.size]).toEqual([[], 0]);
  });

  test('is nothing where the deletion came first: it goes through all', async () => {
    await followed(3);
    const articleId = world.publish('ada');
    world.queue.length = 0;
    crowd(3).forEach((follower) => world.rows.set(`${follower} ${articleId}`, 'ada'));
    world.delete(articleId);
    await drain(world, ports());
    expect(world.actual()).toEqual([]);
  });
});

describe('a follow of', () => {
  beforeEach(async () => {
    await followed(3);
    await post();
    world.clock += NOTICE;
    await post();
  });

  test('a pulled author brings no rows; the row lasts as long as the newest article, and the follow is filled', async () => {
    world.clock += 70 * MINUTE;
    world.follow('b-01', 'ada');
    await drain(world, ports());
    expect(world.actual().filter((row) => row.startsWith('b-01'))).toEqual([]);
    expect(world.follows.get('b-01>ada')?.filled).toBe(true);
    expect(end()).toBeGreaterThan(seconds(world.clock) + 3600);
    expect(world.missed()).toEqual([]);
  });

  test('one who is pulled no more brings rows of what was pushed, and of nothing that was left to readers', async () => {
    const [pushed, left] = [...world.articles.keys()];
    await world.stopPulling('ada');
    const again = world.publish('ada');
    await drain(world, ports(100));
    world.follow('b-01', 'ada');
    const before = end();
    await drain(world, ports());
    const rows = world.actual().filter((row) => row.startsWith('b-01'));
    expect(rows).toEqual([`b-01 ${pushed}`, `b-01 ${again}`]);
    expect(inFeeds(left)).toBe(0);
    expect(end()).toBe(before);
    expect(world.shown()).toEqual(world.wanted());
  });

  test('one who is pulled no more brings no row of an article that may yet be left to readers', async () => {
    await world.stopPulling('ada');
    const undecided = world.publish('ada');
    await expect(articlesToFill(ports(), 'ada')).resolves.not.toContain(undecided);
  });

  test('one whose row is new brings rows of all there was, and of nothing that came since', async () => {
    world.pulled.delete('ada');
    await world.putPulled('ada', seconds(world.clock) + 9999, 0);
    const [pushed] = [...world.articles.keys()];
    const undecided = world.publish('ada');
    const read = world.newestArticles.bind(world);
    let since = '';
    Object.assign(world, {
      newestArticles: (...asked: Parameters<World['newestArticles']>) => {
        world.clock += 5_001;
        since = world.publish('ada');
        return read(...asked);
      },
    });
    const articles = await articlesToFill(ports(), 'ada');
    expect(articles).toEqual([undecided, pushed]);
    expect(world.articles.has(since)).toBe(true);
  });
});
