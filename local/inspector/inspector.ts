import { IncomingMessage, ServerResponse } from 'node:http';
import { HttpHandler } from '../http/server';
import { ItemBrowser, ItemQueryRefused } from '../item-browser';
import { RunningApp } from '../running-app';
import { PageSection } from '../service';
import { textFile } from '../text-file';
import { readItemQuery } from './item-query';

/** Requests shown. */
const SHOWN_REQUESTS = 50;

/** Names of this machine. A page of a stranger that lets its own name point here is refused by it (DNS rebinding). */
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

const TABLES_PAGE = { file: 'inspector/tables.html', type: 'text/html' } as const;
const PAGE = { file: 'inspector/page.html', type: 'text/html' } as const;

/** What the page is made of, by its path. */
const PAGE_FILES: Readonly<Record<string, { readonly file: Parameters<typeof textFile>[0]; readonly type: string }>> = {
  '/_local': PAGE,
  '/_local/': PAGE,
  '/_local/dom.js': { file: 'inspector/dom.js', type: 'text/javascript' },
  '/_local/tables': TABLES_PAGE,
  '/_local/tables/': TABLES_PAGE,
  '/_local/tables.js': { file: 'inspector/tables.js', type: 'text/javascript' },
  '/_local/page.css': { file: 'inspector/page.css', type: 'text/css' },
  '/_local/page.js': { file: 'inspector/page.js', type: 'text/javascript' },
};

/** No script and no style but the page's own, no request but to this server. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

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

/** What the pages are made from. */
export interface InspectorSources {
  readonly app: RunningApp;
  /** @default - the app has no tables */
  readonly items?: ItemBrowser;
  /** What `/` shows: the page of tables, at an address of its own. @default - nothing */
  readonly home?: 'tables';
  inspect(): Promise<readonly PageSection[]>;
}

/** Answers `/_local` and what is below it, to this machine only. */
export function createInspector(sources: InspectorSources): HttpHandler {
  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [asked = '/', query = ''] = (message.url ?? '/').split('?');
    const path = asked === '/' && sources.home === 'tables' ? '/_local/tables' : asked;
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    if (!LOCAL_HOST.test(message.headers.host ?? '')) {
      response.writeHead(403, { 'content-type': 'text/plain' }).end('only for this machine\n');
    } else if (message.method !== 'GET' && message.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
    } else if (Object.hasOwn(PAGE_FILES, path)) {
      const { file, type } = PAGE_FILES[path];
      response
        .writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': POLICY })
        .end(textFile(file));
    } else {
      await sendJson(response, dataOf(sources, path, new URLSearchParams(query)));
    }
  };
  return { handle };
}

/** What a path gives as JSON; undefined where it gives nothing. */
function dataOf(
  { app, inspect, items }: InspectorSources,
  path: string,
  query: URLSearchParams,
): (() => Promise<unknown>) | undefined {
  switch (path) {
    case '/_local/api':
      return async () => snapshot(app, inspect);
    case '/_local/tables/list':
      return async () => ({ tables: (await items?.list()) ?? [] });
    case '/_local/tables/items':
      return async () => items?.page(readItemQuery(query)) ?? { items: [] };
    default:
      return undefined;
  }
}

async function sendJson(response: ServerResponse, data: (() => Promise<unknown>) | undefined): Promise<void> {
  const send = (status: number, body: unknown): void => {
    const text = JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', 'content-security-policy': POLICY }).end(text);
  };
  if (data === undefined) {
    send(404, { message: 'Not Found' });
    return;
  }
  try {
    send(200, await data());
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    send(error instanceof ItemQueryRefused ? 400 : 500, { message });
  }
}
