import { illegalArgument, NOT_HERE, SearchError } from './errors';
import { isJson } from './strict';
import { Json } from '../aws/protocol';

/** A request to the REST API of a domain. */
export interface RestRequest {
  readonly method: string;
  /** Undecoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

/** A request with the parts of its path by name. */
export interface RoutedRequest extends RestRequest {
  part(name: string): string;
}

export interface RestAnswer {
  readonly status: number;
  readonly body: Json | readonly Json[];
}

/** One endpoint, with what its query string may have. */
export interface Route {
  readonly methods: readonly string[];
  /** `/{index}/_doc/{id}`. */
  readonly path: string;
  /** @default - none */
  readonly params?: readonly string[];
  /** Whether it takes a body. @default false */
  readonly body?: boolean;
  handle(request: RoutedRequest): RestAnswer | Promise<RestAnswer>;
}

/** Finds the endpoint of a request, and refuses by name what that does not know. */
export async function dispatch(routes: readonly Route[], request: RestRequest): Promise<RestAnswer> {
  const parts = split(request.path);
  for (const route of routes) {
    const names = route.methods.includes(request.method) ? match(route.path, parts) : undefined;
    if (names === undefined) continue;
    const unknown = [...request.query.keys()].find((name) => route.params?.includes(name) !== true);
    if (unknown !== undefined) {
      throw illegalArgument(
        `request [${request.path}] contains unrecognized parameter: [${unknown}], or it is ${NOT_HERE}`,
      );
    }
    if (route.body !== true && request.body.trim() !== '') {
      throw illegalArgument(`request [${request.method} ${request.path}] does not support having a body`);
    }
    return route.handle({ ...request, part: (name) => names.get(name) ?? '' });
  }
  throw illegalArgument(
    `no handler found for uri [${request.path}] and method [${request.method}], or it is ${NOT_HERE}`,
  );
}

/** The parts of a path by the names that a pattern gives them; undefined where it does not match. */
export function matchPath(pattern: string, path: string): ReadonlyMap<string, string> | undefined {
  return match(pattern, split(path));
}

function split(path: string): string[] {
  try {
    return path.split('/').slice(1).map(decodeURIComponent);
  } catch {
    throw illegalArgument(`malformed path [${path}]`);
  }
}

/** In the place of an index stands no name of OpenSearch's own; an id may be any text. */
function match(pattern: string, parts: readonly string[]): Map<string, string> | undefined {
  const wanted = pattern.split('/').slice(1);
  if (wanted.length !== parts.length) return undefined;
  const names = new Map<string, string>();
  for (const [index, part] of parts.entries()) {
    const name = /^\{(\w+)\}$/.exec(wanted[index])?.[1];
    if (name === undefined) {
      if (wanted[index] !== part) return undefined;
      continue;
    }
    if (part === '' || (name === 'index' && part.startsWith('_'))) return undefined;
    names.set(name, part);
  }
  return names;
}

/** The body as an object; an empty one where there is none. */
export function jsonBody({ body }: RestRequest): Json {
  if (body.trim() === '') return {};
  const value = parseJson(body, (reason) => new SearchError(400, 'json_parse_exception', reason));
  if (!isJson(value)) throw new SearchError(400, 'parse_exception', 'the body must be an object');
  return value;
}

/** The body, which must be there. */
export function requiredBody(request: RestRequest): Json {
  if (request.body.trim() === '') throw new SearchError(400, 'parse_exception', 'request body is required');
  return jsonBody(request);
}

/** A text as a document, which must be there. */
export function documentBody(body: string): Json {
  if (body.trim() === '') throw new SearchError(400, 'parse_exception', 'request body is required');
  const refuse = (reason: string): SearchError =>
    new SearchError(400, 'mapper_parsing_exception', `failed to parse: ${reason}`);
  const value = parseJson(body, refuse);
  if (!isJson(value)) throw refuse('a document must be an object');
  return value;
}

export function parseJson(text: string, refuse: (reason: string) => SearchError): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw refuse(`Failed to parse content: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export const ACKNOWLEDGED: RestAnswer = { status: 200, body: { acknowledged: true } };
