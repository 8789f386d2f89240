import { DomainFault, isPromise, running } from './fault';

/**
 * DynamoDB nests 32 levels deep, of which an item takes some itself; its numbers have 38 digits, of which JSON's are sure
 * to have the first 15, and are no closer to zero than this.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const LEVELS = 28;
/** Bytes of a name. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
const NAME_BYTES = 65_535;
const SMALLEST = 1e-130;

/** Why a value of JSON cannot be stored; undefined where it can. */
export function unstorable(value: unknown, levels = LEVELS): string | undefined {
  switch (typeof value) {
    case 'string':
      // Half of a surrogate pair is no text: it would come back as another.
      return value.isWellFormed() ? undefined : 'text that is not Unicode';
    case 'number':
      return Math.abs(value) > Number.MAX_SAFE_INTEGER || (value !== 0 && Math.abs(value) < SMALLEST)
        ? `a number beyond ${Number.MAX_SAFE_INTEGER}, or closer to zero than ${SMALLEST}`
        : undefined;
    case 'object': {
      if (value === null) {
        return undefined;
      }
      if (levels === 0) {
        return 'too many levels';
      }
      for (const [name, inner] of Object.entries(value)) {
        const problem = unstorableName(name) ?? unstorable(inner, levels - 1);
        if (problem !== undefined) {
          return problem;
        }
      }
      return undefined;
    }
    default:
      return undefined;
  }
}

/** Maps in an item have attributes as items do, by their names. */
const unstorableName = (name: string): string | undefined =>
  name === '' || Buffer.byteLength(name) > NAME_BYTES
    ? `a name that is empty, or of more than ${NAME_BYTES} bytes`
    : unstorable(name);

/**
 * A value as it comes back once it was stored as JSON: the same, whether or not it has been stored in between.
 *
 * @throws DomainFault where it has what JSON makes nothing of, or something else than anybody means
 */
function asStored(place: string, value: unknown): unknown {
  let lost: string | undefined;
  const text = running(place, () =>
    JSON.stringify(value, (_, inner: unknown) => {
      if (typeof inner !== 'bigint' && !isPromise(inner)) {
        return inner;
      }
      lost = typeof inner === 'bigint' ? 'a BigInt' : 'a promise';
      return null;
    }),
  ) as string | undefined;
  if (lost !== undefined) {
    throw new DomainFault(`${place} has ${lost}, which cannot be stored`);
  }
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}

/**
 * What code of a domain has made, as it comes back once it was stored.
 *
 * @throws DomainFault where it is no object, or cannot be stored
 */
export function storedRecord(place: string, value: unknown): Readonly<Record<string, unknown>> {
  if (isPromise(value)) {
    throw new DomainFault(`${place} must be an object, got: a promise`);
  }
  const stored = asStored(place, value);
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) {
    throw new DomainFault(`${place} must be an object, got: ${Array.isArray(stored) ? 'array' : typeof stored}`);
  }
  const problem = unstorable(stored);
  if (problem !== undefined) {
    throw new DomainFault(`${place} has ${problem}`);
  }
  return stored as Readonly<Record<string, unknown>>;
}

/** A value without what is `null` by a name, as if it had not been said; in a list, it keeps its place. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutNulls);
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value).flatMap(([name, inner]) => (inner === null ? [] : [[name, withoutNulls(inner)]])),
      )
    : value;
}

/** JSON with the names of every object in order: equal values are equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
