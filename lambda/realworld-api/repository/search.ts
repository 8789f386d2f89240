import { SEARCH_FALLBACK } from '../../../src/realworld-api/contract';
import { numberEnv, requireEnv } from '../../core/env';
import { logWarning } from '../../core/logger';
import { type SearchClient, searchClient, statusOf } from '../../search-index-pipeline/client';
import type { ArticleRef } from '../domain/model';
import type { Known } from '../domain/recent';
import { type IndexedRange, type IndexedSearch, SearchUnavailable } from '../domain/search';
import type { Found, SearchFilters, TagCount } from '../domain/texts';
import { FRAGMENT, FRAGMENTS, WEIGHTS } from '../domain/words';

/** After a failure it is not asked again for so long, in ms: no request waits for what is away. */
const PAUSE = 5_000;

/** Facets of one search. */
const TAGS = 200;

interface Hit {
  readonly _source: ArticleRef;
  readonly _score: number | null;
  readonly highlight?: { readonly [field: string]: readonly string[] };
}

interface Answer {
  readonly timed_out: boolean;
  readonly _shards: { readonly failed: number };
  readonly hits: { readonly total: { readonly value: number }; readonly hits: readonly Hit[] };
  readonly aggregations?: { readonly tags: { readonly buckets: readonly { key: string; doc_count: number }[] } };
}

const SOURCE = ['articleId', 'authorId'];
const NEWEST = { articleId: 'desc' };
const tagCounts = (size: number) => ({ tags: { terms: { field: 'tagList', size } } });

/** Documents that the overlay does not know better. */
const unknown = ({ bound, ids }: Known) => ({
  filter: bound === undefined ? [] : [{ range: { articleId: { lt: bound } } }],
  must_not: ids.length === 0 ? [] : [{ terms: { articleId: ids } }],
});

/** A word in any of the fields. Each place counts what `WEIGHTS` says and nothing else: so it is known without the index. */
function hasWord(word: string) {
  const inText = (['title', 'description', 'body'] as const).map((field) => ({
    constant_score: { filter: { match: { [field]: { query: word, operator: 'and' } } }, boost: WEIGHTS[field] },
  }));
  const asTag = { constant_score: { filter: { term: { tagList: word } }, boost: WEIGHTS.tagList } };
  return { bool: { should: [...inText, asTag], minimum_should_match: 1 } };
}

/** The body is cut into pieces of one length by `plain`, which also answers when a text has no sentences. */
const HIGHLIGHT = {
  type: 'plain',
  encoder: 'html',
  pre_tags: ['<em>'],
  post_tags: ['</em>'],
  fields: {
    title: { number_of_fragments: 0 },
    description: { number_of_fragments: 0 },
    body: { fragmenter: 'simple', fragment_size: FRAGMENT, number_of_fragments: FRAGMENTS },
  },
};

function toFound({ _source: { articleId, authorId }, _score, highlight = {} }: Hit): Found {
  const { title, description, body } = highlight;
  return {
    articleId,
    authorId,
    score: _score ?? 0,
    highlights: { title: title?.[0], description: description?.[0], body: body?.map((piece) => piece.trim()) },
  };
}

const toTags = ({ aggregations }: Answer): TagCount[] =>
  (aggregations?.tags.buckets ?? []).map(({ key, doc_count: count }) => ({ tag: key, count }));

/** Articles as the search index has them. */
export class SearchRepository {
  private downUntil = 0;

  /** @param timeoutMs of one search; whoever waits for longer is answered by the table */
  public constructor(
    private readonly alias: string,
    private readonly timeoutMs: number,
    private readonly client: () => Pick<SearchClient, 'request'> = searchClient,
    private readonly now: () => number = Date.now,
  ) {}

  public async newest(
    tag: string | undefined,
    known: Known,
    from: number,
    size: number,
  ): Promise<{ rows: ArticleRef[]; total: number }> {
    const { filter, must_not } = unknown(known);
    const tagged = tag === undefined ? [] : [{ term: { tagList: tag } }];
    const { hits } = await this.ask({
      query: { bool: { filter: [...filter, ...tagged], must_not } },
      sort: [NEWEST],
      from,
      size,
      track_total_hits: true,
      _source: SOURCE,
    });
    return { rows: hits.hits.map(({ _source }) => _source), total: hits.total.value };
  }

  public async tags(known: Known, size: number): Promise<TagCount[]> {
    return toTags(await this.ask({ query: { bool: unknown(known) }, size: 0, aggs: tagCounts(size) }));
  }

  public async search(
    { words, tag, authorId }: SearchFilters,
    known: Known,
    { from, after, size }: IndexedRange,
  ): Promise<IndexedSearch> {
    const { filter, must_not } = unknown(known);
    const filters = [
      ...filter,
      ...(tag === undefined ? [] : [{ term: { tagList: tag } }]),
      ...(authorId === undefined ? [] : [{ term: { authorId } }]),
    ];
    const answer = await this.ask({
      query: { bool: { must: words.map(hasWord), filter: filters, must_not } },
      sort: [{ _score: 'desc' }, NEWEST],
      ...(from === undefined ? {} : { from }),
      ...(after ? { search_after: [after.score, after.articleId] } : {}),
      size,
      track_total_hits: true,
      _source: SOURCE,
      aggs: tagCounts(TAGS),
      highlight: HIGHLIGHT,
    });
    return { found: answer.hits.hits.map(toFound), total: answer.hits.total.value, tags: toTags(answer) };
  }

  /** @throws SearchUnavailable for whatever goes wrong: the table has the same, or what is newest of it */
  private async ask(body: object): Promise<Answer> {
    if (this.now() < this.downUntil) {
      throw new SearchUnavailable('it was away a moment ago');
    }
    try {
      const path = `/${encodeURIComponent(this.alias)}/_search`;
      const answer = await this.client().request<Answer>('POST', path, body, this.timeoutMs);
      if (answer.timed_out || answer._shards.failed > 0) {
        throw new Error('OpenSearch answered for some shards only');
      }
      return answer;
    } catch (error) {
      const status = statusOf(error);
      // A search that it refuses says nothing of the next one.
      if (status === undefined || status === 403 || status >= 429) {
        this.downUntil = this.now() + PAUSE;
      }
      throw new SearchUnavailable(error);
    }
  }
}

/** A line for each request that the table has answered instead: a metric counts them by this message. */
export const logFallback = (error: SearchUnavailable) =>
  logWarning(SEARCH_FALLBACK, error.cause instanceof Error ? error.cause : error);

let repository: SearchRepository | undefined;

/** The function's one, which remembers when the index was away. */
export function searchRepository(): SearchRepository {
  repository ??= new SearchRepository(requireEnv('SEARCH_ALIAS'), numberEnv('SEARCH_TIMEOUT_MS'));
  return repository;
}
