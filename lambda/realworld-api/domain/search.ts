import { LIMITS, TAGS_SHOWN, TEXTS_READ } from './limits';
import { type Filters, listArticles, type ListPorts, type Page, toViews } from './lists';
import type { ArticleRef, ArticlesInContext, Rows } from './model';
import {
  changed,
  type Known,
  knownOf,
  type RecentArticle,
  type RecentSince,
  recentSince,
  type RecentWrites,
  type SearchWindows,
} from './recent';
import type { RequestContext, Sessions } from './session';
import {
  type ArticleText,
  byId,
  byPlace,
  type Found,
  isAfter,
  matching,
  type Place,
  type SearchFilters,
  sumUp,
  type TagCount,
  toRead,
} from './texts';
import { fitsKey } from '../../core/folding';

/** The search index does not answer, or not in time. */
export class SearchUnavailable extends Error {
  public constructor(cause: unknown) {
    super('The search index does not answer', { cause });
    this.name = 'SearchUnavailable';
  }
}

/** What the index has, without what is known to be otherwise. */
export interface IndexedSearch {
  readonly found: readonly Found[];
  readonly total: number;
  readonly tags: readonly TagCount[];
}

/** Which of what the index has: `from` and `after` exclude each other. */
export interface IndexedRange {
  readonly from?: number;
  readonly after?: Place;
  readonly size: number;
}

/** What the rules about search need of storage. */
export interface SearchPorts {
  readonly sessions: Sessions;
  readonly lists: Pick<ListPorts['lists'], 'readArticles'>;
  readonly recent: {
    writes(since: RecentSince, max: number): Promise<RecentWrites>;
    /** The newest of all, as they were made: newest first. */
    newest(max: number): Promise<RecentArticle[]>;
    texts(rows: readonly ArticleRef[]): Promise<ArticleText[]>;
  };
  /** Each call throws SearchUnavailable where there is no answer in time. */
  readonly index: {
    newest(tag: string | undefined, known: Known, from: number, size: number): Promise<Required<Omit<Rows, 'more'>>>;
    tags(known: Known, size: number): Promise<readonly TagCount[]>;
    search(filters: SearchFilters, known: Known, range: IndexedRange): Promise<IndexedSearch>;
  };
  readonly windows: SearchWindows;
  /** Told each time that the index is answered for by the table. */
  fellBack(error: SearchUnavailable): Promise<void>;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Of the articles of the last moments, those that lists know without the index. */
const CREATED = 2_000;
/** A page is filled up so often where what the index has is gone. */
const REFILLS = 3;

/** The answer of the index, or else of the table. */
async function orElse<T>(
  ports: Pick<SearchPorts, 'fellBack'>,
  index: () => Promise<T>,
  table: () => Promise<T>,
): Promise<T> {
  try {
    return await index();
  } catch (error) {
    if (!(error instanceof SearchUnavailable)) {
      throw error;
    }
    await ports.fellBack(error);
    return table();
  }
}

/**
 * The rows of a page, of two lists in one order, of which the second is read from somewhere.
 *
 * @param first all of it, in order
 * @param read rows of the second from a place on
 */
async function merged<T, R extends { readonly rows: readonly NoInfer<T>[] }>(
  first: readonly T[],
  read: (from: number, size: number) => Promise<R>,
  order: (a: T, b: T) => number,
  { limit, offset }: Page,
): Promise<{ rows: T[]; answer: R }> {
  // All of the second before this place come before the page, wherever those of the first are.
  const from = Math.max(0, offset - first.length);
  const answer = await read(from, offset + limit - from);
  const rows = [...first, ...answer.rows].sort(order);
  return { rows: rows.slice(offset - from, offset - from + limit), answer };
}

/** Which articles a list shows. */
export interface SearchableFilters extends Filters {
  /** Different words in lower case. */
  readonly words?: readonly string[];
}

/**
 * As `listArticles`, from the search index where that is the shorter way: the newest of all or with a tag, and those that
 * have some words.
 */
export function listArticlesByIndex(
  ports: SearchPorts & ListPorts,
  token: string | undefined,
  { words, ...filters }: SearchableFilters,
  range: Page,
) {
  const { tag, author, favorited } = filters;
  if (words !== undefined) {
    return listFound(ports, token, words, { tag, author }, range);
  }
  const table = () => listArticles(ports, token, filters, range);
  const isNewest = author === undefined && favorited === undefined && (tag === undefined || fitsKey(tag));
  return isNewest ? newestArticles(ports, token, tag, range, table) : table();
}

/**
 * The newest articles, all or those with a tag, from the index. The writes of the last moments are laid over it.
 *
 * @param table answers where the index does not
 */
async function newestArticles(
  ports: SearchPorts,
  token: string | undefined,
  tag: string | undefined,
  range: Page,
  table: () => ReturnType<typeof listArticles>,
) {
  const [{ viewer }, recent] = await Promise.all([
    ports.sessions.load(token),
    ports.recent.writes(recentSince(ports.now(), ports.windows), CREATED),
  ]);
  const unsettled = { viewer, changed: recent.changed };
  const overlay: readonly ArticleRef[] =
    tag === undefined
      ? recent.created
      : [...recent.created, ...recent.updated].filter(({ tagList }) => tagList.includes(tag)).sort(byId);
  // Of an article that was changed the order is the same: only its tags may be others.
  const known = knownOf(tag === undefined ? { ...recent, updated: [] } : recent);
  return orElse(
    ports,
    async () => {
      const gone = new Set<string>();
      for (let round = 0; ; round++) {
        const live = overlay.filter(({ articleId }) => !gone.has(articleId));
        const skipped = { ...known, ids: [...known.ids, ...gone] };
        const { rows, answer } = await merged(
          live,
          (from, size) => ports.index.newest(tag, skipped, from, size),
          byId,
          range,
        );
        const found = await ports.lists.readArticles(rows, viewer?.userId, undefined, unsettled);
        const missing = rows.filter(({ articleId }) => {
          const article = found.articles.get(articleId);
          return article === undefined || (tag !== undefined && !article.tagList.includes(tag));
        });
        if (missing.length === 0 || round >= REFILLS) {
          const shown = rows.filter((row) => !missing.includes(row));
          return { articles: toViews(shown, found), articlesCount: answer.total + live.length - missing.length };
        }
        missing.forEach(({ articleId }) => gone.add(articleId));
      }
    },
    table,
  );
}

/**
 * Tags that articles carry, the most used first, counted by the index and in the writes of the last moments.
 *
 * @param table answers where the index does not
 */
export async function usedTags(
  ports: Omit<SearchPorts, 'sessions' | 'lists'>,
  max: number,
  table: () => Promise<string[]>,
): Promise<string[]> {
  const recent = await ports.recent.writes(recentSince(ports.now(), ports.windows), CREATED);
  return orElse(
    ports,
    async () => {
      const counts = await ports.index.tags(knownOf(recent), max);
      const tagLists = [...recent.created, ...recent.updated].map(({ tagList }) => tagList);
      return sumUp(counts, tagLists, max).map(({ tag }) => tag);
    },
    table,
  );
}

/** What a search found, before it is shown. */
interface Searched {
  readonly rows: readonly Found[];
  readonly more: boolean;
  readonly total: number;
  readonly tags: readonly TagCount[];
  /** Whether all articles were searched. */
  readonly complete: boolean;
}

/** A page of what is found: those behind a place in the order, or behind so many. */
interface SearchRange {
  readonly limit: number;
  readonly offset?: number;
  readonly after?: Place;
}

const pageOf = (found: readonly Found[], offset: number, limit: number) => ({
  rows: found.slice(offset, offset + limit),
  more: found.length > offset + limit,
});

/** What of these articles a search finds: all that is known where the index does not answer. */
function searchTexts(
  texts: readonly ArticleText[],
  filters: SearchFilters,
  { limit, offset = 0, after }: SearchRange,
): Searched {
  const { found, tagLists } = matching(texts, filters);
  return {
    ...pageOf(found.filter(isAfter(after)), offset, limit),
    total: found.length,
    tags: sumUp([], tagLists, TAGS_SHOWN),
    complete: false,
  };
}

async function searchIndex(
  ports: SearchPorts,
  filters: SearchFilters,
  { limit, offset = 0, after }: SearchRange,
  recent: RecentWrites,
  viewerId: string | undefined,
): Promise<Searched> {
  const read = toRead([...recent.created, ...recent.updated], viewerId);
  const readIds = read.map(({ articleId }) => articleId);
  // Those that are not read are left to the index, whenever it has them.
  const known = { ids: [...new Set([...readIds, ...recent.deleted])] };
  // All of the index before this place come before the page, wherever those that are laid over it are.
  const from = Math.max(0, offset - read.length);
  const first = offset - from;
  // One more than are shown tells whether there are more.
  const size = Math.min(first + limit + 1, LIMITS.window - from);
  const [texts, indexed] = await Promise.all([
    ports.recent.texts(read),
    ports.index.search(filters, known, after ? { after, size } : { from, size }),
  ]);
  const overlay = matching(texts, filters);
  const all = [...overlay.found.filter(isAfter(after)), ...indexed.found].sort(byPlace);
  return {
    ...pageOf(all, first, limit),
    total: indexed.total + overlay.found.length,
    tags: sumUp(indexed.tags, overlay.tagLists, TAGS_SHOWN),
    complete: true,
  };
}

/** What of the newest articles a search finds. */
async function searchNewest(
  ports: SearchPorts,
  filters: SearchFilters,
  range: SearchRange,
  recent: RecentWrites,
  viewerId: string | undefined,
): Promise<Searched> {
  const newest = await ports.recent.newest(TEXTS_READ);
  const changes = new Map([...recent.created, ...recent.updated].map((change) => [change.articleId, change]));
  const live = newest
    .filter(({ articleId }) => !recent.deleted.has(articleId))
    .map((row) => changed(row, changes.get(row.articleId) ?? row));
  return searchTexts(await ports.recent.texts(toRead(live, viewerId)), filters, range);
}

/** The names in a search, beside its words. */
export interface SearchNames {
  readonly tag?: string;
  readonly author?: string;
}

const NOTHING: Searched = { rows: [], more: false, total: 0, tags: [], complete: true };

async function find(
  ports: SearchPorts,
  token: string | undefined,
  words: readonly string[],
  { tag, author }: SearchNames,
  range: SearchRange,
): Promise<Searched & { readonly context: ArticlesInContext }> {
  const [{ viewer, userIds }, recent]: [RequestContext, RecentWrites] = await Promise.all([
    ports.sessions.load(token, author === undefined ? {} : { usernames: [author] }),
    ports.recent.writes(recentSince(ports.now(), ports.windows), TEXTS_READ),
  ]);
  const filters = { words, tag, authorId: userIds[0] };
  const searched =
    author !== undefined && userIds[0] === undefined
      ? NOTHING
      : await orElse(
          ports,
          () => searchIndex(ports, filters, range, recent, viewer?.userId),
          () => searchNewest(ports, filters, range, recent, viewer?.userId),
        );
  const unsettled = { viewer, changed: recent.changed };
  const context = await ports.lists.readArticles(searched.rows, viewer?.userId, undefined, unsettled);
  return { ...searched, context };
}

/** Articles that have all of some words, the best first, as a list shows them. */
async function listFound(
  ports: SearchPorts,
  token: string | undefined,
  words: readonly string[],
  names: SearchNames,
  range: Page,
) {
  const { rows, total, context } = await find(ports, token, words, names, range);
  return { articles: toViews(rows, context), articlesCount: total };
}

/** Articles that have all of some words, the best first: where the words are, how many there are, and their tags. */
export async function searchArticles(
  ports: SearchPorts,
  token: string | undefined,
  words: readonly string[],
  names: SearchNames,
  range: { readonly limit: number; readonly after?: Place },
) {
  const { rows, more, total, tags, complete, context } = await find(ports, token, words, names, range);
  const last = rows[rows.length - 1] as Found | undefined;
  return {
    articles: rows.flatMap((row) =>
      toViews([row], context).map((article) => ({ ...article, highlights: row.highlights })),
    ),
    articlesCount: total,
    tags,
    complete,
    next: more && last ? { score: last.score, articleId: last.articleId } : undefined,
  };
}
