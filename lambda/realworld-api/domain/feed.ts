import { type ListPorts, type Page, toViews } from './lists';
import type { ArticleRef, Follow } from './model';
import type { ReadsAhead, Sessions } from './session';
import { SETTLE_MS, unsettledSince } from './settling';
import { lowestIdAt } from '../../core/ids';
import { CLOCK_SKEW_MS } from '../../feed-fanout/timing';
import { unauthorized } from '../errors';

/** Which rows of a feed to read. */
export interface FeedRange {
  readonly max: number;
  /** Milliseconds since 1970: rows that have expired by then do not count. */
  readonly now: number;
  /** Rows below this article alone. @default - from the newest on */
  readonly before?: string;
}

/** Rows of a feed, newest first, and the last of them where there are more. */
export interface FeedPage {
  readonly rows: readonly ArticleRef[];
  readonly next?: string;
}

/**
 * What is known of the mark that says that a user reads their feed: there is none; it is time to write it; that they came
 * back is long over; neither, or it cannot be read.
 */
export type Mark = 'none' | 'due' | 'old' | 'young';

/** What the rules about feeds need of storage. */
export interface FeedPorts {
  readonly sessions: Pick<Sessions, 'load'> & ReadsAhead;
  readonly lists: Pick<ListPorts['lists'], 'readArticles' | 'lately'>;
  readonly feed: {
    rows(userId: string, range: FeedRange): Promise<FeedPage>;
    follows(userId: string, read: { readonly consistent: boolean }): Promise<Follow[]>;
    /** Authors whose articles may be in nobody's feed. */
    pulled(): Promise<ReadonlySet<string>>;
    articlesSince(since: number): Promise<ArticleRef[]>;
    /** The newest articles of an author, from an id on. */
    articlesOf(authorId: string, oldest: string, max: number): Promise<ArticleRef[]>;
  };
  /** Tells that users read their feeds; undefined where nobody asks. No page fails for it, or is another. */
  readonly activity?: {
    markOf(userId: string, now: number): Promise<Mark>;
    /** Notes that a user does; `anew`: so that it is told of, as of one of whom there was no mark. */
    note(userId: string, now: number, anew: boolean): Promise<void>;
  };
  /** How far the stream may be behind, in ms. */
  readonly window: number;
  /** Rows that a feed shows at most. */
  readonly readCap: number;
  /** How old an article of a feed may be, in ms. */
  readonly ttl: number;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Rows read at most beyond those that a feed shows: what unfollows and deletions leave until the stream removes it. */
const STALE_ROWS_LIMIT = 10_000;
/** Authors whose own lists are read concurrently. */
const CONCURRENCY = 32;

/**
 * Are the rows of a follow there for every read that begins now? The rows are read beside the follows, and eventually
 * consistent: of one that was filled only since a moment ago they may lack some.
 */
function filledBefore({ filledAt }: Follow, now: number): boolean {
  return filledAt !== undefined && filledAt + CLOCK_SKEW_MS + SETTLE_MS < now;
}

/**
 * May the feed lack articles of a followee that are older than the overlay? Of one newly followed, and of one whose
 * articles did not come in while the user was away.
 */
function mayLack(follow: Follow, since: number, now: number): boolean {
  const { createdAt, restoredAt = 0, isDormant } = follow;
  const isNew = Date.parse(createdAt) >= since || restoredAt >= since;
  return isDormant === true || (isNew && !filledBefore(follow, now));
}

/**
 * Notes that a user reads their feed, where it is time to. Of somebody with a mark new articles come in, or begin to as it
 * is written; where some follow is dormant all the same, whoever was told of it has lost it, and is told anew.
 */
function noteReading(
  { activity }: FeedPorts,
  userId: string,
  now: number,
  mark: Mark | undefined,
  follows: readonly Follow[],
): Promise<void> | undefined {
  const isForgotten = (mark === 'due' || mark === 'old') && follows.some(({ isDormant }) => isDormant);
  return mark === 'none' || mark === 'due' || isForgotten ? activity?.note(userId, now, isForgotten) : undefined;
}

/** The newest of some rows, each once. */
function newestOf(rows: readonly ArticleRef[], max: number): ArticleRef[] {
  const unique = new Map(rows.map((row) => [row.articleId, row]));
  return [...unique.values()].sort((a, b) => (a.articleId < b.articleId ? 1 : -1)).slice(0, max);
}

/**
 * The newest articles of those newly followed, whose rows the stream may have yet to bring, and of those whom many
 * follow, whose articles it does not bring. Once there are as many as a feed shows, of further authors only what is newer
 * is read.
 */
async function articlesOfAuthors(
  ports: FeedPorts,
  follows: readonly Follow[],
  oldest: string,
  isLive: (row: ArticleRef) => boolean,
): Promise<ArticleRef[]> {
  let newest: ArticleRef[] = [];
  let unsorted: ArticleRef[] = [];
  // As many again are sorted at a time: of each author there may be few, and there may be a thousand authors.
  const sort = () => {
    newest = newestOf([...newest, ...unsorted], ports.readCap);
    unsorted = [];
  };
  const waiting = follows.values();
  const consume = async () => {
    for (const { followee } of waiting) {
      const from = newest[ports.readCap - 1]?.articleId ?? oldest;
      const rows = await ports.feed.articlesOf(followee, from, ports.readCap);
      unsorted.push(...rows.filter(isLive));
      if (unsorted.length >= ports.readCap) {
        sort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, follows.length) }, consume));
  sort();
  return newest;
}

/**
 * Reads on in a feed until as many live rows are known as it shows, or no more are there. Rows that are passed over are
 * few as a rule; where they are many, each read is larger than the one before.
 */
class FeedRows {
  private read: number;
  private rounds = 0;

  public constructor(
    private readonly ports: FeedPorts,
    private readonly userId: string,
    private readonly now: number,
    private page: FeedPage,
    private readonly overlay: readonly ArticleRef[],
  ) {
    this.read = ports.readCap;
  }

  /** The newest live rows, as many as the feed shows. */
  public async newest(isLive: (row: ArticleRef) => boolean): Promise<ArticleRef[]> {
    const { readCap } = this.ports;
    for (;;) {
      const { rows, next } = this.page;
      const live = newestOf([...rows, ...this.overlay].filter(isLive), readCap);
      // What is laid over may be older than rows that are yet to be read: it counts once they are.
      const certain = next === undefined ? readCap : live.filter(({ articleId }) => articleId >= next).length;
      const left = readCap + STALE_ROWS_LIMIT - this.read;
      if (next === undefined || certain >= readCap || left <= 0) {
        return live;
      }
      const max = Math.min(left, (readCap - certain) * 2 ** this.rounds++);
      const more = await this.ports.feed.rows(this.userId, { max, now: this.now, before: next });
      this.read += max;
      this.page = { rows: [...rows, ...more.rows], next: more.next };
    }
  }
}

/**
 * The newest articles of those whom a user follows now. Rows come from the feed, which the stream fills; what it may
 * have yet to bring is laid over: articles of the last moments, and all of those newly followed until their rows are
 * there; and so are the articles of those whom many follow, which are in nobody's feed or in some. Each counts once.
 * Rows of deleted articles and of those not followed any more are left out, whether the stream has removed them or not,
 * and older rows take their places.
 */
export async function getFeed(ports: FeedPorts, token: string, { limit, offset }: Page) {
  // Where the keys must be read, they come with the viewer, beside all that is read for them.
  const userId = await ports.sessions.claimedBy(token);
  const now = ports.now();
  const since = now - ports.window;
  const [opened, stored, settled, pulled, recent, { deleted, changed }, mark] = await Promise.all([
    ports.sessions.load(token, {}),
    ports.feed.rows(userId, { max: ports.readCap, now }),
    ports.feed.follows(userId, { consistent: false }),
    ports.feed.pulled(),
    ports.feed.articlesSince(since),
    ports.lists.lately({ deleted: since, changed: unsettledSince(now) }),
    ports.activity?.markOf(userId, now),
  ]);
  if (!opened.viewer) {
    throw unauthorized('is invalid');
  }
  // Nobody else follows for them: what they have done in the last moments is told.
  const follows = changed.has(userId) ? await ports.feed.follows(userId, { consistent: true }) : settled;
  // Beside what is still to be read: it changes nothing of this page.
  const noted = noteReading(ports, userId, now, mark, follows);
  const followed = new Set(follows.map((follow) => follow.followee));
  const gone = new Set(deleted);
  const isLive = (row: ArticleRef) => followed.has(row.authorId) && !gone.has(row.articleId);
  const laidOver = follows.filter((follow) => pulled.has(follow.followee) || mayLack(follow, since, now));
  const ofAuthors = await articlesOfAuthors(ports, laidOver, lowestIdAt(now - ports.ttl), isLive);
  const feed = new FeedRows(ports, userId, now, stored, [...recent, ...ofAuthors]);

  // A row may still lead nowhere, where the stream is further behind than the window: fill the page from the next.
  for (;;) {
    const live = await feed.newest(isLive);
    const wanted = live.slice(offset, offset + limit);
    const found = await ports.lists.readArticles(wanted, userId, followed, { viewer: opened.viewer, changed });
    const missing = wanted.filter((row) => !found.articles.has(row.articleId));
    if (missing.length === 0) {
      await noted;
      return { articles: toViews(wanted, found), articlesCount: live.length };
    }
    missing.forEach((row) => gone.add(row.articleId));
  }
}
