import { exactMillis } from './dates';
import { illegalArgument, NOT_HERE, parsingError, SearchError } from './errors';
import { Field, FieldValue, readBoolean, readLong } from './mapping';
import { addWord, boosted, constant, fieldOf, Matches, Query, raise, read, scalar, scored } from './matches';
import { compareText, Reader } from './strict';
import { StoredDocument, View } from './view';
import { Json } from '../aws/protocol';

/** The most values that `terms` takes: `index.max_terms_count`. */
const MOST_TERMS = 65_536;

export function parseTerm(body: Json): Query {
  const { field, options } = fieldOf(body, 'term', 'value');
  const reader = read(options, 'term', 'value');
  const value = scalar(reader, 'value', 'term');
  return termQuery(field, value, reader.number('boost', 1));
}

export function termQuery(field: string, value: FieldValue, boost: number): Query {
  return scored(
    (view) => {
      const mapped = view.mapping().fields.get(field);
      if (mapped === undefined) return new Map();
      if (mapped.type === 'text') return boosted(view.ofTerm(field, String(value)), boost);
      const wanted = asked(field, mapped, value);
      return boosted(
        exact(view, field, mapped, (own) => own === wanted),
        boost,
      );
    },
    // Also of a keyword: where a highlighter is not told to keep to the field, its words are found in others.
    (_view, into) => addWord(into, field, String(value), boost),
  );
}

/** A value of a query as it is in the index. */
function indexed(field: string, { type }: Field, value: FieldValue): FieldValue {
  switch (type) {
    case 'long':
      return (
        readLong(value) ??
        raise(
          new SearchError(400, 'query_shard_exception', `failed to create query: For input string: "${String(value)}"`),
        )
      );
    case 'date':
      return (
        exactMillis(value) ??
        raise(
          illegalArgument(
            `[${field}] a date of a query must be exact to the millisecond: ${String(value)} is ${NOT_HERE}`,
          ),
        )
      );
    case 'boolean':
      return (
        readBoolean(value) ??
        raise(
          new SearchError(
            400,
            'query_shard_exception',
            `failed to create query: Can't parse boolean value [${String(value)}], expected [true] or [false]`,
          ),
        )
      );
    default:
      return String(value);
  }
}

/** Documents that have a value; a rare value scores more, as in Lucene, but for numbers, which are not ranked. */
function exact(view: View, field: string, { type }: Field, matches: (value: FieldValue) => boolean): Matches {
  let withField = 0;
  let all = 0;
  const found: StoredDocument[] = [];
  for (const document of view.documents()) {
    const values = document.values.get(field);
    if (values === undefined) continue;
    withField += 1;
    all += new Set(values).size;
    if (values.some(matches)) found.push(document);
  }
  const ranked = type === 'keyword' || type === 'boolean';
  const rarity = Math.log(1 + (withField - found.length + 0.5) / (found.length + 0.5));
  // Each counts as a field of one word; how many there are on the average is in the formula all the same.
  const often = 2.2 / (1 + 1.2 * (0.25 + (0.75 * withField) / Math.max(1, all)));
  const score = ranked ? Math.fround(rarity * often) : 1;
  return new Map(found.map((document) => [document, score]));
}

export function parseTerms(body: Json): Query {
  const { boost = 1, ...fields } = body;
  const [[field, values] = ['', undefined], ...others] = Object.entries(fields);
  if (others.length > 0) throw parsingError(`[terms] query does not support [${others[0][0]}], or it is ${NOT_HERE}`);
  if (!Array.isArray(values)) throw parsingError(`[terms] query requires an array of values, lookups are ${NOT_HERE}`);
  if (values.length > MOST_TERMS) {
    throw illegalArgument(
      `The number of terms [${values.length}] used in the Terms Query request has exceeded the allowed maximum of [${MOST_TERMS}].`,
    );
  }
  const list = (values as readonly unknown[]).map((value) => scalar(new Reader({ value }, 'terms'), 'value', 'terms'));
  return constant({ boost }, 'terms', [], (view) => {
    const mapped = view.mapping().fields.get(field);
    if (mapped === undefined) return [];
    if (mapped.type === 'text') return new Set(list.flatMap((value) => [...view.ofTerm(field, String(value)).keys()]));
    const wanted = new Set(list.map((value) => asked(field, mapped, value)));
    return exact(view, field, mapped, (own) => wanted.has(own)).keys();
  });
}

export function parseIds(body: Json): Query {
  return constant(body, 'ids', ['values'], (view, reader) => {
    const ids = new Set(reader.strings('values'));
    return [...ids].flatMap((id) => view.get(id) ?? []);
  });
}

export function parseExists(body: Json): Query {
  return constant(body, 'exists', ['field'], (view, reader) => {
    const field = reader.string('field');
    return [...view.documents()].filter(({ values }) => values.has(field));
  });
}

export function parsePrefix(body: Json): Query {
  const { field, options } = fieldOf(body, 'prefix', 'value');
  return constant(options, 'prefix', ['value'], (view, reader) => {
    const mapped = view.mapping().fields.get(field);
    if (mapped === undefined) return [];
    if (mapped.type !== 'keyword') {
      throw parsingError(`[prefix] of field [${field}] of type [${mapped.type}] is ${NOT_HERE}`);
    }
    const start = reader.string('value');
    return exact(view, field, mapped, (value) => String(value).startsWith(start)).keys();
  });
}

const BOUNDS = ['gt', 'gte', 'lt', 'lte'] as const;

export function parseRange(body: Json): Query {
  const { field, options } = fieldOf(body, 'range', undefined);
  return constant(options, 'range', BOUNDS, (view, reader) => {
    const mapped = view.mapping().fields.get(field);
    if (mapped === undefined) return [];
    if (mapped.type === 'text' || mapped.type === 'boolean') {
      throw parsingError(`[range] of field [${field}] of type [${mapped.type}] is ${NOT_HERE}`);
    }
    const tests = BOUNDS.filter((bound) => reader.has(bound) && reader.value(bound) !== null).map((bound) => {
      const limit = asked(field, mapped, scalar(reader, bound, 'range'));
      return (value: FieldValue): boolean => within(compareValues(value, limit), bound);
    });
    return exact(view, field, mapped, (value) => tests.every((test) => test(value))).keys();
  });
}

/** What is asked of numbers need not be whole, and then finds none that is equal. */
function asked(field: string, mapped: Field, value: FieldValue): FieldValue {
  const whole = indexed(field, mapped, value);
  return mapped.type === 'long' ? Number(value) : whole;
}

function within(order: number, bound: (typeof BOUNDS)[number]): boolean {
  return (order === 0 && bound.endsWith('e')) || (bound.startsWith('g') ? order > 0 : order < 0);
}

function compareValues(a: FieldValue, b: FieldValue): number {
  return typeof a === 'string' ? compareText(a, String(b)) : Number(a) - Number(b);
}
