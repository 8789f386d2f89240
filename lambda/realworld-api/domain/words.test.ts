import { FRAGMENT, highlightsOf, scoreOf, wordsOf } from './words';
import { terms } from '../../../local/opensearch/analyzer';
import { seeded } from '../../../test/support/seeded';

const text = (given: object) => ({ title: '', description: '', body: '', tagList: [], ...given });

test.each([
  ['How to train your Dragon', ['how', 'to', 'train', 'your', 'dragon']],
  ['e-mail, U.S.A. and 3.14', ['e', 'mail', 'u.s.a', 'and', '3.14']],
  ['東京タワー', ['東', '京', 'タワー']],
  ['ΣΊΣΥΦΟΣ', ['σίσυφοσ']],
  ['I ❤️ it it', ['i', '❤️', 'it']],
  ['?! … __', []],
])('the words of %s', (given, words) => {
  expect(wordsOf(given)).toEqual(words);
});

test('words are those that the embedded search knows, which is held to a real OpenSearch', () => {
  const PLAIN = ['tea', 'Green', ' ', '  ', '42', 'x1y2', 'DRAGON'];
  const PIECES = [
    'dragon',
    'Ærø',
    '東',
    '京都',
    'ひら',
    'カタ',
    'ภาษาไทย',
    ' ',
    '-',
    "'",
    '.',
    ':',
    '_',
    '3',
    '5.0',
    '🐉',
    '🇩🇰',
    'İ',
    'e\u0301',
    '한국',
  ];
  const random = seeded(7);
  const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
  const MIDDLE = ['a', 'B', '1', '_', ...'.,;:\'"-'];
  for (let run = 0; run < 2_000; run++) {
    const pieces = [PLAIN, PIECES, ASCII, MIDDLE][run % 4];
    const given = Array.from({ length: 12 }, () => pieces[Math.floor(random() * pieces.length)]).join('');
    expect({ given, words: wordsOf(given) }).toEqual({ given, words: [...new Set(terms(given))] });
  }
});

test('a score is the sum over places and words; undefined where one word is nowhere', () => {
  expect(scoreOf(['tea'], text({ title: 'Tea', description: 'tea', body: 'TEA tea', tagList: ['tea'] }))).toBe(29);
  expect(scoreOf(['tea', 'hot'], text({ title: 'Tea', body: 'hot' }))).toBe(17);
  expect(scoreOf(['tea', 'hot'], text({ title: 'Tea' }))).toBeUndefined();
  expect(scoreOf(['tea'], text({ tagList: ['Tea', 'tea time'] }))).toBeUndefined();
});

test('what is marked is escaped, and of a long body there are two pieces of about one length', () => {
  const body = `${'word '.repeat(100)}dragon ${'word '.repeat(100)}<dragon> ${'word '.repeat(100)}dragon`;
  const { title, description, body: pieces = [] } = highlightsOf(['dragon'], text({ title: `"Dragon's"`, body }));
  expect(title).toBeUndefined();
  expect(description).toBeUndefined();
  expect(pieces).toHaveLength(2);
  for (const piece of pieces) {
    expect(piece).toContain('<em>dragon</em>');
    expect(piece.replace(/<\/?em>/g, '').length).toBeLessThanOrEqual(FRAGMENT + 10);
  }
  expect(pieces[1]).toContain('&lt;<em>dragon</em>&gt;');
});

test.each([
  ['ΟΔΥΣΣΕΥΣ', 'οδυσσευσ'],
  ['İstanbul', 'istanbul'],
  ['STRASSE ẞ', 'ß'],
])('%s has the word %s, whatever it is in lower case as a whole', (title, word) => {
  expect(wordsOf(title)).toContain(word);
  expect(scoreOf([word], text({ title }))).toBe(16);
});

describe('a long text', () => {
  const PIECES = [
    'dragon',
    ' ',
    '-',
    "it's",
    '3.14',
    '\n',
    '👨‍👩‍👧',
    '🇩🇰',
    'e\u0301',
    'x'.repeat(300),
    '\u0301',
    'שלום',
    '한국a',
    '\u200d',
    ',',
  ];

  test('has the words that it has as a whole', () => {
    const random = seeded(11);
    for (let run = 0; run < 20; run++) {
      const given = Array.from({ length: 800 }, () => PIECES[Math.floor(random() * PIECES.length)]).join('');
      const hangul = given.replace(/(?=\p{L})\p{sc=Hangul}/gu, 'a');
      const whole = [...new Intl.Segmenter('en', { granularity: 'word' }).segment(hangul)]
        .filter(({ isWordLike }) => isWordLike)
        .map(({ index, segment }) => given.slice(index, index + segment.length).toLowerCase());
      const found = wordsOf(given);
      expect([...new Set(whole)].filter((word) => !found.includes(word))).toEqual([]);
    }
  });

  test('is given to the segmenter in pieces: it takes the square of what it is given', () => {
    const given = 'Lorem ipsum dolor sit amet, '.repeat(12_500);
    const asked = jest.spyOn(Intl.Segmenter.prototype, 'segment');
    expect(wordsOf(given)).toEqual(['lorem', 'ipsum', 'dolor', 'sit', 'amet']);
    const lengths = asked.mock.calls.map(([piece]) => piece.length);
    asked.mockRestore();
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(1.2 * given.length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(1_024);
  });
});
