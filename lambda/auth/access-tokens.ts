import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { isUuid } from '../core/ids';

/**
 * The text of a personal access token: `csbp_<id>_<secret>_<checksum>`, 99 characters.
 *
 * - The prefix says whose it is: to this API, and to programs that look for secrets where none should be.
 * - The id is the user's and the token's UUID: what the item is found by, with one consistent read.
 * - The secret is 32 random bytes. Of these alone a digest is kept: they are not guessed, so that one without salt or
 *   stretching is enough.
 * - The checksum is of all that is before it: a text that was cut or mistyped costs no read.
 *
 * Each part is in base62 and of one length, so that every token has exactly one text.
 */
export const ACCESS_TOKEN_PREFIX = 'csbp_';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE = BigInt(ALPHABET.length);
const VALUES = new Map([...ALPHABET].map((character, value) => [character, BigInt(value)]));

const SECRET_BYTES = 32;
const CHECKSUM_BYTES = 4;
const TEXT = /^csbp_([0-9A-Za-z]{43})_([0-9A-Za-z]{43})_([0-9A-Za-z]{6})$/;

/** Characters that any number of so many bytes fits into. */
const lengthOf = (bytes: number) => Math.ceil((bytes * 8) / Math.log2(ALPHABET.length));

function encode(bytes: Buffer): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (let place = lengthOf(bytes.length); place > 0; place--) {
    text = ALPHABET[Number(rest % BASE)] + text;
    rest /= BASE;
  }
  return text;
}

/** @returns undefined for a number that so many bytes cannot hold */
function decode(text: string, bytes: number): Buffer | undefined {
  const number = [...text].reduce((sum, character) => sum * BASE + (VALUES.get(character) ?? 0n), 0n);
  const hex = number.toString(16).padStart(bytes * 2, '0');
  return hex.length === bytes * 2 ? Buffer.from(hex, 'hex') : undefined;
}

function checksumOf(text: string): string {
  const bytes = Buffer.alloc(CHECKSUM_BYTES);
  bytes.writeUInt32BE(crc32(text));
  return encode(bytes);
}

function bytesOf(uuid: string): Buffer {
  if (!isUuid(uuid)) {
    throw new Error('An access token is of a user and has an id, which are UUIDs');
  }
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

const uuidOf = (bytes: Buffer) => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

const digest = (secret: string) => createHash('sha256').update(secret).digest();

/** Whose token it is, and which of theirs. */
export interface AccessTokenId {
  readonly userId: string;
  readonly tokenId: string;
}

/** What a text says; nothing of it is known to be true. */
export interface ClaimedAccessToken extends AccessTokenId {
  readonly secret: string;
}

/** A token that has just been made: the text is for its owner alone, the digest is what is kept. */
export interface NewAccessToken {
  readonly text: string;
  readonly secretHash: string;
}

/** Makes a token with a new secret. @throws Error where an id is no UUID */
export function newAccessToken({ userId, tokenId }: AccessTokenId): NewAccessToken {
  const id = encode(Buffer.concat([bytesOf(userId), bytesOf(tokenId)]));
  const secret = encode(randomBytes(SECRET_BYTES));
  const body = `${ACCESS_TOKEN_PREFIX}${id}_${secret}`;
  return { text: `${body}_${checksumOf(body)}`, secretHash: digest(secret).toString('base64url') };
}

/** @returns undefined for what no token of this API reads like */
export function claimedAccessToken(text: string): ClaimedAccessToken | undefined {
  const [, idText, secret, checksum] = TEXT.exec(text) ?? [];
  if (checksum === undefined || checksumOf(text.slice(0, -checksum.length - 1)) !== checksum) {
    return undefined;
  }
  const id = decode(idText, 2 * 16);
  return id && decode(secret, SECRET_BYTES)
    ? { userId: uuidOf(id.subarray(0, 16)), tokenId: uuidOf(id.subarray(16)), secret }
    : undefined;
}

/**
 * Is it the secret whose digest is kept? Digests are of one length and compared in constant time: how long it takes
 * tells nothing of how much of a guess was right.
 */
export function isSecretOf(secret: string, secretHash: string): boolean {
  const [given, kept] = [digest(secret), Buffer.from(secretHash, 'base64url')];
  return given.length === kept.length && timingSafeEqual(given, kept);
}
