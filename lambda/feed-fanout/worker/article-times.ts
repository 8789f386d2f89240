/** Ids that sort by time, each as it is written by itself: UUIDv7 in lower case, ULID in upper case. */
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
/** Crockford's base 32, the digits of a ULID: https://github.com/ulid/spec */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Characters of a ULID that are its time. */
const TIME_LENGTH = 10;

/** Is it an id that sorts by time among others of its kind? */
export const isTimedId = (id: string): boolean => UUID_V7.test(id) || ULID.test(id);

/** When an article was created, in ms: its id is a UUIDv7 or a ULID. */
export function creationTime(articleId: string): number {
  if (ULID.test(articleId)) {
    return [...articleId.slice(0, TIME_LENGTH)].reduce((time, digit) => time * 32 + DIGITS.indexOf(digit), 0);
  }
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7/i.test(articleId)) {
    throw new Error(`articleId must be a UUIDv7 or a ULID, got: ${articleId}`);
  }
  return parseInt(articleId.slice(0, 8) + articleId.slice(9, 13), 16);
}

/** When feeds stop to show an article, in epoch seconds: follows from the article alone, so that a row written twice is the same. */
export const expiryOf = (articleId: string, ttlSeconds: number): number =>
  Math.floor(creationTime(articleId) / 1000) + ttlSeconds;
