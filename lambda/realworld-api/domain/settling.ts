import type { Profile } from './model';

/**
 * After so long an eventually consistent read is taken to have whatever was written, in ms. AWS promises no bound; all
 * copies are there usually within a second, and this is ten times as long.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html
 */
export const SETTLE_MS = 10_000;
/** Between two clocks, and from the time that a row says to its write, in ms. */
const LEEWAY_MS = 5_000;

/** From when on changes may not be in every copy yet, in ms since 1970. */
export const unsettledSince = (now: number): number => now - SETTLE_MS - LEEWAY_MS;

/** From when on deletions and changes are asked for, in ms since 1970. */
export interface LatelySince {
  readonly deleted: number;
  readonly changed: number;
}

/** Ids of articles and users that may have been changed since `unsettledSince`. */
export interface Changes {
  has(id: string): boolean;
}

/** What happened lately: ids of articles that were deleted, and of articles and users that may have been changed. */
export interface Lately {
  readonly deleted: ReadonlySet<string>;
  readonly changed: Changes;
}

/** What a reader knows better than an eventually consistent read. */
export interface Unsettled {
  /** Read before what is read now. */
  readonly changed: Changes;
  /** Whose profile was read a moment ago. */
  readonly viewer?: Profile;
}
