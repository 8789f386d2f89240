import { forbidden, notFound, unauthorized } from '../errors';
import type { ArticleChanges, ArticleInContext, ArticleRef, FullArticle, Profile, SlugRecord } from './model';
import type { Sessions } from './session';
import { slugBase, slugCandidate } from './slug';
import { articleView } from './views';
import type { Claims } from '../../auth/tokens';
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
  | { readonly kind: 'too-early'; readonly updatedAt: string }
  /** The author's token has ended. */
  | { readonly kind: 'token-ended' };

/** What the rules about articles need of storage. */
export interface ArticlePorts {
  readonly sessions: Sessions;
  readonly articles: {
    create(article: FullArticle, slugBase: string, tokenVersion: number): Promise<WriteOutcome>;
    profile(userId: string): Promise<Profile | undefined>;
    read(ref: ArticleRef, viewerId: string | undefined): Promise<ArticleInContext | undefined>;
    update(
      record: SlugRecord,
      changes: ArticleChanges,
      updatedAt: string,
      newSlug?: { readonly slug: string; readonly slugBase: string },
    ): Promise<WriteOutcome>;
    delete(record: SlugRecord, deletedAt: string): Promise<WriteOutcome>;
    favorite(userId: string, ref: ArticleRef, createdAt: string): Promise<WriteOutcome>;
    unfavorite(userId: string, ref: ArticleRef): Promise<WriteOutcome>;
  };
  newId(): string;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Tries of a write that others get in the way of: a slug that is taken, a state that has moved on. */
const ATTEMPTS = 8;

const iso = (time: number) => new Date(time).toISOString();
/** A tag counts once, where it first stands. */
const unique = (tags: readonly string[]) => [...new Set(tags)];

/** The viewer and the article behind a slug. @throws HttpError 401, then 404 */
export async function openArticle(ports: Pick<ArticlePorts, 'sessions'>, token: string, slug: string) {
  const { viewer, slug: record } = await ports.sessions.load(token, { slug });
  if (!viewer) {
    throw unauthorized('is invalid');
  }
  if (!record) {
    throw notFound('article');
  }
  return { viewer, record };
}

/** As `openArticle`, for those who may change the article. @throws HttpError 401, then 404, then 403 */
export async function openOwnArticle(ports: Pick<ArticlePorts, 'sessions'>, token: string, slug: string) {
  const { viewer, record } = await openArticle(ports, token, slug);
  if (record.authorId !== viewer.userId) {
    throw forbidden('article');
  }
  return { viewer, record };
}

export async function createArticle(
  ports: ArticlePorts,
  claims: Claims,
  input: { title: string; description: string; body: string; tagList?: readonly string[] },
) {
  const now = ports.now();
  const base = slugBase(input.title);
  const author = ports.articles.profile(claims.userId);
  for (let collisions = 0; collisions < ATTEMPTS; collisions++) {
    const article: FullArticle = {
      articleId: ports.newId(),
      authorId: claims.userId,
      slug: slugCandidate(base, collisions),
      title: input.title,
      description: input.description,
      body: input.body,
      tagList: unique(input.tagList ?? []),
      favoritesCount: 0,
      createdAt: iso(now),
      updatedAt: iso(now),
    };
    const [outcome, profile] = await Promise.all([ports.articles.create(article, base, claims.generation), author]);
    if (outcome.kind === 'token-ended' || !profile) {
      throw unauthorized('is invalid');
    }
    if (outcome.kind === 'done') {
      return { article: articleView(article, profile, { favorited: false, following: false }) };
    }
  }
  throw new Busy(`No free slug in ${ATTEMPTS} attempts`);
}

export async function getArticle(
  ports: Pick<ArticlePorts, 'sessions' | 'articles'>,
  token: string | undefined,
  slug: string,
) {
  const { viewer, slug: record } = await ports.sessions.load(token, { slug });
  const found = record && (await ports.articles.read(record, viewer?.userId));
  if (!found) {
    throw notFound('article');
  }
  return { article: articleView(found.article, found.author, found.standing) };
}

export async function updateArticle(ports: ArticlePorts, token: string, slug: string, input: ArticleChanges) {
  const changes: ArticleChanges = input.tagList ? { ...input, tagList: unique(input.tagList) } : input;
  let updatedAt = iso(ports.now());
  let collisions = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { viewer, record } = await openOwnArticle(ports, token, slug);
    const base = changes.title === undefined ? record.slugBase : slugBase(changes.title);
    const newSlug = base === record.slugBase ? undefined : { slug: slugCandidate(base, collisions), slugBase: base };
    const unchanged = Object.values(changes).every((value) => value === undefined);
    // The answer is what was there with the change laid over it, so it can be read beside the write.
    const [outcome, found] = await Promise.all([
      unchanged ? ({ kind: 'done' } as const) : ports.articles.update(record, changes, updatedAt, newSlug),
      ports.articles.read(record, viewer.userId),
    ]);
    if (outcome.kind === 'gone' || (outcome.kind === 'done' && !found)) {
      throw notFound('article');
    }
    if (outcome.kind === 'done' && found) {
      const article: FullArticle = unchanged
        ? found.article
        : { ...found.article, ...changes, updatedAt, slug: newSlug?.slug ?? record.slug };
      return { article: articleView(article, found.author, found.standing) };
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

/** Favorites or unfavorites; doing it twice is doing it once. The count is read after the write. */
export async function setFavorite(ports: ArticlePorts, token: string, slug: string, favorite: boolean) {
  const { viewer, record } = await openArticle(ports, token, slug);
  const outcome = favorite
    ? await ports.articles.favorite(viewer.userId, record, iso(ports.now()))
    : await ports.articles.unfavorite(viewer.userId, record);
  const found = outcome.kind === 'gone' ? undefined : await ports.articles.read(record, viewer.userId);
  if (!found) {
    throw notFound('article');
  }
  return { article: articleView(found.article, found.author, found.standing) };
}
