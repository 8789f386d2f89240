/** A search and what must come of it. */
export interface Query {
  /** What it shows, as a sentence without its subject. */
  readonly name: string;
  /** Of `_search`; a text is sent as it is. */
  readonly body: object | string;
  /** Numbers of the articles, in order. */
  readonly hits?: readonly number[];
  readonly total?: number;
  /** Fragments by number of the article and field. */
  readonly highlights?: Readonly<Record<number, Readonly<Record<string, readonly string[]>>>>;
  /** Buckets by name of the aggregation. */
  readonly facets?: Readonly<Record<string, readonly (readonly [key: string, count: number])[]>>;
  /** Status and type of a refusal. */
  readonly refused?: readonly [status: number, type: string];
}

/** Newest first, the order of everything that has no other. */
export const NEWEST = [{ articleId: 'desc' }];
export const OLDEST = [{ articleId: 'asc' }];
/** The order of full text: its score is in it, and no two are alike. */
export const BEST = [{ _score: 'desc' }, { articleId: 'desc' }];
const FIELDS = ['title^16', 'description^8', 'body'];

/** Numbers from the first to the last, in that order, up or down. */
export function numbers(first: number, last: number): number[] {
  const step = first <= last ? 1 : -1;
  return Array.from({ length: Math.abs(last - first) + 1 }, (_, index) => first + step * index);
}

export const text = (query: string, more: object = {}) => ({
  query: { multi_match: { query, fields: FIELDS, type: 'best_fields', operator: 'and', ...more } },
  sort: BEST,
  _source: false,
  track_total_hits: true,
});

export const filtered = (query: object, more: object = {}) => ({
  query,
  sort: OLDEST,
  size: 100,
  _source: false,
  ...more,
});

export const tags = (more: object = {}) => ({ tags: { terms: { field: 'tagList', ...more } } });
