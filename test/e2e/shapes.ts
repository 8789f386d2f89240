import { Answer } from './client';

export interface UserBody {
  readonly email: string;
  readonly token: string;
  readonly username: string;
  readonly bio: string | null;
  readonly image: string | null;
}

export interface ProfileBody {
  readonly username: string;
  readonly bio: string | null;
  readonly image: string | null;
  readonly following: boolean;
}

/** An article as lists and the feed show it. */
export interface ListedArticle {
  readonly slug: string;
  readonly title: string;
  readonly description: string;
  readonly tagList: readonly string[];
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly favorited: boolean;
  readonly favoritesCount: number;
  readonly author: ProfileBody;
}

export interface ArticleBody extends ListedArticle {
  readonly body: string;
}

export interface ArticleList {
  readonly articles: readonly ListedArticle[];
  readonly articlesCount: number;
}

export interface CommentBody {
  readonly id: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly body: string;
  readonly author: ProfileBody;
}

export type Errors = Readonly<Record<string, readonly string[]>>;

const STRING = expect.any(String) as unknown;
const BOOLEAN = expect.any(Boolean) as unknown;
const DATE = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown;

/** The status, with the body in the message when it is another. */
export function expectStatus(answer: Answer, status: number): void {
  const seen = answer.status === status ? '' : ` ${answer.text.slice(0, 500)}`;
  expect(`${answer.request}: ${answer.status}${seen}`).toBe(`${answer.request}: ${status}`);
}

export function expectJson(answer: Answer): void {
  expect(answer.headers['content-type']).toMatch(/^application\/json\b/);
}

/** 204 as the contract has it: no body at all. */
export function expectNoContent(answer: Answer): void {
  expectStatus(answer, 204);
  expect(answer.text).toBe('');
}

export function userOf(answer: Answer, status = 200): UserBody {
  const user = wrapped(answer, status, 'user');
  expect(user).toStrictEqual({
    email: STRING,
    token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) as unknown,
    username: STRING,
    bio: nullable(user, 'bio'),
    image: nullable(user, 'image'),
  });
  return user as UserBody;
}

export function profileOf(answer: Answer, status = 200): ProfileBody {
  const profile = wrapped(answer, status, 'profile');
  expectProfile(profile);
  return profile as ProfileBody;
}

export function articleOf(answer: Answer, status = 200): ArticleBody {
  const article = wrapped(answer, status, 'article');
  expectArticle(article, { body: STRING });
  return article as ArticleBody;
}

export function articlesOf(answer: Answer): ArticleList {
  expectStatus(answer, 200);
  expectJson(answer);
  const list = answer.json as ArticleList;
  expect(Object.keys(list).sort()).toEqual(['articles', 'articlesCount']);
  expect(Array.isArray(list.articles)).toBe(true);
  expect(Number.isInteger(list.articlesCount)).toBe(true);
  expect(list.articlesCount).toBeGreaterThanOrEqual(list.articles.length);
  list.articles.forEach((article) => expectArticle(article, {}));
  return list;
}

export function commentOf(answer: Answer, status = 200): CommentBody {
  const comment = wrapped(answer, status, 'comment');
  expectComment(comment);
  return comment as CommentBody;
}

export function commentsOf(answer: Answer): readonly CommentBody[] {
  const comments = wrapped(answer, 200, 'comments') as readonly unknown[];
  expect(Array.isArray(comments)).toBe(true);
  comments.forEach(expectComment);
  return comments as readonly CommentBody[];
}

export function tagsOf(answer: Answer): readonly string[] {
  const tags = wrapped(answer, 200, 'tags') as readonly unknown[];
  expect(Array.isArray(tags)).toBe(true);
  expect(tags.filter((tag) => typeof tag !== 'string')).toEqual([]);
  return tags as readonly string[];
}

/** The exact error, and nothing in it that is not for the client. */
export function expectError(answer: Answer, status: number, errors: Errors): void {
  expectStatus(answer, status);
  expect(answer.json).toStrictEqual({ errors });
  expectErrorShape(answer);
}

/** An error about one field (or a place within it), whose message the contract leaves open. */
export function expectFieldError(answer: Answer, status: number, field: string): void {
  expectStatus(answer, status);
  const fields = Object.keys(expectErrorShape(answer));
  const about = fields.filter((name) => name === field || name.startsWith(`${field}.`) || name.startsWith(`${field}[`));
  expect({ fields, about: about.length > 0 ? field : undefined }).toEqual({ fields, about: field });
}

/** `{"errors":{"<field>":["message"]}}`, and nothing in it that is not for the client. */
export function expectErrorShape(answer: Answer): Errors {
  expectJson(answer);
  const body = answer.json as { errors: Errors };
  expect(`${answer.request} ${answer.status} ${answer.text.slice(0, 300)}`).toContain('{"errors":{');
  expect(Object.keys(body)).toEqual(['errors']);
  expect(Object.keys(body.errors)).not.toEqual([]);
  for (const messages of Object.values(body.errors)) {
    expect(Array.isArray(messages) && messages.length > 0).toBe(true);
    expect(messages.filter((message) => typeof message !== 'string' || message === '')).toEqual([]);
  }
  expectNoLeak(answer);
  return body.errors;
}

/** No stack trace, no message of AWS or a library, no password or token. */
export function expectNoLeak(answer: Answer): void {
  expect(answer.text).not.toMatch(/\bat [^"]*\(?[^"\s]+\.[cm]?[jt]s:\d+|node_modules|\/var\/task|\\n\s+at /);
  expect(answer.text).not.toMatch(
    /arn:aws|dynamodb|ConditionalCheck|TransactionCancel|\w+Exception\b|ZodError|SyntaxError/i,
  );
  answer.secrets.forEach((secret) => expect(answer.text).not.toContain(secret));
}

function wrapped(answer: Answer, status: number, key: string): unknown {
  expectStatus(answer, status);
  expectJson(answer);
  expect(Object.keys(answer.json as object)).toEqual([key]);
  return (answer.json as Record<string, unknown>)[key];
}

function expectArticle(article: unknown, more: Record<string, unknown>): void {
  expect(article).toStrictEqual({
    slug: expect.stringMatching(/^[^/?#%\s]+$/u) as unknown,
    title: STRING,
    description: STRING,
    tagList: expect.any(Array) as unknown,
    createdAt: DATE,
    updatedAt: DATE,
    favorited: BOOLEAN,
    favoritesCount: expect.any(Number) as unknown,
    author: expect.anything() as unknown,
    ...more,
  });
  const { tagList, favoritesCount, author } = article as ListedArticle;
  expect(tagList.filter((tag) => typeof tag !== 'string')).toEqual([]);
  expect(Number.isInteger(favoritesCount) && favoritesCount >= 0).toBe(true);
  expectProfile(author);
}

function expectComment(comment: unknown): void {
  expect(comment).toStrictEqual({
    id: expect.any(Number) as unknown,
    createdAt: DATE,
    updatedAt: DATE,
    body: STRING,
    author: expect.anything() as unknown,
  });
  const { id, author } = comment as CommentBody;
  expect(Number.isSafeInteger(id)).toBe(true);
  expectProfile(author);
}

function expectProfile(profile: unknown): void {
  expect(profile).toStrictEqual({
    username: STRING,
    bio: nullable(profile, 'bio'),
    image: nullable(profile, 'image'),
    following: BOOLEAN,
  });
}

/** What a string-or-null field has to be: null where it is null, else a string that is not empty. */
function nullable(object: unknown, field: string): unknown {
  const value = (object as Record<string, unknown> | null)?.[field];
  return value === null ? null : expect.stringMatching(/[^]/);
}
