import { slugBase, slugCandidate, withSuffix } from './slug';

test.each([
  ['How to train your dragon', 'how-to-train-your-dragon'],
  ['How to train your dragon!', 'how-to-train-your-dragon'],
  ['  Leading, and trailing  --  ', 'leading-and-trailing'],
  ['Crème brûlée à la carte', 'creme-brulee-a-la-carte'],
  ['C# and F#', 'c-and-f'],
  ['10 things (and 1 more)', '10-things-and-1-more'],
  ['Привет, мир', 'привет-мир'],
  ['日本語のタイトル', '日本語のタイトル'],
  ['한국어 제목', '한국어-제목'],
  ['ﬁne ｆｕｌｌｗｉｄｔｈ', 'fine-fullwidth'],
  ['İstanbul', 'istanbul'],
  ['under_score/slash\\dot.', 'under-score-slash-dot'],
  ['<script>alert(1)</script>', 'script-alert-1-script'],
])('the title %j gives the slug %j', (title, slug) => {
  expect(slugBase(title)).toBe(slug);
});

test.each(['!!!', '🐉🔥', '---', '\u0301'])(
  'a title without a letter or digit, such as %j, still gives a slug',
  (title) => {
    expect(slugBase(title)).toBe('article');
  },
);

test('titles that differ in case, accents and signs alone give the same slug', () => {
  expect(new Set(['Zoë’s day', 'ZOE S DAY', 'zoe\u0308 s day?'].map(slugBase)).size).toBe(1);
});

test('a slug is at most 100 characters, whole ones, and does not end with a dash', () => {
  expect(slugBase('x'.repeat(500))).toBe('x'.repeat(100));
  expect(slugBase(`${'x'.repeat(99)} yz`)).toBe('x'.repeat(99));
  const astral = slugBase('𠮷'.repeat(150));
  expect([...astral]).toHaveLength(100);
  expect(astral).not.toMatch(/[\ud800-\udbff]$/);
});

test('what comes of a slug as a title is the slug itself', () => {
  for (const title of ['Crème brûlée', '10 things', 'x'.repeat(300), '🐉']) {
    expect(slugBase(slugBase(title))).toBe(slugBase(title));
  }
});

test('a suffix is six characters that need no encoding, and another one each time', () => {
  const all = Array.from({ length: 200 }, () => withSuffix('base'));
  expect(all.every((slug) => /^base-[a-z0-9]{6}$/.test(slug))).toBe(true);
  expect(new Set(all).size).toBe(200);
});

test('the first try is the clean slug, every later one has a suffix', () => {
  expect(slugCandidate('base', 0)).toBe('base');
  expect(slugCandidate('base', 1)).toMatch(/^base-[a-z0-9]{6}$/);
});

test('a word that is a route is never a slug', () => {
  expect(slugCandidate(slugBase('Feed!'), 0)).toMatch(/^feed-[a-z0-9]{6}$/);
  expect(slugCandidate('feeds', 0)).toBe('feeds');
});
