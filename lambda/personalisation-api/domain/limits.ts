const DAY = 24 * 60 * 60 * 1000;

/** Bounds of input and of what is kept. */
export const LIMITS = {
  /** Segments of a request: a transaction takes 100 items, and the profile itself is one. */
  segments: 99,
  /** Types of segments that a profile has, however many versions of each. */
  segmentTypes: 500,
  /** Characters of a segment's type: it is part of keys. */
  type: 100,
  /** Tags of a profile. */
  tags: 200,
  /** Characters of a tag, and of a category's id. */
  name: 200,
  /** Bytes of the latest segments in an answer of Lambda, which has 6 MB: as JSON within JSON. */
  answerBytes: 5_000_000,
  /** Levels of a blob; the blob itself is the first, and a text or a number one of its own. */
  nesting: 32,
  /** Bytes of a name in a blob, less one than DynamoDB's 64 KB. */
  attributeName: 65_535,
  /** Versions of a page. */
  pageSize: 100,
  /** Of a page that does not say. */
  defaultPageSize: 20,
} as const;

/** How long things are kept, in milliseconds. */
export const LIFETIMES = {
  /** A profile or a blob, from its last write. */
  user: 365 * DAY,
  /** A version of a segment, from the time that it is the version of. */
  segment: 183 * DAY,
} as const;

/** How far the clock of who sends a version may be ahead, in milliseconds. */
export const CLOCK_SKEW = 60_000;
