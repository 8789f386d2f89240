import * as z from 'zod/mini';
import type { Converter, Verdict } from './ports';
import { fromJsonItem, isJsonItem, keyText, type WireItem, withTextBytes } from '../../core/dynamodb/wire';
import { functionErrorOf, type Invoke, type Invoked, jsonOf } from '../../core/invocation';

/** Keys that an error names. */
const NAMED_KEYS = 3;
const KEY_LENGTH = 200;

const keyOf = ({ PK, SK }: WireItem) => `${PK.S ?? ''} / ${SK.S ?? ''}`.slice(0, KEY_LENGTH);

/** A function that did not convert what it was given. Names keys, and nothing else of what items hold: it is logged. */
export class ConverterFailed extends Error {
  public constructor(what: string, items: readonly WireItem[]) {
    const more = items.length - NAMED_KEYS;
    const keys = items.slice(0, NAMED_KEYS).map(keyOf).join(', ');
    super(`The converter ${what}, given ${keys}${more > 0 ? ` and ${more} more` : ''}`);
    this.name = 'ConverterFailed';
  }
}

/** What of an error may be told: messages of others may hold what items hold. */
export const reasonOf = (error: unknown): string | undefined =>
  error instanceof ConverterFailed ? error.message : undefined;

/** Of an event, in bytes of JSON: Lambda takes 6 MB and gives as much, and what items become may be some times larger. */
const EVENT_BYTES = 1024 * 1024;

const line = z.string().check(z.minLength(1), z.maxLength(100));
const key = { PK: z.string(), SK: z.string() };
const ANSWER = z.strictObject({
  answers: z.array(
    z.discriminatedUnion('action', [
      z.strictObject({ ...key, action: z.literal('keep') }),
      z.strictObject({ ...key, action: z.literal('fail'), reason: line }),
      z.strictObject({
        ...key,
        action: z.literal('replace'),
        items: z.array(z.custom<object>(isJsonItem)),
        kind: z.optional(line),
      }),
    ]),
  ),
});
type Answer = z.infer<typeof ANSWER>['answers'][number];

/** Whether a partition key is one of these: a whole key, or its beginning and `*`. */
export const matches = (patterns: readonly string[], { PK }: WireItem): boolean =>
  patterns.some((pattern) => (pattern.endsWith('*') ? PK?.S?.startsWith(pattern.slice(0, -1)) : PK?.S === pattern));

/**
 * Has a function of somebody else say what becomes of items. Nothing comes of a page of which it has not said that for
 * each item once: the answer as a whole is good, or it is refused.
 *
 * @param patterns of the partition keys that it may write
 * @throws ConverterFailed
 */
export const functionConverter =
  (invoke: Invoke, patterns: readonly string[]): Converter =>
  async (items) =>
    (await Promise.all(events(items).map((some) => ask(invoke, patterns, some)))).flat();

/** Cuts items into events, in their order. */
function events(items: readonly WireItem[]): (readonly WireItem[])[] {
  const all: WireItem[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(withTextBytes(item)));
    if (bytes + size > EVENT_BYTES) {
      all.push([]);
      bytes = 0;
    }
    all[all.length - 1].push(item);
    bytes += size;
  }
  return all;
}

async function ask(invoke: Invoke, patterns: readonly string[], items: readonly WireItem[]): Promise<Verdict[]> {
  const { payload, functionError } = await called(invoke, items);
  if (functionError === undefined) {
    return verdictsOf(payload, patterns, items);
  }
  const { errorType, isTimeout } = functionErrorOf(payload);
  if (errorType !== 'Function.ResponseSizeTooLarge') {
    throw new ConverterFailed(isTimeout ? 'timed out' : `failed with ${errorType}`, items);
  }
  if (items.length === 1) {
    throw new ConverterFailed('answered with more than Lambda takes', items);
  }
  const half = Math.ceil(items.length / 2);
  const parts = [items.slice(0, half), items.slice(half)];
  return (await Promise.all(parts.map((some) => ask(invoke, patterns, some)))).flat();
}

async function called(invoke: Invoke, items: readonly WireItem[]): Promise<Invoked> {
  try {
    return await invoke(JSON.stringify({ type: 'convert-items', items: items.map(withTextBytes) }));
  } catch (error) {
    throw new ConverterFailed(`gave no answer (${error instanceof Error ? error.name : typeof error})`, items);
  }
}

function verdictsOf(payload: string, patterns: readonly string[], items: readonly WireItem[]): Verdict[] {
  const answer = z.safeParse(ANSWER, jsonOf(payload));
  if (!answer.success) {
    const [{ path }] = answer.error.issues;
    throw new ConverterFailed(`answered with something else than answers (at ${path.join('.') || 'the top'})`, items);
  }
  const { answers } = answer.data;
  const byKey = new Map(answers.map((one) => [textOf(one), one]));
  const wanted = items.map(({ PK, SK }) => byKey.get(keyText({ PK, SK })));
  if (answers.length !== items.length || byKey.size < answers.length || wanted.includes(undefined)) {
    throw new ConverterFailed(`answered for other keys than it was given, or not for each once`, items);
  }
  return wanted.map((one, n) => verdictOf(one!, patterns, items[n]));
}

const textOf = ({ PK, SK }: Answer) => keyText({ PK: { S: PK }, SK: { S: SK } });

function verdictOf(answer: Answer, patterns: readonly string[], item: WireItem): Verdict {
  switch (answer.action) {
    case 'keep':
      return { outcome: 'current' };
    case 'fail':
      return { outcome: 'fail', reason: answer.reason };
    case 'replace': {
      const items = answer.items.map(fromJsonItem);
      if (!items.every((one) => matches(patterns, one))) {
        throw new ConverterFailed('answered with an item beyond converterKeys', [item]);
      }
      return { outcome: 'convert', sort: answer.kind ?? 'converter', items };
    }
  }
}
