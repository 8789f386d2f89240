import { GraphQLError, GraphQLResolveInfo } from 'graphql';
import { isObject } from '../../assembly';
import { RaisedError } from '../vtl';
import { selectionList } from './request';
import { FieldError } from './resolver';

/** An error in an answer of AppSync. */
export interface AnswerError {
  readonly path: readonly (string | number)[] | null;
  readonly data?: unknown;
  readonly errorType?: string | null;
  readonly errorInfo?: unknown;
  readonly locations: readonly { readonly line: number; readonly column: number; readonly sourceName: null }[] | null;
  readonly message: string;
}

type Locations = GraphQLError['locations'];

function locationsOf(locations: Locations): AnswerError['locations'] {
  return locations?.map(({ line, column }) => ({ line, column, sourceName: null })) ?? null;
}

/** An error that a template raised: all that it said, `data` only as far as the field was asked for. */
export function raisedError(
  { message, errorType, data, errorInfo }: RaisedError,
  path: readonly (string | number)[],
  locations: Locations,
): AnswerError {
  return { path, data, errorType, errorInfo, locations: locationsOf(locations), message };
}

/** "data is filtered based on the query selection set." */
export function filterData(data: unknown, info: GraphQLResolveInfo): unknown {
  const asked = info.fieldNodes.flatMap(({ selectionSet }) => selectionList(selectionSet, info, ''));
  const pick = (value: unknown, prefix: string): unknown => {
    if (Array.isArray(value)) return (value as unknown[]).map((item) => pick(item, prefix));
    if (!isObject(value)) return value;
    const kept = Object.entries(value).filter(([name]) => asked.includes(prefix + name));
    return Object.fromEntries(kept.map(([name, item]) => [name, pick(item, `${prefix}${name}/`)]));
  };
  return pick(data, '');
}

/** An error while fields are resolved. */
export function executionError(error: GraphQLError): AnswerError {
  const { originalError, path, locations, message } = error;
  if (originalError instanceof FieldError) return raisedError(originalError.raised, path ?? [], locations);
  return { path: path ?? null, locations: locationsOf(locations), message: resultMessage(message, path ?? []) };
}

/** `(/post/title)` after what is wrong with a value that a resolver gave. */
function resultMessage(message: string, path: readonly (string | number)[]): string {
  const missing = /^Cannot return null for non-nullable field (\w+)\.(\w+)\.$/.exec(message);
  const where = `(/${path.join('/')})`;
  if (missing !== null) {
    return `Cannot return null for non-nullable type: '${missing[2]}' within parent '${missing[1]}' ${where}`;
  }
  return `Can't resolve value ${where} : ${message}`;
}

/** An error in the variables, before anything is resolved. */
export function variableError(error: GraphQLError): AnswerError {
  const name = /^Variable "\$(\w+)"/.exec(error.message)?.[1] ?? '';
  const missing = /required type "(.+?)" was not provided|must not be null/.exec(error.message);
  const message =
    missing === null
      ? `Variable '${name}' has an invalid value.`
      : `Variable '${name}' has coerced Null value for NonNull type '${missing[1] ?? ''}'`;
  return { path: null, locations: locationsOf(error.locations), message };
}

/** An error of a rule, in AppSync's words. */
export function validationError(rule: string, error: GraphQLError): AnswerError {
  const message = error.message.replace(/ Did you mean .*$/, '');
  return {
    path: null,
    locations: locationsOf(error.locations),
    message: `Validation error of type ${rule}: ${message}`,
  };
}
