import type { ReaderMessage } from './messages';
import type { FeedPorts, FeedReaders, ReaderFollow } from './ports';
import { articlesToFill } from './pull';
import { newId } from '../../core/ids';
import { markExpiry } from '../timing';

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
 * 4. Who finds a follow gone whose rows were just written takes them out as after an unfollow. A run that broke off before
 *    that comes again, and looks through the feed for rows of those who are not followed.
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
/** Follows that are put to rest side by side. */
const CONCURRENCY = 10;
/** Rows that follows may bring which are filled side by side; and how many follows at most. */
const ROWS_AT_ONCE = 4_000;
const FILLED_AT_ONCE = 8;

/** Everybody is active where it does not matter: what is dormant from before it was so is brought back. */
const isActive = async ({ activeSeconds }: FeedPorts, readers: FeedReaders, userId: string) =>
  activeSeconds === undefined || readers.isActive(userId);

/** To follow somebody is a sign of activity too: so that whoever follows has a mark, and is told of as it goes. */
export async function noteFollower({ readers, activeSeconds, now }: FeedPorts, userId: string): Promise<void> {
  if (readers && activeSeconds !== undefined && !(await readers.isActive(userId))) {
    await readers.noteActivity(userId, markExpiry(now(), activeSeconds));
  }
}

/** Does something for each follow, some side by side, until time is short. @returns the last that was done then */
async function eachUntilShort(
  { timeIsShort }: FeedPorts,
  follows: readonly ReaderFollow[],
  atOnce: number,
  act: (follow: ReaderFollow) => Promise<void>,
): Promise<string | undefined> {
  for (let start = 0; start < follows.length; start += atOnce) {
    const some = follows.slice(start, start + atOnce);
    await Promise.all(some.map(act));
    if (timeIsShort()) {
      return some[some.length - 1].followee;
    }
  }
  return undefined;
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
    const { follows, more } = await readers.follows(userId, after, MOST_DORMANT);
    const mark = newId();
    const awake = more ? [] : follows.filter(({ dormant }) => dormant === undefined);
    reached = await eachUntilShort(ports, awake, CONCURRENCY, ({ followee }) =>
      readers.putToRest(userId, followee, mark),
    );
  }
  if (!wasGone || !(await isGone())) {
    return ports.send([{ type: 'feed-reader-returned', userId, after }]);
  }
  return reached === undefined ? undefined : ports.send([{ ...message, after: reached }]);
}

/**
 * Fills the feed of a reader who has returned.
 *
 * @param removeUnfollowed takes the rows of somebody out of a feed, unless they are followed
 */
export async function restore(
  ports: FeedPorts,
  message: ReaderMessage,
  removeUnfollowed: (follower: string, followee: string) => Promise<void>,
): Promise<void> {
  const { readers } = ports;
  const { userId, after: start } = message;
  if (!readers) {
    return;
  }
  const hasReturned = () => isActive(ports, readers, userId);
  const didReturn = await hasReturned();
  const rows = await readers.rowsByAuthor(userId);
  const atOnce = Math.max(1, Math.min(FILLED_AT_ONCE, Math.floor(ROWS_AT_ONCE / ports.readCap)));
  const strangers = new Set([...rows.keys()].filter((authorId) => start === undefined || authorId > start));
  let after = start;
  let reached: string | undefined;
  for (let more = true; more && reached === undefined;) {
    const page = await readers.follows(userId, after, PAGE);
    page.follows.forEach(({ followee }) => strangers.delete(followee));
    const dormant = page.follows.filter((follow) => didReturn && follow.dormant !== undefined);
    reached = await eachUntilShort(ports, dormant, atOnce, ({ followee, dormant: mark = '' }) =>
      fill(ports, readers, { userId, followee, mark, rows: rows.get(followee) ?? [] }, removeUnfollowed),
    );
    after = page.follows[page.follows.length - 1]?.followee ?? after;
    ({ more } = page);
  }
  for (const authorId of strangers) {
    if (reached === undefined || authorId <= reached) {
      await removeUnfollowed(userId, authorId);
    }
  }
  if (!didReturn || !(await hasReturned())) {
    return ports.send([{ type: 'feed-reader-left', userId, after: start }]);
  }
  return reached === undefined ? undefined : ports.send([{ ...message, after: reached }]);
}

interface Dormant {
  readonly userId: string;
  readonly followee: string;
  readonly mark: string;
  /** Articles of the followee that the feed has. */
  readonly rows: readonly string[];
}

/** Puts those articles of a followee into a feed that it lacks. */
async function fill(
  ports: FeedPorts,
  readers: FeedReaders,
  { userId, followee, mark, rows }: Dormant,
  removeUnfollowed: (follower: string, followee: string) => Promise<void>,
): Promise<void> {
  const { store } = ports;
  await readers.wake(userId, followee);
  const row = (articleId: string) => ({ follower: userId, articleId });
  const lacking = (await articlesToFill(ports, followee)).filter((articleId) => !rows.includes(articleId));
  await store.putRows(followee, lacking.map(row));
  // One that was deleted meanwhile may have been looked for before its row was written: by this run, or one before it.
  const all = [...rows, ...lacking];
  const existing = await store.articlesAmong(followee, all);
  await store.removeRows(all.filter((articleId) => !existing.has(articleId)).map(row));
  // A run that acts on an older state of the graph may be removing rows, and puts them back as it finds out.
  const isFilled = !(await store.removalInProgress(userId, followee));
  if (!(await readers.endDormancy(userId, followee, mark, isFilled))) {
    await removeUnfollowed(userId, followee);
  }
}
