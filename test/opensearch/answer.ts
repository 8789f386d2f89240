import { call, type SearchService } from './service';

/** What of an answer is compared: all but scores, times and the words of errors. */
export interface Answer {
  readonly status: number;
  readonly error?: { readonly type: string; readonly causes: readonly string[] };
  readonly total?: { readonly value: number; readonly relation: string };
  readonly hits?: readonly Hit[];
  readonly facets?: Readonly<Record<string, Facet>>;
}

interface Hit {
  /** The number that its id was made of. */
  readonly article: number;
  readonly version?: number;
  readonly source?: unknown;
  /** Without scores. */
  readonly sort?: readonly unknown[];
  readonly highlight?: Readonly<Record<string, readonly string[]>>;
}

interface Facet {
  readonly buckets: readonly (readonly [key: string, count: number])[];
  readonly others: number;
}

interface RawHit {
  readonly _id: string;
  readonly _version?: number;
  readonly _source?: unknown;
  readonly sort?: readonly unknown[];
  readonly highlight?: Hit['highlight'];
}

interface Raw {
  readonly error?: { readonly type: string; readonly root_cause: readonly { readonly type: string }[] };
  readonly hits?: { readonly total?: Answer['total']; readonly hits: readonly RawHit[] };
  readonly aggregations?: Readonly<
    Record<
      string,
      { readonly buckets: readonly { key: string; doc_count: number }[]; readonly sum_other_doc_count: number }
    >
  >;
}

interface Asked {
  readonly sort?: unknown;
  readonly _source?: unknown;
}

/** What it sorts by, as names. */
const keysOf = ({ sort }: Asked): string[] =>
  [sort ?? []].flat().map((key: unknown) => (typeof key === 'string' ? key : Object.keys(key as object)[0]));

function hitOf(asked: Asked, { _id, _version, _source, sort, highlight }: RawHit): Hit {
  const keys = keysOf(asked);
  return {
    article: Number(/^0193a5c0-(\d{4})-/.exec(_id)?.[1]),
    ...(_version !== undefined && { version: _version }),
    // The whole of it where nothing was said of it.
    ...('_source' in asked && _source !== undefined && { source: _source }),
    ...(sort && { sort: sort.filter((_, index) => keys[index] !== '_score') }),
    ...(highlight && { highlight }),
  };
}

/** What a service answers to a search. */
export async function answerOf(
  service: SearchService,
  index: string,
  body: object | string,
  parameters = '',
): Promise<Answer> {
  const { status, body: raw } = await call<Raw>(service, 'POST', `${index}/_search${parameters}`, body);
  if (raw.error) {
    return { status, error: { type: raw.error.type, causes: raw.error.root_cause.map(({ type }) => type) } };
  }
  const asked: Asked = typeof body === 'object' ? body : {};
  return {
    status,
    ...(raw.hits?.total && { total: raw.hits.total }),
    hits: raw.hits?.hits.map((hit) => hitOf(asked, hit)),
    ...(raw.aggregations && {
      facets: Object.fromEntries(
        Object.entries(raw.aggregations).map(([name, { buckets, sum_other_doc_count: others }]) => [
          name,
          { buckets: buckets.map(({ key, doc_count }) => [key, doc_count] as const), others },
        ]),
      ),
    }),
  };
}

/**
 * All pages of a search that is sorted, each after the last of the one before; the last is empty.
 *
 * @throws Error where a page is refused, or they do not end
 */
export async function pagesOf(service: SearchService, index: string, body: object): Promise<number[][]> {
  const pages: number[][] = [];
  let after: readonly unknown[] | undefined;
  while (pages.length < 100) {
    const asked = { ...body, ...(after && { search_after: after }) };
    const { status, body: raw } = await call<Raw>(service, 'POST', `${index}/_search`, asked);
    if (status !== 200 || !raw.hits) throw new Error(`page ${pages.length} is ${status}: ${JSON.stringify(raw)}`);
    const { hits } = raw.hits;
    pages.push(hits.map((hit) => hitOf({}, hit).article));
    if (hits.length === 0) return pages;
    after = hits[hits.length - 1].sort;
  }
  throw new Error(`a hundred pages, and no end: ${JSON.stringify(body)}`);
}
