/** Times on which the worker and the readers of feeds rely on each other. */

/** Bound of the difference between two clocks, in ms. */
export const CLOCK_SKEW_MS = 5_000;

/** How long a reader may keep the list of pulled authors in memory, in ms. */
export const LIST_MEMORY_MS = 60_000;

/**
 * How old a row of that list must be before anybody relies on all readers knowing it, in ms: who reads by a list from
 * before the row began to read before that.
 */
export const NOTICE_MS = LIST_MEMORY_MS + CLOCK_SKEW_MS;
