import { fill, noteFollower, putToRest, restore } from './dormancy';
import type { ArticleMessage, DeliverMessage, FeedMessage, FollowMessage } from './messages';
import type { FeedPorts, FeedRow } from './ports';
import { articlesToFill, beginPull, COUNTED_SHARD, isAbove, mayBePulled, reconsiderPull } from './pull';

export type { FeedPorts, FeedRow, FeedStore, FollowerPage, IdPage } from './ports';

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
      return publish(ports, message);
    case 'article-deleted':
      return withdraw(ports, message);
    case 'deliver':
      return deliver(ports, message);
    case 'followed':
    case 'unfollowed':
      return reconcile(ports, message);
    case 'feed-reader-left':
      return putToRest(ports, message);
    case 'feed-reader-returned':
      return restore(ports, message);
    case 'fill':
      return fill(ports, message, (follower, followee) => reconcile(ports, { type: 'unfollowed', follower, followee }));
  }
}

/** Puts a new article into the feeds of its author's followers, or leaves it to readers. */
async function publish(ports: FeedPorts, message: ArticleMessage): Promise<void> {
  const { articleId, authorId, from } = message;
  const { store } = ports;
  if (store.isExpired(articleId)) {
    return;
  }
  const pulled = !from && (await store.decide(authorId, articleId, await mayBePulled(ports, authorId, articleId)));
  if (!(await store.articleExists(authorId, articleId))) {
    return store.removeAuthored(authorId, articleId);
  }
  return pulled ? reconsiderPull(ports, authorId) : plan(ports, message);
}

/** Takes an article that is gone out of all feeds that it may be in. */
async function withdraw(ports: FeedPorts, message: ArticleMessage): Promise<void> {
  const { articleId, authorId, from } = message;
  const { store } = ports;
  if (store.isExpired(articleId) || (await store.articleExists(authorId, articleId))) {
    return;
  }
  if (!from) {
    const pulled = await store.decision(authorId, articleId);
    await store.removeAuthored(authorId, articleId);
    if (pulled) {
      return;
    }
  }
  return plan(ports, message);
}

/**
 * Cuts the followers of an author into messages to itself. Each names its followers, so that one that is tried again
 * also puts right what it did to those who have unfollowed in between.
 */
async function plan(ports: FeedPorts, message: ArticleMessage): Promise<void> {
  const starts: Start[] = message.from
    ? [message.from]
    : Array.from({ length: ports.store.followerShards }, (_, shard) => ({ shard }));
  await Promise.all(starts.map((start) => planShard(ports, message, start)));
}

type Start = Partial<NonNullable<ArticleMessage['from']>> & { readonly shard: number };

async function planShard(ports: FeedPorts, message: ArticleMessage, start: Start): Promise<void> {
  const { articleId, authorId, type } = message;
  const { shard } = start;
  const writeFirst = type === 'article-created';
  const counts = writeFirst && shard === COUNTED_SHARD;
  // A deleted article may be in feeds from before their readers left.
  const awake = writeFirst && ports.activeSeconds !== undefined;
  let { after, counted = 0 } = start;
  do {
    const listedAt = ports.now();
    const page = await ports.store.followers(authorId, shard, after, CHUNK, awake);
    if (page.ids.length > 0) {
      const followers = [...page.ids];
      await ports.send([{ type: 'deliver', articleId, authorId, shard, followers, listedAt, writeFirst }]);
    }
    const before = counted;
    counted += page.counted;
    if (counts && isAbove(ports, counted) && !isAbove(ports, before)) {
      await beginPull(ports, authorId);
    }
    after = page.next;
    if (after !== undefined && ports.timeIsShort()) {
      return ports.send([{ type, articleId, authorId, from: { shard, after, ...(counts && { counted }) } }]);
    }
  } while (after !== undefined);
}

/** Puts the article into the feeds of these followers, or takes it out: whatever holds for each of them now. */
async function deliver({ store }: FeedPorts, message: DeliverMessage): Promise<void> {
  const { articleId, authorId, shard, followers, listedAt } = message;
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
    const following = await store.followersAmong(authorId, shard, followers, listedAt);
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
      const articles = await articlesToFill(ports, followee);
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
  await noteFollower(ports, follower, since);
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
