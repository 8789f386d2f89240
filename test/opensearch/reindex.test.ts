/** Backfill and reindex on a node of OpenSearch that is stopped and started; it is made of `OPENSEARCH_LIBRARY`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { call } from './service';
import { type OpenSearchNode, startNode } from '../../scripts/opensearch/node';
import { BookSearch } from '../support/book-search';

const library = process.env.OPENSEARCH_LIBRARY;
const MINUTES = 60_000;

let folder: string;
let node: OpenSearchNode;
let books: BookSearch;

const at = (name: string) => path.join(folder, name);
const startBooks = () => BookSearch.start({ dataDir: at('data'), engines: { search: node.url }, lag: { stream: 100 } });
const restartNode = async (meanwhile: () => Promise<void>): Promise<void> => {
  const { url } = node;
  await node.stop();
  await meanwhile();
  node = await startNode({ library: library!, folder: at('node'), port: Number(new URL(url).port) });
};

beforeAll(async () => {
  if (!library) throw new Error('OPENSEARCH_LIBRARY is not set: npm run test:opensearch, without OPENSEARCH_URL');
  folder = mkdtempSync(path.join(tmpdir(), 'test-opensearch-reindex-'));
  node = await startNode({ library, folder: at('node') });
  books = await startBooks();
}, 4 * MINUTES);

afterAll(async () => {
  await books?.close();
  await node?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}, MINUTES);

test(
  'a backfill brings what was in the table before there was an index, also while the node is stopped and started',
  async () => {
    for (let n = 0; n < 40; n++) expect(await books.put(`old-${n}`, `Old ${n}`, 'old')).toBe(200);
    await books.app.idle();
    await books.close();
    expect((await call(node, 'DELETE', 'books-000001')).status).toBe(200);
    books = await startBooks();
    await restartNode(async () => {
      await books.put('meanwhile', 'Meanwhile', 'new');
      await books.delete('old-0');
    });
    expect(await books.untilDone()).toMatchObject({ index: 'books-000001', job: { kind: 'backfill' } });
    await books.app.idle();
    await call(node, 'POST', 'books-000001/_refresh');
    expect(await books.inIndex()).toEqual(await books.inTable());
    expect(Object.keys(await books.inTable())).toHaveLength(40);
  },
  4 * MINUTES,
);

test(
  'a reindex under writes loses none, also while the node is stopped and started, and may be taken back',
  async () => {
    let isDone = false;
    const writes = Promise.all([books.writeUntil(() => isDone, 1), books.writeUntil(() => isDone, 2)]);
    try {
      expect(await books.command('reindex')).toMatchObject({ index: 'books-000001', job: { phase: 'preparing' } });
      // It is at copying some seconds after it has begun.
      let phase: string | undefined = 'preparing';
      while (phase === 'preparing') ({ phase } = (await books.command('status')).job!);
      await restartNode(async () => undefined);
      const status = await books.untilDone();
      expect(status).toMatchObject({ index: 'books-000002', written: ['books-000001', 'books-000002'] });
      expect(status.job!.compared!.checksums.index).toBe(status.job!.compared!.checksums.table);
    } finally {
      isDone = true;
    }
    expect((await writes).every((count) => count > 20)).toBe(true);
    await books.app.idle();
    await call(node, 'POST', 'books/_refresh');
    expect(await books.inIndex()).toEqual(await books.inTable());

    expect(await books.command('switch-back')).toMatchObject({ index: 'books-000001' });
    await call(node, 'POST', 'books/_refresh');
    expect(await books.inIndex()).toEqual(await books.inTable());
    expect(await books.command('drop')).toMatchObject({ index: 'books-000001', written: ['books-000001'] });
    const { body } = await call<object>(node, 'GET', 'books-writes/_alias');
    expect(body).toEqual({
      'books-000001': {
        aliases: {
          books: { is_write_index: true },
          'books-000001-writes': {},
          'books-writes': { is_write_index: false },
        },
      },
    });
  },
  4 * MINUTES,
);
