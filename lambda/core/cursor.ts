import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { isUuid } from './ids';

/**
 * What a cursor is good for: the operation, who asks, and all that decides which rows there are and in which order. How
 * many rows a page has is no part of it.
 */
export type CursorBinding = readonly (string | undefined)[];

const CHECK_BYTES = 8;
const ID_BYTES = 16;
const BYTES = CHECK_BYTES + ID_BYTES;
/** Both parts fill base64's groups, so that no two texts decode to the same bytes. */
const LENGTH = (BYTES / 3) * 4;

const TEXT = new RegExp(`^[A-Za-z0-9_-]{${LENGTH}}$`);

const keyOf = (binding: CursorBinding) => createHash('sha256').update(JSON.stringify(binding)).digest();
const checkOf = (key: Uint8Array, id: Uint8Array) =>
  createHmac('sha256', key).update(id).digest().subarray(0, CHECK_BYTES);
/** Masks an id, and unmasks it: done twice it is undone. */
const masked = (key: Uint8Array, check: Uint8Array, id: Uint8Array) =>
  createCipheriv('aes-256-ctr', key, Buffer.concat([check], ID_BYTES)).update(id);

/**
 * Where the next page of a list begins, as the caller of an API gets it: base64url that shows no key, and that is good
 * for the same list alone.
 *
 * There is no secret in it: who has read this code can make any, and read the id in one of their own. It is no proof of anything, so every row is authorised
 * whatever cursor led to it; the check finds mistakes, a cursor of one list sent to another above all.
 *
 * @param binding which list it is
 * @param position the id of the last row that was looked at: a UUID in lower case
 */
export function encodeCursor(binding: CursorBinding, position: string): string {
  if (!isUuid(position)) {
    throw new TypeError('A list is paged by UUIDs in lower case');
  }
  const id = Buffer.from(position.replaceAll('-', ''), 'hex');
  const key = keyOf(binding);
  const check = checkOf(key, id);
  return Buffer.concat([check, masked(key, check, id)]).toString('base64url');
}

/** The position in a cursor: a UUID in lower case; undefined where the text is no cursor of this list. */
export function decodeCursor(binding: CursorBinding, text: string): string | undefined {
  if (!TEXT.test(text)) {
    return undefined;
  }
  const bytes = Buffer.from(text, 'base64url');
  const check = bytes.subarray(0, CHECK_BYTES);
  const key = keyOf(binding);
  const id = masked(key, check, bytes.subarray(CHECK_BYTES));
  if (!checkOf(key, id).equals(check)) {
    return undefined;
  }
  return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
