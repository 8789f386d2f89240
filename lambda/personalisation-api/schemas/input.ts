import * as z from 'zod/mini';
import { atMost, noControl, wellFormed } from '../../core/text-checks';
import { blobFault, numberFault } from '../domain/blob';
import { LIMITS } from '../domain/limits';
import { isType, TYPE } from '../domain/segment-type';

/** The schemas of what requests carry. Unknown names are refused: a wrong name is not silently passed over. */

const REQUIRED = 'is required';
const expected = (what: string) => ({
  error: (issue: { input?: unknown }) => (issue.input === undefined ? REQUIRED : `must be ${what}`),
});

const text = () => z.string(expected('a string'));
const notBlank = z.regex(/\S/, { error: 'must not be blank', abort: true });
const name = () => text().check(atMost(LIMITS.name), notBlank, wellFormed, noControl);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** In either case; kept in lower case. */
const uuid = () => text().check(z.regex(UUID, 'must be a UUID'), z.toLowerCase());

const segmentType = text().check(
  atMost(LIMITS.type),
  z.regex(TYPE, 'must be letters, digits, _, . and -, with a letter or a digit first'),
);

/** Null is what some languages write for a list that was never made. */
const list = <S extends z.ZodMiniType>(element: S, what: string, max: number) =>
  z.optional(
    z.nullable(
      z.array(element, expected(`a list of ${what}`)).check(
        z.maxLength(max, {
          abort: true,
          error: (issue) => `has too many ${what} (maximum is ${max}, got ${(issue.input as unknown[]).length})`,
        }),
      ),
    ),
  );

const objectError = expected('a JSON object');

// Its own error for what JSON cannot hold: 1e999 is read as infinity.
export const score = z.any().check(
  z.refine((given) => given !== undefined, { error: REQUIRED, abort: true }),
  z.refine((given) => typeof given === 'number', { error: 'must be a number', abort: true }),
  z.refine((given) => numberFault(given as number) === undefined, {
    error: (issue) => numberFault(issue.input as number),
  }),
) as unknown as z.ZodMiniType<number>;
const category = z.strictObject({ id: name(), score }, objectError);

/** To the second or to the millisecond, UTC. */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/;
const isTime = (given: string) => {
  const time = Date.parse(given);
  // A 30th of February is read as a day in March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(given.slice(0, 19));
};
const time = () =>
  text().check(
    z.regex(TIME, { error: 'must be a time such as 2027-01-31T12:00:00.000Z', abort: true }),
    z.refine<string>(isTime, 'must be a time that exists'),
  );
const segment = z.strictObject(
  {
    type: segmentType,
    // As many as an item holds: what is larger is told its size.
    categories: list(category, 'categories', Number.MAX_SAFE_INTEGER),
    top_categories: list(name(), 'top categories', Number.MAX_SAFE_INTEGER),
    created_at: z.optional(time()),
  },
  objectError,
);
type SegmentInput = z.output<typeof segment>;

/** Of a type that is there twice, each needs a time of its own. */
function isEachItsOwn(segments: readonly SegmentInput[]): boolean {
  const timesOf = new Map<string, (number | undefined)[]>();
  for (const { type, created_at: at } of segments) {
    timesOf.set(type, [...(timesOf.get(type) ?? []), at === undefined ? undefined : Date.parse(at)]);
  }
  return [...timesOf.values()].every(
    (times) => times.length === 1 || (!times.includes(undefined) && new Set(times).size === times.length),
  );
}

/** Tells of those that were read from a profile: they are passed over, so that it can be sent as it was read. */
const ignored = z.optional(z.unknown());

export const newProfile = z.strictObject(
  {
    id: z.optional(uuid()),
    tags: list(name(), 'tags', LIMITS.tags),
    segments: list(segment, 'segments', LIMITS.segments).check(
      z.refine<SegmentInput[] | null | undefined>(
        (given) => isEachItsOwn(given ?? []),
        'must not have a type twice, unless each has a created_at of its own',
      ),
    ),
    created_at: ignored,
    updated_at: ignored,
  },
  objectError,
);

/** Any JSON object: what is in it is the caller's own. */
export const newBlob = z.looseObject({ id: z.optional(uuid()) }, objectError).check((payload) => {
  const fault = blobFault(payload.value);
  if (fault) {
    payload.issues.push({
      code: 'custom',
      input: payload.value,
      path: fault.path === '' ? [] : [fault.path],
      message: fault.message,
    });
  }
});

const digits = text().check(
  z.regex(/^\d{1,9}$/, { error: 'must be a whole number', abort: true }),
  z.refine<string>((given) => Number(given) >= 1 && Number(given) <= LIMITS.pageSize, {
    error: (issue) => `must be from 1 to ${LIMITS.pageSize}, got ${String(issue.input)}`,
  }),
);
export const limit = z.optional(digits);
export const cursor = z.optional(text().check(atMost(400)));
export const createdAt = z.optional(time());
export const asOf = z.optional(time());
export const versions = z.optional(z.enum(['all', 'latest'], { error: () => 'must be all or latest' }));

export const versionsQuery = z.strictObject({ limit, cursor });
export const profileQuery = z
  .strictObject({ versions, limit, cursor })
  .check(
    z.refine(
      (given) => given.versions === 'all' || (given.limit === undefined && given.cursor === undefined),
      'has pages with versions=all alone',
    ),
  );
export const segmentQuery = z
  .strictObject({ createdAt, asOf })
  .check(
    z.refine(
      (given) => given.createdAt === undefined || given.asOf === undefined,
      'may have createdAt or asOf, not both',
    ),
  );

// Of a path: what is no id and no type leads nowhere, and is not found.
const part = z.string();
export const userPath = z.object({ id: part });
export const segmentPath = z.object({ id: part, type: part });

/** An id of a path as it is kept; undefined where it is none. */
export const idOf = (given: string): string | undefined => (UUID.test(given) ? given.toLowerCase() : undefined);
const typeOf = (given: string): string | undefined => (isType(given) ? given : undefined);
export const segmentOf = ({ id, type }: { readonly id: string; readonly type: string }) => ({
  id: idOf(id),
  type: typeOf(type),
});
/** The page that the query asks for. */
export const pageOf = (query: { readonly limit?: string; readonly cursor?: string }) => ({
  limit: Number(query.limit ?? LIMITS.defaultPageSize),
  cursor: query.cursor,
});
