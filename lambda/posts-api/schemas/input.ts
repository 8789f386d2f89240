import * as z from 'zod/mini';
import { atMost, atMostBytes, noControl, visible, wellFormed } from '../../core/text-checks';
import { LIMITS } from '../domain/limits';

/** The schemas of what requests carry. Unknown names are refused: a wrong name is not silently passed over. */

const REQUIRED = 'is required';
const expected = (what: string) => ({
  error: (issue: { input?: unknown }) => (issue.input === undefined ? REQUIRED : `must be ${what}`),
});

const text = () => z.string(expected('a string'));
const notBlank = z.regex(/\S/, { error: 'must not be blank', abort: true });
/** What stands in a line and is looked at: a name. */
const line = (max: number) => text().check(atMost(max), notBlank, wellFormed, noControl, ...visible);

/** A UUID as this API and Cognito write it. */
const uuid = () =>
  text().check(z.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'must be a UUID'));

const ids = (max: number, what: string) =>
  z.array(uuid(), expected('a list of ids')).check(
    z.maxLength(max, {
      error: (issue) => `has too many ${what} (maximum is ${max}, got ${(issue.input as unknown[]).length})`,
    }),
    z.refine<string[]>((list) => new Set(list).size === list.length, 'must not name anything twice'),
  );

const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, {
    error: (issue) => (issue.input === undefined ? REQUIRED : `must be one of ${values.join(', ')}`),
  });

const postName = line(LIMITS.postName);
const content = text().check(...atMostBytes(LIMITS.contentBytes), wellFormed);
const postTags = ids(LIMITS.tags, 'tags');
const allowedUsers = ids(LIMITS.allowedUsers, 'users');
const postAccess = oneOf(['private', 'public', 'allowed_user']);
const tagAccess = oneOf(['private', 'public']);
const tagName = line(LIMITS.tagName);

const objectError = expected('a JSON object');
const bodyOf = <Shape extends z.core.$ZodShape>(shape: Shape) => z.strictObject(shape, objectError);

/** A body that changes something: what is left out stays, and something must be there. */
const changesOf = <Shape extends z.core.$ZodShape>(shape: Shape) =>
  bodyOf(shape).check(z.refine((given) => Object.keys(given).length > 0, 'must change something'));

export const newPost = bodyOf({
  name: postName,
  content,
  tags: z.optional(postTags),
  access_type: postAccess,
  allowed_users: z.optional(allowedUsers),
});
export const postChanges = changesOf({
  name: z.optional(postName),
  content: z.optional(content),
  tags: z.optional(postTags),
  access_type: z.optional(postAccess),
  allowed_users: z.optional(allowedUsers),
});
export const newAllowedUsers = bodyOf({ allowed_users: allowedUsers });

export const newTag = bodyOf({ name: tagName, access_type: tagAccess });
export const tagChanges = changesOf({ name: z.optional(tagName), access_type: z.optional(tagAccess) });

/** `null` takes it away. */
const clearable = (schema: z.ZodMiniType<string>) => z.optional(z.nullable(schema));
const displayName = line(LIMITS.displayName);
const bio = text().check(atMost(LIMITS.bio), wellFormed);
/** Known by its name alone, so that who sends it learns where it is changed. */
const email = z.optional(z.never('is changed in the user pool (UpdateUserAttributes), which verifies it'));
export const profileChanges = changesOf({ display_name: clearable(displayName), bio: clearable(bio), email });

const time = text().check(
  z.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/, 'must be a time such as 2027-01-31T12:00:00Z'),
  z.refine<string>((given) => !Number.isNaN(Date.parse(given)), 'must be a time that exists'),
);
const scopes = z.array(oneOf(['read:posts', 'write:posts']), expected('a list of scopes')).check(
  z.minLength(1, 'must name at least one scope'),
  z.refine<string[]>((list) => new Set(list).size === list.length, 'must not name anything twice'),
);
export const newToken = bodyOf({ name: line(LIMITS.tokenName), scopes, expires_at: z.optional(time) });

const digits = text().check(
  z.regex(/^\d{1,9}$/, 'must be a whole number'),
  z.refine<string>((given) => !/^\d{1,9}$/.test(given) || (Number(given) >= 1 && Number(given) <= LIMITS.pageSize), {
    error: (issue) => `must be from 1 to ${LIMITS.pageSize}, got ${String(issue.input)}`,
  }),
);
export const limit = z.optional(digits);
export const cursor = z.optional(text().check(atMost(200)));
export const postScope = z.optional(oneOf(['public', 'mine', 'shared', 'all']));
export const tagScope = z.optional(oneOf(['all', 'mine', 'public']));
export const tagFilter = z.optional(uuid());

const page = { limit, cursor };
export const pageQuery = z.strictObject(page);
export const postsQuery = z.strictObject({ scope: postScope, tag: tagFilter, ...page });
export const tagsQuery = z.strictObject({ scope: tagScope, ...page });

/** The page that the query asks for. */
export const pageOf = (query: { readonly limit?: string; readonly cursor?: string }) => ({
  limit: Number(query.limit ?? LIMITS.defaultPageSize),
  cursor: query.cursor,
});

// Of a path, checked by the rules: what is no id leads nowhere, and is not found.
const id = z.string();
export const postPath = z.object({ postId: id });
export const tagPath = z.object({ tagId: id });
export const userPath = z.object({ userId: id });
export const tokenPath = z.object({ tokenId: id });
