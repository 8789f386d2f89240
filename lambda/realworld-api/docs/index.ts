import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { openApiDocument } from '../openapi';
import html from './page.html';

/** Starts the explorer; a file of its own, so that the page needs no inline script. */
const STARTER = `window.ui = SwaggerUIBundle({ url: '/docs/spec.json', dom_id: '#swagger-ui' });\n`;

/** Everything the page loads comes from here; requests go to this API alone. */
const SECURITY = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

interface File {
  readonly type: string;
  readonly read: () => string;
}

/** Swagger UI is put beside this function when it is built. */
const besides = (name: string) => readFileSync(path.join(__dirname, name), 'utf8');

const FILES: Readonly<Record<string, File>> = {
  '': { type: 'text/html; charset=utf-8', read: () => html },
  'spec.json': { type: 'application/json; charset=utf-8', read: () => JSON.stringify(openApiDocument()) },
  'explorer.js': { type: 'text/javascript; charset=utf-8', read: () => STARTER },
  'swagger-ui-bundle.js': { type: 'text/javascript; charset=utf-8', read: () => besides('swagger-ui-bundle.js') },
  'swagger-ui.css': { type: 'text/css; charset=utf-8', read: () => besides('swagger-ui.css') },
};

const packed = new Map<string, string>();

/** Compressed once a sandbox, as base64. */
function pack(name: string, file: File): string {
  const known = packed.get(name) ?? gzipSync(file.read()).toString('base64');
  packed.set(name, known);
  return known;
}

/** GET /docs, /docs/{file}: the explorer, what it loads, and the OpenAPI document at /docs/spec.json. */
export async function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  const name = event.pathParameters?.file ?? '';
  const file = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
  if (!file) {
    return {
      statusCode: 404,
      headers: { 'content-type': 'application/json; charset=utf-8', ...SECURITY },
      body: JSON.stringify({ errors: { route: ['not found'] } }),
    };
  }
  const headers = {
    'content-type': file.type,
    'cache-control': 'public, max-age=300',
    vary: 'accept-encoding',
    ...SECURITY,
  };
  if (/\bgzip\b/.test(event.headers['accept-encoding'] ?? '')) {
    const body = pack(name, file);
    return { statusCode: 200, headers: { ...headers, 'content-encoding': 'gzip' }, body, isBase64Encoded: true };
  }
  return { statusCode: 200, headers, body: file.read() };
}
