import { LIMITS } from './limits';

/** What DynamoDB's maps cannot keep as JSON has it. */

/** Where it is in the document, and what is the matter. */
export interface BlobFault {
  readonly path: string;
  readonly message: string;
}

/**
 * Numbers of JSON are doubles to JavaScript: larger whole ones have been rounded before anybody could look at them.
 * The least that DynamoDB keeps is 1E-130.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
export function numberFault(value: number): string | undefined {
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
    return `must be from -${Number.MAX_SAFE_INTEGER} to ${Number.MAX_SAFE_INTEGER}`;
  }
  return value !== 0 && Math.abs(value) < 1e-130 ? 'must be 0, or at least 1e-130 from it' : undefined;
}

const nameFault = (name: string) => {
  if (name === '') {
    return 'has a name that is empty';
  }
  if (name === '__proto__') {
    return 'has the name __proto__';
  }
  const bytes = Buffer.byteLength(name);
  if (bytes > LIMITS.attributeName) {
    return `has a name that is too long (maximum is ${LIMITS.attributeName} bytes, got ${bytes})`;
  }
  // A half of a surrogate pair: no UTF-8 has it.
  return name.isWellFormed() ? undefined : 'has a name that is no valid Unicode';
};

function valueFault(value: unknown): string | undefined {
  if (typeof value === 'number') {
    return numberFault(value);
  }
  return typeof value === 'string' && !value.isWellFormed() ? 'must be valid Unicode' : undefined;
}

/** Of names, the beginning: they are as long as who sends them likes. */
const PATH_SHOWN = 100;
const pathOf = (names: readonly (string | number)[]) => {
  const path = names.join('.');
  return path.length > PATH_SHOWN ? `${path.slice(0, PATH_SHOWN)}…` : path;
};

function find(value: unknown, path: readonly (string | number)[]): BlobFault | undefined {
  const fault = (message: string | undefined) => (message === undefined ? undefined : { path: pathOf(path), message });
  if (path.length >= LIMITS.nesting) {
    return fault(`is nested too deep (maximum is ${LIMITS.nesting} levels)`);
  }
  if (Array.isArray(value)) {
    return firstOf(value.entries(), path);
  }
  if (typeof value === 'object' && value !== null) {
    const names = Object.keys(value).map(nameFault);
    return fault(names.find((message) => message !== undefined)) ?? firstOf(Object.entries(value), path);
  }
  return fault(valueFault(value));
}

function firstOf(
  entries: Iterable<readonly [string | number, unknown]>,
  path: readonly (string | number)[],
): BlobFault | undefined {
  for (const [name, inner] of entries) {
    const fault = find(inner, [...path, name]);
    if (fault) {
      return fault;
    }
  }
  return undefined;
}

/** The first thing in a blob that cannot be kept; undefined where it can. */
export const blobFault = (blob: object): BlobFault | undefined => find(blob, []);
