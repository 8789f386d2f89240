/** What a node of OpenSearch still knows after it was stopped and started; it is made of `OPENSEARCH_LIBRARY`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { DOCUMENTS, INDEX } from './documents';
import { call, succeed } from './service';
import { type OpenSearchNode, startNode } from '../../scripts/opensearch/node';

const library = process.env.OPENSEARCH_LIBRARY;
const MINUTES = 60_000;
const [FIRST] = DOCUMENTS;

let folder: string;
let node: OpenSearchNode;

beforeAll(async () => {
  if (!library) throw new Error('OPENSEARCH_LIBRARY is not set: npm run test:opensearch, without OPENSEARCH_URL');
  folder = mkdtempSync(path.join(tmpdir(), 'test-opensearch-restart-'));
  node = await startNode({ library, folder });
}, 4 * MINUTES);

afterAll(async () => {
  await node?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}, MINUTES);

const at = (version: number) => `?version=${version}&version_type=external`;
const put = (id: string, version: number) => call(node, 'PUT', `restarted/_doc/${id}${at(version)}`, FIRST);
const remove = (id: string, version: number) => call(node, 'DELETE', `restarted/_doc/${id}${at(version)}`);

test(
  'documents and their versions last; at which version one was deleted is forgotten, whatever gc_deletes says',
  async () => {
    const settings = { index: { ...INDEX.settings.index, gc_deletes: '7d' } };
    await succeed(node, 'PUT', 'restarted', { ...INDEX, settings, aliases: { articles: {} } });
    expect(await put('kept', 4)).toMatchObject({ status: 201 });
    expect(await put('gone', 2)).toMatchObject({ status: 201 });
    expect(await remove('gone', 5)).toMatchObject({ status: 200 });
    expect(await put('gone', 4)).toMatchObject({ status: 409 });

    const { url } = node;
    await node.stop();
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    node = await startNode({ library: library!, folder, port: Number(new URL(url).port) });
    expect(node.url).toBe(url);

    const hits = await succeed<{ hits: object }>(node, 'POST', 'articles/_search', { version: true });
    expect(hits).toMatchObject({ hits: { total: { value: 1 }, hits: [{ _id: 'kept', _version: 4, _source: FIRST }] } });
    expect(await put('kept', 4)).toMatchObject({ status: 409 });
    expect(await put('kept', 6)).toMatchObject({ status: 200 });
    // So a write that comes late brings it back: what was deleted has to be looked up in the table.
    expect(await put('gone', 4)).toMatchObject({ status: 201 });
  },
  4 * MINUTES,
);
