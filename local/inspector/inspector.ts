import { IncomingMessage, ServerResponse } from 'node:http';
import { HttpHandler } from '../http/server';
import { RunningApp } from '../running-app';
import { PageSection } from '../service';
import { textFile } from '../text-file';

/** Requests shown. */
const SHOWN_REQUESTS = 50;

/** Names of this machine. A page of a stranger that lets its own name point here is refused by it (DNS rebinding). */
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

const PAGE = { file: 'inspector/page.html', type: 'text/html' } as const;

/** What the page is made of, by its path. */
const PAGE_FILES: Readonly<Record<string, { readonly file: Parameters<typeof textFile>[0]; readonly type: string }>> = {
  '/_local': PAGE,
  '/_local/': PAGE,
  '/_local/page.css': { file: 'inspector/page.css', type: 'text/css' },
  '/_local/page.js': { file: 'inspector/page.js', type: 'text/javascript' },
};

/** No script and no style but the page's own, no request but to this server. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/** What the page shows, as JSON. */
async function snapshot(app: RunningApp, inspect: () => Promise<readonly PageSection[]>): Promise<unknown> {
  const sections = await inspect();
  return {
    urls: app.urls,
    outputs: app.outputs,
    resources: app.resources.map(({ stackName, logicalId, type, path, ref, inert }) => ({
      stackName,
      logicalId,
      type,
      path,
      ref,
      inert,
    })),
    // By name, for programs; with their titles and columns, for the page.
    ...Object.fromEntries(sections.map(({ key, entries }) => [key, entries])),
    sections: sections.map(({ key, title, columns }) => ({ key, title, columns })),
    requests: app
      .requests()
      .slice(-SHOWN_REQUESTS)
      .reverse()
      .map(({ calls, ...request }) => ({
        ...request,
        calls: calls.map(({ service, operation, resources, start, end, status, errorCode, readUnits, writeUnits }) => ({
          service,
          operation,
          resources,
          ms: end - start,
          status,
          errorCode,
          readUnits,
          writeUnits,
        })),
      })),
    logs: app.logs().slice(-100),
  };
}

/** Answers `/_local` and `/_local/api`, to this machine only. */
export function createInspector(app: RunningApp, inspect: () => Promise<readonly PageSection[]>): HttpHandler {
  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (message.url ?? '/').split('?')[0];
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    if (!LOCAL_HOST.test(message.headers.host ?? '')) {
      response.writeHead(403, { 'content-type': 'text/plain' }).end('only for this machine\n');
    } else if (message.method !== 'GET' && message.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
    } else if (path in PAGE_FILES) {
      const { file, type } = PAGE_FILES[path];
      response
        .writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': POLICY })
        .end(textFile(file));
    } else if (path === '/_local/api') {
      await sendSnapshot(app, inspect, response);
    } else {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"Not Found"}');
    }
  };
  return { handle };
}

async function sendSnapshot(
  app: RunningApp,
  inspect: () => Promise<readonly PageSection[]>,
  response: ServerResponse,
): Promise<void> {
  try {
    const body = JSON.stringify(await snapshot(app, inspect));
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
  }
}
