import * as crypto from 'node:crypto';
import { crc32 } from 'node:zlib';
import { claimedAccessToken, isSecretOf, newAccessToken } from './access-tokens';
import { seeded } from '../../test/support/seeded';

jest.mock('node:crypto', () => {
  const real = jest.requireActual<typeof crypto>('node:crypto');
  return { ...real, timingSafeEqual: jest.fn(real.timingSafeEqual) };
});

const USER = '01900000-0001-7000-8000-000000000001';
const TOKEN = '01900000-0002-7000-8000-000000000002';
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const make = () => newAccessToken({ userId: USER, tokenId: TOKEN });
const secretOf = (text: string) => claimedAccessToken(text)?.secret ?? '';

test('a token has the documented text, with a new secret each time', () => {
  const [one, two] = [make(), make()];
  expect(one.text).toMatch(/^csbp_[0-9A-Za-z]{43}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
  expect(one.text.split('_')[1]).toBe(two.text.split('_')[1]);
  expect(one.text.split('_')[2]).not.toBe(two.text.split('_')[2]);
  expect(one.secretHash).not.toBe(two.secretHash);
});

test('a text that another program has made is read: the format stays what it is', () => {
  expect(claimedAccessToken(`csbp_${'0'.repeat(42)}1_${'0'.repeat(42)}z_3Jm5rp`)).toEqual({
    userId: '00000000-0000-0000-0000-000000000000',
    tokenId: '00000000-0000-0000-0000-000000000001',
    secret: `${'0'.repeat(42)}z`,
  });
});

test('whatever ids a token is made of are read from its text, which is always of one length', () => {
  const random = seeded(7);
  const uuid = () => {
    const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  };
  const extremes = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
  const ids = [...extremes, ...Array.from({ length: 300 }, uuid)];
  for (const [index, userId] of ids.entries()) {
    const tokenId = ids[ids.length - 1 - index];
    const { text, secretHash } = newAccessToken({ userId, tokenId });
    expect(text).toHaveLength(99);
    expect(claimedAccessToken(text)).toMatchObject({ userId, tokenId });
    expect(isSecretOf(secretOf(text), secretHash)).toBe(true);
  }
});

test('a text with any one character changed, left out, doubled or swapped with the next is no token', () => {
  const { text } = make();
  for (let at = 0; at < text.length; at++) {
    const [before, after] = [text.slice(0, at), text.slice(at + 1)];
    const others = [...ALPHABET, '_', '-', ' ', 'é'].filter((character) => character !== text[at]);
    const swapped =
      text[at] === text[at + 1] ? undefined : `${before}${text[at + 1] ?? 'x'}${text[at]}${after.slice(1)}`;
    for (const changed of [...others.map((character) => before + character + after), before + after, swapped]) {
      expect(changed === undefined ? undefined : claimedAccessToken(changed)).toBeUndefined();
    }
    expect(claimedAccessToken(`${before}${text[at]}${text[at]}${after}`)).toBeUndefined();
  }
});

test.each(['', 'csbp_', 'csbp___', `csbp_${'z'.repeat(43)}_${'z'.repeat(43)}_${'z'.repeat(6)}`, 'csbp_a_b_c\n'])(
  '%p is no token',
  (text) => {
    expect(claimedAccessToken(text)).toBeUndefined();
    expect(claimedAccessToken(` ${text}`)).toBeUndefined();
  },
);

test('a number that 32 bytes cannot hold is no id and no secret, though its checksum is right', () => {
  const { text } = make();
  const [, id, secret] = text.split('_');
  const withChecksum = (body: string) => `${body}_${checksumOf(body)}`;
  expect(claimedAccessToken(withChecksum(`csbp_${id}_${secret}`))).toBeDefined();
  expect(claimedAccessToken(withChecksum(`csbp_${'z'.repeat(43)}_${secret}`))).toBeUndefined();
  expect(claimedAccessToken(withChecksum(`csbp_${id}_${'z'.repeat(43)}`))).toBeUndefined();
});

function checksumOf(body: string): string {
  let rest = crc32(body);
  let text = '';
  for (let place = 0; place < 6; place++) {
    text = ALPHABET[rest % 62] + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

test('a secret is compared by digests of one length, in constant time, whether it is right or not', () => {
  const { text, secretHash } = make();
  const compared = jest.mocked(crypto.timingSafeEqual);
  expect(isSecretOf(secretOf(text), secretHash)).toBe(true);
  expect(isSecretOf(secretOf(make().text), secretHash)).toBe(false);
  expect(isSecretOf('', secretHash)).toBe(false);
  expect(compared.mock.calls.map((given) => given.map((bytes) => bytes.byteLength))).toEqual([
    [32, 32],
    [32, 32],
    [32, 32],
  ]);
});

test.each(['', 'short', 'x'.repeat(100)])('what is kept as %p is the digest of no secret', (kept) => {
  expect(isSecretOf(secretOf(make().text), kept)).toBe(false);
});

test('what is kept does not hold the secret', () => {
  const { text, secretHash } = make();
  expect(secretHash).toMatch(/^[\w-]{43}$/);
  expect(secretHash).not.toBe(secretOf(text));
});

test.each([
  ['', TOKEN],
  [USER, 'x'],
  [USER.toUpperCase().replace('0', 'A'), TOKEN],
])('ids %p and %p make no token', (userId, tokenId) => {
  expect(() => newAccessToken({ userId, tokenId })).toThrow('UUIDs');
});
