import type { HttpRequest } from './request';

/**
 * CORS headers of an answer. A REST API puts none on what a function answers, so the function must; an HTTP API puts
 * its own on every answer and passes over these.
 *
 * `CORS_ALLOW_ORIGINS` holds the origins whose pages may read answers, separated by commas, or `*`; without it there
 * are none. `CORS_EXPOSE_HEADERS` holds the headers that they may read.
 */
export function corsHeaders({ headers }: Pick<HttpRequest, 'headers'>): Record<string, string> {
  const allowed = (process.env.CORS_ALLOW_ORIGINS ?? '').split(',').filter((origin) => origin !== '');
  const any = allowed.includes('*');
  const { origin } = headers;
  if (!any && (origin === undefined || !allowed.includes(origin))) {
    // Answers differ by origin: a cache that keeps this one must not give it to a page that may read it.
    return allowed.length > 0 ? { vary: 'origin' } : {};
  }
  const exposed = process.env.CORS_EXPOSE_HEADERS;
  return {
    'access-control-allow-origin': any ? '*' : String(origin),
    ...(exposed ? { 'access-control-expose-headers': exposed } : {}),
    ...(any ? {} : { vary: 'origin' }),
  };
}
