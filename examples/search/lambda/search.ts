import type { Book } from './books';
import { requireEnv } from '../../../lambda/core/env';
import { searchClient } from '../../../lambda/search-index-pipeline/client';

/** Within what an answer must be there, in ms: a search that is slow is of no use to anybody. */
const TIMEOUT = 2_000;

/** How many subjects are counted: the most frequent. */
const SUBJECTS = 20;

export interface BookSearch {
  /** Words that title or author must have, all of them. */
  readonly search?: string;
  readonly subject?: string;
  readonly limit: number;
  /** The score and the id of the book after which to begin. */
  readonly after?: readonly [number, string];
}

interface Hit<Year = number> {
  readonly _source: Omit<Book, 'year'> & { readonly year: Year };
  readonly sort: readonly [number, string];
  readonly highlight?: { readonly title?: readonly string[] };
}

interface SearchAnswer {
  readonly hits: { readonly total: { readonly value: number }; readonly hits: readonly Hit<number | string>[] };
  readonly aggregations: { readonly subjects: { readonly buckets: readonly { key: string; doc_count: number }[] } };
}

export interface FoundBooks {
  readonly hits: readonly Hit[];
  readonly total: number;
  readonly subjects: readonly { readonly subject: string; readonly count: number }[];
}

/** The best first; equal ones by their ids, so that no page repeats or leaves out a book. */
export async function searchBooks({ search, subject, limit, after }: BookSearch): Promise<FoundBooks> {
  const words = { multi_match: { query: search, fields: ['title^2', 'author'], operator: 'and' } };
  const { hits, aggregations } = await searchClient().request<SearchAnswer>(
    'POST',
    `/${encodeURIComponent(requireEnv('SEARCH_ALIAS'))}/_search`,
    {
      query: {
        bool: {
          must: search === undefined ? [{ match_all: {} }] : [words],
          filter: subject === undefined ? [] : [{ term: { subjects: subject } }],
        },
      },
      sort: [{ _score: 'desc' }, { isbn: 'asc' }],
      size: limit,
      track_total_hits: true,
      ...(after ? { search_after: after } : {}),
      aggs: { subjects: { terms: { field: 'subjects', size: SUBJECTS } } },
      highlight: { fields: { title: { number_of_fragments: 0 } } },
    },
    TIMEOUT,
  );
  return {
    // With zero-ETL the numbers of a document are texts.
    hits: hits.hits.map((hit) => ({ ...hit, _source: { ...hit._source, year: Number(hit._source.year) } })),
    total: hits.total.value,
    subjects: aggregations.subjects.buckets.map(({ key, doc_count: count }) => ({ subject: key, count })),
  };
}
