import type * as z from 'zod/mini';
import type { ErrorRenderer } from './error-renderer';
import { httpHandler } from './handler';
import type { HttpRequest } from './http-request';
import type { GatewayHandler, HttpResponse } from './response';
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
type Credentials<Auth, Credential> = Auth extends 'required'
  ? Credential
  : Auth extends 'optional'
    ? Credential | undefined
    : undefined;

/** What an endpoint is called with, once its input is known to be good. */
export interface Call<Facts extends EndpointFacts, C, Credential = string> {
  readonly request: HttpRequest;
  /** What says who sends the request: not verified yet, or what an authorizer has made of it. */
  readonly credentials: Credentials<Facts['auth'], Credential>;
  /** As the gateway has decoded it. */
  readonly path: Readonly<Record<PathParameter<Facts['path']>, string>>;
  readonly query: Input<C extends { query: infer S } ? S : undefined>;
  readonly body: Input<C extends { body: infer S } ? S : undefined>;
}

/** A call whose input is not good: of it there is what the path says. */
export type RefusedCall<Facts extends EndpointFacts, Credential = string> = Pick<
  Call<Facts, unknown, Credential>,
  'credentials' | 'path'
>;

/** What an API decides for all its endpoints. */
export interface Api<Credential = string> extends ErrorRenderer {
  /** What a request brings to say who sends it; undefined where it brings nothing. @throws HttpError 401 */
  credentials(request: HttpRequest): Credential | undefined;
  /** @throws HttpError 401, always */
  missingCredentials(): never;
  /** Checks input. @throws HttpError that says what is wrong with it */
  parse<S extends Schema>(place: 'query' | 'body', schema: S, input: unknown): z.output<S>;
  /** The answer to a body that is not JSON. @throws HttpError, always */
  malformedBody(): never;
}

/** What an endpoint does. */
export interface Behaviour<Facts extends EndpointFacts, C, Credential = string> {
  /**
   * What is told before bad input is: that the credentials are not good, that there is no such resource, that it is
   * somebody else's. Asked only where the input is not good, so that a good request does not pay for it.
   *
   * @throws HttpError 401, 403, 404
   */
  readonly beforeInvalid?: (call: RefusedCall<Facts, Credential>) => Promise<unknown>;
  /** Answers with the body of a success, or with a reply that has a status, an entity tag or headers of its own. */
  readonly handle: (call: Call<Facts, C, Credential>) => Promise<Answer<C> | Responding<Answer<C>>>;
}

/** A body that says itself how it is sent; made by `reply`, and code that only APIs which do so carry. */
export interface Responding<Body> {
  readonly body: Body;
  respond(facts: EndpointFacts, request: HttpRequest): HttpResponse;
}

/** No JSON has functions, so a body is never mistaken for one that says itself how it is sent. */
const isResponding = (answer: unknown): answer is Responding<unknown> =>
  typeof (answer as Partial<Responding<unknown>> | undefined)?.respond === 'function';

type Answer<C> = Immutable<C extends { answer: infer S extends Schema } ? z.output<S> : void>;

function inputOf(
  api: Pick<Api, 'malformedBody' | 'parse'>,
  { query, body }: { query?: Schema; body?: Schema },
  request: HttpRequest,
) {
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
export function endpoint<Facts extends EndpointFacts, C extends Contract<Facts>, Credential = string>(
  api: Api<Credential>,
  facts: Facts,
  schemas: InputSchemas<C>,
  { beforeInvalid, handle }: Behaviour<Facts, C, Credential>,
): GatewayHandler {
  return httpHandler(api, async (request): Promise<HttpResponse> => {
    const isAsked = facts.auth === 'required' || facts.auth === 'optional';
    const credentials = isAsked ? api.credentials(request) : undefined;
    if (facts.auth === 'required' && credentials === undefined) {
      api.missingCredentials();
    }
    const given = { request, credentials, path: request.path };
    let input;
    try {
      input = inputOf(api, schemas, request);
    } catch (error) {
      await beforeInvalid?.(given as unknown as RefusedCall<Facts, Credential>);
      throw error;
    }
    const answer: unknown = await handle({ ...given, ...input } as unknown as Call<Facts, C, Credential>);
    return isResponding(answer) ? answer.respond(facts, request) : { statusCode: facts.success, body: answer };
  });
}
