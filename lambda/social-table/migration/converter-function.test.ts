import { ConverterFailed, functionConverter, matches } from './converter-function';
import type { Verdict } from './ports';
import { converterOf } from './verdicts';
import type { Item } from '../../core/dynamodb';
import { toWire, type WireItem } from '../../core/dynamodb/wire';
import type { Invoked } from '../../core/invocation';
import { VERSIONED_KINDS } from '../post-converters';

const note = (id: number, more: Item = {}) => toWire({ PK: `NOTE#${id}`, SK: 'NOTE', secret: 'hunter2', ...more });
const notes = (count: number, more: Item = {}) => Array.from({ length: count }, (_, n) => note(n, more));

type Event = { readonly type: string; readonly items: readonly WireItem[] };
const answerTo = (given: WireItem, more: object) => ({ PK: given.PK.S, SK: given.SK.S, ...more });
const keep = (given: WireItem) => answerTo(given, { action: 'keep' });
const json = (answers: unknown): Invoked => ({ payload: JSON.stringify({ answers }) });

let asked: Event[];
beforeEach(() => (asked = []));

/** A converter whose function answers so. */
const by = (answer: (event: Event) => Invoked | Promise<Invoked>) =>
  functionConverter(
    async (event) => {
      asked.push(JSON.parse(event) as Event);
      return answer(asked[asked.length - 1]);
    },
    ['NOTE#*', 'NOTES'],
  );

/** The error of a converter whose function answers so, which tells nothing that an item holds. */
async function errorOf(answer: (event: Event) => Invoked | Promise<Invoked>, items = notes(5)): Promise<string> {
  const error: unknown = await by(answer)(items).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConverterFailed);
  const { message } = error as Error;
  expect(message).toContain('NOTE#0 / NOTE');
  expect(message).not.toContain('hunter2');
  return message;
}

test('items go as DynamoDB has them, bytes as base64, and come back as what they become', async () => {
  const item = note(1, { bytes: new Uint8Array([1, 2]), precise: 7, list: [null, { deep: new Set(['x']) }] });
  const precise = { ...item, precise: { N: '12345678901234567890123456789012345678' } };
  const convert = by(({ items: [one] }) =>
    json([answerTo(one, { action: 'replace', items: [{ ...one, v: { N: '2' } }], kind: 'Note 1 to 2' })]),
  );
  expect(await convert([precise])).toEqual([
    { outcome: 'convert', sort: 'Note 1 to 2', items: [{ ...precise, v: { N: '2' } }] },
  ]);
  expect(asked).toMatchObject([{ type: 'convert-items', items: [{ bytes: { B: 'AQI=' }, precise: precise.precise }] }]);
});

test('answers are by key, in any order; one without a kind has one all the same', async () => {
  const convert = by(({ items: [a, b, c] }) =>
    json([answerTo(c, { action: 'fail', reason: 'no title' }), answerTo(b, { action: 'replace', items: [] }), keep(a)]),
  );
  expect(await convert(notes(3))).toEqual<Verdict[]>([
    { outcome: 'current' },
    { outcome: 'convert', sort: 'converter', items: [] },
    { outcome: 'fail', reason: 'no title' },
  ]);
});

test('a page larger than an event goes as several, and no item twice', async () => {
  const convert = by(({ items }) => json(items.map(keep)));
  expect(await convert(notes(20, { text: 'x'.repeat(300_000) }))).toHaveLength(20);
  expect(asked.map(({ items }) => items.length)).toEqual([3, 3, 3, 3, 3, 3, 2]);
  const bytes = asked.map((event) => Buffer.byteLength(JSON.stringify(event)));
  expect(Math.max(...bytes)).toBeLessThan(1024 * 1024 + 100);
});

test('an item of whatever numbers, which is many times larger as JSON, still is an event', async () => {
  const convert = by(({ items }) => json(items.map(keep)));
  expect(await convert([note(1), note(2, { list: Array<null>(200_000).fill(null) })])).toHaveLength(2);
  expect(asked.map(({ items }) => items.length)).toEqual([1, 1]);
});

test('items whose answer is too large are asked for in halves, until one alone is', async () => {
  const tooLarge = (most: number) => (event: Event) =>
    event.items.length > most
      ? { functionError: 'Unhandled', payload: '{"errorType":"Function.ResponseSizeTooLarge"}' }
      : json(event.items.map(keep));
  expect(await by(tooLarge(2))(notes(5))).toEqual(Array<Verdict>(5).fill({ outcome: 'current' }));
  expect(asked.map(({ items }) => items.length).sort()).toEqual([1, 2, 2, 3, 5]);
  expect(await errorOf(tooLarge(0), notes(1))).toBe(
    'The converter answered with more than Lambda takes, given NOTE#0 / NOTE',
  );
});

const failing: [string, (event: Event) => Invoked | Promise<Invoked>, string][] = [
  [
    'throws',
    () => ({ functionError: 'Unhandled', payload: '{"errorType":"TypeError","errorMessage":"hunter2"}' }),
    'failed with TypeError',
  ],
  [
    'throws what has a name of its own',
    () => ({ functionError: 'Unhandled', payload: '{"errorType":"at hunter2"}' }),
    'failed with an error',
  ],
  [
    'times out',
    () => ({
      functionError: 'Unhandled',
      payload: '{"errorMessage":"2026-01-01 x Task timed out after 3.00 seconds"}',
    }),
    'timed out',
  ],
  [
    'is not reached',
    () => Promise.reject(Object.assign(new Error('hunter2'), { name: 'TimeoutError' })),
    'gave no answer (TimeoutError)',
  ],
  ['answers with no JSON', () => ({ payload: 'hunter2{' }), 'answered with something else than answers (at the top)'],
  ['answers with nothing', () => ({ payload: 'null' }), 'answered with something else than answers (at the top)'],
  [
    'answers with an action that there is not',
    ({ items }) => json([...items.slice(1).map(keep), answerTo(items[0], { action: 'hunter2' })]),
    'answered with something else than answers (at answers.4.action)',
  ],
  [
    'answers with more than an action takes',
    ({ items }) => json(items.map((one) => answerTo(one, { action: 'keep', items: [one] }))),
    'answered with something else than answers (at answers.0)',
  ],
  [
    'answers with a reason as long as a text',
    ({ items }) => json(items.map((one) => answerTo(one, { action: 'fail', reason: 'x'.repeat(101) }))),
    'answered with something else than answers (at answers.0.reason)',
  ],
  [
    'answers for fewer items',
    ({ items }) => json(items.slice(1).map(keep)),
    'answered for other keys than it was given, or not for each once',
  ],
  [
    'answers for another key',
    ({ items }) => json([...items.slice(1), note(99)].map(keep)),
    'answered for other keys than it was given, or not for each once',
  ],
  [
    'answers for a key twice',
    ({ items }) => json([...items, items[0]].map(keep)),
    'answered for other keys than it was given, or not for each once',
  ],
  [
    'puts an item of others',
    ({ items }) =>
      json(items.map((one) => answerTo(one, { action: 'replace', items: [toWire({ PK: 'U#1', SK: '-' })] }))),
    'answered with an item beyond converterKeys',
  ],
];

test.each(failing)('a function that %s fails the page, which says where and not what', async (_, answer, what) => {
  expect(await errorOf(answer)).toMatch(
    new RegExp(`^The converter ${what.replace(/[().]/g, '\\$&')}, given NOTE#0 / NOTE`),
  );
});

test('an error names three keys, and how many there are', async () => {
  expect(await errorOf(() => ({ payload: '1' }))).toMatch(
    /, given NOTE#0 \/ NOTE, NOTE#1 \/ NOTE, NOTE#2 \/ NOTE and 2 more$/,
  );
});

test.each<[string, unknown]>([
  ['no type', { PK: 'NOTE#1' }],
  ['two types', { a: { S: 'x', N: '1' } }],
  ['a type that there is not', { a: { toString: 'x' } }],
  ['a number that is none', { a: { N: '1x' } }],
  ['bytes that are no base64', { a: { B: '*' } }],
  ['an empty set', { a: { SS: [] } }],
  ['a null that is false', { a: { NULL: false } }],
  ['such a thing deep inside', { a: { M: { b: { L: [{ S: 1 }] } } } }],
])('an item with %s is no item', async (_, wrong) => {
  const message = await errorOf(({ items }) =>
    json(items.map((one) => answerTo(one, { action: 'replace', items: [wrong] }))),
  );
  expect(message).toContain('(at answers.0.items.0)');
});

test('a pattern is a whole key, or the beginning of keys', () => {
  const has = (patterns: string[], PK: string) => matches(patterns, toWire({ PK, SK: 'x' }));
  expect([
    has(['A#*'], 'A#1'),
    has(['A#*'], 'B#A#1'),
    has(['A'], 'A'),
    has(['A'], 'A#1'),
    has(['A', 'B*'], 'B'),
  ]).toEqual([true, false, true, false, true]);
});

test('the function is asked for items of its keys alone, and what it answers is checked as any', async () => {
  const convert = converterOf(VERSIONED_KINDS, async () => ({ items: [], units: 0.5 }), {
    isFor: (item) => matches(['NOTE#*'], item),
    convert: by(({ items: [one] }) => json([answerTo(one, { action: 'replace', items: [one, one] })])),
  });
  const items = [
    { PK: 'POST#1', SK: 'TAG#2' },
    { PK: 'MINE#1', SK: 'x' },
  ].map(toWire);
  const verdicts = await convert([...items, note(1)]);
  expect(verdicts).toMatchObject([
    { outcome: 'convert' },
    { outcome: 'current' },
    { outcome: 'fail', reason: 'becomes two items with one key' },
  ]);
  expect(asked.map((event) => event.items)).toEqual([[note(1)]]);
  expect(await convert(items)).toMatchObject(verdicts.slice(0, 2));
  expect(asked).toHaveLength(1);
});
