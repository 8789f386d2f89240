/** Times on which the worker and the readers of feeds rely on each other. */

/** Bound of the difference between two clocks, in ms. */
export const CLOCK_SKEW_MS = 5_000;

/**
 * How long after the time that it carries an edge may come to be there, in ms: that time is taken in the run that writes
 * it, and none is longer than 15 minutes.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (function timeout)
 */
export const EDGE_DELAY_MS = 15 * 60_000 + CLOCK_SKEW_MS;

/** How long a reader may keep the list of pulled authors in memory, in ms. */
export const LIST_MEMORY_MS = 60_000;

/**
 * How long a mark of activity is there after it was written, in seconds: a quarter longer than somebody counts as active,
 * so that it is written but once in that quarter, however often they read.
 */
const markSeconds = (activeSeconds: number) => Math.ceil(activeSeconds * 1.25);

/** When a mark of activity of now (in ms) expires, in epoch seconds. */
export const markExpiry = (now: number, activeSeconds: number) => Math.ceil(now / 1000) + markSeconds(activeSeconds);

/**
 * Is it time to write a mark that expires then, or of which there is none? Also of one that lasts longer than any that is
 * written now: it is from when somebody counted as active for longer.
 */
export function isMarkDue(expiresAt: number | undefined, now: number, activeSeconds: number): boolean {
  return (
    expiresAt === undefined ||
    expiresAt * 1000 < now + activeSeconds * 1000 ||
    expiresAt > markExpiry(now + CLOCK_SKEW_MS, activeSeconds)
  );
}

/**
 * How long after their return a reader's feed is filled at the latest, in ms, if it ever is: a message about it is tried
 * again for an hour.
 */
const RETURN_MS = 2 * 60 * 60_000;

/** Was a mark that expires then written so long ago that its writer's return is over? */
export const isReturnOver = (expiresAt: number, now: number, activeSeconds: number) =>
  (expiresAt - markSeconds(activeSeconds)) * 1000 + RETURN_MS < now;

/**
 * How old a row of that list must be before anybody relies on all readers knowing it, in ms: who reads by a list from
 * before the row began to read before that.
 */
export const NOTICE_MS = LIST_MEMORY_MS + CLOCK_SKEW_MS;
