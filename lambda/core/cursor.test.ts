import { type CursorBinding, decodeCursor, encodeCursor } from './cursor';
import { newId } from './ids';

const ID = '01900000-0007-7000-8000-200000000007';
const LIST: CursorBinding = ['GetPosts', 'ada', 'all', undefined];
const cursor = encodeCursor(LIST, ID);

test('leads back to where it was made, for any id', () => {
  for (const id of [ID, newId(), '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff']) {
    expect(decodeCursor(LIST, encodeCursor(LIST, id))).toBe(id);
  }
});

test('is short, fits a query as it is, and tells nothing to those who decode it', () => {
  expect(cursor).toMatch(/^[A-Za-z0-9_-]{32}$/);
  const bytes = Buffer.from(cursor, 'base64url');
  const hex = ID.replaceAll('-', '');
  for (let at = 0; at + 8 <= hex.length; at += 2) {
    expect(bytes.toString('hex')).not.toContain(hex.slice(at, at + 8));
  }
  expect(bytes.toString('latin1')).not.toMatch(/POST|GetPosts|ada/);
});

test.each<[string, CursorBinding]>([
  ['another operation', ['GetTags', 'ada', 'all', undefined]],
  ['another user', ['GetPosts', 'bob', 'all', undefined]],
  ['another scope', ['GetPosts', 'ada', 'mine', undefined]],
  ['a tag more', ['GetPosts', 'ada', 'all', ID]],
  ['a part less', ['GetPosts', 'ada', 'all']],
  ['parts that read the same in a row', ['GetPosts', 'adaall', '', undefined]],
  ['a part with a comma and quotes', ['GetPosts', 'ada","all', undefined]],
])('is no good for a list with %s', (_, binding) => {
  expect(decodeCursor(binding, cursor)).toBeUndefined();
});

test('is no good with any bit changed', () => {
  const bytes = Buffer.from(cursor, 'base64url');
  for (let at = 0; at < bytes.length; at++) {
    for (const bit of [1, 2, 4, 8, 16, 32, 64, 128]) {
      const changed = Buffer.from(bytes);
      changed[at] += Math.floor(bytes[at] / bit) % 2 === 0 ? bit : -bit;
      expect(decodeCursor(LIST, changed.toString('base64url'))).toBeUndefined();
    }
  }
});

test('is no good with any character replaced, doubled or left out', () => {
  for (let at = 0; at < cursor.length; at++) {
    const before = cursor.slice(0, at);
    const after = cursor.slice(at + 1);
    const others = ['A', 'z', '0', '-', '_', '+', '/', '=', ' ', '\n', '\u0000', 'ä', '\ud800', ''];
    for (const other of [...others.filter((text) => text !== cursor[at]), cursor[at] + cursor[at]]) {
      expect(decodeCursor(LIST, before + other + after)).toBeUndefined();
    }
  }
});

test.each(['', 'A', cursor.slice(0, -1), `${cursor}A`, `${cursor}=`, `${cursor}\n`, ` ${cursor}`, 'A'.repeat(100_000)])(
  'takes nothing else for a cursor: %#',
  (text) => {
    expect(decodeCursor(LIST, text)).toBeUndefined();
  },
);

test.each(['', 'POST#1', ID.toUpperCase().replace('0190', 'ABCD'), `${ID}0`, ID.replaceAll('-', '')])(
  'is not made of %p, which is no id in lower case',
  (position) => {
    expect(() => encodeCursor(LIST, position)).toThrow(TypeError);
  },
);
