import { parseAggregations, TermsAggregation } from './aggregations';
import { illegalArgument, parsingError, SearchError } from './errors';
import { Highlight, parseHighlight } from './highlight';
import { Query } from './matches';
import { parseQuery } from './query';
import { parseSort, SortKey } from './sort';
import { parseSourceFilter, SourceFilter } from './source-filter';
import { Reader } from './strict';
import { Json } from '../aws/protocol';

/** `index.max_result_window`. */
const WINDOW = 10_000;

/** Hits that are counted unless more are asked for. */
const COUNTED = 10_000;

/** A search as it was read. */
export interface SearchRequest {
  readonly query: Query;
  readonly from: number;
  readonly size: number;
  readonly sort: readonly SortKey[];
  readonly after: readonly unknown[] | undefined;
  /** Hits up to which the total is exact; undefined for no total. */
  readonly counted: number | undefined;
  readonly source: SourceFilter;
  readonly version: boolean;
  readonly aggregations?: readonly TermsAggregation[];
  readonly highlight?: Highlight;
}

const KNOWN = [
  ...['query', 'from', 'size', 'sort', 'search_after', 'track_total_hits', '_source', 'version', 'aggs'],
  ...['aggregations', 'highlight', 'timeout'],
];

/** Reads the body of a search. @throws SearchError naming what is not known or not here */
export function parseSearch(body: Json): SearchRequest {
  new Reader(body, 'search', parsingError).only(...KNOWN);
  const reader = new Reader(body, 'search');
  reader.duration('timeout');
  const [from, size] = [pageNumber(reader, 'from', 0), pageNumber(reader, 'size', 10)];
  const after = reader.value('search_after');
  if (after !== undefined && !isListOfValues(after)) {
    throw parsingError('[search_after] must be a list of text, numbers, true, false and null');
  }
  if (after?.length === 0) throw illegalArgument('Values must contains at least one value.');
  const aggregations = reader.optionalObject('aggs') ?? reader.optionalObject('aggregations');
  const wanted = reader.optionalObject('highlight');
  return {
    ...{ from, size, after },
    query: parseQuery(reader.value('query') ?? { match_all: {} }),
    sort: parseSort(reader.value('sort')),
    counted: parseCounted(reader),
    source: parseSourceFilter(reader.value('_source')),
    version: reader.boolean('version', false),
    aggregations: Object.keys(aggregations ?? {}).length === 0 ? undefined : parseAggregations(aggregations ?? {}),
    highlight: wanted === undefined ? undefined : parseHighlight(wanted),
  };
}

function isListOfValues(given: unknown): given is readonly unknown[] {
  return Array.isArray(given) && given.every((value) => value === null || typeof value !== 'object');
}

function pageNumber(reader: Reader, name: string, fallback: number): number {
  const given = reader.value(name) ?? fallback;
  const number = typeof given === 'string' && /^-?\d+$/.test(given) ? Number(given) : given;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
    throw new SearchError(400, 'number_format_exception', `For input string: "${String(given)}"`);
  }
  if (number < 0) throw illegalArgument(`[${name}] parameter cannot be negative, found [${number}]`);
  return number;
}

function parseCounted(reader: Reader): number | undefined {
  const given = reader.value('track_total_hits');
  if (typeof given === 'number' || (typeof given === 'string' && /^\d+$/.test(given))) {
    return reader.integer('track_total_hits', COUNTED);
  }
  if (given === undefined) return COUNTED;
  if (typeof given === 'string' && given !== 'true' && given !== 'false') {
    throw new SearchError(400, 'number_format_exception', `For input string: "${given}"`);
  }
  return reader.boolean('track_total_hits', true) ? Infinity : undefined;
}

/** @throws SearchError for a page that is too deep, which the shards say */
export function checkWindow({ from, size, after }: SearchRequest): void {
  if (after !== undefined && from > 0) {
    throw new SearchError(500, 'search_exception', '`from` parameter must be set to 0 when `search_after` is used.');
  }
  if (from + size <= WINDOW) return;
  throw illegalArgument(
    `Result window is too large, from + size must be less than or equal to: [${WINDOW}] but was [${from + size}]. See the scroll api for a more efficient way to request large data sets. This limit can be set by changing the [index.max_result_window] index level setting.`,
  );
}
