import { ensureIndex, type IndexPorts, NeedsReindex, OtherIngestion } from './use-case';
import type { IndexBody, Mappings } from '../index-body';
import type { IndexAliases } from '../names';

const WANTED: IndexBody = {
  settings: { number_of_shards: 1, number_of_replicas: 0, gc_deletes: '25h' },
  mappings: { dynamic: 'strict', properties: { articleId: { type: 'keyword' }, title: { type: 'text' } } },
};

/** Indexes in memory: settings are texts, as OpenSearch gives them back. */
class Cluster implements IndexPorts {
  public readonly indexes = new Map<string, { body: Required<IndexBody>; aliases: Set<string> }>();
  public readonly calls: string[] = [];

  public async writtenBy(alias: string): Promise<string | undefined> {
    return [...this.indexes].find(([, { aliases }]) => aliases.has(alias))?.[0];
  }
  public async read(index: string): Promise<Required<IndexBody> | undefined> {
    return this.indexes.get(index)?.body;
  }
  public async create(
    index: string,
    { settings = {}, mappings = {} }: IndexBody,
    aliases: IndexAliases,
  ): Promise<void> {
    this.calls.push('create');
    const texts = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
    this.indexes.set(index, {
      body: { settings: texts, mappings: { ...mappings } },
      aliases: new Set(Object.keys(aliases)),
    });
  }
  public async putAliases(index: string, aliases: IndexAliases): Promise<void> {
    this.calls.push('alias');
    Object.keys(aliases).forEach((alias) => this.indexes.get(index)?.aliases.add(alias));
  }
  public async putSettings(index: string, settings: object): Promise<void> {
    this.calls.push(`settings ${JSON.stringify(settings)} of ${index}`);
  }
  public async putMappings(index: string, { properties }: Mappings): Promise<void> {
    this.calls.push(`fields ${JSON.stringify(properties)} of ${index}`);
  }
  public async putRole(): Promise<void> {
    this.calls.push('role');
  }
}

let cluster: Cluster;
beforeEach(async () => {
  cluster = new Cluster();
  expect(await change(WANTED)).toBe('articles-000001');
});

const change = (wanted: IndexBody, first = 'articles-000001') => ensureIndex(cluster, 'articles', first, wanted);

test('makes a numbered index behind its alias, once', async () => {
  expect(await change(WANTED)).toBe('articles-000001');
  expect(cluster.calls).toEqual(['create']);
});

test('finds the index that the alias leads to by then', async () => {
  const first = cluster.indexes.get('articles-000001')!;
  first.aliases.clear();
  cluster.indexes.set('articles-000002', { body: first.body, aliases: new Set(['articles']) });
  expect(await change(WANTED)).toBe('articles-000002');
});

test('refuses an alias that leads to an index of another ingestion, whose versions are others', async () => {
  await expect(change(WANTED, 'articles-zero-etl-000001')).rejects.toBeInstanceOf(OtherIngestion);
  expect(cluster.calls).toEqual(['create']);
});

test('gives an index that was kept its alias again', async () => {
  cluster.indexes.get('articles-000001')!.aliases.clear();
  expect(await change(WANTED)).toBe('articles-000001');
  expect(cluster.calls).toEqual(['create', 'alias']);
});

test('adds fields, and changes settings that an open index takes', async () => {
  await change({
    settings: { ...WANTED.settings, number_of_replicas: 1, gc_deletes: '3h' },
    mappings: { dynamic: 'strict', properties: { ...WANTED.mappings?.properties, body: { type: 'text' } } },
  });
  expect(cluster.calls).toEqual([
    'create',
    'settings {"number_of_replicas":1,"gc_deletes":"3h"} of articles-000001',
    'fields {"body":{"type":"text"}} of articles-000001',
  ]);
});

test('the order in which a field is described makes no change, and a field that is wanted no more stays', async () => {
  const field = { type: 'text', fields: { raw: { type: 'keyword', ignore_above: 256 } } };
  const turned = { fields: { raw: { ignore_above: 256, type: 'keyword' } }, type: 'text' };
  const there = cluster.indexes.get('articles-000001')!;
  const mappings = { dynamic: 'strict', properties: { articleId: { type: 'keyword' }, title: field } };
  cluster.indexes.set('articles-000001', { ...there, body: { ...there.body, mappings } });
  await change({ ...WANTED, mappings: { dynamic: 'strict', properties: { title: turned } } });
  expect(cluster.calls).toEqual(['create']);
});

test.each<[string, IndexBody, string]>([
  [
    'a field of another type',
    { ...WANTED, mappings: { ...WANTED.mappings, properties: { title: { type: 'keyword' } } } },
    'the field title is {"type":"text"}, and is to be {"type":"keyword"}',
  ],
  [
    'another number of shards',
    { ...WANTED, settings: { ...WANTED.settings, number_of_shards: 2 } },
    'number_of_shards is 1, and is to be 2',
  ],
  [
    'fields that are taken as they come',
    { ...WANTED, mappings: { ...WANTED.mappings, dynamic: 'true' } },
    'dynamic is strict, and is to be true',
  ],
])('%s needs a new index, and changes nothing of this one', async (_, wanted, named) => {
  await expect(change(wanted)).rejects.toThrow(named);
  await expect(change(wanted)).rejects.toBeInstanceOf(NeedsReindex);
  expect(cluster.calls).toEqual(['create']);
});
