import type * as z from 'zod/mini';
import type { Principal, TokenScope } from './domain/model';
import { insufficientScope, invalid, InvalidRequest, unauthorized, words } from './errors';
import type { PostsEndpoint } from '../../src/posts-api/contract';
import { type Api, type Behaviour, type Contract, endpoint, type InputSchemas } from '../core/http/endpoint';
import type { HttpError } from '../core/http/errors';
import type { FallbackApi } from '../core/http/fallback';
import type { HttpRequest } from '../core/http/request';

/** Who asks, by what the authorizer has put beside the request; nobody else can. */
function principalOf({ authorizer }: HttpRequest): Principal | undefined {
  if (!authorizer?.userId || !authorizer.username) {
    return undefined;
  }
  const { userId, username, tokenId, scopes } = authorizer;
  return tokenId === undefined
    ? { userId, username }
    : { userId, username, tokenId, scopes: (scopes ?? '').split(' ') as TokenScope[] };
}

/** The name of what an issue is about: `allowed_users`, and of an element of a list its place as well. */
const fieldOf = (path: readonly PropertyKey[]) => (path.length === 0 ? 'body' : path.map(String).join('.'));

/**
 * Checks input against a schema.
 *
 * @throws HttpError 400 with the messages for each field
 */
function parse<S extends z.ZodMiniType>(_place: string, schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) {
    return result.data;
  }
  const fields = new Map<string, string[]>();
  const add = (field: string, message: string) => fields.set(field, [...(fields.get(field) ?? []), message]);
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      issue.keys.forEach((key) => add(key, 'is not known'));
    } else {
      add(fieldOf(issue.path), issue.message);
    }
  }
  throw new InvalidRequest(fields);
}

/** The shape of all errors: `{"error": {"code", "message", "fields"}}`. */
function render(error: HttpError) {
  const [[code, [message]]] = Object.entries(error.messages);
  // Names as they were sent, such as `__proto__`: not by assignment.
  const fields = error instanceof InvalidRequest ? { fields: Object.fromEntries(error.fields) } : {};
  return { error: { code, message, ...fields } };
}

/** What all endpoints of the posts API have in common. */
export const api: Api<Principal> & FallbackApi = {
  credentials: principalOf,
  missingCredentials: () => {
    throw unauthorized();
  },
  parse,
  malformedBody: () => {
    throw invalid('body', 'must be valid JSON');
  },
  render,
  internalError: words('internal_error', 'Something went wrong'),
  unavailable: words('unavailable', 'Busy, try again'),
  notFound: words('not_found', 'There is no such path'),
  methodNotAllowed: words('method_not_allowed', 'This path does not know the method'),
};

const NEEDED: Readonly<Record<PostsEndpoint['access'], TokenScope | undefined>> = {
  read: 'read:posts',
  write: 'write:posts',
  user: undefined,
};

/** @throws HttpError 403 where a token may not do what the endpoint does */
function admitted(principal: Principal | undefined, access: PostsEndpoint['access']): Principal | undefined {
  const needed = NEEDED[access];
  if (principal?.scopes && (needed === undefined || !principal.scopes.includes(needed))) {
    throw insufficientScope(needed);
  }
  return principal;
}

/** The Lambda handler of an endpoint of the posts API: what a token may do comes before everything else. */
export function postsEndpoint<Facts extends PostsEndpoint, C extends Contract<Facts>>(
  facts: Facts,
  schemas: InputSchemas<C>,
  behaviour: Behaviour<Facts, C, Principal>,
) {
  const own: Api<Principal> = { ...api, credentials: (request) => admitted(principalOf(request), facts.access) };
  return endpoint<Facts, C, Principal>(own, facts, schemas, behaviour);
}
