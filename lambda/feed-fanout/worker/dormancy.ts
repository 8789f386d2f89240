import type { FeedMessage, FillMessage, ReaderMessage } from './messages';
import type { FeedPorts, FeedReaders, ReaderFollow } from './ports';
import { articlesToFill } from './pull';
import { newId } from '../../core/ids';
import { isMarkDue, markExpiry } from '../timing';

/**
 * Who has not read their feed for long gets no rows: all that they follow becomes dormant, and awake again as they return.
 * It is a state of each follow, on both of its edges: the follower's, which readers of a feed read anyway, and the
 * followee's, which the planner reads anyway. So nobody reads more to know it, and nothing depends on clocks. That no
 * article is missed meanwhile rests on this:
 *
 * 1. Both edges become dormant in one transaction. The planner passes over a follower only where the followee's edge is
 *    dormant, read consistently, and then so was the follower's. A feed that is read after that lays the followee's own
 *    list over it, as for one newly followed: the article is in that list before a follower is read. A feed that was read
 *    before, or by an edge as it was some seconds before, began before the planner had come to the article, or so shortly
 *    after it that the article is of the overlay, which reaches further back than reads are behind. Articles of before are
 *    in the feed, and stay there; one in both places counts once.
 * 2. On return the followee's edge wakes first. Only then it is read what the feed needs, as for a new follow: an article
 *    whose planner found the edge dormant is there by then, and of all others the planner finds it awake.
 * 3. The follower's edge is dormant until those rows are there. It carries a mark that is another each time, and ends by
 *    this mark alone: if the follow has become dormant once more meanwhile, it stays so on both edges, or on the follower's.
 *    Never is the followee's edge dormant alone.
 * 4. What is to be written is told by a message before any of it is: a run that breaks off comes again and knows each row
 *    that it may have left. It takes out those of articles that are gone, and of a follow that is gone all, as after an
 *    unfollow. So nobody looks for them in the feed, however long that is, and nothing is read of it for correctness.
 *
 * When to do so is told by a mark of activity: a row that readers of their feed write, and DynamoDB deletes as it expires.
 * Readers never ask it what to lay over, so that it may be late, lost or wrong and feeds are right all the same. That in
 * the end all follows are as it says rests on this: its coming and going are told each by a message; a message acts only
 * as long as the mark says the same, before and after its acts, and is handed over to the other kind if not. The last
 * change of the mark has a message of its own, and whoever acted on an older state finds out, also after breaking off.
 */

/** Who follows more stays awake: a feed of so many lists would take too long to read. */
export const MOST_DORMANT = 1_000;
/** Follows of a reader that are read at a time. */
const PAGE = 1_000;
/** Follows that are put to rest, or woken, side by side. */
const CONCURRENCY = 10;
/** Follows that are filled side by side. */
const FILLED_AT_ONCE = 4;
/** Articles in one message, some 80 kB, and follows. */
export const FILL_ARTICLES = 2_000;
const FILL_FOLLOWS = 50;
/** Rows of a feed that are read so that they are not written once more. */
const KNOWN_ROWS = 20_000;

type Fill = FillMessage['follows'][number];

/** Everybody is active where it does not matter: what is dormant from before it was so is brought back. */
const isActive = async ({ activeSeconds }: FeedPorts, readers: FeedReaders, userId: string) =>
  activeSeconds === undefined || (await readers.activeUntil(userId)) !== undefined;

/**
 * To follow somebody is a sign of activity too: so that whoever follows has a mark, and is told of as it goes. A message
 * that comes again much later is none.
 *
 * @param since when the follow was made: ISO 8601
 */
export async function noteFollower(
  { readers, activeSeconds, now }: FeedPorts,
  userId: string,
  since: string,
): Promise<void> {
  if (readers && activeSeconds !== undefined && now() - Date.parse(since) < (activeSeconds * 1000) / 4) {
    const expiresAt = await readers.activeUntil(userId);
    if (isMarkDue(expiresAt, now(), activeSeconds)) {
      await readers.noteActivity(userId, markExpiry(now(), activeSeconds));
    }
  }
}

/** Does something for each, some side by side, until time is short. @returns for how many it was done then */
async function eachUntilShort<T>(
  { timeIsShort }: FeedPorts,
  all: readonly T[],
  atOnce: number,
  act: (one: T) => Promise<void>,
): Promise<number> {
  let done = 0;
  while (done < all.length && (done === 0 || !timeIsShort())) {
    const some = all.slice(done, done + atOnce);
    await Promise.all(some.map(act));
    done += some.length;
  }
  return done;
}

/** Has no more articles put into the feed of a reader who has left. */
export async function putToRest(ports: FeedPorts, message: ReaderMessage): Promise<void> {
  const { readers } = ports;
  const { userId, after } = message;
  if (!readers) {
    return;
  }
  const isGone = async () => !(await isActive(ports, readers, userId));
  let reached: string | undefined;
  const wasGone = await isGone();
  if (wasGone) {
    // One more is asked for: whether there are more than so many is certain then.
    const { follows } = await readers.follows(userId, after, MOST_DORMANT + 1);
    const mark = newId();
    // Also those that are dormant: the return of some may have begun, and they are awake on one edge.
    const some = follows.length > MOST_DORMANT ? [] : follows;
    const done = await eachUntilShort(ports, some, CONCURRENCY, ({ followee }) =>
      readers.putToRest(userId, followee, mark),
    );
    reached = done < some.length ? some[done - 1].followee : undefined;
  }
  if (!wasGone || !(await isGone())) {
    return ports.send([{ type: 'feed-reader-returned', userId, after }]);
  }
  return reached === undefined ? undefined : ports.send([{ ...message, after: reached }]);
}

/**
 * Begins to fill the feed of a reader who has returned. Nearly nobody who is told of has a dormant follow where marks are
 * new, and then nothing is read but their follows.
 */
export async function restore(ports: FeedPorts, message: ReaderMessage): Promise<void> {
  const { readers, timeIsShort } = ports;
  const { userId } = message;
  let { after } = message;
  if (!readers) {
    return;
  }
  if (!(await isActive(ports, readers, userId))) {
    return ports.send([{ type: 'feed-reader-left', userId, after }]);
  }
  let known: ReadonlySet<string> | undefined;
  for (let more = true; more;) {
    const page = await readers.follows(userId, after, PAGE);
    const dormant = page.follows.filter((follow) => follow.dormant !== undefined);
    if (dormant.length > 0) {
      known ??= await readers.newestRows(userId, KNOWN_ROWS);
    }
    const fills: Fill[] = [];
    const lacks = (articleId: string) => !known?.has(articleId);
    const done = await eachUntilShort(ports, dormant, CONCURRENCY, async (follow) => {
      await readers.wake(userId, follow.followee);
      fills.push(await fillOf(ports, follow, lacks));
    });
    await ports.send(packed(fills).map((follows) => ({ type: 'fill', userId, follows })));
    const isWhole = done === dormant.length;
    after = (isWhole ? page.follows[page.follows.length - 1] : dormant[done - 1])?.followee ?? after;
    more = page.more || !isWhole;
    if (more && timeIsShort()) {
      return ports.send([{ ...message, after }]);
    }
  }
}

/** What a follow's part of a feed lacks, oldest first, or the first of it. */
async function fillOf(
  ports: FeedPorts,
  { followee, dormant = '' }: ReaderFollow,
  lacks: (articleId: string) => boolean,
): Promise<Fill> {
  const lacking = (await articlesToFill(ports, followee)).filter(lacks).sort();
  const articleIds = lacking.slice(0, FILL_ARTICLES);
  return { followee, dormant, articleIds, ...(articleIds.length < lacking.length && { more: true }) };
}

/** Some to a message, so that none is too long for a queue or for one run. */
function packed(fills: readonly Fill[]): Fill[][] {
  const packs: Fill[][] = [];
  let articles = 0;
  for (const one of fills) {
    articles += one.articleIds.length;
    if (packs.length === 0 || articles > FILL_ARTICLES || packs[packs.length - 1].length === FILL_FOLLOWS) {
      packs.push([]);
      articles = one.articleIds.length;
    }
    packs[packs.length - 1].push(one);
  }
  return packs;
}

/**
 * Puts articles into the feed of a reader who has returned, and ends that their follows are dormant.
 *
 * @param removeUnfollowed takes the rows of somebody out of a feed, unless they are followed
 */
export async function fill(
  ports: FeedPorts,
  message: FillMessage,
  removeUnfollowed: (follower: string, followee: string) => Promise<void>,
): Promise<void> {
  const { readers } = ports;
  const { userId, follows } = message;
  if (!readers) {
    return;
  }
  const rest: Fill[] = [];
  const done = await eachUntilShort(ports, follows, FILLED_AT_ONCE, async (one) => {
    await putArticles(ports, userId, one);
    if (one.more) {
      const last = one.articleIds[one.articleIds.length - 1];
      rest.push(await fillOf(ports, one, (articleId) => articleId > last));
    } else if (!(await end(ports, readers, userId, one))) {
      await removeUnfollowed(userId, one.followee);
    }
  });
  rest.push(...follows.slice(done));
  // Whoever has left meanwhile was told of before: some of it was awake then, or is only now. All is sent at once, so that
  // no try of this sends what is left once more because of what comes after.
  const left: FeedMessage[] = (await isActive(ports, readers, userId)) ? [] : [{ type: 'feed-reader-left', userId }];
  await ports.send([...packed(rest).map((some): FeedMessage => ({ ...message, follows: some })), ...left]);
}

async function putArticles({ store }: FeedPorts, userId: string, { followee, articleIds }: Fill): Promise<void> {
  const row = (articleId: string) => ({ follower: userId, articleId });
  await store.putRows(followee, articleIds.map(row));
  // One that was deleted meanwhile may have been looked for before its row was written: by this run, or one before it.
  const existing = await store.articlesAmong(followee, articleIds);
  await store.removeRows(articleIds.filter((articleId) => !existing.has(articleId)).map(row));
}

/** Ends that a follow is dormant. @returns false where it is not followed any more */
async function end(
  { store }: FeedPorts,
  readers: FeedReaders,
  userId: string,
  { followee, dormant }: Fill,
): Promise<boolean> {
  // A run that acts on an older state of the graph may be removing rows, and puts them back as it finds out.
  const isFilled = !(await store.removalInProgress(userId, followee));
  if (await readers.endDormancy(userId, followee, dormant, isFilled)) {
    return true;
  }
  // Of one that is dormant anew, or followed anew, each article that is there may stay.
  return (await store.followedSince(userId, followee)) !== undefined;
}
