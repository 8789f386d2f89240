import { fold, fitsKey } from './folding';

test.each([
  ['case', 'Zoë', 'ZOË'],
  ['composed and decomposed', 'Zoë', 'Zoe\u0308'],
  ['full width', 'ada', 'ａｄａ'],
  ['a final sigma', 'σίσυφος', 'ΣΊΣΥΦΟΣ'],
  ['a sigma that is not final', 'οσ', 'ος'],
  ['a sharp s', 'straße', 'STRASSE'],
  ['a capital sharp s', 'STRAẞE', 'strasse'],
  ['a ligature', 'ﬁn', 'FIN'],
  ['a Kelvin sign', '\u212a', 'k'],
  ['Cherokee', '\u13a0', '\uab70'],
  ['a combining grapheme joiner', 'ada', 'a\u034fda'],
  ['a variation selector', 'ada', 'ada\ufe0f'],
  ['a variation selector of the supplement', 'ada', 'a\u{e0100}da'],
  ['a zero-width joiner', 'ada', 'ad\u200da'],
  ['a soft hyphen', 'ada', 'a\u00adda'],
  ['a Hangul filler', 'ada', '\u3164ada'],
  ['an invisible mark between a letter and its accent', 'zoë', 'zoe\u034f\u0308'],
])('names are one whatever %s', (_, one, other) => {
  expect(fold(one)).toBe(fold(other));
});

test.each([
  ['ada', 'adà'],
  ['ada', 'аda'],
  ['ss', 's'],
  ['a da', 'ada'],
])('%s and %s are two names', (one, other) => {
  expect(fold(one)).not.toBe(fold(other));
});

test('folding twice is folding once, for every character there is', () => {
  // A million code points are nobody's: not assigned, or for private use. Some of them show nothing, and are folded.
  const isCharacter = /^(?:[^\p{Cn}\p{Co}]|\p{Default_Ignorable_Code_Point})$/u;
  const unstable: string[] = [];
  let changed = 0;
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    if (!isCharacter.test(character)) continue;
    const folded = fold(character);
    if (folded === character) continue;
    changed += 1;
    if (fold(folded) !== folded) unstable.push(code.toString(16));
  }
  expect(changed).toBeGreaterThan(10_000);
  expect(unstable).toEqual([]);
});

test('a name is a key where it fits one, as it is and folded', () => {
  expect(fitsKey('')).toBe(false);
  expect(fitsKey('x'.repeat(1000))).toBe(true);
  expect(fitsKey('x'.repeat(1001))).toBe(false);
  expect(fitsKey('\ufdfa'.repeat(40))).toBe(false);
});
