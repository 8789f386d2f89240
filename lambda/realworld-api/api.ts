import type * as z from 'zod/mini';
import { BLANK, invalid, unauthorized } from './errors';
import { bearerToken, InvalidToken } from '../auth/tokens';
import type { Api } from '../core/http/endpoint';
import { HttpError } from '../core/http/errors';
import type { FallbackApi } from '../core/http/fallback';

/** The field that an issue is about: the last name in its path, wherever in a list it is. */
function fieldOf(path: readonly PropertyKey[]): string {
  const names = path.filter((part): part is string => typeof part === 'string');
  return names[names.length - 1] ?? 'body';
}

/**
 * Checks input against a schema.
 *
 * @throws HttpError 422 with the first message for each field
 */
export function parse<S extends z.ZodMiniType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) {
    return result.data;
  }
  const errors: Record<string, string[]> = {};
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      issue.keys.forEach((key) => (errors[key] = ['is not known']));
    } else {
      errors[fieldOf(issue.path)] ??= [issue.message];
    }
  }
  throw new HttpError(422, errors);
}

/**
 * As `parse`, for bodies `{"<name>": {...}}`: a body without the wrapper is told which of its fields are missing,
 * field by field, as if it had sent an empty one.
 */
export function parseBody<S extends z.ZodMiniType>(schema: S, body: unknown): z.output<S> {
  const given = body ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw invalid('body', 'must be a JSON object');
  }
  const [name] = 'shape' in schema ? Object.keys(schema.shape as object) : [];
  const wrapped = (given as Readonly<Record<string, unknown>>)[name];
  if (wrapped === undefined || wrapped === null) {
    parse(schema, { [name]: {} });
    // None of its fields is required: what is missing is the wrapper itself.
    throw invalid(name, BLANK);
  }
  return parse(schema, given);
}

/** What all endpoints of the RealWorld API have in common. */
export const api: Api & FallbackApi = {
  credentials: ({ headers }) => {
    try {
      return bearerToken(headers.authorization);
    } catch (error) {
      throw error instanceof InvalidToken ? unauthorized('is invalid') : error;
    }
  },
  missingCredentials: () => {
    throw unauthorized('is missing');
  },
  parse: (place, schema, input) => (place === 'body' ? parseBody(schema, input) : parse(schema, input)),
  malformedBody: () => {
    throw invalid('body', 'must be valid JSON');
  },
  render: ({ messages }) => ({ errors: messages }),
  internalError: { server: ['internal error'] },
  unavailable: { server: ['is busy, try again'] },
  notFound: { route: ['not found'] },
  methodNotAllowed: { route: ['method not allowed'] },
};
