import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ARTICLES, startDomain, TestDomain } from './testing';

const FOR_EVER = 3_600_000;

async function withDomain(options: Parameters<typeof startDomain>[0], work: (d: TestDomain) => Promise<void>) {
  const domain = await startDomain(options);
  try {
    await work(domain);
  } finally {
    await domain.close();
  }
}

async function found({ client }: TestDomain): Promise<(string | undefined)[]> {
  const { body } = await client.search({ index: 'articles', body: { sort: [{ articleId: 'asc' }] } });
  const { count } = (await client.count({ index: 'articles' })).body;
  expect(count).toBe(body.hits.hits.length);
  return body.hits.hits.map(({ _source }) => (_source as { title?: string }).title);
}

describe('searches that are behind', () => {
  it('find nothing of what is written until they are refreshed; reads by id have it', async () => {
    await withDomain({ lag: { search: FOR_EVER } }, async (domain) => {
      const { client } = domain;
      await client.indices.create({ index: 'articles', body: ARTICLES });
      await client.index({ index: 'articles', id: '1', body: { title: 'one' } });
      expect(await found(domain)).toEqual([]);
      expect((await client.get({ index: 'articles', id: '1' })).body._source).toEqual({ title: 'one' });
      expect(await domain.test.section('searchIndexes')).toMatchObject([{ name: 'articles', documents: 1, unseen: 1 }]);
      await client.indices.refresh({ index: 'articles' });
      expect(await found(domain)).toEqual(['one']);
      await client.index({ index: 'articles', id: '1', body: { title: 'two' } });
      expect(await found(domain)).toEqual(['one']);
      const written = await client.index({ index: 'articles', id: '1', body: { title: 'three' }, refresh: true });
      expect([written.body.forced_refresh, await found(domain)]).toEqual([true, ['three']]);
      await client.delete({ index: 'articles', id: '1' });
      expect(await found(domain)).toEqual(['three']);
      expect(await domain.test.section('searchIndexes')).toMatchObject([{ documents: 0, unseen: 1 }]);
    });
  });

  it('find it when the time has passed, which who waits for idleness waits for', async () => {
    await withDomain({ lag: { search: 150 } }, async (domain) => {
      const { client, test } = domain;
      await client.indices.create({ index: 'articles', body: ARTICLES });
      await client.index({ index: 'articles', id: '1', body: { title: 'one' } });
      expect(await found(domain)).toEqual([]);
      await test.host.idle();
      expect(await found(domain)).toEqual(['one']);
      await client.index({ index: 'articles', id: '1', body: { title: 'two' }, refresh: 'wait_for' });
      expect(await found(domain)).toEqual(['two']);
    });
  });

  it('find nothing by themselves where the index is told not to refresh', async () => {
    await withDomain({}, async (domain) => {
      const { client, test } = domain;
      const settings = { ...ARTICLES.settings, refresh_interval: '-1' };
      await client.indices.create({ index: 'articles', body: { ...ARTICLES, settings } });
      await client.index({ index: 'articles', id: '1', body: { title: 'one' } });
      await test.host.idle();
      expect(await found(domain)).toEqual([]);
      await client.indices.putSettings({ index: 'articles', body: { refresh_interval: '1s' } });
      expect(await found(domain)).toEqual(['one']);
    });
  });
});

describe('a data folder', () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'indexes-'));
  });

  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it('keeps indexes, aliases, documents and the versions of deleted ones', async () => {
    const external = { version_type: 'external' as const };
    await withDomain({ dataDir }, async ({ client }) => {
      await client.indices.create({ index: 'gone', body: ARTICLES });
      await client.indices.delete({ index: 'gone' });
      await client.indices.create({ index: 'a-1', body: { ...ARTICLES, aliases: { articles: {} } } });
      await client.indices.putMapping({ index: 'a-1', body: { properties: { more: { type: 'keyword' } } } });
      await client.indices.putSettings({ index: 'a-1', body: { gc_deletes: '1h' } });
      await client.index({ index: 'a-1', id: '1', body: { title: 'old' }, version: 2, ...external });
      await client.index({ index: 'a-1', id: '1', body: { title: 'new', more: 'x' }, version: 4, ...external });
      await client.index({ index: 'a-1', id: '2', body: { title: 'deleted' }, version: 2, ...external });
      await client.delete({ index: 'a-1', id: '2', version: 7, ...external });
    });
    for (const run of ['second', 'third']) {
      await withDomain({ dataDir }, async (domain) => {
        const { client } = domain;
        expect([run, await found(domain)]).toEqual([run, ['new']]);
        expect((await client.get({ index: 'articles', id: '1' })).body._version).toBe(4);
        const late = client.index({ index: 'a-1', id: '2', body: { title: 'late' }, version: 6, ...external });
        await expect(late).rejects.toThrow('version_conflict_engine_exception');
        const { body } = await client.indices.get({ index: 'articles' });
        expect(Object.keys(body)).toEqual(['a-1']);
        expect(body['a-1'].mappings?.properties?.more).toEqual({ type: 'keyword' });
        expect((await client.indices.exists({ index: 'gone' })).body).toBe(false);
      });
    }
  });
});
