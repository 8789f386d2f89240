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
 * How old a row of that list must be before anybody relies on all readers knowing it, in ms: who reads by a list from
 * before the row began to read before that.
 */
export const NOTICE_MS = LIST_MEMORY_MS + CLOCK_SKEW_MS;
