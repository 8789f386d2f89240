import type { FeedMessage } from './messages';

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

/** A page of followers. */
export interface FollowerPage extends IdPage {
  /** How many there are, with those who were left out. */
  readonly counted: number;
}

/** What is known of an author of whom some articles are in nobody's feed. */
export interface PulledAuthor {
  /** Epoch seconds; readers lay the author's articles over their followers' feeds until then. */
  readonly expiresAt: number;
  /** A moment at which the row was there already, in ms; undefined until one is noted. It never moves in a row that lives. */
  readonly since?: number;
  /** Are new articles left to readers? If not, the row is there for older ones. */
  readonly pulls: boolean;
}

/** What fan-out needs of the graph. Every read is consistent but for `countFollowers`. */
export interface FeedGraph {
  /** In how many parts the followers of each followee lie. */
  readonly followerShards: number;
  articleExists(authorId: string, articleId: string): Promise<boolean>;
  /** When the follow was made that is there now, by which it is told from others of the same two; undefined if none. */
  followedSince(follower: string, followee: string): Promise<string | undefined>;
  /** Notes on the follow of that time, if it is still there, that the feed has the older articles. */
  markFilled(follower: string, followee: string, since: string): Promise<void>;
  /** Followers of one shard after an id; where that is asked for, without those whose follow is dormant. */
  followers(
    followee: string,
    shard: number,
    after: string | undefined,
    max: number,
    awake?: boolean,
  ): Promise<FollowerPage>;
  /** How many followers one shard has after an id, as far as one read tells, and where the next one begins. */
  countFollowers(
    followee: string,
    shard: number,
    after: string | undefined,
    max: number,
  ): Promise<{ readonly count: number; readonly next?: string }>;
  /**
   * Those among some followers of one shard that follow now.
   *
   * @param listedAt a moment (in ms, by any clock) after which the shard was read and had these, and no other between the
   * first and the last of them, but for dormant ones; undefined where that is not known
   */
  followersAmong(
    followee: string,
    shard: number,
    followers: readonly string[],
    listedAt?: number,
  ): Promise<ReadonlySet<string>>;
  /** The newest articles of an author that feeds still show. */
  newestArticles(authorId: string, max: number): Promise<readonly string[]>;
  /** Those among an author's articles that exist now. */
  articlesAmong(authorId: string, articleIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** What fan-out needs of the feeds. Every read is consistent. */
export interface FeedRows {
  /** Notes that rows of an author may be removed from these feeds. */
  announceRemovals(authorId: string, followers: readonly string[]): Promise<void>;
  /** May a run that was announced still be removing rows of this author? */
  removalInProgress(follower: string, authorId: string): Promise<boolean>;
  /** Articles of one author in a feed, after an id. */
  rowsOfAuthor(follower: string, authorId: string, after: string | undefined): Promise<IdPage>;
  putRows(authorId: string, rows: readonly FeedRow[]): Promise<void>;
  removeRows(rows: readonly FeedRow[]): Promise<void>;
  /**
   * Adds an article to its author's own list, with whether it is left to readers. What was decided first holds.
   *
   * @returns what holds
   */
  decide(authorId: string, articleId: string, pulled: boolean): Promise<boolean>;
  /** What was decided on an article; undefined if nothing was, or the article is out of its author's list. */
  decision(authorId: string, articleId: string): Promise<boolean | undefined>;
  /** The same of some articles, by their ids. */
  decisions(authorId: string, articleIds: readonly string[]): Promise<ReadonlyMap<string, boolean>>;
  /** Takes an article out of its author's own list. */
  removeAuthored(authorId: string, articleId: string): Promise<void>;
  pulledAuthor(authorId: string): Promise<PulledAuthor | undefined>;
  /** Puts a new row for an author in the place of none, or of one that expires by then (epoch seconds). */
  putPulled(authorId: string, expiresAt: number, unlessAfter: number): Promise<void>;
  /** Has new articles left to readers, where there is a row; notes the moment (in ms) unless one is noted. */
  startPulling(authorId: string, since: number): Promise<void>;
  /** Has new articles put into feeds again; the row stays. */
  stopPulling(authorId: string): Promise<void>;
  /** Puts the end of the row off, if it is still the one of `since`. @returns the row that is there then */
  raisePulled(authorId: string, since: number, expiresAt: number): Promise<PulledAuthor | undefined>;
  /** Is the article so old that feeds do not show it any more? */
  isExpired(articleId: string): boolean;
}

/** Somebody whom a user follows. */
export interface ReaderFollow {
  readonly followee: string;
  /** Set where new articles are not put into the feed, and another each time that this begins. */
  readonly dormant?: string;
}

/** What fan-out needs to know of those who read feeds. Every read is consistent. */
export interface FeedReaders {
  /** When the mark of activity of this user expires (epoch seconds); undefined if there is none. */
  activeUntil(userId: string): Promise<number | undefined>;
  /** Sets one that expires then. */
  noteActivity(userId: string, expiresAt: number): Promise<void>;
  /** Whom a user follows, ascending, after an id. */
  follows(
    userId: string,
    after: string | undefined,
    max: number,
  ): Promise<{ readonly follows: readonly ReaderFollow[]; readonly more: boolean }>;
  /** The newest articles in a user's feed, so many. */
  newestRows(userId: string, max: number): Promise<ReadonlySet<string>>;
  /** Makes both edges of a follow dormant at once; nothing where it is gone, or both are already. */
  putToRest(userId: string, followee: string, mark: string): Promise<void>;
  /** Lets new articles come in again: the followee's edge alone is not dormant any more. */
  wake(userId: string, followee: string): Promise<void>;
  /**
   * Ends that a follow is dormant, if it is still as it was when the mark was read.
   *
   * @param isFilled whether the feed has all articles for certain; otherwise readers go on looking for a while
   * @returns false where it is another follow, none, or dormant anew
   */
  endDormancy(userId: string, followee: string, mark: string, isFilled: boolean): Promise<boolean>;
}

export type FeedStore = FeedGraph & FeedRows;

/** What fan-out needs of the world. */
export interface FeedPorts {
  readonly store: FeedStore;
  /** Articles that a feed shows at most. */
  readonly readCap: number;
  /** How long after its creation an article is in feeds. */
  readonly ttlSeconds: number;
  /** Articles of authors with more followers are left to readers. */
  readonly pullAbove: number;
  /** How long somebody who does not read their feed counts as active, in seconds. @default - for ever */
  readonly activeSeconds?: number;
  /** Undefined where nobody knows who reads feeds, and all count as active. */
  readonly readers?: FeedReaders;
  /** Milliseconds since 1970. */
  now(): number;
  /** Sends messages to the worker itself. */
  send(messages: readonly FeedMessage[]): Promise<void>;
  /** Should this invocation hand on what is left? */
  timeIsShort(): boolean;
}
