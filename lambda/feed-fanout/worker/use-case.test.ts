import type { FeedMessage } from './messages';
import { type FeedPorts, type FeedRow, type FeedStore, handleMessage, type IdPage } from './use-case';
import { followerKey, followerPks } from '../../social-table/keys';

/** Numbers from 0 to 1 that follow from the seed, so that a run that fails can be run again. */
function seeded(seed: number): () => number {
  let state = (seed * 7919 + 1) % 2147483647;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

const edge = (from: string, to: string) => `${from}>${to}`;

/** A follow that is there: when it was made, what its followee had published by then, and whether it is marked. */
interface FollowState {
  readonly since: string;
  readonly older: readonly string[];
  filled: boolean;
}

/** The graph and the feeds in memory. Before and after each access it waits for its turn, one row at a time. */
class World implements FeedStore {
  public readonly follows = new Map<string, FollowState>();
  public readonly removals = new Set<string>();
  /** Articles by author, as their own lists have them. */
  public readonly authored = new Set<string>();
  public readonly articles = new Map<string, string>();
  public readonly rows = new Map<string, string>();
  public readonly queue: FeedMessage[] = [];
  public pageSize = 2;
  private lastArticle = 0;
  private lastFollow = 0;
  public turn: () => Promise<void> = () => Promise.resolve();

  public follow(follower: string, followee: string): void {
    const follow = edge(follower, followee);
    if (!this.follows.has(follow)) {
      const older = [...this.articles].filter(([, by]) => by === followee).map(([articleId]) => articleId);
      this.follows.set(follow, { since: String(++this.lastFollow), older, filled: false });
    }
    this.queue.push({ type: 'followed', follower, followee });
  }

  public unfollow(follower: string, followee: string): void {
    this.follows.delete(edge(follower, followee));
    this.queue.push({ type: 'unfollowed', follower, followee });
  }

  public publish(authorId: string): string {
    const articleId = `article-${String(++this.lastArticle).padStart(4, '0')}`;
    this.articles.set(articleId, authorId);
    this.queue.push({ type: 'article-created', articleId, authorId });
    return articleId;
  }

  public delete(articleId: string): void {
    const authorId = this.articles.get(articleId);
    if (authorId !== undefined) {
      this.articles.delete(articleId);
      this.queue.push({ type: 'article-deleted', articleId, authorId });
    }
  }

  /** The rows that the graph calls for, ascending. */
  public wanted(): string[] {
    const rows = [...this.articles].flatMap(([articleId, authorId]) =>
      [...this.follows.keys()]
        .filter((follow) => follow.endsWith(`>${authorId}`))
        .map((follow) => `${follow.split('>')[0]} ${articleId}`),
    );
    return rows.sort();
  }

  /** Older articles that a follow marked as filled does not have in its feed: what a reader would miss. */
  public missed(): string[] {
    return [...this.follows]
      .filter(([, { filled }]) => filled)
      .flatMap(([follow, { older }]) => older.map((articleId) => `${follow.split('>')[0]} ${articleId}`))
      .filter((row) => this.articles.has(row.split(' ')[1]) && !this.rows.has(row));
  }

  public actual(): string[] {
    return [...this.rows.keys()].sort();
  }

  public articleExists(authorId: string, articleId: string) {
    return this.access(() => this.articles.get(articleId) === authorId);
  }

  public followedSince(follower: string, followee: string) {
    return this.access(() => this.follows.get(edge(follower, followee))?.since);
  }

  public async markFilled(follower: string, followee: string, since: string): Promise<void> {
    await this.access(() => {
      const follow = this.follows.get(edge(follower, followee));
      if (follow?.since === since) follow.filled = true;
    });
  }

  public async announceRemovals(authorId: string, followers: readonly string[]): Promise<void> {
    for (const follower of followers) {
      await this.access(() => this.removals.add(edge(follower, authorId)));
    }
  }

  public removalUnderWay(follower: string, authorId: string) {
    return this.access(() => this.removals.has(edge(follower, authorId)));
  }

  public async putAuthored(authorId: string, articleId: string): Promise<void> {
    await this.access(() => this.authored.add(`${authorId} ${articleId}`));
  }

  public async removeAuthored(authorId: string, articleId: string): Promise<void> {
    await this.access(() => this.authored.delete(`${authorId} ${articleId}`));
  }

  public followers(followee: string, shard: number, after: string | undefined, max: number): Promise<IdPage> {
    const pk = followerPks(followee)[shard];
    return this.access(() => {
      const all = [...this.follows.keys()]
        .map((follow) => follow.split('>'))
        .filter(([follower, to]) => to === followee && followerKey(followee, follower).PK === pk)
        .map(([follower]) => follower);
      return page(all, after, Math.min(max, this.pageSize));
    });
  }

  public followersAmong(followee: string, _shard: number, followers: readonly string[]) {
    return this.access(() => new Set(followers.filter((follower) => this.follows.has(edge(follower, followee)))));
  }

  public newestArticles(authorId: string, max: number) {
    return this.access(() =>
      [...this.articles]
        .filter(([, by]) => by === authorId)
        .map(([articleId]) => articleId)
        .sort()
        .reverse()
        .slice(0, max),
    );
  }

  public articlesAmong(_authorId: string, articleIds: readonly string[]) {
    return this.access(() => new Set(articleIds.filter((articleId) => this.articles.has(articleId))));
  }

  public rowsOfAuthor(follower: string, authorId: string, after: string | undefined): Promise<IdPage> {
    return this.access(() => {
      const all = [...this.rows]
        .filter(([row, by]) => row.startsWith(`${follower} `) && by === authorId)
        .map(([row]) => row.split(' ')[1]);
      return page(all, after, this.pageSize);
    });
  }

  public async putRows(authorId: string, rows: readonly FeedRow[]): Promise<void> {
    for (const { follower, articleId } of rows) {
      await this.access(() => this.rows.set(`${follower} ${articleId}`, authorId));
    }
  }

  public async removeRows(rows: readonly FeedRow[]): Promise<void> {
    for (const { follower, articleId } of rows) {
      await this.access(() => this.rows.delete(`${follower} ${articleId}`));
    }
  }

  public isExpired(): boolean {
    return false;
  }

  private async access<T>(action: () => T): Promise<T> {
    await this.turn();
    const result = action();
    await this.turn();
    return result;
  }
}

function page(all: string[], after: string | undefined, size: number): IdPage {
  const rest = all.sort().filter((id) => after === undefined || id > after);
  const ids = rest.slice(0, size);
  return { ids, next: rest.length > size ? ids[ids.length - 1] : undefined };
}

const portsOf = (world: World, overrides: Partial<FeedPorts> = {}): FeedPorts => ({
  store: world,
  send: async (messages) => {
    world.queue.push(...messages);
  },
  timeIsShort: () => false,
  readCap: 1000,
  ...overrides,
});

/** Works off the queue in order, with whatever the work itself puts there. */
async function drain(world: World, ports = portsOf(world)): Promise<void> {
  for (let message = world.queue.shift(); message; message = world.queue.shift()) {
    await handleMessage(ports, message);
  }
}

/** Does something once, at the first access of this name, before the access or after it. */
function at(world: World, access: keyof FeedStore, when: 'before' | 'after', happening: () => void): void {
  const original = world[access].bind(world) as (...args: unknown[]) => Promise<unknown>;
  let pending = true;
  Object.assign(world, {
    [access]: async (...args: unknown[]) => {
      const first = pending;
      pending = false;
      if (first && when === 'before') happening();
      const result = await original(...args);
      if (first && when === 'after') happening();
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

  test.each<[string, keyof FeedStore]>([
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

/** Lets whatever was resumed run up to its next access; no timer, so that hundreds of runs take a second. */
async function settle(): Promise<void> {
  for (let tick = 0; tick < 12; tick++) {
    await Promise.resolve();
  }
}

/**
 * Users act while messages are worked on side by side, out of order, more than once, and break off at any point; in
 * the end the feeds must be what the graph calls for.
 */
async function simulate(seed: number): Promise<World> {
  const random = seeded(seed);
  const pick = <T>(list: T[]): T => list[Math.floor(random() * list.length)];
  const world = new World();
  const users = ['user-00', 'user-01', 'user-04', 'user-02', 'user-08'].slice(0, seed % 2 ? 3 : 5);
  const waiting: { pace: number; go(): void; fail(error: Error): void }[] = [];
  // Some invocations are up to a thousand times slower than others, so that whole messages pass between two of their steps.
  const paced = (pace: number): World =>
    Object.assign(Object.create(world) as World, {
      turn: () => new Promise<void>((go, fail) => waiting.push({ pace, go, fail })),
    });
  const ports = portsOf(world, { timeIsShort: () => random() < 0.3 });
  let acts = 25;
  let crashes = 30;
  let copies = 12;
  let running = 0;

  const act = () => {
    acts--;
    const [user, other] = [pick(users), pick(users)];
    const live = [...world.articles.keys()];
    const kind = random();
    if (kind < 0.3 && user !== other) world.follow(user, other);
    else if (kind < 0.55 && user !== other) world.unfollow(user, other);
    else if (kind < 0.8 || live.length === 0) world.publish(user);
    else world.delete(pick(live));
  };
  const start = () => {
    const [message] = world.queue.splice(Math.floor(random() * world.queue.length), 1);
    if (copies > 0 && random() < 0.2) {
      copies--;
      world.queue.push(message);
    }
    running++;
    handleMessage({ ...ports, store: paced(10 ** (-3 * random())) }, message)
      .catch(() => world.queue.push(message))
      .finally(() => running--);
  };
  const resume = () => {
    let draw = random() * waiting.reduce((sum, { pace }) => sum + pace, 0);
    const index = waiting.findIndex(({ pace }) => (draw -= pace) <= 0);
    const [{ go, fail }] = waiting.splice(Math.max(0, index), 1);
    if (crashes > 0 && random() < 0.06) {
      crashes--;
      fail(new Error('broken off'));
    } else {
      go();
    }
  };
  while (acts > 0 || world.queue.length > 0 || running > 0) {
    const choices: (() => void)[] = [];
    if (acts > 0 && random() < 0.3) choices.push(act);
    if (world.queue.length > 0 && running < 6) choices.push(start);
    if (waiting.length > 0) choices.push(resume, resume, resume);
    if (choices.length > 0) pick(choices)();
    await settle();
    // Not by expect, which takes longer than the step itself.
    if (world.missed().length > 0) {
      throw new Error(`Seed ${seed}: a follow is marked, and its feed lacks ${world.missed().join(', ')}`);
    }
  }
  return world;
}

test('any interleaving of acts, copies and breaks ends with the feeds that the graph calls for', async () => {
  let rows = 0;
  let filled = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const world = await simulate(seed);
    expect({ seed, rows: world.actual() }).toEqual({ seed, rows: world.wanted() });
    const authored = [...world.articles].map(([articleId, authorId]) => `${authorId} ${articleId}`);
    expect({ seed, authored: [...world.authored].sort() }).toEqual({ seed, authored: authored.sort() });
    rows += world.actual().length;
    filled += [...world.follows.values()].filter((follow) => follow.filled).length;
  }
  expect(rows).toBeGreaterThan(300);
  expect(filled).toBeGreaterThan(100);
}, 60_000);
