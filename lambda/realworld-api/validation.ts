import * as z from 'zod/mini';
import { ApiError, BLANK } from '../core/errors';
import { isKeyable } from '../social-table/keys';

/** Bounds of what clients may send; each error names its bound. */
export const LIMITS = {
  email: 254,
  username: 64,
  password: 256,
  passwordMinimum: 8,
  bio: 2000,
  image: 2048,
  title: 500,
  description: 2000,
  /** Characters of an article's body: in UTF-8 at most four bytes each, so `bodyBytes` bounds it too. */
  bodyBytes: 350_000,
  /** Five hundred of these fit the answer of a function. */
  commentBytes: 10_000,
  tag: 64,
  tags: 20,
  pageSize: 100,
  /** The furthest row that a list reaches: `offset + limit`. */
  window: 10_000,
} as const;

const missing = (input: unknown) => input === undefined || input === null;
const stringError = (issue: { input?: unknown }) => (missing(issue.input) ? BLANK : 'must be a string');

// Lone surrogates cannot be stored, and control characters in names make keys and pages that nobody can read.
const isWellFormed = (text: string) =>
  !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);
const hasControl = (text: string) => [...text].some((char) => char < ' ' || char === '\u007f');

const wellFormed = z.refine<string>(isWellFormed, 'must be valid Unicode');
const noControl = z.refine<string>((text) => !hasControl(text), 'must not contain control characters');
const notBlank = z.refine<string>((text) => text.trim() !== '', { error: BLANK, abort: true });
// First and last where it fails: what is far too long is not looked at further.
const atMost = (max: number) =>
  z.maxLength(max, {
    abort: true,
    error: (issue) => `is too long (maximum is ${max} characters, got ${String(issue.input).length})`,
  });
const atMostBytes = (max: number) =>
  z.refine<string>((text) => Buffer.byteLength(text) <= max, {
    abort: true,
    error: (issue) => `is too long (maximum is ${max} bytes, got ${Buffer.byteLength(String(issue.input))})`,
  });

const text = () => z.string({ error: stringError });
const line = (max: number) => text().check(atMost(max), notBlank, wellFormed, noControl);
const paragraph = (max: number) => text().check(atMost(max), wellFormed);

// Names that look like another's, or like none: formatting and unassigned characters, fillers, line separators.
const visible = z.refine<string>(
  (value) => !/[\p{C}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/u.test(value) && /[\p{L}\p{N}\p{P}\p{S}]/u.test(value),
  'must not contain invisible characters',
);
const keyable = z.refine<string>(isKeyable, 'is too long in its compatibility form');

const email = () =>
  line(LIMITS.email).check(
    z.refine((value) => /^[^\s@]+@[^\s@]+$/.test(value), 'is invalid'),
    keyable,
  );
const username = () =>
  line(LIMITS.username).check(
    z.refine((value) => value === value.trim(), 'must not begin or end with a space'),
    visible,
    keyable,
  );
const newPassword = (minimum: number) =>
  text().check(
    notBlank,
    z.minLength(minimum, {
      error: (issue) => `is too short (minimum is ${minimum} characters, got ${String(issue.input).length})`,
    }),
    atMost(LIMITS.password),
    wellFormed,
  );
const title = () => line(LIMITS.title);
const description = () => text().check(atMost(LIMITS.description), notBlank, wellFormed);
const articleBody = () => text().check(atMostBytes(LIMITS.bodyBytes), notBlank, wellFormed);
const tagList = () =>
  z.array(line(LIMITS.tag), { error: (issue) => (issue.input === null ? BLANK : 'must be a list of strings') }).check(
    z.maxLength(LIMITS.tags, {
      error: (issue) => `has too many tags (maximum is ${LIMITS.tags}, got ${(issue.input as unknown[]).length})`,
    }),
  );
/** Optional, and `null` clears it, as the empty string does. */
const clearable = (max: number) => z.optional(z.nullable(paragraph(max)));

const wrapper = { error: (issue: { input?: unknown }) => (missing(issue.input) ? BLANK : 'must be an object') };

export const registration = (passwordMinimum: number) =>
  z.object({
    user: z.object({ username: username(), email: email(), password: newPassword(passwordMinimum) }, wrapper),
  });
export const login = z.object({
  user: z.object(
    {
      email: text().check(notBlank, atMost(LIMITS.email), wellFormed, keyable),
      password: text().check(notBlank, atMost(LIMITS.password)),
    },
    wrapper,
  ),
});
export const userUpdate = z.object({
  user: z
    .object(
      {
        email: z.optional(email()),
        username: z.optional(username()),
        password: z.optional(newPassword(LIMITS.passwordMinimum)),
        bio: clearable(LIMITS.bio),
        image: clearable(LIMITS.image),
      },
      wrapper,
    )
    .check(z.refine((user) => Object.keys(user).length > 0, 'must have at least one field to change')),
});
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
  comment: z.object({ body: text().check(atMostBytes(LIMITS.commentBytes), notBlank, wellFormed) }, wrapper),
});

const wholeNumber = (minimum: number, maximum: number) =>
  z.string().check(
    z.refine((value) => /^\d{1,10}$/.test(value) && Number(value) >= minimum && Number(value) <= maximum, {
      error: (issue) => `must be a whole number from ${minimum} to ${maximum}, got ${String(issue.input).slice(0, 20)}`,
    }),
  );
export const page = z.object({
  limit: z.optional(wholeNumber(1, LIMITS.pageSize)),
  offset: z.optional(wholeNumber(0, LIMITS.window)),
});
/** A filter that no stored value can match, such as one that is too long, is no error: its list is empty. */
export const filters = z.object({
  tag: z.optional(z.string()),
  author: z.optional(z.string()),
  favorited: z.optional(z.string()),
});

/** The field that an issue is about: the last name in its path, wherever in a list it is. */
function fieldOf(path: readonly PropertyKey[]): string {
  const names = path.filter((part): part is string => typeof part === 'string');
  return names[names.length - 1] ?? 'body';
}

/**
 * Checks input against a schema.
 *
 * @throws ApiError 422 with the first message for each field
 */
export function parse<T extends z.ZodMiniType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) {
    return result.data;
  }
  const errors: Record<string, string[]> = {};
  for (const issue of result.error.issues) {
    errors[fieldOf(issue.path)] ??= [issue.message];
  }
  throw new ApiError(422, errors);
}

/**
 * As `parse`, for bodies `{"<name>": {...}}`: a body without the wrapper is told which of its fields are missing,
 * field by field, as if it had sent an empty one.
 */
export function parseBody<T extends z.ZodMiniType>(schema: T, body: unknown, name: string): z.output<T> {
  const given = body ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new ApiError(422, { body: ['must be a JSON object'] });
  }
  const wrapped = (given as Record<string, unknown>)[name];
  if (wrapped === undefined || wrapped === null) {
    parse(schema, { [name]: {} });
    // None of its fields is required: what is missing is the wrapper itself.
    throw new ApiError(422, { [name]: [BLANK] });
  }
  return parse(schema, given);
}

/** Limit and offset of a list. @throws ApiError 422 beyond the bounds */
export function parsePage(query: Readonly<Record<string, string | undefined>>): { limit: number; offset: number } {
  const input = parse(page, query);
  const limit = Number(input.limit ?? 20);
  const offset = Number(input.offset ?? 0);
  if (offset + limit > LIMITS.window) {
    throw new ApiError(422, { offset: [`plus limit must be at most ${LIMITS.window}, got ${offset + limit}`] });
  }
  return { limit, offset };
}
