import type * as z from 'zod/mini';
import { type ErrorRenderer, httpHandler } from './handler';
import type { HttpRequest } from './request';
import type { HttpResponse } from './response';
import type { EndpointFacts } from '../../../src/core/endpoint';

type Schema = z.ZodMiniType;

/** Names in a path such as `/articles/{slug}/comments/{id}`. */
type PathParameter<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParameter<Rest>
  : never;

type PathSchema<Path extends string> = [PathParameter<Path>] extends [never]
  ? undefined
  : z.ZodMiniObject<{ [Name in PathParameter<Path>]: Schema }>;

type InputSchema<Facts extends EndpointFacts, Place> = Facts extends { readonly input: readonly (infer Given)[] }
  ? Place extends Given
    ? Schema
    : undefined
  : undefined;

/** Keys whose only value is undefined may be left out. */
type Compact<T> = { [Key in keyof T as T[Key] extends undefined ? never : Key]: T[Key] } & {
  [Key in keyof T as T[Key] extends undefined ? Key : never]?: undefined;
};

/**
 * The schemas of an endpoint: what follows from its facts must be there, and nothing else may be.
 */
export type Contract<Facts extends EndpointFacts> = Compact<{
  readonly path: PathSchema<Facts['path']>;
  readonly query: InputSchema<Facts, 'query'>;
  readonly body: InputSchema<Facts, 'body'>;
  readonly answer: Facts['success'] extends 204 ? undefined : Schema;
}>;

/** Contracts of a whole API: one for each of its endpoints. */
export type Contracts<Endpoints extends Readonly<Record<string, EndpointFacts>>> = {
  readonly [Name in keyof Endpoints]: Contract<Endpoints[Name]>;
};

/** Views are built of values that nobody changes. */
type Immutable<T> = T extends readonly (infer Element)[]
  ? readonly Immutable<Element>[]
  : T extends object
    ? { readonly [Key in keyof T]: Immutable<T[Key]> }
    : T;

type Input<S> = S extends Schema ? z.output<S> : undefined;

/** The schemas of a contract that a function needs when it runs: paths are text, and answers are checked by types. */
export type InputSchemas<C> = Pick<C, Extract<keyof C, 'query' | 'body'>>;
type Credentials<Auth> = Auth extends 'required' ? string : Auth extends 'optional' ? string | undefined : undefined;

/** What an endpoint is called with, once its input is known to be good. */
export interface Call<Facts extends EndpointFacts, C> {
  readonly request: HttpRequest;
  /** What the request brought to say who sends it, not verified yet. */
  readonly credentials: Credentials<Facts['auth']>;
  /** As the gateway has decoded it. */
  readonly path: Readonly<Record<PathParameter<Facts['path']>, string>>;
  readonly query: Input<C extends { query: infer S } ? S : undefined>;
  readonly body: Input<C extends { body: infer S } ? S : undefined>;
}

/** A call whose input is not good: of it there is what the path says. */
export type RefusedCall<Facts extends EndpointFacts> = Pick<Call<Facts, unknown>, 'credentials' | 'path'>;

/** What an API decides for all its endpoints. */
export interface Api extends ErrorRenderer {
  /** What a request brings to say who sends it; undefined where it brings nothing. @throws HttpError 401 */
  credentials(request: HttpRequest): string | undefined;
  /** @throws HttpError 401, always */
  missingCredentials(): never;
  /** Checks input. @throws HttpError that says what is wrong with it */
  parse<S extends Schema>(place: 'query' | 'body', schema: S, input: unknown): z.output<S>;
  /** The answer to a body that is not JSON. @throws HttpError, always */
  malformedBody(): never;
}

/** What an endpoint does. */
export interface Behaviour<Facts extends EndpointFacts, C> {
  /**
   * What is told before bad input is: that the credentials are not good, that there is no such resource, that it is
   * somebody else's. Asked only where the input is not good, so that a good request does not pay for it.
   *
   * @throws HttpError 401, 403, 404
   */
  readonly beforeInvalid?: (call: RefusedCall<Facts>) => Promise<unknown>;
  /** Answers with the body of a success. */
  readonly handle: (
    call: Call<Facts, C>,
  ) => Promise<Immutable<C extends { answer: infer S extends Schema } ? z.output<S> : void>>;
}

function inputOf(api: Api, { query, body }: { query?: Schema; body?: Schema }, request: HttpRequest) {
  if (body && request.body.kind === 'malformed') {
    api.malformedBody();
  }
  return {
    query: query && api.parse('query', query, request.query),
    body: body && api.parse('body', body, request.body.kind === 'json' ? request.body.value : undefined),
  };
}

/**
 * The Lambda handler of an endpoint. Checks come in the order of every API's contract: missing credentials, then what
 * `beforeInvalid` says, then the input, then what the endpoint itself finds.
 */
export function endpoint<Facts extends EndpointFacts, C extends Contract<Facts>>(
  api: Api,
  facts: Facts,
  schemas: InputSchemas<C>,
  { beforeInvalid, handle }: Behaviour<Facts, C>,
) {
  return httpHandler(api, async (request): Promise<HttpResponse> => {
    const credentials = facts.auth === 'none' ? undefined : api.credentials(request);
    if (facts.auth === 'required' && credentials === undefined) {
      api.missingCredentials();
    }
    const given = { request, credentials, path: request.path };
    let input;
    try {
      input = inputOf(api, schemas, request);
    } catch (error) {
      await beforeInvalid?.(given as unknown as RefusedCall<Facts>);
      throw error;
    }
    const body = await handle({ ...given, ...input } as unknown as Call<Facts, C>);
    return { statusCode: facts.success, body };
  });
}
