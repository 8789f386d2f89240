import * as z from 'zod/mini';
import { atMost, atMostBytes, noControl, wellFormed } from '../../core/text-checks';
import { LIMITS } from '../domain/limits';
import { BLANK } from '../errors';

const missing = (input: unknown) => input === undefined || input === null;
const stringError = (issue: { input?: unknown }) => (missing(issue.input) ? BLANK : 'must be a string');

export const notBlank = z.regex(/\S/, { error: BLANK, abort: true });
export const text = () => z.string({ error: stringError });
export const line = (max: number) => text().check(atMost(max), notBlank, wellFormed, noControl);

const title = () => line(LIMITS.title);
const description = () => text().check(atMost(LIMITS.description), notBlank, wellFormed);
const articleBody = () => text().check(...atMostBytes(LIMITS.bodyBytes), notBlank, wellFormed);
const tagList = () =>
  z.array(line(LIMITS.tag), { error: (issue) => (issue.input === null ? BLANK : 'must be a list of strings') }).check(
    z.maxLength(LIMITS.tags, {
      error: (issue) => `has too many tags (maximum is ${LIMITS.tags}, got ${(issue.input as unknown[]).length})`,
    }),
  );
export const wrapper = { error: (issue: { input?: unknown }) => (missing(issue.input) ? BLANK : 'must be an object') };

export const newArticle = z.object({
  article: z.object(
    { title: title(), description: description(), body: articleBody(), tagList: z.optional(tagList()) },
    wrapper,
  ),
});
export const articleUpdate = z.object({
  article: z.object(
    {
      title: z.optional(title()),
      description: z.optional(description()),
      body: z.optional(articleBody()),
      tagList: z.optional(tagList()),
    },
    wrapper,
  ),
});
export const newComment = z.object({
  comment: z.object({ body: text().check(...atMostBytes(LIMITS.commentBytes), notBlank, wellFormed) }, wrapper),
});

const wholeNumber = (minimum: number, maximum: number) => {
  const error = (issue: { input?: unknown }) =>
    `must be a whole number from ${minimum} to ${maximum}, got ${String(issue.input).slice(0, 20)}`;
  return z.string().check(
    z.regex(/^\d{1,10}$/, { abort: true, error }),
    z.refine((value) => Number(value) >= minimum && Number(value) <= maximum, { error }),
  );
};
export const limit = wholeNumber(1, LIMITS.pageSize);
export const offset = wholeNumber(0, LIMITS.window);
// None of the filters' values is an error: one that no stored value can match gives an empty list.
export const tagFilter = z.string();
export const authorFilter = z.string();
export const favoritedFilter = z.string();

/** Rows of a list: how many, and how many to pass over first. */
export const toPage = (query: { readonly limit?: string; readonly offset?: string }) => ({
  limit: Number(query.limit ?? 20),
  offset: Number(query.offset ?? 0),
});

/** The furthest row that a page asks for is bounded, wherever it begins. */
export const withinWindow = z.refine<{ limit?: string; offset?: string }>(
  (query) => toPage(query).limit + toPage(query).offset <= LIMITS.window,
  {
    path: ['offset'],
    error: ({ input }) => {
      const { limit: rows, offset: first } = toPage(input as { limit?: string; offset?: string });
      return `plus limit must be at most ${LIMITS.window}, got ${first + rows}`;
    },
  },
);

export const pageQuery = z.object({ limit: z.optional(limit), offset: z.optional(offset) }).check(withinWindow);
/** Never an error: what no stored value can match is not found. */
export const slugPath = z.object({ slug: z.string() });
export const usernamePath = z.object({ username: z.string() });
export const commentId = z.string();
export const commentPath = z.object({ slug: z.string(), id: commentId });
