import type { Answer } from '../client';
import { expectJson, expectNoLeak, expectStatus } from '../shapes';

/** The exact shapes of what the API answers: more or less than these is a fault. */

export type AccessType = 'allowed_user' | 'private' | 'public';

export interface TagOfPost {
  readonly tag_id: string;
  readonly name: string;
}

/** A post as lists show it. */
export interface PostSummary {
  readonly post_id: string;
  readonly user_id: string;
  readonly name: string;
  readonly access_type: AccessType;
  readonly tags: readonly TagOfPost[];
  readonly created_at: string;
  readonly updated_at: string;
}

export interface Post extends PostSummary {
  readonly content: string;
}

export interface Tag {
  readonly tag_id: string;
  readonly user_id: string;
  readonly name: string;
  readonly access_type: 'private' | 'public';
  readonly created_at: string;
  readonly updated_at: string;
}

export interface Me {
  readonly user_id: string;
  readonly email: string | null;
  readonly email_verified: boolean;
  readonly display_name: string | null;
  readonly bio: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

export type Scope = 'read:posts' | 'write:posts';

export interface TokenSummary {
  readonly token_id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly created_at: string;
  readonly expires_at: string;
  readonly last_used_at: string | null;
}

export interface NewToken extends TokenSummary {
  /** The only time that it is shown. */
  readonly token: string;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

export interface ApiError {
  readonly code: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, readonly string[]>>;
}

const STRING = expect.any(String) as unknown;
const ID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as unknown;
/** Version 7, which sorts by time. */
const NEW_ID = expect.stringMatching(
  /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
) as unknown;
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown;
const TIMES = { created_at: TIME, updated_at: TIME };
const orNull = (value: unknown, wanted: unknown): unknown => (value === null ? null : wanted);

/** Statuses by code: each code has one. */
const STATUS_OF: Readonly<Record<string, number>> = {
  unauthorized: 401,
  insufficient_scope: 403,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  invalid_request: 400,
  conflict: 409,
  payload_too_large: 413,
  too_many_requests: 429,
  internal_error: 500,
  unavailable: 503,
};

/**
 * An error of this API, whoever answers it: the function, the authorizer or the gateway itself. Nothing in it that is
 * not for the client.
 */
export function errorOf(answer: Answer): ApiError {
  expectJson(answer);
  const { error, ...more } = answer.json as { error: ApiError };
  expect([answer.request, more]).toEqual([answer.request, {}]);
  const { code, message, fields, ...others } = error;
  expect([answer.request, others]).toEqual([answer.request, {}]);
  expect([answer.request, code, STATUS_OF[code]]).toEqual([answer.request, code, answer.status]);
  expect(message).toMatch(/^[A-Z]\S*( \S+)*$/);
  if (fields !== undefined) {
    expect(code).toBe('invalid_request');
    expect(Object.keys(fields)).not.toEqual([]);
    for (const messages of Object.values(fields)) {
      expect(messages).toEqual(expect.arrayContaining([STRING]));
      expect(messages.filter((text) => typeof text !== 'string' || text === '')).toEqual([]);
    }
  }
  expectNoLeak(answer);
  expect(answer.text).not.toMatch(/csbp_|\beyJ/);
  return error;
}

/** An error with this code, which says the status. */
export function expectRefused(answer: Answer, code: keyof typeof STATUS_OF): void {
  expectStatus(answer, STATUS_OF[code]);
  expect([answer.request, errorOf(answer).code]).toEqual([answer.request, code]);
}

/** Bad input: about a field (or a place in it) where a function has found it; the gateway says no more than that. */
export function expectInvalid(answer: Answer, field?: string): void {
  expectRefused(answer, 'invalid_request');
  const { fields } = errorOf(answer);
  if (field === undefined || fields === undefined) return;
  const about = Object.keys(fields).some((name) => name === field || name.startsWith(`${field}.`));
  expect({ request: answer.request, fields, about }).toEqual({ request: answer.request, fields, about: true });
}

function okOf(answer: Answer, status: number): unknown {
  expectStatus(answer, status);
  expectJson(answer);
  return answer.json;
}

const summary = { post_id: NEW_ID, user_id: ID, name: STRING, access_type: STRING, tags: expect.any(Array), ...TIMES };
const tagOfPost = { tag_id: NEW_ID, name: STRING };
const tag = { tag_id: NEW_ID, user_id: ID, name: STRING, access_type: STRING, ...TIMES };

function expectSummary(value: unknown, more: object = {}): void {
  expect(value).toStrictEqual({ ...summary, ...more });
  const { tags, access_type: access } = value as PostSummary;
  expect(['private', 'public', 'allowed_user']).toContain(access);
  tags.forEach((one) => expect(one).toStrictEqual(tagOfPost));
}

function expectTag(value: unknown): void {
  expect(value).toStrictEqual(tag);
  expect(['private', 'public']).toContain((value as Tag).access_type);
}

function expectToken(value: unknown, more: object = {}): void {
  const { last_used_at: used } = value as TokenSummary;
  expect(value).toStrictEqual({
    token_id: NEW_ID,
    name: STRING,
    scopes: expect.any(Array) as unknown,
    created_at: TIME,
    expires_at: TIME,
    last_used_at: orNull(used, TIME),
    ...more,
  });
}

export function postOf(answer: Answer, status = 200): Post {
  const post = okOf(answer, status);
  expectSummary(post, { content: STRING });
  return post as Post;
}

export function tagOf(answer: Answer, status = 200): Tag {
  const value = okOf(answer, status);
  expectTag(value);
  return value as Tag;
}

export function meOf(answer: Answer): Me {
  const me = okOf(answer, 200) as Me;
  expect(me).toStrictEqual({
    user_id: ID,
    email: orNull(me.email, STRING),
    email_verified: expect.any(Boolean) as unknown,
    display_name: orNull(me.display_name, STRING),
    bio: orNull(me.bio, STRING),
    ...TIMES,
  });
  return me;
}

export function tokenOf(answer: Answer, status = 201): NewToken {
  const token = okOf(answer, status);
  expectToken(token, { token: expect.stringMatching(/^csbp_[0-9A-Za-z]{43}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/) });
  return token as NewToken;
}

function pageOf<Row>(answer: Answer, name: string, expectRow: (row: unknown) => void): Page<Row> {
  const page = okOf(answer, 200) as Record<string, unknown>;
  const next = orNull(page.next_cursor, expect.stringMatching(/^[\w-]+$/));
  expect(page).toStrictEqual({ [name]: expect.any(Array) as unknown, next_cursor: next });
  const rows = page[name] as readonly Row[];
  rows.forEach(expectRow);
  return { rows, next: page.next_cursor as string | null };
}

export const postsOf = (answer: Answer): Page<PostSummary> => pageOf(answer, 'posts', (row) => expectSummary(row));
export const tagsOf = (answer: Answer): Page<Tag> => pageOf(answer, 'tags', expectTag);
export const tokensOf = (answer: Answer): Page<TokenSummary> => pageOf(answer, 'tokens', (row) => expectToken(row));
export const allowedUsersOf = (answer: Answer): Page<string> =>
  pageOf(answer, 'allowed_users', (row) => expect(row).toEqual(ID));

/** All tags of a post: there is no second page. */
export function tagsOfPostOf(answer: Answer): readonly TagOfPost[] {
  const { tags, ...more } = okOf(answer, 200) as { tags: readonly TagOfPost[] };
  expect(more).toEqual({});
  tags.forEach((one) => expect(one).toStrictEqual(tagOfPost));
  return tags;
}

/** The list that an update of allowed users answers with. */
export function newAllowedUsersOf(answer: Answer): readonly string[] {
  const { allowed_users: users, ...more } = okOf(answer, 200) as { allowed_users: readonly string[] };
  expect(more).toEqual({});
  users.forEach((user) => expect(user).toEqual(ID));
  return users;
}
