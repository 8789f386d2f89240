import { noFielddata } from './aggregations';
import { illegalArgument, NOT_HERE, SearchError } from './errors';
import { FieldType } from './mapping';
import { compareText, isJson, Reader } from './strict';
import { StoredDocument, View } from './view';

/** One of the keys that hits are in the order of. */
export interface SortKey {
  readonly field: string;
  readonly descending: boolean;
  readonly missingFirst: boolean;
}

/** A value of a hit to sort by; undefined where the document has none. */
export type SortValue = string | number | undefined;

/**
 * What is sorted by that is no field of a document. The id is unless `indices.id_field_data.enabled` is false: it takes
 * memory for each document, https://docs.opensearch.org/latest/field-types/metadata-fields/id/
 */
const METADATA = new Set(['_score', '_id']);

/** What Lucene sorts a missing number as. */
const MOST = 9_223_372_036_854_775_807n;
const MOST_INT = 2_147_483_647;

/** What a key sorts: values of a field of that type, scores or ids. */
type SortType = FieldType | 'score' | 'id';

/** Reads `sort` of a search; empty where the score alone decides. */
export function parseSort(given: unknown): readonly SortKey[] {
  if (given === undefined) return [];
  const list: readonly unknown[] = Array.isArray(given) ? (given as readonly unknown[]) : [given];
  const keys = list.flatMap((item) => {
    if (typeof item === 'string') return [sortKey(item, {})];
    if (!isJson(item)) {
      throw illegalArgument('malformed sort format, within the sort array, an object, or an actual string are allowed');
    }
    return Object.entries(item).map(([field, options]) =>
      sortKey(field, isJson(options) ? options : { order: options }),
    );
  });
  const [first] = keys;
  return keys.length === 1 && first?.field === '_score' && first.descending ? [] : keys;
}

function sortKey(field: string, options: Readonly<Record<string, unknown>>): SortKey {
  if (field.startsWith('_') && !METADATA.has(field)) throw illegalArgument(`sort by [${field}] is ${NOT_HERE}`);
  const reader = new Reader(options, field).only('order', ...(field === '_score' ? [] : ['missing']));
  const descending = reader.word('order', ['asc', 'desc'], field === '_score' ? 'desc' : 'asc') === 'desc';
  return { field, descending, missingFirst: reader.word('missing', ['_last', '_first'], '_last') === '_first' };
}

/** @throws SearchError for a field that cannot be sorted by */
export function sortType(view: View, { field }: SortKey): SortType {
  if (field === '_score') return 'score';
  if (field === '_id') return 'id';
  const mapped = view.mapping().fields.get(field);
  if (mapped === undefined) {
    throw new SearchError(400, 'query_shard_exception', `No mapping found for [${field}] in order to sort on`, {
      index: view.index,
    });
  }
  if (mapped.type === 'text') throw noFielddata(field);
  return mapped.type;
}

/** Of several values the least, or descending the greatest. */
export function sortValue(document: StoredDocument, score: number, { field, descending }: SortKey): SortValue {
  if (field === '_score') return score;
  if (field === '_id') return document.id;
  const values = (document.values.get(field) ?? []).map((value) =>
    typeof value === 'boolean' ? Number(value) : value,
  );
  if (values.length === 0) return undefined;
  return values.reduce((best, value) => (compare(value, best) < 0 !== descending ? value : best));
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'string' ? compareText(a, String(b)) : a - Number(b);
}

/** Compares the values of two hits for each key. */
export function compareSorted(keys: readonly SortKey[], a: readonly SortValue[], b: readonly SortValue[]): number {
  for (const [index, { descending, missingFirst }] of keys.entries()) {
    const [left, right] = [a[index], b[index]];
    if (left === right) continue;
    if (left === undefined) return missingFirst ? -1 : 1;
    if (right === undefined) return missingFirst ? 1 : -1;
    const order = compare(left, right);
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}

/** As an answer shows it: of a missing number the greatest or the least there is. */
export function showSortValue(value: SortValue, key: SortKey, type: SortType): unknown {
  if (value !== undefined) return value;
  if (type === 'keyword') return null;
  const greatest = key.missingFirst === key.descending;
  if (type === 'boolean') return greatest ? MOST_INT : -MOST_INT - 1;
  return Number(greatest ? MOST : -MOST);
}

/** Reads `search_after`: what a hit showed. */
export function parseAfter(
  given: readonly unknown[] | undefined,
  types: readonly SortType[],
): readonly SortValue[] | undefined {
  if (given === undefined) return undefined;
  if (types.length === 0) throw illegalArgument('Sort must contain at least one field.');
  if (given.length !== types.length) {
    throw illegalArgument(`search_after has ${given.length} value(s) but sort has ${types.length}.`);
  }
  return given.map((value, index) => afterValue(value, types[index]));
}

function afterValue(value: unknown, type: SortType): SortValue {
  if (type === 'keyword') {
    if (value === null) return undefined;
    if (typeof value !== 'string') {
      throw illegalArgument(`Failed to parse search_after value for field of type [keyword]: ${JSON.stringify(value)}`);
    }
    return value;
  }
  if (type === 'id') return value === null ? undefined : String(value);
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number') {
    throw illegalArgument(`Failed to parse search_after value for field of type [${type}]: ${JSON.stringify(value)}`);
  }
  return Math.abs(number) >= Number(type === 'boolean' ? MOST_INT : MOST) ? undefined : number;
}
