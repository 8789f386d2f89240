import { lowestIdAt } from '../../lambda/core/ids';
import { creationTime, expiryOf } from '../../lambda/feed-fanout/worker/article-times';
import type { FeedMessage } from '../../lambda/feed-fanout/worker/messages';
import type { PulledAuthor } from '../../lambda/feed-fanout/worker/ports';
import {
  type FeedPorts,
  type FeedRow,
  type FeedStore,
  type FollowerPage,
  handleMessage,
  type IdPage,
} from '../../lambda/feed-fanout/worker/use-case';
import { followerKey, followerPks } from '../../lambda/social-table/keys';
import { FOLLOWER_SHARDS } from '../../lambda/social-table/shards';

export const edge = (from: string, to: string) => `${from}>${to}`;

/** A follow that is there: when it was made, what its followee had published by then, and whether it is marked. */
interface FollowState {
  readonly since: string;
  readonly older: readonly string[];
  filled: boolean;
}

/** The graph and the feeds in memory. Before and after each access it waits for its turn, one row at a time. */
export class World implements FeedStore {
  public readonly follows = new Map<string, FollowState>();
  public readonly removals = new Set<string>();
  /** Articles by author, as their own lists have them: `author article`, and whether each is left to readers. */
  public readonly authored = new Map<string, boolean>();
  /** Authors whose own lists readers lay over feeds, and every row of theirs since when. */
  public readonly pulled = new Map<string, PulledAuthor>();
  private readonly pulledLog: { readonly at: number; readonly authorId: string; readonly row: PulledAuthor }[] = [];
  public ttlSeconds = 60 * 24 * 3600;
  /** Milliseconds since 1970; articles made in the same one are one after the other all the same. */
  public clock = Date.UTC(2026, 0, 1);
  public readonly articles = new Map<string, string>();
  public readonly rows = new Map<string, string>();
  public readonly queue: FeedMessage[] = [];
  public pageSize = 2;
  /** With 1, followers lie in one partition, and no follow is told from an earlier one, as in tables of a user's own. */
  public followerShards = FOLLOWER_SHARDS;
  private lastArticle = '';
  private lastFollow = 0;
  public turn: () => Promise<void> = () => Promise.resolve();

  public follow(follower: string, followee: string): void {
    const follow = edge(follower, followee);
    if (!this.follows.has(follow)) {
      // One that is not yet decided on is overlaid, as it is for all others.
      const older = [...this.articles.keys()].filter((articleId) => this.authored.has(`${followee} ${articleId}`));
      this.follows.set(follow, { since: String(++this.lastFollow), older, filled: false });
    }
    this.queue.push({ type: 'followed', follower, followee });
  }

  public unfollow(follower: string, followee: string): void {
    this.follows.delete(edge(follower, followee));
    this.queue.push({ type: 'unfollowed', follower, followee });
  }

  public publish(authorId: string): string {
    const articleId = lowestIdAt(Math.max(++this.clock, this.lastArticle ? creationTime(this.lastArticle) + 1 : 0));
    this.lastArticle = articleId;
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

  /** What feeds must show by the graph, ascending: follower and article. */
  public wanted(): string[] {
    const rows = [...this.articles].flatMap(([articleId, authorId]) =>
      [...this.follows.keys()]
        .filter((follow) => follow.endsWith(`>${authorId}`) && !this.isExpired(articleId))
        .map((follow) => `${follow.split('>')[0]} ${articleId}`),
    );
    return rows.sort();
  }

  /** Do all readers lay this author's list over their feeds, whose list of such authors may be a minute old? */
  public isKnownAsPulled(authorId: string): boolean {
    const read = this.clock - 60_000;
    const last = this.pulledLog.filter((entry) => entry.authorId === authorId && entry.at <= read).pop();
    return last !== undefined && last.row.expiresAt * 1000 > read;
  }

  /** Articles left to readers of whom some do not know the author as pulled, though they began after it was there. */
  public unseen(): string[] {
    return [...this.authored].flatMap(([key, pulled]) => {
      const [authorId, articleId] = key.split(' ');
      const relied = pulled && creationTime(articleId) <= this.clock && !this.isExpired(articleId);
      return relied && !this.isKnownAsPulled(authorId) ? [key] : [];
    });
  }

  /** What feeds show: their rows, and the lists of authors who are known as pulled. */
  public shown(): string[] {
    const laidOver = this.wanted().filter((row) => {
      const articleId = row.split(' ')[1];
      const key = `${this.articles.get(articleId)} ${articleId}`;
      return this.authored.has(key) && this.isKnownAsPulled(key.split(' ')[0]);
    });
    return [...new Set([...this.actual(), ...laidOver])].sort();
  }

  /** Older articles that a follow marked as filled does not have in its feed: what a reader would miss. */
  public missed(): string[] {
    const missed: string[] = [];
    // Asked after every step of a simulation.
    for (const [follow, { filled, older }] of this.follows) {
      if (!filled) continue;
      const [follower] = follow.split('>');
      for (const articleId of older) {
        const row = `${follower} ${articleId}`;
        const authorId = this.articles.get(articleId);
        if (authorId === undefined || this.rows.has(row) || this.isExpired(articleId)) continue;
        if (!this.isKnownAsPulled(authorId)) missed.push(row);
      }
    }
    return missed;
  }

  public actual(): string[] {
    return [...this.rows.keys()].filter((row) => !this.isExpired(row.split(' ')[1])).sort();
  }

  public articleExists(authorId: string, articleId: string) {
    return this.access(() => this.articles.get(articleId) === authorId);
  }

  public followedSince(follower: string, followee: string) {
    const told = this.followerShards > 1;
    return this.access(() => {
      const follow = this.follows.get(edge(follower, followee));
      return told ? follow?.since : follow && 'follows';
    });
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

  public removalInProgress(follower: string, authorId: string) {
    return this.access(() => this.removals.has(edge(follower, authorId)));
  }

  public decide(authorId: string, articleId: string, pulled: boolean) {
    return this.access(() => {
      const key = `${authorId} ${articleId}`;
      const held = this.authored.get(key) ?? pulled;
      this.authored.set(key, held);
      return held;
    });
  }

  public decision(authorId: string, articleId: string) {
    return this.access(() => this.authored.get(`${authorId} ${articleId}`));
  }

  public decisions(authorId: string, articleIds: readonly string[]) {
    return this.access(() => {
      const known = articleIds.map((id) => [id, this.authored.get(`${authorId} ${id}`)] as const);
      return new Map(known.filter((entry): entry is [string, boolean] => entry[1] !== undefined));
    });
  }

  public pulledAuthor(authorId: string) {
    return this.access(() => this.pulled.get(authorId));
  }

  public async putPulled(authorId: string, expiresAt: number, unlessAfter: number): Promise<void> {
    await this.access(() => {
      const row = this.pulled.get(authorId);
      if (!row || row.expiresAt <= unlessAfter) this.setPulled(authorId, { expiresAt, pulls: false });
    });
  }

  public async startPulling(authorId: string, since: number): Promise<void> {
    await this.access(() => this.changePulled(authorId, (row) => ({ since, ...row, pulls: true })));
  }

  public async stopPulling(authorId: string): Promise<void> {
    await this.access(() => this.changePulled(authorId, (row) => ({ ...row, pulls: false })));
  }

  public async raisePulled(authorId: string, since: number, expiresAt: number) {
    return this.access(() => {
      this.changePulled(authorId, (row) =>
        row.since === since && row.expiresAt < expiresAt ? { ...row, expiresAt } : row,
      );
      return this.pulled.get(authorId);
    });
  }

  private changePulled(authorId: string, change: (row: PulledAuthor) => PulledAuthor): void {
    const row = this.pulled.get(authorId);
    if (row) this.setPulled(authorId, change(row));
  }

  private setPulled(authorId: string, row: PulledAuthor): void {
    this.pulled.set(authorId, row);
    this.pulledLog.push({ at: this.clock, authorId, row });
  }

  public countFollowers(followee: string, shard: number, after: string | undefined, max: number) {
    return this.followers(followee, shard, after, max).then(({ ids, next }) => ({ count: ids.length, next }));
  }

  public async removeAuthored(authorId: string, articleId: string): Promise<void> {
    await this.access(() => this.authored.delete(`${authorId} ${articleId}`));
  }

  public followers(followee: string, shard: number, after: string | undefined, max: number): Promise<FollowerPage> {
    const pk = this.followerShards > 1 ? followerPks(followee)[shard] : undefined;
    return this.access(() => {
      const all = [...this.follows.keys()]
        .map((follow) => follow.split('>'))
        .filter(([follower, to]) => to === followee && (!pk || followerKey(followee, follower).PK === pk))
        .map(([follower]) => follower);
      const found = page(all, after, Math.min(max, this.pageSize));
      return { ...found, counted: found.ids.length };
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

  public isExpired(articleId: string): boolean {
    return expiryOf(articleId, this.ttlSeconds) * 1000 <= this.clock;
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

export const portsOf = (world: World, overrides: Partial<FeedPorts> = {}): FeedPorts => ({
  store: world,
  send: async (messages) => {
    world.queue.push(...messages);
  },
  timeIsShort: () => false,
  readCap: 1000,
  ttlSeconds: world.ttlSeconds,
  pullAbove: 1_000_000,
  now: () => world.clock,
  ...overrides,
});

/** Works off the queue in order, with whatever the work itself puts there. */
export async function drain(world: World, ports = portsOf(world)): Promise<void> {
  for (let message = world.queue.shift(); message; message = world.queue.shift()) {
    await handleMessage(ports, message);
  }
}
