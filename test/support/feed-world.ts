import type { FeedMessage } from '../../lambda/feed-fanout/worker/messages';
import {
  type FeedPorts,
  type FeedRow,
  type FeedStore,
  handleMessage,
  type IdPage,
} from '../../lambda/feed-fanout/worker/use-case';
import { followerKey, followerPks } from '../../lambda/social-table/keys';

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
    const missed: string[] = [];
    // Asked after every step of a simulation.
    for (const [follow, { filled, older }] of this.follows) {
      if (!filled) continue;
      const [follower] = follow.split('>');
      for (const articleId of older) {
        const row = `${follower} ${articleId}`;
        if (this.articles.has(articleId) && !this.rows.has(row)) missed.push(row);
      }
    }
    return missed;
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

  public removalInProgress(follower: string, authorId: string) {
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

export const portsOf = (world: World, overrides: Partial<FeedPorts> = {}): FeedPorts => ({
  store: world,
  send: async (messages) => {
    world.queue.push(...messages);
  },
  timeIsShort: () => false,
  readCap: 1000,
  ...overrides,
});

/** Works off the queue in order, with whatever the work itself puts there. */
export async function drain(world: World, ports = portsOf(world)): Promise<void> {
  for (let message = world.queue.shift(); message; message = world.queue.shift()) {
    await handleMessage(ports, message);
  }
}
