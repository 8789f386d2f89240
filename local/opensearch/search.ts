import { aggregate } from './aggregations';
import { parsingError, SearchError, ShardsFailed } from './errors';
import { highlight } from './highlight';
import { Words } from './matches';
import { parseQuery } from './query';
import { SearchIndex } from './search-index';
import { checkWindow, parseSearch, SearchRequest } from './search-request';
import { compareSorted, parseAfter, showSortValue, sortType, SortValue, sortValue } from './sort';
import { Reader } from './strict';
import { StoredDocument, View } from './view';
import { Json } from '../aws/protocol';

interface Hit {
  readonly view: View;
  readonly words: Words;
  readonly document: StoredDocument;
  readonly score: number;
  readonly sort: readonly SortValue[];
}

/** Answers `_search` over some indexes. */
export function search(indexes: readonly SearchIndex[], body: Json): Json {
  const start = performance.now();
  const request = parseSearch(body);
  const answer = onShards(indexes, () => run(indexes, request));
  return { took: Math.round(performance.now() - start), timed_out: false, _shards: shards(indexes), ...answer };
}

/** Answers `_count`. */
export function count(indexes: readonly SearchIndex[], body: Json): Json {
  const reader = new Reader(body, 'count', parsingError).only('query');
  const query = parseQuery(reader.value('query') ?? { match_all: {} });
  const found = onShards(indexes, () => indexes.reduce((sum, index) => sum + query.run(index.view()).size, 0));
  return { count: found, _shards: shards(indexes) };
}

function shards(indexes: readonly SearchIndex[]): Json {
  const all = indexes.reduce((sum, { settings }) => sum + settings.shards, 0);
  return { total: all, successful: all, skipped: 0, failed: 0 };
}

function onShards<Answer>(indexes: readonly SearchIndex[], work: () => Answer): Answer {
  try {
    return work();
  } catch (error) {
    if (error instanceof SearchError) throw new ShardsFailed(error, indexes[0].name);
    throw error;
  }
}

function run(indexes: readonly SearchIndex[], request: SearchRequest): Json {
  checkWindow(request);
  const { from, size, sort } = request;
  const views = indexes.map((index) => index.view());
  const types = sort.map((key) => views.map((view) => sortType(view, key))[0]);
  const after = parseAfter(request.after, types);
  const found = views.map((view) => ({ view, matches: request.query.run(view), words: wordsOf(request, view) }));
  const hits = found.flatMap(({ view, matches, words }) =>
    [...matches].map(([document, score]): Hit => {
      const value = Math.fround(score);
      return { view, words, document, score: value, sort: sort.map((key) => sortValue(document, value, key)) };
    }),
  );
  hits.sort((a, b) => order(request, a, b));
  const rest = after === undefined ? hits : hits.filter((hit) => compareSorted(sort, hit.sort, after) > 0);
  const page = rest.slice(from, from + size);
  const ranked = sort.length === 0;
  return {
    hits: {
      ...total(request, hits.length),
      max_score: ranked && size > 0 && hits.length > 0 ? hits[0].score : null,
      hits: page.map((hit) => show(request, hit, types)),
    },
    ...(request.aggregations === undefined
      ? {}
      : {
          aggregations: Object.fromEntries(
            request.aggregations.map((aggregation) => [
              aggregation.name,
              aggregate(
                aggregation,
                found.map(({ view, matches }) => ({ view, documents: matches.keys() })),
              ),
            ]),
          ),
        }),
  };
}

function wordsOf(request: SearchRequest, view: View): Words {
  const words: Words = new Map();
  if (request.highlight !== undefined) request.query.words(view, words);
  return words;
}

/** What is alike is in the order in which it was written. */
function order({ sort }: SearchRequest, a: Hit, b: Hit): number {
  const first = sort.length === 0 ? b.score - a.score : compareSorted(sort, a.sort, b.sort);
  if (first !== 0 || a.view !== b.view) return first;
  return a.document.seqNo - b.document.seqNo;
}

function total({ counted }: SearchRequest, found: number): Json {
  if (counted === undefined) return {};
  return { total: found > counted ? { value: counted, relation: 'gte' } : { value: found, relation: 'eq' } };
}

function show(request: SearchRequest, hit: Hit, types: readonly ReturnType<typeof sortType>[]): Json {
  const { sort, source, version } = request;
  const { view, words, document } = hit;
  const scored = sort.length === 0 || sort.some(({ field }) => field === '_score');
  const shown = source(document.source);
  const marked = request.highlight === undefined ? undefined : highlight(request.highlight, words, view, document);
  return {
    _index: view.index,
    _id: document.id,
    ...(version ? { _version: document.version } : {}),
    _score: scored ? hit.score : null,
    ...(shown === undefined ? {} : { _source: shown }),
    ...(marked === undefined ? {} : { highlight: marked }),
    ...(sort.length === 0
      ? {}
      : { sort: hit.sort.map((value, index) => showSortValue(value, sort[index], types[index])) }),
  };
}
