import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { BookSearch } from '../support/book-search';

/** Backfill and reindex of the example `search`, on the embedded subset of OpenSearch. */

jest.setTimeout(120_000);

let dataDir: string;
let books: BookSearch;

const start = () => BookSearch.start({ dataDir, lag: { stream: 100 } });

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'reindex-'));
  books = await start();
}, 180_000);
afterAll(async () => {
  await books?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

test('what was in the table before there was an index is in it after a deployment', async () => {
  for (let n = 0; n < 12; n++) expect(await books.put(`old-${n}`, `Old ${n}`, 'old')).toBe(200);
  await books.app.idle();
  await books.close();
  // Streams have been read; all that the domain had is lost.
  rmSync(path.join(dataDir, 'opensearch'), { recursive: true });
  books = await start();
  await books.app.idle();
  expect(await books.inIndex()).toEqual(await books.inTable());
  expect((await books.find('subject=old')).total).toBe(12);
  const status = await books.command('status');
  expect(status).toMatchObject({ index: 'books-000001', written: ['books-000001'], complete: true });
  expect(status.job).toMatchObject({
    kind: 'backfill',
    phase: 'done',
    copied: { segments: { done: 4, of: 4 }, scanned: 12, documents: 12 },
    compared: { segments: { done: 4, of: 4 }, scanned: 12, documents: 12 },
  });
});

test('under writes, a reindex loses none, and readers never have less than there is', async () => {
  let isDone = false;
  let searches = 0;
  const search = async () => {
    for (; !isDone; searches++) expect((await books.find('subject=old&limit=1')).total).toBe(12);
  };
  const others = Promise.all([books.writeUntil(() => isDone, 7), books.writeUntil(() => isDone, 8), search()]);
  try {
    expect(await books.command('reindex')).toMatchObject({ index: 'books-000001', job: { phase: 'preparing' } });
    await expect(books.command('backfill')).rejects.toThrow('One job at a time for books: the reindex');
    await expect(books.command('drop')).rejects.toThrow('wait for it, or cancel it');
    const status = await books.untilDone();
    expect(status).toMatchObject({
      index: 'books-000002',
      written: ['books-000001', 'books-000002'],
      complete: true,
    });
    const { checksums } = status.job!.compared!;
    expect(checksums.index).toBe(checksums.table);
  } finally {
    isDone = true;
    await others;
  }
  await books.app.idle();
  expect(searches).toBeGreaterThan(10);
  expect(await books.inIndex()).toEqual(await books.inTable());
});

test('the old index is written on, readers may go back to it, and it goes when it is told to', async () => {
  expect(await books.put('later', 'Later', 'late')).toBe(200);
  await books.app.idle();
  expect(await books.command('switch-back')).toMatchObject({ index: 'books-000001' });
  expect(await books.inIndex()).toEqual(await books.inTable());
  expect(await books.command('switch-back')).toMatchObject({ index: 'books-000002' });
  expect(await books.command('drop')).toMatchObject({ index: 'books-000002', written: ['books-000002'] });
  expect(await books.command('drop')).toMatchObject({ index: 'books-000002', written: ['books-000002'] });
  expect(await books.put('latest', 'Latest', 'late')).toBe(200);
  await books.app.idle();
  expect(await books.inIndex()).toEqual(await books.inTable());
});

test('what is no command is refused, with those that are', async () => {
  await expect(books.command('explode')).rejects.toThrow('C is status, reindex, backfill, resume, cancel, switch');
});

test('it is invoked by its protocol as well, by whoever has the right to it', async () => {
  const { endpoint, region, credentials } = books.app.aws;
  const invoke = async (name: string, body: string, key = credentials.accessKeyId) => {
    const scope = `${key}/20260101/${region}/lambda/aws4_request`;
    const answer = await fetch(`${endpoint}/2015-03-31/functions/${name}/invocations`, {
      method: 'POST',
      body,
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` },
    });
    const said = (await answer.json()) as Record<string, unknown>;
    return { status: answer.status, error: answer.headers.get('x-amz-function-error'), said };
  };
  const name = books.app.physicalId('Search/Reindexer/Handler');
  expect(await invoke(name, '{"command":"status"}')).toMatchObject({
    status: 200,
    error: null,
    said: { alias: 'books' },
  });
  expect(await invoke(name, '{"command":"explode"}')).toMatchObject({ status: 200, error: 'Unhandled' });
  expect(await invoke(name, '{')).toMatchObject({ status: 400 });
  expect(await invoke('nobody', '{}')).toMatchObject({ status: 404 });
  expect((await invoke(name, '{}', 'unknown')).status).toBe(403);
});

test('the function that loads the index used all that it is allowed', () => {
  const unused = books.app.unusedActions().map(({ role, action }) => `${role} ${action}`);
  expect(books.app.resources.some(({ path: at }) => at?.includes('Reindexer/Handler'))).toBe(true);
  expect(unused.filter((line) => /Reindexer.* (es|dynamodb):/.test(line))).toEqual([]);
});
