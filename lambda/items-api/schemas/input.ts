import * as z from 'zod/mini';
import { fitsKey } from '../../core/folding';
import { atMost, noControl, visible, wellFormed } from '../../core/text-checks';
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
/** What becomes part of a key. */
const keySized = z.refine<string>(fitsKey, 'is too long');
/** Lines of text: of what controls a terminal, only ends of lines and tabs. */
const noOtherControl = z.regex(
  /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/,
  'must not contain control characters',
);

const objectError = expected('a JSON object');

const name = line(LIMITS.name);
const category = line(LIMITS.category).check(keySized);
const email = line(LIMITS.email).check(z.regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address'), keySized);

/** An item as a caller says it, new or in the place of another. */
export const itemContent = z.strictObject(
  {
    name,
    description: z.optional(text().check(atMost(LIMITS.description), wellFormed, noOtherControl)),
    category: z.optional(category),
  },
  objectError,
);

export const newUser = z.strictObject(
  {
    email,
    name,
    role: z.optional(z.enum(['user', 'admin'], { error: 'must be one of user, admin' })),
  },
  objectError,
);

const digits = text().check(
  z.regex(/^\d{1,9}$/, 'must be a whole number'),
  z.refine<string>((given) => !/^\d{1,9}$/.test(given) || (Number(given) >= 1 && Number(given) <= LIMITS.pageSize), {
    error: (issue) => `must be from 1 to ${LIMITS.pageSize}, got ${String(issue.input)}`,
  }),
);

const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z)?$/;
/** The engine takes 30 February for 2 March. */
const exists = (given: string) =>
  !Number.isNaN(Date.parse(given)) && new Date(given).toISOString().startsWith(given.slice(0, 10));
const time = text().check(
  z.regex(TIME, { error: 'must be a day or a time such as 2027-01-31 or 2027-01-31T12:00:00Z', abort: true }),
  z.refine<string>(exists, 'must be a time that exists'),
);

export const limit = z.optional(digits);
export const cursor = z.optional(text().check(atMost(200)));
export const since = z.optional(time);
export const categoryFilter = z.optional(category);
export const itemsQuery = z.strictObject({ category: categoryFilter, since, limit, cursor });

export const emailFilter = email;
export const usersQuery = z.strictObject({ email: emailFilter });

// Of a path, checked by the rules: what is no id leads nowhere, and is not found.
const id = z.string();
export const itemPath = z.object({ id });
export const userPath = z.object({ id });
