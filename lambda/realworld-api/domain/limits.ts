/** Bounds of what clients may send; each error names its bound. */
export const LIMITS = {
  email: 254,
  username: 64,
  password: 256,
  passwordMinimum: 8,
  bio: 2000,
  image: 2048,
  title: 500,
  description: 2000,
  /** Characters of an article's body: in UTF-8 at most four bytes each, so `bodyBytes` bounds it too. */
  bodyBytes: 350_000,
  /** Five hundred of these fit the answer of a function. */
  commentBytes: 10_000,
  tag: 64,
  tags: 20,
  /** Characters, and different words, that are searched for. */
  search: 256,
  searchWords: 16,
  pageSize: 100,
  /** The furthest row that a list reaches: `offset + limit`. */
  window: 10_000,
} as const;

/** Tags listed at most; the most used come first. */
export const TAGS_LISTED = 1000;
/** The most frequent tags of what a search finds. */
export const TAGS_SHOWN = 20;
/** Articles whose text a search reads, of the last moments or where the index is away: so many, as long together. */
export const TEXTS_READ = 200;
export const TEXTS_LENGTH = 1_000_000;
