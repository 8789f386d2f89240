import type { ErrorRenderer } from './error-renderer';
import { type ErrorMessages, HttpError } from './errors';
import { httpHandler } from './handler';
import type { GatewayHandler } from './response';
import type { EndpointFacts } from '../../../src/core/endpoint';

type Route = Pick<EndpointFacts, 'path'> & { readonly method: string };

/** An API that has words for what is not there. */
export interface FallbackApi extends ErrorRenderer {
  readonly notFound: ErrorMessages;
  readonly methodNotAllowed: ErrorMessages;
}

/** Does a path match one with parameters? The gateway has decoded and split it the same way. */
function matches(template: string, path: string): boolean {
  const parts = path.split('/');
  const wanted = template.split('/');
  return (
    wanted.length === parts.length &&
    wanted.every((part, index) => (part.startsWith('{') ? parts[index] !== '' : part === parts[index]))
  );
}

/**
 * Answers what no route took, in the API's own shape instead of the gateway's: 405 where the path exists and the
 * method does not, 404 otherwise. A preflight is answered 204: an HTTP API with CORS hands it to `$default` where there
 * is one, and puts its own CORS headers on whatever comes back.
 */
export function fallback(
  api: FallbackApi,
  basePath: string,
  endpoints: Readonly<Record<string, Route>>,
): GatewayHandler {
  const routes = Object.values(endpoints).map(({ method, path }) => ({ method, path: `${basePath}${path}` }));
  return httpHandler(api, async ({ method, rawPath }) => {
    if (method === 'OPTIONS') {
      return { statusCode: 204 };
    }
    const allowed = new Set(routes.filter(({ path }) => matches(path, rawPath)).map((route) => route.method));
    if (allowed.size > 0) {
      throw new HttpError(405, api.methodNotAllowed, { allow: [...allowed, 'OPTIONS'].join(', ') });
    }
    throw new HttpError(404, api.notFound);
  });
}
