import { illegalArgument, NOT_HERE, parsingError } from './errors';
import { FieldValue } from './mapping';
import { isJson, Reader } from './strict';
import { StoredDocument, View } from './view';
import { Json } from '../aws/protocol';

/** Documents that match, with their scores. */
export type Matches = Map<StoredDocument, number>;

/** Words to be highlighted with their weights, by field. */
export type Words = Map<string, Map<string, number>>;

/** A query that was read. */
export interface Query {
  run(view: View): Matches;
  /** Adds the words of text fields that it looks for. */
  words(view: View, into: Words): void;
}

/** `indices.query.bool.max_clause_count`. */
export const MOST_CLAUSES = 1024;

export function read(body: Json, name: string, ...known: readonly string[]): Reader {
  return new Reader(body, name, parsingError).only(...known, 'boost');
}

export function scored(run: Query['run'], words: Query['words'] = () => undefined): Query {
  return { run, words };
}

/** Every document that is selected has the same score: the boost. */
export function constant(
  body: Json,
  name: string,
  known: readonly string[],
  select: (view: View, reader: Reader) => Iterable<StoredDocument>,
): Query {
  const reader = read(body, name, ...known);
  const boost = reader.number('boost', 1);
  return scored((view) => new Map([...select(view, reader)].map((document) => [document, boost])));
}

export function boosted(matches: Matches, boost: number): Matches {
  if (boost !== 1) for (const [document, score] of matches) matches.set(document, Math.fround(score * boost));
  return matches;
}

export function intersect(left: Matches, right: Matches, scores: boolean): Matches {
  const both: Matches = new Map();
  for (const [document, score] of left) {
    const other = right.get(document);
    if (other !== undefined) both.set(document, scores ? score + other : score);
  }
  return both;
}

/** `{field: {...}}`, or `{field: value}` for short. */
export function fieldOf(body: Json, name: string, short: string | undefined): { field: string; options: Json } {
  const [entry, ...others] = Object.entries(body);
  if (entry === undefined || others.length > 0) {
    const names = Object.keys(body).join('] and [');
    throw parsingError(`[${name}] query doesn't support multiple fields, found [${names}]`);
  }
  const [field, value] = entry;
  if (field.includes('*')) throw parsingError(`[${name}] field pattern [${field}] is ${NOT_HERE}`);
  if (isJson(value)) return { field, options: value };
  if (short === undefined || Array.isArray(value)) throw parsingError(`[${name}] query does not support [${field}]`);
  return { field, options: { [short]: value } };
}

export function scalar(reader: Reader, name: string, clause: string): FieldValue {
  const value = reader.value(name);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw illegalArgument(`[${clause}] value must be text, a number, true or false, got ${JSON.stringify(value)}`);
}

/** Adds a word to be highlighted. */
export function addWord(into: Words, field: string, word: string, weight: number): void {
  const words = into.get(field) ?? new Map<string, number>();
  into.set(field, words.set(word, weight));
}

export function raise(error: Error): never {
  throw error;
}
