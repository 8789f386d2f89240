/**
 * How the partition keys of each kind of row in a feed table begin. Keys are made from these, and grants name them.
 *
 * @internal
 */
export const FEED_KEY_PREFIXES = {
  feed: 'USER#',
  authored: 'AUTHOR#',
  pulled: 'PULLED#',
  removals: 'REMOVALS#',
} as const;
