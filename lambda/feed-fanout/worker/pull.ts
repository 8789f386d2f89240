import { creationTime, expiryOf } from './article-times';
import type { FeedPorts, PulledAuthor } from './ports';
import { CLOCK_SKEW_MS, NOTICE_MS } from '../timing';

/**
 * An author with many followers is pulled: a new article goes to nobody's feed, and readers lay the author's own list
 * over their feeds, because the author has a row in the list of the pulled. That no article is missed, shown twice or
 * left behind rests on this:
 *
 * 1. An article is left to readers only if the row was there for NOTICE_MS when the article was created. A reader who
 *    does not know the row yet has so begun before the article was there. `since` is read off the clock after the row
 *    was seen or written, so it is never before the row.
 * 2. The row expires after every article that is left to readers: its end is put off before that is decided, and in
 *    time, so that no reader has seen it end. It goes by its time alone; until then it is laid over whatever the mode
 *    is. So who comes back to being pushed leaves nothing to be put into feeds later.
 * 3. What is decided on an article is decided once, in its author's list, before a follower is listed or a row written.
 *    However often and late a message comes again, an article that was left to readers is in nobody's feed, and its
 *    deletion has nobody to go through.
 * 4. A follow that finds its followee pulled needs no rows: all articles up to now are in the author's list, and the
 *    end of the row is put off until the last of them has expired. Any other follow gets rows of the articles that were
 *    not left to readers and will not be, by 1: an article that may yet be is one whose followers are still to be
 *    listed, and the follow is there by then.
 * 5. Rows of an article that is in the author's list too are one article to readers.
 */

/** Whose number of followers is counted for all: followers' shards follow from random bytes of their ids. */
export const COUNTED_SHARD = 0;

/** Below this part of the threshold an author is pushed again, so that nobody changes to and fro. */
const STAYS_ABOVE = 0.8;

/** The end of a row is put off by so much more than is needed, at most, so that it is seldom done. */
const DAY_SECONDS = 24 * 3600;

/** Does a row live, and for so long that everybody will find it so who is under way? One that ends sooner is as good as none. */
const lives = (row: PulledAuthor, now: number) => row.expiresAt * 1000 > now + NOTICE_MS;

const slack = (ttlSeconds: number) => Math.min(DAY_SECONDS, ttlSeconds);

/** Is an author with so many followers in the counted shard above the threshold? */
export const isAbove = ({ store, pullAbove }: FeedPorts, counted: number) => counted * store.followerShards > pullAbove;

/** Do all readers know the row who can know what happened at a time (in ms), and is that left to them? */
const pullsAt = (row: PulledAuthor, time: number, now: number): boolean =>
  row.pulls && row.since !== undefined && row.since + NOTICE_MS <= time && lives(row, now);

/** Puts the end of a row off until then (epoch seconds). @returns false where the row was not there in time */
async function lastsUntil(ports: FeedPorts, authorId: string, row: PulledAuthor, expiresAt: number): Promise<boolean> {
  const { since } = row;
  if (since === undefined || row.expiresAt >= expiresAt) {
    return since !== undefined;
  }
  const raised = await ports.store.raisePulled(authorId, since, expiresAt + slack(ports.ttlSeconds));
  const inTime = ports.now() + CLOCK_SKEW_MS < row.expiresAt * 1000;
  return inTime && raised?.since === since && raised.expiresAt >= expiresAt;
}

/** May this article be left to readers, as things are? If so, it may for good. */
export async function mayBePulled(ports: FeedPorts, authorId: string, articleId: string): Promise<boolean> {
  const row = await ports.store.pulledAuthor(authorId);
  return (
    row !== undefined &&
    pullsAt(row, creationTime(articleId), ports.now()) &&
    lastsUntil(ports, authorId, row, expiryOf(articleId, ports.ttlSeconds) + 1)
  );
}

/** Has articles of an author left to readers from NOTICE_MS on. */
export async function beginPull({ store, now, ttlSeconds }: FeedPorts, authorId: string): Promise<void> {
  const row = await store.pulledAuthor(authorId);
  const alive = row !== undefined && lives(row, now());
  if (!alive) {
    const seconds = Math.ceil(now() / 1000);
    await store.putPulled(authorId, seconds + ttlSeconds + slack(ttlSeconds), seconds + NOTICE_MS / 1000);
  }
  if (!alive || !row.pulls) {
    await store.startPulling(authorId, now());
  }
}

/** Has articles of an author who has lost many followers put into feeds again, from the next one on. */
export async function reconsiderPull(ports: FeedPorts, authorId: string): Promise<void> {
  const enough = Math.floor((STAYS_ABOVE * ports.pullAbove) / ports.store.followerShards) + 1;
  let counted = 0;
  let after: string | undefined;
  do {
    if (ports.timeIsShort()) {
      return;
    }
    const { count, next } = await ports.store.countFollowers(authorId, COUNTED_SHARD, after, enough - counted);
    counted += count;
    after = next;
  } while (after !== undefined && counted < enough);
  if (counted < enough) {
    await ports.store.stopPulling(authorId);
  }
}

/**
 * The articles of a followee that a new follower's feed needs rows of; the follow is there. Those that were created
 * since this began have their followers listed later.
 */
export async function articlesToFill(ports: FeedPorts, followee: string): Promise<readonly string[]> {
  const { store, ttlSeconds } = ports;
  const now = ports.now();
  const row = await store.pulledAuthor(followee);
  const last = Math.ceil((now + CLOCK_SKEW_MS) / 1000) + ttlSeconds;
  if (row && pullsAt(row, now, now) && (await lastsUntil(ports, followee, row, last))) {
    return [];
  }
  const articles = (await store.newestArticles(followee, ports.readCap)).filter(
    (articleId) => creationTime(articleId) <= now + CLOCK_SKEW_MS,
  );
  if (row === undefined) {
    return articles;
  }
  // Also where the row has ended by now: who has seen it alive may be about to put its end off.
  const decisions = await store.decisions(followee, articles);
  const since = row.since ?? Infinity;
  const mayYet = (articleId: string) => since + NOTICE_MS <= creationTime(articleId);
  return articles.filter((articleId) => !(decisions.get(articleId) ?? mayYet(articleId)));
}
