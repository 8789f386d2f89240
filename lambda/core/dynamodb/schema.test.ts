import { relatedOf, schemaVersionOf, Unconvertible, upConvert, upToDate, type VersionedKind } from './schema';

/** Notes had a text; then the text became an item of its own; then titles became upper case. */
const NOTE: VersionedKind = {
  type: 'Note',
  schemaVersion: 3,
  upConverters: {
    1: ({ text, ...rest }) => [
      { ...rest, schemaVersion: 2 },
      { PK: rest.PK, SK: 'TEXT', text },
    ],
    2: (item) => [{ ...item, title: String(item.title).toUpperCase(), schemaVersion: 3 }],
  },
  isKind: ({ SK }) => SK === 'NOTE',
};
const DRAFT: VersionedKind = {
  type: 'Draft',
  schemaVersion: 2,
  upConverters: { 1: () => [] },
  isKind: ({ SK }) => SK === 'DRAFT',
};
const KINDS = [NOTE, DRAFT];
const first = { PK: 'N#1', SK: 'NOTE', title: 'a', text: 'long' };

test('an item of the first version goes through all that lie between, and may become several', () => {
  expect(upConvert(KINDS, first)).toEqual({
    type: 'Note',
    from: 1,
    to: 3,
    items: [
      { PK: 'N#1', SK: 'NOTE', title: 'A', schemaVersion: 3 },
      { PK: 'N#1', SK: 'TEXT', text: 'long' },
    ],
  });
});

test('a converter may remove an item', () => {
  expect(upConvert(KINDS, { PK: 'N#1', SK: 'DRAFT' })).toEqual({ type: 'Draft', from: 1, to: 2, items: [] });
});

test('a converter sees the items that its kind asks for, also where a reader has them', () => {
  const counted: VersionedKind = {
    type: 'List',
    schemaVersion: 2,
    upConverters: { 1: (item, related) => [{ ...item, count: related.length, schemaVersion: 2 }] },
    isKind: ({ SK }) => SK === 'LIST',
    related: ({ PK }) => ({ pk: String(PK), prefix: 'ENTRY#' }),
  };
  const list = { PK: 'L#1', SK: 'LIST' };
  const entries = [1, 2].map((n) => ({ PK: 'L#1', SK: `ENTRY#${n}` }));
  expect(relatedOf([counted], list)).toEqual({ pk: 'L#1', prefix: 'ENTRY#' });
  expect(relatedOf([counted], { ...list, schemaVersion: 2 })).toBeUndefined();
  expect(upConvert([counted], list, entries)?.items).toEqual([{ ...list, count: 2, schemaVersion: 2 }]);
  const others = [
    { PK: 'L#2', SK: 'ENTRY#3' },
    { PK: 'L#1', SK: 'OTHER' },
  ];
  expect(upToDate([counted], [list, ...entries, ...others])({ PK: 'L#1', SK: 'LIST' })).toMatchObject({ count: 2 });
});

test.each([
  ['of the version of now', { ...first, schemaVersion: 3 }],
  ['of a later version', { ...first, schemaVersion: 4 }],
  ['of another kind', { PK: 'N#1', SK: 'TEXT' }],
])('an item %s is left alone', (_, item) => {
  expect(upConvert(KINDS, item)).toBeUndefined();
});

test('what is no number is no version', () => {
  expect(schemaVersionOf({ schemaVersion: '2' })).toBe(1);
});

test('a converter that leads nowhere, or is missing, is an error and not a loop', () => {
  const stuck = { ...NOTE, upConverters: { 1: NOTE.upConverters[1], 2: (item: object) => [{ ...item }] } };
  expect(() => upConvert([stuck], first)).toThrow('the converter of Note from version 2 leads to no later one');
  expect(() => upConvert([{ ...NOTE, upConverters: {} }], first)).toThrow(Unconvertible);
});

test('a reader has what the migration would write, and what is there already as it is', () => {
  const text = { PK: 'N#1', SK: 'TEXT', text: 'newer' };
  const note = upToDate(KINDS, [first])({ PK: 'N#1', SK: 'NOTE' });
  expect(note).toMatchObject({ title: 'A', schemaVersion: 3 });
  expect(upToDate(KINDS, [first])({ PK: 'N#1', SK: 'TEXT' })).toMatchObject({ text: 'long' });
  expect(upToDate(KINDS, [text, first])({ PK: 'N#1', SK: 'TEXT' })).toBe(text);
  expect(upToDate(KINDS, [first])({ PK: 'N#2', SK: 'TEXT' })).toBeUndefined();
});
