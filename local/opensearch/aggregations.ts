import { illegalArgument, NOT_HERE, parsingError, SearchError } from './errors';
import { compareText, isJson, Reader } from './strict';
import { StoredDocument, View } from './view';
import { Json } from '../aws/protocol';

/** A count of documents by the values of a field. */
export interface TermsAggregation {
  readonly name: string;
  readonly field: string;
  readonly size: number;
  readonly order: readonly Order[];
}

interface Order {
  readonly by: '_count' | '_key';
  readonly sign: 1 | -1;
}

/** Reads `aggs` of a search: `terms` alone. */
export function parseAggregations(given: Json): readonly TermsAggregation[] {
  return Object.entries(given).map(([name, body]) => {
    if (!isJson(body)) throw parsingError(`Expected [START_OBJECT] under [${name}], but got a [VALUE]`);
    const other = Object.keys(body).find((kind) => kind !== 'terms');
    if (other !== undefined) throw parsingError(`Unknown aggregation type [${other}] in [${name}], or ${NOT_HERE}`);
    const reader = new Reader(new Reader(body, name, parsingError).object('terms'), 'terms', parsingError);
    reader.only('field', 'size', 'order');
    const size = reader.integer('size', 10);
    if (size === 0) {
      throw new SearchError(
        400,
        'x_content_parse_exception',
        `[terms] failed to parse field [size]: [size] must be greater than 0. Found [0] in [${name}]`,
      );
    }
    return { name, field: reader.string('field'), size, order: parseOrder(reader.value('order')) };
  });
}

function parseOrder(given: unknown): readonly Order[] {
  const list: readonly unknown[] = Array.isArray(given)
    ? (given as readonly unknown[])
    : given === undefined
      ? []
      : [given];
  const orders = list.map((item): Order => {
    const [[by, direction] = ['', ''], ...others] = isJson(item) ? Object.entries(item) : [];
    if ((by !== '_count' && by !== '_key') || others.length > 0 || (direction !== 'asc' && direction !== 'desc')) {
      throw parsingError(`[terms] order ${JSON.stringify(item)} is ${NOT_HERE}`);
    }
    return { by, sign: direction === 'asc' ? 1 : -1 };
  });
  // What is equal is in the order of its keys.
  return [...(orders.length === 0 ? [{ by: '_count', sign: -1 } as const] : orders), { by: '_key', sign: 1 }];
}

/** Counts over what matches in all the indexes of a search. */
export function aggregate(
  aggregation: TermsAggregation,
  found: readonly { readonly view: View; readonly documents: Iterable<StoredDocument> }[],
): Json {
  const counts = new Map<string, number>();
  for (const { view, documents } of found) {
    const field = view.mapping().fields.get(aggregation.field);
    if (field === undefined) continue;
    if (field.type === 'text') throw noFielddata(aggregation.field);
    if (field.type !== 'keyword') {
      throw illegalArgument(`[terms] of field [${aggregation.field}] of type [${field.type}] is ${NOT_HERE}`);
    }
    for (const { values } of documents) {
      for (const value of new Set(values.get(aggregation.field))) {
        counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
      }
    }
  }
  const buckets = [...counts].map(([key, count]) => ({ key, doc_count: count }));
  buckets.sort((a, b) => {
    for (const { by, sign } of aggregation.order) {
      const order = by === '_count' ? a.doc_count - b.doc_count : compareText(a.key, b.key);
      if (order !== 0) return sign * order;
    }
    return 0;
  });
  const others = buckets.slice(aggregation.size).reduce((sum, bucket) => sum + bucket.doc_count, 0);
  return {
    doc_count_error_upper_bound: 0,
    sum_other_doc_count: others,
    buckets: buckets.slice(0, aggregation.size),
  };
}

/** For sorting by text and counting it. */
export function noFielddata(field: string): Error {
  return illegalArgument(
    `Text fields are not optimised for operations that require per-document field data like aggregations and sorting, so these operations are disabled by default. Please use a keyword field instead. Alternatively, set fielddata=true on [${field}] in order to load field data by uninverting the inverted index. Note that this can use significant memory.`,
  );
}
