import { DOCUMENTS, INDEX } from './documents';
import { call, type SearchService, succeed, uniqueName } from './service';

const [FIRST, SECOND] = DOCUMENTS;

/** Type of the refusal in OpenSearch 2, and in 3. */
const UNKNOWN_SETTING = expect.stringMatching(/^(illegal_argument|settings)_exception$/) as string;

interface Failure {
  readonly error: { readonly type: string };
}

interface Hits {
  readonly hits: { readonly hits: readonly { readonly _id: string; readonly _index: string }[] };
}

/** Tests of indices and of the aliases that readers and writers know them by. */
export function describeIndices(find: () => SearchService): void {
  let service: SearchService;
  /** Beginning of all names here. */
  let name: string;

  beforeEach(() => {
    service = find();
    name = uniqueName('indices');
  });

  afterEach(async () => {
    await Promise.all(['1', '2'].map((number) => call(service, 'DELETE', `${name}-${number}`)));
  });

  /** Status, and the type of the error where there is one. */
  const tell = async (method: string, path: string, body?: object) => {
    const { status, body: answer } = await call<Partial<Failure> | undefined>(service, method, path, body);
    return answer?.error ? [status, answer.error.type] : [status];
  };
  const create = (index: string, more: object = {}) => succeed(service, 'PUT', index, { ...INDEX, ...more });
  const stored = async (index: string, ...documents: readonly (typeof FIRST)[]) => {
    const lines = documents.flatMap((document) => [{ index: { _id: document.articleId } }, document]);
    const { items } = await succeed<{ items: { index: { status: number; _index: string } }[] }>(
      service,
      'POST',
      `${index}/_bulk?refresh=true`,
      lines,
    );
    return items.map((item) => [item.index.status, item.index._index]);
  };
  const found = async (index: string) => {
    const body = { sort: [{ articleId: 'asc' }], _source: false };
    const { hits } = await succeed<Hits>(service, 'POST', `${index}/_search`, body);
    return hits.hits.map(({ _id, _index }) => [_id, _index]);
  };
  const swap = (...actions: readonly object[]) => tell('POST', '_aliases', { actions });

  test('an index is made once', async () => {
    const one = `${name}-1`;
    expect(await tell('HEAD', one)).toEqual([404]);
    expect(await call(service, 'PUT', one, INDEX)).toMatchObject({
      status: 200,
      body: { acknowledged: true, index: one },
    });
    expect(await tell('HEAD', one)).toEqual([200]);
    expect(await tell('PUT', one, INDEX)).toEqual([400, 'resource_already_exists_exception']);
    expect(await tell('DELETE', one)).toEqual([200]);
    expect(await tell('DELETE', one)).toEqual([404, 'index_not_found_exception']);
  });

  test('names, settings and types that are none are refused', async () => {
    expect(await tell('PUT', `${name}-Large`, INDEX)).toEqual([400, 'invalid_index_name_exception']);
    expect(await tell('PUT', `${name}-1`, { settings: { index: { nothing: 1 } } })).toEqual([400, UNKNOWN_SETTING]);
    expect(await tell('PUT', `${name}-1`, { mappings: { properties: { a: { type: 'word' } } } })).toEqual([
      400,
      'mapper_parsing_exception',
    ]);
    expect(await tell('PUT', `${name}-1`, { mapping: {} })).toEqual([400, 'parse_exception']);
    expect(await tell('HEAD', `${name}-1`)).toEqual([404]);
  });

  test('what is not there is not searched, not counted and not read', async () => {
    const missing = [404, 'index_not_found_exception'];
    expect(await tell('POST', `${name}-1/_search`, {})).toEqual(missing);
    expect(await tell('POST', `${name}-1/_count`, {})).toEqual(missing);
    expect(await tell('GET', `${name}-1/_doc/a`)).toEqual(missing);
    expect(await tell('GET', `${name}-1/_mapping`)).toEqual(missing);
    expect(await tell('POST', `${name}-1/_refresh`)).toEqual(missing);
    expect(await tell('GET', `_alias/${name}`)).toEqual([404]);
  });

  test('what must be an alias is not made by a write', async () => {
    const { items } = await succeed<{ items: object[] }>(service, 'POST', `${name}-1/_bulk?require_alias=true`, [
      { index: { _id: 'a' } },
      FIRST,
    ]);
    expect(items).toMatchObject([{ index: { status: 404, error: { type: 'index_not_found_exception' } } }]);
    expect(await tell('HEAD', `${name}-1`)).toEqual([404]);
  });

  test('an alias comes with its index, and is read and written by its name', async () => {
    const alias = `${name}-alias`;
    await create(`${name}-1`, { aliases: { [alias]: { is_write_index: true } } });
    expect(await tell('HEAD', alias)).toEqual([200]);
    expect(await stored(alias, FIRST)).toEqual([[201, `${name}-1`]]);
    expect(await found(alias)).toEqual([[FIRST.articleId, `${name}-1`]]);
    expect(await succeed(service, 'GET', `_alias/${alias}`)).toEqual({
      [`${name}-1`]: { aliases: { [alias]: { is_write_index: true } } },
    });
    expect(await tell('PUT', alias, INDEX)).toEqual([400, 'invalid_index_name_exception']);
    expect(await tell('DELETE', alias)).toEqual([400, 'illegal_argument_exception']);
  });

  test('an alias is swapped in one step', async () => {
    const alias = `${name}-alias`;
    const [one, two] = [`${name}-1`, `${name}-2`];
    await create(one, { aliases: { [alias]: { is_write_index: true } } });
    await create(two);
    await stored(one, FIRST);
    await stored(two, FIRST, SECOND);
    expect(await found(alias)).toEqual([[FIRST.articleId, one]]);
    expect(await swap({ remove: { index: one, alias } }, { add: { index: two, alias, is_write_index: true } })).toEqual(
      [200],
    );
    expect(await found(alias)).toEqual([FIRST, SECOND].map(({ articleId }) => [articleId, two]));
    expect(await stored(alias, SECOND)).toEqual([[200, two]]);
    expect(await tell('HEAD', one)).toEqual([200]);
  });

  test('a swap of which one half cannot be does nothing', async () => {
    const alias = `${name}-alias`;
    const [one, two] = [`${name}-1`, `${name}-2`];
    await create(one, { aliases: { [alias]: {} } });
    expect(await swap({ remove: { index: one, alias } }, { add: { index: two, alias } })).toEqual([
      404,
      'index_not_found_exception',
    ]);
    expect(await swap({ remove: { index: one, alias: `${name}-other` } })).toEqual([
      404,
      'aliases_not_found_exception',
    ]);
    expect(await swap({ remove: { index: one, alias } }, { rename: { index: one } })).toEqual([
      400,
      'x_content_parse_exception',
    ]);
    expect(await swap()).toEqual([400, 'illegal_argument_exception']);
    expect(await succeed(service, 'GET', `_alias/${alias}`)).toEqual({ [one]: { aliases: { [alias]: {} } } });
  });

  test('an alias of two indices is searched in both, and written where it says', async () => {
    const alias = `${name}-alias`;
    const [one, two] = [`${name}-1`, `${name}-2`];
    await create(one, { aliases: { [alias]: {} } });
    await create(two, { aliases: { [alias]: {} } });
    await stored(one, FIRST);
    await stored(two, SECOND);
    expect(await found(alias)).toEqual([
      [FIRST.articleId, one],
      [SECOND.articleId, two],
    ]);
    expect(await tell('PUT', `${alias}/_doc/x`, FIRST)).toEqual([400, 'illegal_argument_exception']);
    expect(await swap({ add: { index: two, alias, is_write_index: true } })).toEqual([200]);
    expect(await stored(alias, FIRST)).toEqual([[201, two]]);
    expect(await swap({ add: { index: one, alias, is_write_index: true } })).toEqual([500, 'illegal_state_exception']);
  });

  test('an alias has no name of an index', async () => {
    await create(`${name}-1`);
    await create(`${name}-2`);
    expect(await swap({ add: { index: `${name}-1`, alias: `${name}-2` } })).toEqual([
      400,
      'invalid_alias_name_exception',
    ]);
  });

  test('a mapping grows and does not change', async () => {
    const index = `${name}-1`;
    await create(index);
    expect(await tell('PUT', `${index}/_mapping`, { properties: { slug: { type: 'keyword' } } })).toEqual([200]);
    expect(await succeed(service, 'GET', `${index}/_mapping`)).toEqual({
      [index]: {
        mappings: { ...INDEX.mappings, properties: { ...INDEX.mappings.properties, slug: { type: 'keyword' } } },
      },
    });
    expect(await tell('PUT', `${index}/_mapping`, { properties: { slug: { type: 'text' } } })).toEqual([
      400,
      'illegal_argument_exception',
    ]);
    expect(await tell('PUT', `${index}/_mapping`, { properties: { x: { type: 'word' } } })).toEqual([
      400,
      'mapper_parsing_exception',
    ]);
  });

  test('some settings change, others do not', async () => {
    const index = `${name}-1`;
    await create(index);
    expect(await tell('PUT', `${index}/_settings`, { index: { refresh_interval: '30s', gc_deletes: '1d' } })).toEqual([
      200,
    ]);
    expect(await succeed(service, 'GET', `${index}/_settings`)).toMatchObject({
      [index]: { settings: { index: { refresh_interval: '30s', gc_deletes: '1d', number_of_shards: '1' } } },
    });
    expect(await tell('PUT', `${index}/_settings`, { index: { number_of_shards: 2 } })).toEqual([
      400,
      'illegal_argument_exception',
    ]);
    expect(await tell('PUT', `${index}/_settings`, { index: { nothing: 2 } })).toEqual([400, UNKNOWN_SETTING]);
  });
}
