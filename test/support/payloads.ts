/** What is no JSON text, or no JSON object with the wrapper of its endpoint. */
export const NO_OBJECT: readonly (readonly [name: string, raw: string])[] = [
  ['no JSON', 'this is not JSON'],
  ['half an object', '{"user": {"email": "a@'],
  ['nothing', ''],
  ['null', 'null'],
  ['a list', '[]'],
  ['a list with an object', '[{"user": {}, "article": {}, "comment": {}}]'],
  ['a number', '42'],
  ['a string', '"user"'],
  ['true', 'true'],
  ['no wrapper', '{}'],
  ['another wrapper', '{"data": {}}'],
  ['null in the wrapper', '{"user": null, "article": null, "comment": null}'],
  ['a list in the wrapper', '{"user": [], "article": [], "comment": []}'],
  ['a string in the wrapper', '{"user": "x", "article": "x", "comment": "x"}'],
  ['a number in the wrapper', '{"user": 1, "article": 1, "comment": 1}'],
  ['a form', 'email=a%40b.example&password=secret-password'],
  ['XML', '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><user>&e;</user>'],
  ['100,000 open brackets', '['.repeat(100_000)],
  ['100,000 nested lists', '['.repeat(100_000) + ']'.repeat(100_000)],
  ['a byte order mark and no object', '\ufeff[]'],
];

/** Values that no string field takes. */
export const NO_STRING: readonly unknown[] = [0, 1, -1.5, true, false, {}, [], ['a'], { $ne: null }, { S: 'a' }];

/** Values that no list of tags is. */
export const NO_TAGS: readonly unknown[] = [
  'a',
  5,
  true,
  {},
  [1],
  [null],
  [{}],
  [['a']],
  ['ok', 5],
  { 0: 'a', length: 1 },
];

/** Text that is dangerous to whoever does not treat it as text. */
export const INJECTIONS: readonly string[] = [
  "' OR '1'='1",
  "'; DROP TABLE users; --",
  '{"$gt": ""}',
  '${jndi:ldap://127.0.0.1/a}',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '../../../etc/passwd',
  '..\\..\\windows\\win.ini',
  'USER#1',
  'ARTICLE#1',
  '#',
  '%2e%2e%2f',
  '100%41',
  '$(id)',
  '`id`',
  'a\r\nSet-Cookie: x=1',
  'null',
  'undefined',
  'attribute_exists(PK)',
  ':value',
  '*',
];

/** Text in scripts and forms that are easily spoilt. */
export const UNICODE: readonly (readonly [name: string, text: string])[] = [
  ['an emoji', '🐉'],
  ['a family of emoji', '👩‍👩‍👧‍👦'],
  ['right to left', 'مرحبا بالعالم'],
  ['a right-to-left override', 'abc\u202Edef'],
  ['combining marks', 'e\u0301a\u0308'],
  ['a precomposed letter', '\u00e9\u00e4'],
  ['Chinese', '龍を訓練する'],
  ['a letter that grows in upper case', 'straße'],
  ['a dotted capital I', 'İstanbul'],
  ['a zero-width space', 'zero\u200bwidth'],
  ['full-width letters', 'ｆｕｌｌ'],
  ['a hash', 'a#b'],
  ['a slash', 'a/b'],
  ['a percent sign', '50% off'],
  ['something that looks encoded', 'a%20b%2Fc'],
  ['spaces', 'two  words'],
  ['a plus, an ampersand and a question mark', 'a+b&c=d?e'],
  ['quotes and a backslash', '"\'\\'],
];

/** Text that a database may not be able to keep: it is refused, or returned just as it came. */
const UNSTORABLE: readonly (readonly [name: string, text: string])[] = [
  ['NUL', 'nul\u0000nul'],
  ['control characters', '\u0001\u0008\u001b[31m'],
  ['a lone high surrogate', 'lone\ud800'],
  ['a lone low surrogate', '\udc00lone'],
  ['a non-character', 'non\uffff'],
];

/** JSON with one string of bytes that are not UTF-8. */
export function rawJson(before: string, bytes: readonly number[], after: string): Buffer {
  return Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
}

/** Bytes that are not UTF-8: a lone surrogate, a stray byte, a cut sequence, an overlong slash. */
export const NOT_UTF8: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['a lone surrogate', [0xed, 0xa0, 0x80]],
  ['a stray byte', [0xff]],
  ['a cut sequence', [0xf0, 0x9f, 0x90]],
  ['an overlong slash', [0xc0, 0xaf]],
];

/** All of the texts above, by name. */
export const TEXTS: readonly (readonly [name: string, text: string])[] = [
  ...UNICODE,
  ...INJECTIONS.map((text): [string, string] => [text, text]),
  ...UNSTORABLE,
];

/** Fields that take text. */
export type TextField =
  'username' | 'email' | 'password' | 'bio' | 'image' | 'title' | 'description' | 'body' | 'tagList' | 'comment';

const LONE_SURROGATES = { 'must be valid Unicode': ['a lone high surrogate', 'a lone low surrogate'] };
const LINE = {
  ...LONE_SURROGATES,
  'must not contain control characters': ['a\r\nSet-Cookie: x=1', 'NUL', 'control characters'],
};

/** What each field refuses of the texts, by message; all others it takes as they are. */
export const REFUSED: Readonly<Record<TextField, Readonly<Record<string, readonly string[]>>>> = {
  username: {
    ...LINE,
    'must not contain invisible characters': [
      'a family of emoji',
      'a right-to-left override',
      'a zero-width space',
      'a non-character',
    ],
    'must not contain / ? % or \\': [
      'a slash',
      'a percent sign',
      'something that looks encoded',
      'a plus, an ampersand and a question mark',
      'quotes and a backslash',
      '${jndi:ldap://127.0.0.1/a}',
      '<script>alert(1)</script>',
      '../../../etc/passwd',
      '..\\..\\windows\\win.ini',
      '%2e%2e%2f',
      '100%41',
    ],
  },
  email: {
    ...LINE,
    'is invalid': [
      'right to left',
      'a percent sign',
      'spaces',
      "' OR '1'='1",
      "'; DROP TABLE users; --",
      '{"$gt": ""}',
      '"><img src=x onerror=alert(1)>',
    ],
  },
  password: LONE_SURROGATES,
  bio: LONE_SURROGATES,
  image: LONE_SURROGATES,
  title: LINE,
  description: LONE_SURROGATES,
  body: LONE_SURROGATES,
  tagList: LINE,
  comment: LONE_SURROGATES,
};

/** The message with which a field refuses a text; undefined where it takes it. */
export function refusalOfText(field: TextField, name: string): string | undefined {
  return Object.entries(REFUSED[field]).find(([, names]) => names.includes(name))?.[0];
}

/** What a field takes of the texts. */
export const keptBy = (field: TextField): readonly string[] =>
  TEXTS.filter(([name]) => refusalOfText(field, name) === undefined).map(([, text]) => text);

/** Joins texts to as few as possible that are not longer than `max`. */
export function joined(texts: readonly string[], max: number): readonly string[] {
  return texts.reduce<string[]>((lines, text) => {
    const longer = `${lines.at(-1) ?? ''} ${text}`;
    return lines.length > 0 && longer.length <= max ? [...lines.slice(0, -1), longer] : [...lines, text];
  }, []);
}
