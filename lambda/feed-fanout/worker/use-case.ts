import type { ArticleMessage, DeliverMessage, FeedMessage, FollowMessage } from './messages';
import { FOLLOWER_SHARDS } from '../../social-table/shards';

/** A row of a feed: this article, by this author, in this follower's feed. */
export interface FeedRow {
  readonly follower: string;
  readonly articleId: string;
}

/** A page of ids, ascending, and where the next one begins; undefined after the last. */
export interface IdPage {
  readonly ids: readonly string[];
  readonly next?: string;
}

/** What fan-out needs of the graph and of the feeds. Every read is consistent. */
export interface FeedStore {
  articleExists(authorId: string, articleId: string): Promise<boolean>;
  /** When the follow was made that is there now, by which it is told from others of the same two; undefined if none. */
  followedSince(follower: string, followee: string): Promise<string | undefined>;
  /** Notes on the follow of that time, if it is still there, that the feed has the older articles. */
  markFilled(follower: string, followee: string, since: string): Promise<void>;
  /** Notes that rows of an author may be removed from these feeds. */
  announceRemovals(authorId: string, followers: readonly string[]): Promise<void>;
  /** May a run that was announced still be removing rows of this author? */
  removalInProgress(follower: string, authorId: string): Promise<boolean>;
  /** Followers of one shard after an id. */
  followers(followee: string, shard: number, after: string | undefined, max: number): Promise<IdPage>;
  /** Those among some followers of one shard that follow now. */
  followersAmong(followee: string, shard: number, followers: readonly string[]): Promise<ReadonlySet<string>>;
  /** The newest articles of an author that feeds still show. */
  newestArticles(authorId: string, max: number): Promise<readonly string[]>;
  /** Those among an author's articles that exist now. */
  articlesAmong(authorId: string, articleIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Articles of one author in a feed, after an id. */
  rowsOfAuthor(follower: string, authorId: string, after: string | undefined): Promise<IdPage>;
  putRows(authorId: string, rows: readonly FeedRow[]): Promise<void>;
  removeRows(rows: readonly FeedRow[]): Promise<void>;
  /** Adds an article to its author's own list, and takes it out. */
  putAuthored(authorId: string, articleId: string): Promise<void>;
  removeAuthored(authorId: string, articleId: string): Promise<void>;
  /** Is the article so old that feeds do not show it any more? */
  isExpired(articleId: string): boolean;
}

/** What fan-out needs of the world. */
export interface FeedPorts {
  readonly store: FeedStore;
  /** Articles that a feed shows at most. */
  readonly readCap: number;
  /** Sends messages to the worker itself. */
  send(messages: readonly FeedMessage[]): Promise<void>;
  /** Should this invocation hand on what is left? */
  timeIsShort(): boolean;
}

/** Followers in a message: 500 ids are 20 kB, and 20 batches of writes. */
const CHUNK = 500;
/** How often a follow or an article may change under one message before it is tried again later. */
const MAX_ROUNDS = 6;

/** Thrown where the graph changed faster than the worker could follow; the message comes again. */
class TooManyChanges extends Error {
  public constructor(what: string) {
    super(`${what} changed ${MAX_ROUNDS} times while it was worked on`);
    this.name = 'TooManyChanges';
  }
}

/**
 * Keeps feeds as the graph says: a row is there if and only if its reader follows the author and the article exists.
 *
 * Messages come more than once, in any order, and side by side. So none is taken at its word: each is a reason to read
 * the graph, act on what it says, and read again after the action until both agree. After the last change of the graph
 * its own message does so, and whoever acted on an older state finds out by reading again: the last action is right.
 *
 * Until then a run that acts on an older state may remove rows that another has just written, and readers who trust that
 * a follow is filled would miss them. So a removal is announced before the graph is read for it: whoever fills a feed
 * for a later follow finds the announcement, and does not mark that follow as filled.
 */
export async function handleMessage(ports: FeedPorts, message: FeedMessage): Promise<void> {
  switch (message.type) {
    case 'article-created':
    case 'article-deleted':
      return plan(ports, message);
    case 'deliver':
      return deliver(ports, message);
    case 'followed':
    case 'unfollowed':
      return reconcile(ports, message);
  }
}

/**
 * Cuts the followers of an author into messages to itself. Each names its followers, so that one that is tried again
 * also puts right what it did to those who have unfollowed in between.
 */
async function plan(ports: FeedPorts, message: ArticleMessage): Promise<void> {
  const { articleId, authorId, from, type } = message;
  const { store } = ports;
  if (store.isExpired(articleId)) {
    return;
  }
  if (type === 'article-created' && !from) {
    await store.putAuthored(authorId, articleId);
  }
  const exists = await store.articleExists(authorId, articleId);
  if (!exists) {
    await store.removeAuthored(authorId, articleId);
    if (type === 'article-created') {
      return;
    }
  }
  const starts = from ? [from] : Array.from({ length: FOLLOWER_SHARDS }, (_, shard) => ({ shard, after: undefined }));
  await Promise.all(starts.map(({ shard, after }) => planShard(ports, message, exists, shard, after)));
}

async function planShard(
  ports: FeedPorts,
  message: ArticleMessage,
  exists: boolean,
  shard: number,
  start: string | undefined,
) {
  const { articleId, authorId, type } = message;
  let after = start;
  do {
    const page = await ports.store.followers(authorId, shard, after, CHUNK);
    if (page.ids.length > 0) {
      const followers = [...page.ids];
      await ports.send([{ type: 'deliver', articleId, authorId, shard, followers, writeFirst: exists }]);
    }
    after = page.next;
    if (after !== undefined && ports.timeIsShort()) {
      return ports.send([{ type, articleId, authorId, from: { shard, after } }]);
    }
  } while (after !== undefined);
}

/** Puts the article into the feeds of these followers, or takes it out: whatever holds for each of them now. */
async function deliver({ store }: FeedPorts, message: DeliverMessage): Promise<void> {
  const { articleId, authorId, shard, followers } = message;
  const row = (follower: string): FeedRow => ({ follower, articleId });
  const present = new Map<string, boolean>();
  const announced = new Set<string>();
  const put = async (some: readonly string[]) => {
    await store.putRows(authorId, some.map(row));
    some.forEach((follower) => present.set(follower, true));
  };
  if (message.writeFirst) {
    await put(followers);
  }
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (!(await store.articleExists(authorId, articleId))) {
      // An id is never used again: gone is final.
      return store.removeRows(followers.map(row));
    }
    const following = await store.followersAmong(authorId, shard, followers);
    const changed = followers.filter((follower) => present.get(follower) !== following.has(follower));
    if (changed.length === 0) {
      return;
    }
    const unwanted = changed.filter((follower) => !following.has(follower));
    const removable = unwanted.filter((follower) => announced.has(follower));
    const unannounced = unwanted.filter((follower) => !announced.has(follower));
    await Promise.all([
      put(changed.filter((follower) => following.has(follower))),
      store.removeRows(removable.map(row)),
      store.announceRemovals(authorId, unannounced),
    ]);
    removable.forEach((follower) => present.set(follower, false));
    unannounced.forEach((follower) => announced.add(follower));
  }
  throw new TooManyChanges('followers');
}

/** Fills a follower's feed with the newest articles of the followee, or empties it of them: whatever holds now. */
async function reconcile(ports: FeedPorts, message: FollowMessage): Promise<void> {
  const { follower, followee, after } = message;
  const { store } = ports;
  let announced = false;
  /** What was done: the rows of the follow of that time were written, or all were removed. */
  let done: { readonly written?: string } | undefined;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const since = await store.followedSince(follower, followee);
    if (done && done.written === since) {
      return since === undefined ? undefined : finishFilling(ports, follower, followee, since);
    }
    if (since !== undefined) {
      const articles = await store.newestArticles(followee, ports.readCap);
      await store.putRows(
        followee,
        articles.map((articleId) => ({ follower, articleId })),
      );
      done = { written: since };
    } else if (!announced) {
      await store.announceRemovals(followee, [follower]);
      announced = true;
    } else {
      const next = await removeAuthor(ports, follower, followee, done ? undefined : after);
      if (next !== undefined) {
        return ports.send([{ type: 'unfollowed', follower, followee, after: next }]);
      }
      done = {};
    }
  }
  throw new TooManyChanges('follow');
}

/** The follow was the same before its rows were written and after it. */
async function finishFilling(ports: FeedPorts, follower: string, followee: string, since: string): Promise<void> {
  await removeDeleted(ports, follower, followee);
  if (!(await ports.store.removalInProgress(follower, followee))) {
    await ports.store.markFilled(follower, followee, since);
  }
}

/**
 * Takes back rows of articles that were deleted while they were written: their own message may have come before. It
 * reads the feed, and not what this run wrote, so that it also finds what a run before it wrote and then broke off.
 */
async function removeDeleted(ports: FeedPorts, follower: string, authorId: string): Promise<void> {
  let after: string | undefined;
  do {
    const page = await ports.store.rowsOfAuthor(follower, authorId, after);
    const existing = await ports.store.articlesAmong(authorId, page.ids);
    const gone = page.ids.filter((articleId) => !existing.has(articleId));
    await ports.store.removeRows(gone.map((articleId) => ({ follower, articleId })));
    after = page.next;
  } while (after !== undefined);
}

/** Removes an author's rows from a feed, page by page; answers where to go on when time is short. */
async function removeAuthor(
  ports: FeedPorts,
  follower: string,
  authorId: string,
  start: string | undefined,
): Promise<string | undefined> {
  let after = start;
  do {
    const page = await ports.store.rowsOfAuthor(follower, authorId, after);
    await ports.store.removeRows(page.ids.map((articleId) => ({ follower, articleId })));
    after = page.next;
    if (after !== undefined && ports.timeIsShort()) {
      return after;
    }
  } while (after !== undefined);
  return undefined;
}
