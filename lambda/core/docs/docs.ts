import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import html from './page.html';
import panel from './sign-in.html';
import { isPayload2, toRequest, type GatewayEvent } from '../http/request';
import type { GatewayResult } from '../http/response';

/**
 * Starts the explorer; a file of its own, so that the page needs no inline script. Addresses are relative, because a
 * REST API serves its documents below the path of its stage.
 */
const STARTER = `window.ui = SwaggerUIBundle({ url: 'docs/spec.json', dom_id: '#swagger-ui' });\n`;

/** Everything the page loads comes from here; requests go to this API alone, and to where users sign in. */
const security = (signIn: SignIn | undefined) => ({
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
    `connect-src 'self'${signIn ? ` ${signIn.endpoint}` : ''}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
});

/** Where the users of an API sign in. */
interface SignIn {
  readonly endpoint: string;
  readonly userPoolId: string;
  readonly clientId: string;
}

/**
 * The user pool of the API, where it has one: `USER_POOL_ID` and `USER_POOL_CLIENT_ID`. It is asked at its own address,
 * or at that which every SDK would take from the environment.
 */
function signInOf(): SignIn | undefined {
  const { USER_POOL_ID: userPoolId, USER_POOL_CLIENT_ID: clientId, AWS_REGION: region = '' } = process.env;
  if (!userPoolId || !clientId) {
    return undefined;
  }
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const endpoint = process.env.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER ?? `https://cognito-idp.${region}.${suffix}`;
  return { endpoint: endpoint.replace(/\/$/, ''), userPoolId, clientId };
}

interface File {
  readonly type: string;
  readonly read: () => string;
}

type Json = { [key: string]: unknown };

/**
 * Puts what a deployment has chosen into the document that was written when the functions were built.
 *
 * @param values by JSON pointer (RFC 6901): `/components/schemas/NewUser/properties/password/minLength`; null takes out
 *   what the deployment has not
 * @throws Error where a pointer leads nowhere
 */
export function withValues(document: Json, values: Readonly<Record<string, unknown>>): Json {
  const changed = structuredClone(document);
  for (const [pointer, value] of Object.entries(values)) {
    const names = pointer
      .split('/')
      .slice(1)
      .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = names.pop() ?? '';
    const parent = names.reduce<Json | undefined>((at, name) => at?.[name] as Json | undefined, changed);
    if (!parent || !Object.hasOwn(parent, last)) {
      throw new Error(`The API document has nothing at ${pointer}`);
    }
    if (value === null) {
      delete parent[last];
    } else {
      parent[last] = value;
    }
  }
  return changed;
}

/**
 * The functions of `GET /docs` and `GET /docs/{file}` of any API: the explorer, what it loads, and the OpenAPI document
 * at `/docs/spec.json`. What is served lies beside the function: the build writes the document (`openapi.json`) and
 * puts Swagger UI there. `DOCUMENT_VALUES` holds what a deployment has chosen, by JSON pointer. Of an API with a
 * user pool the page has a form to sign up and in, by which it gets the token that requests are sent with.
 *
 * @param directory the function's own folder
 */
export function documents(directory: string) {
  const beside = (name: string) => readFileSync(path.join(directory, name), 'utf8');
  const document = () =>
    withValues(
      JSON.parse(beside('openapi.json')) as Json,
      JSON.parse(process.env.DOCUMENT_VALUES || '{}') as Readonly<Record<string, unknown>>,
    );
  const signIn = signInOf();
  const headersOfAll = security(signIn);
  const fill = (text: string, values: Readonly<Record<string, string>>) =>
    text.replace(/\{\{([\w-]+)\}\}/g, (_, name: string) => values[name] ?? '');
  const page = () =>
    fill(html, {
      title: escape((document().info as { title: string }).title),
      'sign-in': signIn
        ? fill(panel, Object.fromEntries(Object.entries(signIn).map(([name, value]) => [name, escape(value)])))
        : '',
      'sign-in-script': signIn ? '    <script src="docs/sign-in.js"></script>\n' : '',
    });
  const files: Readonly<Record<string, File>> = {
    '': { type: 'text/html; charset=utf-8', read: page },
    'spec.json': { type: 'application/json; charset=utf-8', read: () => JSON.stringify(document()) },
    'explorer.js': { type: 'text/javascript; charset=utf-8', read: () => STARTER },
    ...(signIn ? { 'sign-in.js': { type: 'text/javascript; charset=utf-8', read: () => beside('sign-in.js') } } : {}),
    'swagger-ui-bundle.js': { type: 'text/javascript; charset=utf-8', read: () => beside('swagger-ui-bundle.js') },
    'swagger-ui.css': { type: 'text/css; charset=utf-8', read: () => beside('swagger-ui.css') },
  };
  /** Compressed once a sandbox, as base64. */
  const packed = new Map<string, string>();
  const pack = (name: string, file: File) => {
    const known = packed.get(name) ?? gzipSync(file.read()).toString('base64');
    packed.set(name, known);
    return known;
  };
  return async (event: GatewayEvent): Promise<GatewayResult> => {
    const { path: parameters, headers: sent } = toRequest(event);
    const name = parameters.file ?? '';
    const file = Object.hasOwn(files, name) ? files[name] : undefined;
    if (!file) {
      const body = 'There is no such page\n';
      return { statusCode: 404, headers: { 'content-type': 'text/plain; charset=utf-8', ...headersOfAll }, body };
    }
    const headers = {
      'content-type': file.type,
      'cache-control': 'public, max-age=300',
      vary: 'accept-encoding',
      ...headersOfAll,
    };
    // A REST API hands base64 on as it is, unless all of the API is declared binary; an HTTP API decodes it.
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/lambda-proxy-binary-media.html
    if (isPayload2(event) && /\bgzip\b/.test(sent['accept-encoding'] ?? '')) {
      const body = pack(name, file);
      return { statusCode: 200, headers: { ...headers, 'content-encoding': 'gzip' }, body, isBase64Encoded: true };
    }
    return { statusCode: 200, headers, body: file.read() };
  };
}

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
