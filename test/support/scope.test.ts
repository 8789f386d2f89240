import { sampled } from './scope';

const LETTERS = [...'abcdefghij'];

test('a sample has the first, the last and every n-th between them', () => {
  const expected = process.env.TEST_SCOPE === 'whole' ? LETTERS : [...'adgj'];
  expect(sampled(LETTERS, 3)).toEqual(expected);
});

test('samples with all offsets together have everything', () => {
  const seen = [0, 1, 2].flatMap((offset) => sampled(LETTERS, 3, offset));
  expect([...new Set(seen)].sort()).toEqual(LETTERS);
});

test('there is nothing of nothing', () => {
  expect(sampled([], 3)).toEqual([]);
});
