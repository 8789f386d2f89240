import { forbidden, notFound, unauthorized } from '../errors';
import type { Article, ArticleChanges, ArticleInContext, ArticleRef, FullArticle, Profile, SlugRecord } from './model';
import type { Lookups, Sessions } from './session';
import { type Changes, tellIfLate, type Telling, type Unsettled, unsettledSince } from './settling';
import { slugBase, slugCandidate } from './slug';
import { articleView } from './views';
import { withReadBeside } from './write-and-read';
import { Busy } from '../../core/busy';

/** What became of a write of an article. */
export type WriteOutcome =
  | { readonly kind: 'done' }
  /** The slug that was asked for is another article's. */
  | { readonly kind: 'slug-taken' }
  /** The article is gone, or is reached by another slug now. */
  | { readonly kind: 'gone' }
  /** What was read before does not hold any more: read and try again. */
  | { readonly kind: 'changed' }
  /** The write is not later than the last one, which was at this time. */
  | { readonly kind: 'too-early'; readonly updatedAt: string };

/** What became of a favorite, or of taking it back. */
export type FavoriteOutcome =
  | { readonly kind: 'done' }
  /** It was as wanted already: another request of the same user came first. */
  | { readonly kind: 'already' }
  | { readonly kind: 'gone' };

/** What an answer needs of an article that is known without a read. */
export interface KnownOfArticle {
  readonly author?: Profile;
  /** Whether the viewer has favorited it. */
  readonly favorited?: boolean;
  readonly body?: string;
}

/** What the rules about articles need of storage. */
export interface ArticlePorts {
  readonly sessions: Sessions;
  readonly articles: Telling & {
    create(article: FullArticle, slugBase: string): Promise<WriteOutcome>;
    read(
      ref: ArticleRef,
      viewer: Profile | undefined,
      known?: KnownOfArticle,
      unsettled?: Unsettled,
    ): Promise<ArticleInContext | undefined>;
    /** Ids of articles and users that were changed since a moment. */
    changedSince(since: number): Promise<Changes>;
    update(
      record: SlugRecord,
      changes: ArticleChanges,
      updatedAt: string,
      newSlug?: { readonly slug: string; readonly slugBase: string },
    ): Promise<WriteOutcome>;
    delete(record: SlugRecord, deletedAt: string): Promise<WriteOutcome>;
  };
  newId(): string;
  /** Milliseconds since 1970. */
  now(): number;
}

/** What the rules about favorites need of storage. */
export interface FavoritePorts extends Pick<ArticlePorts, 'sessions' | 'now'> {
  readonly articles: Pick<ArticlePorts['articles'], 'read'>;
  readonly favorites: Telling & {
    /**
     * What is written before a favorite, or before it is taken back: what finds it when its article is deleted, and
     * what tells lists of it. Harmless where nothing follows.
     */
    announce(userId: string, article: ArticleRef, favorite: boolean, at: string): Promise<void>;
    /** For what may have been announced since the article was deleted, and all that was done about that. */
    forgetGone(userId: string, articleId: string, now: string): Promise<void>;
    favorite(userId: string, article: Article, createdAt: string): Promise<FavoriteOutcome>;
    unfavorite(userId: string, article: Article): Promise<FavoriteOutcome>;
  };
}

/** Tries of a write that others get in the way of: a slug that is taken, a state that has moved on. */
const ATTEMPTS = 8;

const iso = (time: number) => new Date(time).toISOString();
/** A tag counts once, where it first stands. */
const unique = (tags: readonly string[]) => [...new Set(tags)];

/** The viewer and the article behind a slug. @throws HttpError 401, then 404 */
export async function openArticle(
  ports: Pick<ArticlePorts, 'sessions'>,
  token: string,
  slug: string,
  lookups: Pick<Lookups, 'followsSelf'> = {},
) {
  const { viewer, slug: record, followsSelf = false } = await ports.sessions.load(token, { slug, ...lookups });
  if (!viewer) {
    throw unauthorized('is invalid');
  }
  if (!record) {
    throw notFound('article');
  }
  return { viewer, record, followsSelf };
}

/** As `openArticle`, for those who may change the article. @throws HttpError 401, then 404, then 403 */
export async function openOwnArticle(ports: Pick<ArticlePorts, 'sessions'>, token: string, slug: string) {
  const { viewer, record } = await openArticle(ports, token, slug);
  if (record.authorId !== viewer.userId) {
    throw forbidden('article');
  }
  return { viewer, record };
}

/**
 * The token is looked at before the write, not in it: a check of the profile within the transaction would make all
 * posts of one author wait for one another.
 */
export async function createArticle(
  ports: ArticlePorts,
  token: string,
  input: { title: string; description: string; body: string; tagList?: readonly string[] },
) {
  const now = ports.now();
  const base = slugBase(input.title);
  const { viewer: author, followsSelf: following = false } = await ports.sessions.load(token, { followsSelf: true });
  if (!author) {
    throw unauthorized('is invalid');
  }
  for (let collisions = 0; collisions < ATTEMPTS; collisions++) {
    const article: FullArticle = {
      articleId: ports.newId(),
      authorId: author.userId,
      slug: slugCandidate(base, collisions),
      title: input.title,
      description: input.description,
      body: input.body,
      tagList: unique(input.tagList ?? []),
      favoritesCount: 0,
      createdAt: iso(now),
      updatedAt: iso(now),
    };
    const outcome = await ports.articles.create(article, base);
    if (outcome.kind === 'done') {
      return { article: articleView(article, author, { favorited: false, following }) };
    }
  }
  throw new Busy(`No free slug in ${ATTEMPTS} attempts`);
}

/** The author's profile, where it is the viewer's: that was read to know who asks. */
const ownProfile = ({ authorId }: SlugRecord, viewer: Profile | undefined) =>
  viewer?.userId === authorId ? viewer : undefined;

export async function getArticle(
  ports: Pick<ArticlePorts, 'sessions' | 'articles' | 'now'>,
  token: string | undefined,
  slug: string,
) {
  const [{ viewer, slug: record }, changed] = await Promise.all([
    ports.sessions.load(token, { slug }),
    ports.articles.changedSince(unsettledSince(ports.now())),
  ]);
  const known = record && { author: ownProfile(record, viewer) };
  const found = record && (await ports.articles.read(record, viewer, known, { viewer, changed }));
  if (!found) {
    throw notFound('article');
  }
  return { article: articleView(found.article, found.author, found.viewerState) };
}

export async function updateArticle(ports: ArticlePorts, token: string, slug: string, input: ArticleChanges) {
  const changes: ArticleChanges = input.tagList ? { ...input, tagList: unique(input.tagList) } : input;
  let updatedAt = iso(ports.now());
  let collisions = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { viewer, record } = await openOwnArticle(ports, token, slug);
    const base = changes.title === undefined ? record.slugBase : slugBase(changes.title);
    // A title may also spell the slug that the article has, suffix and all.
    const keepsSlug = base === record.slugBase || base === record.slug;
    const newSlug = keepsSlug ? undefined : { slug: slugCandidate(base, collisions), slugBase: base };
    const unchanged = Object.values(changes).every((value) => value === undefined);
    // The answer is what was there with the change laid over it, so it can be read beside the write.
    const [outcome, found] = await withReadBeside(
      unchanged
        ? Promise.resolve({ kind: 'done' } as const)
        : ports.articles.update(record, changes, updatedAt, newSlug),
      () => ports.articles.read(record, viewer, { author: viewer, body: changes.body }),
    );
    if (outcome.kind === 'gone' || (outcome.kind === 'done' && !found)) {
      throw notFound('article');
    }
    if (outcome.kind === 'done' && found) {
      if (!unchanged) {
        await tellIfLate(ports.articles, record.articleId, updatedAt, ports.now());
      }
      const article: FullArticle = unchanged
        ? found.article
        : { ...found.article, ...changes, updatedAt, slug: newSlug?.slug ?? record.slug };
      return { article: articleView(article, found.author, found.viewerState) };
    }
    collisions += outcome.kind === 'slug-taken' ? 1 : 0;
    if (outcome.kind === 'too-early') {
      updatedAt = iso(Math.max(ports.now(), Date.parse(outcome.updatedAt) + 1));
    }
  }
  throw new Busy(`The article kept changing in ${ATTEMPTS} attempts to change it`);
}

export async function deleteArticle(ports: ArticlePorts, token: string, slug: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { record } = await openOwnArticle(ports, token, slug);
    const outcome = await ports.articles.delete(record, iso(ports.now()));
    if (outcome.kind === 'gone') {
      throw notFound('article');
    }
    if (outcome.kind === 'done') {
      return;
    }
  }
  throw new Busy(`The article kept changing in ${ATTEMPTS} attempts to delete it`);
}

/**
 * Favorites or unfavorites; doing it twice is doing it once. The article is read before the write, because it says
 * where its favorites are counted: the answer is what was read with this favorite more, or less. Whether it is one
 * already is left to the write to find out: most are not. Then what was read may hold this favorite or not, and is read
 * again.
 */
export async function setFavorite(ports: FavoritePorts, token: string, slug: string, favorite: boolean) {
  const { viewer, record } = await openArticle(ports, token, slug);
  const { userId } = viewer;
  const at = iso(ports.now());
  const gone = async () => {
    if (favorite) {
      await ports.favorites.forgetGone(userId, record.articleId, at);
    }
    return notFound('article');
  };
  const read = () => ports.articles.read(record, viewer, { author: ownProfile(record, viewer), favorited: favorite });
  const [found] = await Promise.all([read(), ports.favorites.announce(userId, record, favorite, at)]);
  if (!found) {
    throw await gone();
  }
  const { article, author, viewerState } = found;
  const outcome = favorite
    ? await ports.favorites.favorite(userId, article, at)
    : await ports.favorites.unfavorite(userId, article);
  if (outcome.kind === 'gone') {
    throw await gone();
  }
  await tellIfLate(ports.favorites, record.articleId, at, ports.now());
  if (outcome.kind === 'already') {
    const now = await read();
    if (!now) {
      throw await gone();
    }
    return { article: articleView(now.article, now.author, now.viewerState) };
  }
  const favoritesCount = article.favoritesCount + (favorite ? 1 : -1);
  return { article: articleView({ ...article, favoritesCount }, author, viewerState) };
}
