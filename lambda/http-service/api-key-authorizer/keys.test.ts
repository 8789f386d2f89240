import { randomUUID } from 'node:crypto';
import { nameOfKey } from './keys';

const one = randomUUID();
const other = randomUUID();
const secret = { partner: one, shop: other };

test('a key has the name that it has in the secret', () => {
  expect([nameOfKey(secret, one), nameOfKey(secret, other)]).toEqual(['partner', 'shop']);
});

test.each([
  ['nothing', ''],
  ['a name', 'partner'],
  ['a key and more', `${one} `],
  ['a part of a key', one.slice(1)],
  ['two keys at once', `${one}${other}`],
])('%s is nobody’s key', (_, sent) => {
  expect(nameOfKey(secret, sent)).toBeUndefined();
});

test.each([
  ['null', null],
  ['text', one],
  ['a list', [one]],
  ['keys that are no text', { partner: { key: one }, shop: 5 }],
  ['nothing', {}],
])('a secret that holds %s lets in nobody', (_, wrong) => {
  expect(nameOfKey(wrong, one)).toBeUndefined();
});

test('what could be guessed is no key', () => {
  expect(nameOfKey({ short: one.slice(0, 15) }, one.slice(0, 15))).toBeUndefined();
  expect(nameOfKey({ long: one.slice(0, 16) }, one.slice(0, 16))).toBe('long');
});
