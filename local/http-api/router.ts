import { decodePart } from './path';

/** Which authorizer is asked before a route. */
export interface RouteAuthorization {
  readonly authorizerId: string;
  /** Of which a token needs one. @default - no scope is needed */
  readonly scopes?: readonly string[];
}

/** A route of an HTTP API. */
export interface Route {
  /** `GET /articles/{slug}`, `ANY /{proxy+}` or `$default`. */
  readonly key: string;
  /** ARN of the function behind it. */
  readonly functionArn: string;
  readonly timeoutMs: number;
  /**
   * Who may call it.
   *
   * @default - everybody
   */
  readonly authorization?: RouteAuthorization;
}

/** A route that takes a request. */
export interface RouteMatch {
  readonly route: Route;
  /** Decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

interface Compiled {
  readonly route: Route;
  readonly method: string;
  readonly segments: readonly string[];
}

const DEFAULT_ROUTE = '$default';
const METHODS = new Set(['ANY', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);

/** Method and path of a route key. Throws an Error for one that API Gateway would not take. */
function parseRouteKey(key: string): { readonly method: string; readonly path: string } {
  const [method = '', path = '', ...rest] = key.split(' ');
  if (rest.length > 0 || !METHODS.has(method) || !path.startsWith('/')) {
    throw new Error(`route key must be "METHOD /path" or $default, got "${key}"`);
  }
  const greedy = path.indexOf('+}');
  if (greedy >= 0 && greedy !== path.length - 2) {
    throw new Error(`{name+} must be the last part of a route, got "${key}"`);
  }
  return { method, path };
}

const isGreedy = (segment: string): boolean => segment.startsWith('{') && segment.endsWith('+}');
const isVariable = (segment: string): boolean => segment.startsWith('{') && segment.endsWith('}');

function rank(segment: string | undefined): number {
  if (segment === undefined) return 3;
  if (isGreedy(segment)) return 2;
  return isVariable(segment) ? 1 : 0;
}

/** Literal before variable before greedy, from left to right; then the method itself before ANY. */
function moreSpecific(a: Compiled, b: Compiled): number {
  for (let index = 0; index < Math.max(a.segments.length, b.segments.length); index += 1) {
    const difference = rank(a.segments[index]) - rank(b.segments[index]);
    if (difference !== 0) return difference;
  }
  return Number(a.method === 'ANY') - Number(b.method === 'ANY');
}

function capture(pattern: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const actual = path[index];
    if (actual === undefined) return undefined;
    if (isGreedy(part)) {
      const rest = path.slice(index).map(decodePart).join('/');
      return rest === '' ? undefined : { ...parameters, [part.slice(1, -2)]: rest };
    }
    if (isVariable(part)) {
      if (actual === '') return undefined;
      parameters[part.slice(1, -1)] = decodePart(actual);
    } else if (actual !== part) {
      return undefined;
    }
  }
  return pattern.length === path.length ? parameters : undefined;
}

/** Chooses the route of a request as API Gateway does: the most specific that takes path and method. */
export class Router {
  private readonly compiled: Compiled[] = [];
  private fallback?: Route;

  public add(route: Route): void {
    if (route.key === DEFAULT_ROUTE) {
      this.fallback = route;
      return;
    }
    const { method, path } = parseRouteKey(route.key);
    this.compiled.push({ route, method, segments: path.slice(1).split('/') });
    this.compiled.sort(moreSpecific);
  }

  public get routes(): Route[] {
    const routes = this.compiled.map(({ route }) => route);
    return this.fallback === undefined ? routes : [...routes, this.fallback];
  }

  /** @param path as `readPath` gives it to be matched, without the stage */
  public match(method: string, path: string): RouteMatch | undefined {
    const segments = path.slice(1).split('/');
    for (const candidate of this.compiled) {
      if (candidate.method !== method && candidate.method !== 'ANY') continue;
      const parameters = capture(candidate.segments, segments);
      if (parameters !== undefined) return { route: candidate.route, parameters };
    }
    return this.fallback === undefined ? undefined : { route: this.fallback, parameters: {} };
  }
}
