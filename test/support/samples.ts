import { type ErrorMessages, HttpError } from '../../lambda/core/http/errors';
import type { Article, FullArticle, Profile, SlugRecord } from '../../lambda/realworld-api/domain/model';

/** A UUIDv7 that says which one it is: the same number always gives the same id, and ids sort by their numbers. */
const idOf = (number: number, kind = 1) =>
  `01900000-${number.toString(16).padStart(4, '0')}-7000-8000-${String(kind).padStart(2, '0')}${number
    .toString(16)
    .padStart(10, '0')}`;
/** The id of a user. */
export const userIdOf = (number: number) => idOf(number, 10);
/** The id of an article. */
export const articleIdOf = (number: number) => idOf(number, 20);

export const profileOf = (number: number, given: Partial<Profile> = {}): Profile => ({
  userId: userIdOf(number),
  username: `user-${number}`,
  bio: null,
  image: null,
  tokenVersion: 1,
  ...given,
});

export const articleOf = (number: number, author: number, given: Partial<Article> = {}): Article => ({
  articleId: articleIdOf(number),
  authorId: userIdOf(author),
  slug: `article-${number}`,
  title: `Article ${number}`,
  description: `About ${number}`,
  tagList: [],
  favoritesCount: 0,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  ...given,
});

export const fullArticleOf = (number: number, author: number, given: Partial<FullArticle> = {}): FullArticle => ({
  ...articleOf(number, author),
  body: `Body ${number}`,
  ...given,
});

export const slugOf = (article: Article, given: Partial<SlugRecord> = {}): SlugRecord => ({
  slug: article.slug,
  articleId: article.articleId,
  authorId: article.authorId,
  slugBase: article.slug,
  tagList: article.tagList,
  commenterIds: [],
  ...given,
});

/** What the caller of the API would be told; a promise that is kept, or breaks with another error, fails the test. */
export async function refusal(promise: Promise<unknown>): Promise<{ status: number; errors: ErrorMessages }> {
  const error: unknown = await promise.then(
    () => new Error('It was not refused'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof HttpError)) {
    throw error;
  }
  return { status: error.statusCode, errors: error.messages };
}

/** As `refusal`, for what throws at once. */
export const refusalOf = (action: () => unknown) => refusal(Promise.resolve().then(action));
