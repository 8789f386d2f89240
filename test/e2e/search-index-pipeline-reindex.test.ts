import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { startApp } from '../../local/runner';
import { RunningApp } from '../../local/running-app';
import { assemblyOf } from '../support/assemblies';
import { seeded } from '../support/seeded';

/** Backfill and reindex of the example `search`, on the embedded subset of OpenSearch. */

jest.setTimeout(120_000);

let app: RunningApp;
let url: string;
let dataDir: string;

async function start(): Promise<void> {
  app = await startApp({ assembly: await assemblyOf('search'), port: 0, dataDir, lag: { stream: 100 } });
  url = String(app.outputs.BookSearch.Url).replace(/\/$/, '');
}

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'reindex-'));
  await start();
}, 180_000);
afterAll(async () => {
  await app?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

interface Found {
  readonly books: readonly { readonly isbn: string; readonly title: string }[];
  readonly total: number;
}

interface Status {
  readonly index: string;
  readonly written: readonly string[];
  readonly complete: boolean;
  readonly job?: {
    readonly kind: string;
    readonly phase: string;
    readonly copied?: Scan;
    readonly compared?: Scan;
  };
}

interface Scan {
  readonly segments: { readonly done: number; readonly of: number };
  readonly scanned: number;
  readonly documents: number;
  readonly checksums: { readonly table: string; readonly index: string };
}

async function ask(method: string, route: string, body?: object): Promise<{ status: number; body: Found }> {
  const answer = await fetch(`${url}${route}`, { method, body: body && JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: (text === '' ? undefined : JSON.parse(text)) as Found };
}

const put = (isbn: string, title: string, subject: string) =>
  ask('PUT', `/books/${isbn}`, { title, author: 'Somebody', subjects: [subject], year: 2000 });

async function find(query: string): Promise<Found> {
  const { status, body } = await ask('GET', `/books?${query}`);
  expect(status).toBe(200);
  return body;
}

async function command(name: string): Promise<Status> {
  const { payload, functionError } = await app.invoke('Search/Reindexer/Handler', { command: name });
  if (functionError !== undefined) throw new Error(JSON.stringify(payload));
  return payload as Status;
}

/** Title by ISBN: as the table has them, and as readers find them. */
async function inTable(): Promise<Record<string, string>> {
  const db = DynamoDBDocumentClient.from(new DynamoDBClient(app.aws));
  const { Items = [] } = await db.send(new ScanCommand({ TableName: app.physicalId('Books'), ConsistentRead: true }));
  db.destroy();
  return Object.fromEntries(Items.map(({ isbn, title }) => [isbn, title]));
}

async function inIndex(): Promise<Record<string, string>> {
  const books: [string, string][] = [];
  let next = '';
  do {
    const page = (await find(`limit=100${next}`)) as Found & { readonly next?: string };
    books.push(...page.books.map(({ isbn, title }): [string, string] => [isbn, title]));
    next = page.next === undefined ? '' : `&after=${page.next}`;
  } while (next !== '');
  return Object.fromEntries(books);
}

test('what was in the table before there was an index is in it after a deployment', async () => {
  for (let n = 0; n < 12; n++) expect((await put(`old-${n}`, `Old ${n}`, 'old')).status).toBe(200);
  await app.idle();
  await app.close();
  // Streams have been read; all that the domain had is lost.
  rmSync(path.join(dataDir, 'opensearch'), { recursive: true });
  await start();
  await app.idle();
  expect(await inIndex()).toEqual(await inTable());
  expect((await find('subject=old')).total).toBe(12);
  const status = await command('status');
  expect(status).toMatchObject({ index: 'books-000001', written: ['books-000001'], complete: true });
  expect(status.job).toMatchObject({
    kind: 'backfill',
    phase: 'done',
    copied: { segments: { done: 4, of: 4 }, scanned: 12, documents: 12 },
    compared: { segments: { done: 4, of: 4 }, scanned: 12, documents: 12 },
  });
});

test('under writes, a reindex loses none, and readers never have less than there is', async () => {
  const random = seeded(7);
  let running = true;
  let searches = 0;
  const write = async () => {
    for (let n = 0; running; n++) {
      const isbn = `new-${Math.floor(random() * 30)}`;
      const answer = random() < 0.3 ? await ask('DELETE', `/books/${isbn}`) : await put(isbn, `New ${n}`, 'new');
      expect([200, 204, 404, 409]).toContain(answer.status);
    }
  };
  const search = async () => {
    for (; running; searches++) expect((await find('subject=old&limit=1')).total).toBe(12);
  };
  const others = Promise.all([write(), write(), search()]);
  try {
    expect(await command('reindex')).toMatchObject({ index: 'books-000001', job: { phase: 'preparing' } });
    await expect(command('backfill')).rejects.toThrow('One job at a time for books: the reindex');
    await expect(command('drop')).rejects.toThrow('wait for it, or cancel it');
    let status = await command('status');
    while (status.job?.phase !== 'done') {
      await new Promise((resolve) => setTimeout(resolve, 100));
      status = await command('status');
      expect(status.job?.phase).not.toBe('differs');
    }
    expect(status).toMatchObject({
      index: 'books-000002',
      written: ['books-000001', 'books-000002'],
      complete: true,
    });
    const { checksums } = status.job.compared!;
    expect(checksums.index).toBe(checksums.table);
  } finally {
    running = false;
    await others;
  }
  await app.idle();
  expect(searches).toBeGreaterThan(10);
  expect(await inIndex()).toEqual(await inTable());
});

test('the old index is written on, readers may go back to it, and it goes when it is told to', async () => {
  expect((await put('later', 'Later', 'late')).status).toBe(200);
  await app.idle();
  expect(await command('switch-back')).toMatchObject({ index: 'books-000001' });
  expect(await inIndex()).toEqual(await inTable());
  expect(await command('switch-back')).toMatchObject({ index: 'books-000002' });
  expect(await command('drop')).toMatchObject({ index: 'books-000002', written: ['books-000002'] });
  expect(await command('drop')).toMatchObject({ index: 'books-000002', written: ['books-000002'] });
  expect((await put('latest', 'Latest', 'late')).status).toBe(200);
  await app.idle();
  expect(await inIndex()).toEqual(await inTable());
});

test('the function that loads the index used all that it is allowed', () => {
  const unused = app.unusedActions().map(({ role, action }) => `${role} ${action}`);
  expect(app.resources.some(({ path: at }) => at?.includes('Reindexer/Handler'))).toBe(true);
  expect(unused.filter((line) => /Reindexer.* (es|dynamodb):/.test(line))).toEqual([]);
});
