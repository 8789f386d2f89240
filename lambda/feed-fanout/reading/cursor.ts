import { decodeCursor, encodeCursor } from '../../core/cursor';
import { isUuid } from '../../core/ids';

/** Crockford's base 32, the digits of a ULID: https://github.com/ulid/spec */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ULID_LENGTH = 26;

/** The 128 bits of a ULID, written as a UUID. */
function uuidOfUlid(ulid: string): string {
  const bits = [...ulid].reduce((sum, digit) => sum * 32n + BigInt(DIGITS.indexOf(digit)), 0n);
  return bits
    .toString(16)
    .padStart(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function ulidOfUuid(uuid: string): string {
  let bits = BigInt(`0x${uuid.replaceAll('-', '')}`);
  let ulid = '';
  for (let place = 0; place < ULID_LENGTH; place++) {
    ulid = DIGITS[Number(bits % 32n)] + ulid;
    bits /= 32n;
  }
  return ulid;
}

const bindingOf = (userId: string, kind: 'uuid' | 'ulid') => ['feed', userId, kind];

/** Where the next page of a user's feed begins: below this id. */
export function feedCursor(userId: string, id: string): string {
  return isUuid(id)
    ? encodeCursor(bindingOf(userId, 'uuid'), id)
    : encodeCursor(bindingOf(userId, 'ulid'), uuidOfUlid(id));
}

/** The id in a cursor; undefined where the text is no cursor of this user's feed. */
export function idOfCursor(userId: string, text: string): string | undefined {
  const ulid = decodeCursor(bindingOf(userId, 'ulid'), text);
  return ulid === undefined ? decodeCursor(bindingOf(userId, 'uuid'), text) : ulidOfUuid(ulid);
}
