import { ARTICLES, refusal, startDomain, TestDomain } from './testing';

describe('the REST API of a domain', () => {
  let domain: TestDomain;

  beforeAll(async () => {
    domain = await startDomain();
    await domain.client.indices.create({ index: 'articles-1', body: { ...ARTICLES, aliases: { articles: {} } } });
  });

  afterAll(async () => domain.close());

  const call = async (method: string, path: string, body?: object) =>
    domain.client.transport.request({ method, path, body } as Parameters<typeof domain.client.transport.request>[0]);

  it.each<[string, string, object | undefined, RegExp]>([
    ['PATCH', '/articles', {}, /no handler found for uri \[\/articles\] and method \[PATCH\]/],
    ['POST', '/articles/_update_by_query', {}, /_update_by_query/],
    ['POST', '/_reindex', {}, /_reindex/],
    ['POST', '/articles/_search?scroll=1m', {}, /unrecognized parameter: \[scroll\]/],
    ['GET', '/articles/_doc/1?realtime=false', undefined, /\[realtime\]/],
    ['PUT', '/articles/_doc/1?if_seq_no=1', {}, /\[if_seq_no\]/],
    ['GET', '/articles/_doc/1?filter_path=a', undefined, /\[filter_path\]/],
    ['GET', '/articles,others/_search', undefined, /\[articles,others\]/],
    ['GET', '/art*/_search', undefined, /\[art\*\]/],
    ['GET', '/_cat/indices', undefined, /\[format=json\]/],
    ['PUT', '/x', { settings: { analysis: {} }, mappings: { dynamic: 'strict' } }, /\[index.analysis\]/],
    ['PUT', '/x', {}, /\[dynamic\] must be strict or false/],
    ['PUT', '/x', { mappings: { dynamic: true } }, /\[dynamic\] must be strict or false/],
    ['PUT', '/x', mapped({ type: 'nested' }), /No handler for type \[nested\]/],
    ['PUT', '/x', mapped({ type: 'keyword', fields: {} }), /unknown parameter \[fields\]/],
    ['PUT', '/x', mapped({ type: 'text', analyzer: 'english' }), /\[analyzer\] must be one of standard/],
    ['PUT', '/x', mapped({ type: 'date', format: 'yyyy' }), /unknown parameter \[format\]/],
    ['POST', '/_aliases', { actions: [{ add: { index: 'articles-1', alias: 'a', filter: {} } }] }, /\[filter\]/],
    ['PUT', '/articles/_doc/1?refresh=now', { title: 'x' }, /Unknown value for refresh: \[now\]/],
  ])('refuses by name what is not here: %s %s %j', async (method, path, body, reason) => {
    const said = await refusal(call(method, path, body));
    expect(said).toMatchObject({ status: 400, reason: expect.stringMatching(reason) as string });
    expect(
      (await call('HEAD', '/x').catch(({ statusCode }: { statusCode: number }) => ({ statusCode }))).statusCode,
    ).toBe(404);
    expect((await domain.client.count({ index: 'articles' })).body.count).toBe(0);
  });

  it('lists indexes, with how many documents searches find', async () => {
    const { body } = await domain.client.cat.indices({ format: 'json' });
    expect(body).toMatchObject([{ index: 'articles-1', pri: '1', rep: '0', 'docs.count': '0' }]);
    const health = await domain.client.cluster.health({ wait_for_status: 'yellow', timeout: '1s' });
    expect(health.body).toMatchObject({ status: 'green', active_primary_shards: 1 });
  });

  it('is on the page with indexes, aliases and documents', async () => {
    await domain.client.index({ index: 'articles', id: '1', body: { title: 'Shown' } });
    expect(await domain.test.section('searchIndexes')).toEqual([
      { domain: domain.name, name: 'articles-1', documents: 1, unseen: 0, behindMs: 0 },
    ]);
    expect(await domain.test.section('searchAliases')).toEqual([
      { domain: domain.name, name: 'articles', indexes: 'articles-1' },
    ]);
    expect(await domain.test.section('searchDocuments')).toEqual([
      { name: 'articles-1', items: [{ _id: '1', _version: 1, title: 'Shown' }] },
    ]);
    await domain.client.delete({ index: 'articles', id: '1' });
  });

  it('does a fault as AWS has it: too many requests', async () => {
    const faulty = await startDomain({
      faultSeed: 1,
      faultRates: {
        throttle: 1,
        internalError: 0,
        dropAnswer: 0,
        conflict: 0,
        coldStart: 0,
        partialBatch: 0,
        duplicate: 0,
        reorder: 0,
      },
    });
    try {
      expect(await refusal(faulty.client.info())).toEqual({
        status: 429,
        type: 'rejected_execution_exception',
        reason: 'rejected execution (fault injected)',
      });
    } finally {
      await faulty.close();
    }
  });
});

function mapped(field: object): object {
  return { mappings: { dynamic: 'strict', properties: { field } } };
}
