import { LIMITS } from './limits';
import type { Article, ArticleRef, ArticlesInContext, Profile, Rows } from './model';
import type { RequestContext, Sessions } from './session';
import { type Lately, type LatelySince, type Unsettled, unsettledSince } from './settling';
import { articleRowView } from './views';
import { fitsKey } from '../../core/folding';

/** What the rules about lists need of storage. */
export interface ListPorts {
  readonly sessions: Sessions;
  readonly lists: {
    lately(since: LatelySince): Promise<Lately>;
    timeline(max: number): Promise<Rows>;
    byTag(tag: string, max: number): Promise<Rows>;
    byAuthor(authorId: string, max: number): Promise<Rows<Article>>;
    /** An author's articles with a tag. @param since as far back as the stream may be behind, in ms since 1970 */
    byAuthorAndTag(authorId: string, tag: string, since: number, max: number): Promise<Rows>;
    byFavorited(userId: string, max: number): Promise<Rows>;
    withTag(rows: readonly ArticleRef[], tag: string): Promise<ArticleRef[]>;
    authorCount(authorId: string): Promise<number>;
    profile(userId: string): Promise<Profile | undefined>;
    readArticles(
      rows: readonly ArticleRef[],
      viewerId: string | undefined,
      followed?: ReadonlySet<string>,
      unsettled?: Unsettled,
    ): Promise<ArticlesInContext>;
    withAllFavorites(articles: readonly Article[]): Promise<Article[]>;
    favorited(viewerId: string | undefined, rows: readonly ArticleRef[]): Promise<Set<string>>;
    following(viewerId: string | undefined, userIds: readonly string[]): Promise<Set<string>>;
    newestFavorites(viewerId: string | undefined, max: number): Promise<{ ids: Set<string>; down?: string }>;
  };
  /**
   * How far the stream may be behind, in ms: rows of articles deleted since then are passed over, and those made since
   * then are found without it.
   */
  readonly window: number;
  /** Milliseconds since 1970. */
  now(): number;
}

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

export interface Filters {
  readonly tag?: string;
  readonly author?: string;
  readonly favorited?: string;
}

/** Favorites of the viewer prefetched for an author's list: most have fewer. */
const FAVORITES_PREFETCHED = 100;

/** Rows looked up by key before it is cheaper to read a list through: 40 edges fit a unit, a key takes one. */
const BY_KEY = 100;

const EMPTY = { articles: [], articlesCount: 0 };

/** Rows as the API shows them; those whose article or author is gone are left out. */
export function toViews(rows: readonly ArticleRef[], found: ArticlesInContext) {
  return rows.flatMap((row) => {
    const article = found.articles.get(row.articleId);
    const author = found.authors.get(row.authorId);
    const viewerState = { favorited: found.favorited.has(row.articleId), following: found.following.has(row.authorId) };
    return article && author ? [articleRowView(article, author, viewerState)] : [];
  });
}

/**
 * One page of a list whose rows may name articles that are gone, or do not match any more: those known to be deleted
 * are passed over before the offset is counted, and a page that is short all the same is filled up from what follows.
 */
async function page(
  ports: Pick<ListPorts, 'lists'>,
  first: Rows,
  again: (max: number) => Promise<Rows>,
  deleted: ReadonlySet<string>,
  { limit, offset }: Page,
  unsettled: Unsettled,
  matches: (article: Article) => boolean = () => true,
) {
  const gone = new Set(deleted);
  let source = first;
  let asked = offset + limit;
  for (;;) {
    const live = source.rows.filter((row) => !gone.has(row.articleId));
    if (live.length < offset + limit && source.more && asked < LIMITS.window) {
      asked = Math.min(LIMITS.window, asked + (offset + limit - live.length) + gone.size);
      source = await again(asked);
      continue;
    }
    const wanted = live.slice(offset, offset + limit);
    const found = await ports.lists.readArticles(wanted, unsettled.viewer?.userId, undefined, unsettled);
    const there = wanted.filter((row) => {
      const article = found.articles.get(row.articleId);
      return article !== undefined && matches(article);
    });
    const canRefill = live.length > offset + limit || source.more;
    if (there.length === wanted.length || !canRefill) {
      return toViews(there, found);
    }
    wanted.filter((row) => !there.includes(row)).forEach((row) => gone.add(row.articleId));
  }
}

async function listWhole(
  ports: ListPorts,
  read: (max: number) => Promise<Rows>,
  open: Promise<RequestContext>,
  { limit, offset }: Page,
) {
  const now = ports.now();
  const [{ viewer, tagged }, first, { deleted, changed }] = await Promise.all([
    open,
    read(offset + limit),
    ports.lists.lately({ deleted: now - ports.window, changed: unsettledSince(now) }),
  ]);
  const articles = await page(ports, first, read, deleted, { limit, offset }, { viewer, changed });
  return { articles, articlesCount: first.total ?? tagged ?? 0 };
}

/** By an author alone: their articles lie together, with their number in the author's profile. */
async function listByAuthor(ports: ListPorts, authorId: string, viewerId: string | undefined, { limit, offset }: Page) {
  const [{ rows }, articlesCount, author, following, favorites] = await Promise.all([
    ports.lists.byAuthor(authorId, offset + limit),
    ports.lists.authorCount(authorId),
    ports.lists.profile(authorId),
    ports.lists.following(viewerId, [authorId]),
    ports.lists.newestFavorites(viewerId, FAVORITES_PREFETCHED),
  ]);
  if (!author) {
    return EMPTY;
  }
  const wanted = rows.slice(offset);
  const { down } = favorites;
  const older = down === undefined ? [] : wanted.filter((row) => row.articleId < down);
  const [olderFavorites, articles] = await Promise.all([
    ports.lists.favorited(viewerId, older),
    ports.lists.withAllFavorites(wanted),
  ]);
  const favorited = new Set([...favorites.ids, ...olderFavorites]);
  const found: ArticlesInContext = {
    articles: new Map(articles.map((row) => [row.articleId, row])),
    authors: new Map([[authorId, author]]),
    favorited,
    following,
  };
  return { articles: toViews(wanted, found), articlesCount };
}

/** Favorites by an author, with a tag: few are looked up by key, many are laid beside the rows of the tag. */
async function favoritedRows(ports: ListPorts, userId: string, authorId: string | undefined, tag: string | undefined) {
  const { rows } = await ports.lists.byFavorited(userId, LIMITS.window);
  const ofAuthor = rows.filter((row) => authorId === undefined || row.authorId === authorId);
  if (tag === undefined || ofAuthor.length === 0) {
    return ofAuthor;
  }
  if (ofAuthor.length <= BY_KEY) {
    return ports.lists.withTag(ofAuthor, tag);
  }
  const tagged = await ports.lists.byTag(tag, LIMITS.window);
  if (tagged.more) {
    return ports.lists.withTag(ofAuthor, tag);
  }
  const ids = new Set(tagged.rows.map((row) => row.articleId));
  return ofAuthor.filter((row) => ids.has(row.articleId));
}

/**
 * Articles, newest first. Filters combine with AND: favorites are read through, up to 10,000 rows, and the
 * others are looked up by key; an author's articles with a tag have a list of their own.
 */
export async function listArticles(ports: ListPorts, token: string | undefined, filters: Filters, range: Page) {
  const { tag, author, favorited } = filters;
  const names = [author, favorited].filter((name): name is string => name !== undefined);
  if (tag !== undefined && !fitsKey(tag)) {
    await ports.sessions.load(token);
    return EMPTY;
  }
  // The number of a tag's articles comes with who asks, where it is wanted.
  const open = ports.sessions.load(token, names.length === 0 ? { tag } : { usernames: names });
  if (names.length === 0) {
    const read = tag === undefined ? ports.lists.timeline.bind(ports.lists) : ports.lists.byTag.bind(ports.lists, tag);
    return listWhole(ports, read, open, range);
  }
  const { viewer, userIds } = await open;
  const ids = new Map(names.map((name, index) => [name, userIds[index]]));
  const authorId = author === undefined ? undefined : ids.get(author);
  const favoritedId = favorited === undefined ? undefined : ids.get(favorited);
  if ((author !== undefined && authorId === undefined) || (favorited !== undefined && favoritedId === undefined)) {
    return EMPTY;
  }
  if (favoritedId === undefined && authorId !== undefined && tag === undefined) {
    return listByAuthor(ports, authorId, viewer?.userId, range);
  }

  const now = ports.now();
  const since = now - ports.window;
  const [found, { deleted, changed }] = await Promise.all([
    favoritedId !== undefined
      ? favoritedRows(ports, favoritedId, authorId, tag)
      : ports.lists.byAuthorAndTag(authorId ?? '', tag ?? '', since, LIMITS.window).then(({ rows }) => rows),
    ports.lists.lately({ deleted: since, changed: unsettledSince(now) }),
  ]);
  const matching = found.filter((row) => !deleted.has(row.articleId));
  const whole = { rows: matching, more: false };
  const matches = ({ tagList }: Article) => tag === undefined || tagList.includes(tag);
  const articles = await page(ports, whole, async () => whole, deleted, range, { viewer, changed }, matches);
  return { articles, articlesCount: matching.length };
}
