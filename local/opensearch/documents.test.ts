import { ARTICLES, refusal, startDomain, TestDomain } from './testing';

describe('documents of an index', () => {
  let domain: TestDomain;

  beforeAll(async () => {
    domain = await startDomain();
  });

  beforeEach(async () => {
    await domain.client.indices.create({
      index: 'articles-1',
      body: { ...ARTICLES, aliases: { articles: { is_write_index: true } } },
    });
  });

  afterEach(async () => {
    await domain.client.indices.delete({ index: 'articles-1' });
  });

  afterAll(async () => domain.close());

  interface Outcome {
    readonly status: number;
    readonly version?: number;
    readonly result?: string;
    readonly error?: string;
  }

  async function bulk(...lines: readonly object[]): Promise<Outcome[]> {
    const { body } = await domain.client.bulk({ index: 'articles', body: lines as Record<string, unknown>[] });
    return body.items.map((item) => {
      const [outcome] = Object.values(item);
      return {
        status: outcome.status,
        ...(outcome.error ? { error: outcome.error.type } : { version: outcome._version, result: outcome.result }),
      };
    });
  }

  const external = (id: string, version: number, type = 'external') => ({ _id: id, version, version_type: type });

  it('are written once for each external version, and never by an older one', async () => {
    expect(await bulk({ index: external('1', 4) }, { title: 'four' })).toEqual([
      { status: 201, version: 4, result: 'created' },
    ]);
    expect(
      await bulk(
        ...[{ index: external('1', 4) }, { title: 'again' }],
        ...[{ index: external('1', 3) }, { title: 'three' }],
        ...[{ index: external('1', 4, 'external_gte') }, { title: 'four and no more' }],
        ...[{ index: external('1', 6) }, { title: 'six' }],
      ),
    ).toEqual([
      { status: 409, error: 'version_conflict_engine_exception' },
      { status: 409, error: 'version_conflict_engine_exception' },
      { status: 200, version: 4, result: 'updated' },
      { status: 200, version: 6, result: 'updated' },
    ]);
    const { body } = await domain.client.get({ index: 'articles', id: '1' });
    expect(body).toMatchObject({ _index: 'articles-1', _version: 6, found: true, _source: { title: 'six' } });
  });

  it('stay deleted when an older write comes late, also when there was nothing to delete', async () => {
    expect(await bulk({ delete: external('1', 5) })).toEqual([{ status: 404, version: 5, result: 'not_found' }]);
    expect(await bulk({ index: external('1', 4) }, { title: 'late' })).toEqual([
      { status: 409, error: 'version_conflict_engine_exception' },
    ]);
    expect(await bulk({ index: external('1', 6) }, { title: 'new' }, { delete: external('1', 7) })).toEqual([
      { status: 201, version: 6, result: 'created' },
      { status: 200, version: 7, result: 'deleted' },
    ]);
  });

  it('are forgotten with their versions when gc_deletes is over', async () => {
    await domain.client.indices.putSettings({ index: 'articles', body: { index: { gc_deletes: '0ms' } } });
    await bulk({ delete: external('1', 5) });
    const later = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 1);
    const [late] = await bulk({ index: external('1', 4) }, { title: 'late' });
    later.mockRestore();
    expect(late).toEqual({ status: 201, version: 4, result: 'created' });
  });

  it('are counted from one where nobody says a version', async () => {
    expect(
      await bulk(
        ...[{ create: { _id: '1' } }, { title: 'a' }],
        ...[{ create: { _id: '1' } }, { title: 'b' }],
        ...[{ index: { _id: '1' } }, { title: 'c' }],
        { delete: { _id: '1' } },
        ...[{ create: { _id: '1' } }, { title: 'd' }],
      ),
    ).toEqual([
      { status: 201, version: 1, result: 'created' },
      { status: 409, error: 'version_conflict_engine_exception' },
      { status: 200, version: 2, result: 'updated' },
      { status: 200, version: 3, result: 'deleted' },
      { status: 201, version: 4, result: 'created' },
    ]);
  });

  it('that the mapping refuses are refused alone', async () => {
    expect(
      await bulk(
        ...[
          { index: { _id: '1' } },
          { title: 'good', tagList: ['a', 'b'], created: '2026-01-02T03:04:05Z', likes: '7' },
        ],
        ...[{ index: { _id: '2' } }, { colour: 'red' }],
        ...[{ index: { _id: '3' } }, { likes: 'many' }],
        ...[{ index: { _id: '4' } }, { created: 'yesterday' }],
        ...[{ index: { _id: '5' } }, { draft: 'perhaps' }],
        ...[{ index: { _id: '6' } }, { title: { text: 'nested' } }],
        ...[{ index: { _id: '7', _index: 'nothing' } }, { title: 'index' }],
      ),
    ).toEqual([
      { status: 201, version: 1, result: 'created' },
      { status: 400, error: 'strict_dynamic_mapping_exception' },
      { status: 400, error: 'mapper_parsing_exception' },
      { status: 400, error: 'mapper_parsing_exception' },
      { status: 400, error: 'mapper_parsing_exception' },
      { status: 400, error: 'mapper_parsing_exception' },
      { status: 404, error: 'index_not_found_exception' },
    ]);
  });

  it('are written, read and deleted one by one', async () => {
    const one = { index: 'articles', id: 'a/b c' };
    const created = await domain.client.index({ ...one, body: { title: 'x' }, version: 3, version_type: 'external' });
    expect([created.statusCode, created.body._version]).toEqual([201, 3]);
    expect(await refusal(domain.client.index({ ...one, body: {}, version: 3, version_type: 'external' }))).toEqual({
      status: 409,
      type: 'version_conflict_engine_exception',
      reason: '[a/b c]: version conflict, current version [3] is higher or equal to the one provided [3]',
    });
    expect((await domain.client.exists(one)).body).toBe(true);
    expect((await domain.client.getSource(one)).body).toEqual({ title: 'x' });
    const many = { index: 'articles', body: { ids: ['a/b c', 'none'] } };
    expect((await domain.client.mget(many)).body.docs).toMatchObject([{ found: true, _version: 3 }, { found: false }]);
    const deleted = await domain.client.delete({ ...one, version: 4, version_type: 'external' });
    expect([deleted.statusCode, deleted.body._version]).toEqual([200, 4]);
    expect((await domain.client.exists(one)).body).toBe(false);
    expect((await refusal(domain.client.get(one))).status).toBe(404);
    expect((await refusal(domain.client.delete({ index: 'articles', id: 'none' }))).status).toBe(404);
  });

  it.each([['9007199254740993'], [-9_007_199_254_740_992]])('are refused with a whole number of %p', async (likes) => {
    expect(await refusal(domain.client.index({ index: 'articles', id: 'large', body: { likes } }))).toEqual({
      status: 400,
      type: 'illegal_argument_exception',
      reason: `[likes] a whole number beyond 2^53 is not supported by the local runner: ${likes}`,
    });
  });

  it.each([
    ['routing', { index: { _id: '1', routing: 'r' } }, /unknown parameter \[routing\]/],
    ['an action that is not here', { update: { _id: '1' } }, /found \[update\]/],
    ['an id that is too long', { index: { _id: 'x'.repeat(513) } }, /no longer than 512 bytes/],
    ['no id', { index: {} }, /id is missing/],
    ['a create with a version of its own', { create: external('1', 2) }, /only support internal versioning/],
    ['a version without its type', { index: { _id: '1', version: 2 } }, /internal versioning can not be used/],
    ['an unknown version type', { index: { _id: '1', version: 2, version_type: 'force' } }, /version_type/],
  ])('are refused, all lines of the request, for %s', async (_, line, reason) => {
    const said = await refusal(bulk({ index: { _id: 'good' } }, { title: 'good' }, line, { title: 'x' }));
    expect(said).toMatchObject({ status: 400, reason: expect.stringMatching(reason) as string });
    expect((await domain.client.exists({ index: 'articles', id: 'good' })).body).toBe(false);
  });
});
