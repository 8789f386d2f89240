import * as z from 'zod/mini';

/** The shapes of answers, as the contract of the RealWorld API has them. */

const count = () => z.int().check(z.nonnegative());

const profile = z.object({
  username: z.string(),
  bio: z.nullable(z.string()),
  image: z.nullable(z.string()),
  following: z.boolean(),
});
const user = z.object({
  email: z.string(),
  token: z.string(),
  username: z.string(),
  bio: z.nullable(z.string()),
  image: z.nullable(z.string()),
});
const articleRow = z.object({
  slug: z.string(),
  title: z.string(),
  description: z.string(),
  tagList: z.array(z.string()),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  favorited: z.boolean(),
  favoritesCount: count(),
  author: profile,
});
/** Where an article has the words of a search. */
export const highlights = z.object({
  title: z.optional(z.string()),
  description: z.optional(z.string()),
  body: z.optional(z.array(z.string())),
});
const article = z.extend(articleRow, { body: z.string() });
const comment = z.object({
  id: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  body: z.string(),
  author: profile,
});

export const userAnswer = z.object({ user });
export const profileAnswer = z.object({ profile });
export const articleAnswer = z.object({ article });
export const articlesAnswer = z.object({ articles: z.array(articleRow), articlesCount: count() });
export const searchAnswer = z.object({
  articles: z.array(z.extend(articleRow, { highlights })),
  articlesCount: count(),
  tags: z.array(z.object({ tag: z.string(), count: count() })),
  complete: z.boolean(),
  next: z.nullable(z.string()),
});
export const commentAnswer = z.object({ comment });
export const commentsAnswer = z.object({ comments: z.array(comment) });
export const tagsAnswer = z.object({ tags: z.array(z.string()) });
export const healthAnswer = z.object({ status: z.literal('ok') });
/** Messages by the field or resource that they are about. */
export const errorsAnswer = z.object({ errors: z.record(z.string(), z.array(z.string())) });
