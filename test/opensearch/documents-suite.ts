import { DOCUMENTS, idOf, INDEX } from './documents';
import { call, type SearchService, succeed, uniqueName } from './service';

/** An operation of `_bulk`: an index with what it stores, or a delete. */
export interface Operation {
  readonly action: 'index' | 'create' | 'delete';
  readonly id?: string;
  readonly version?: number;
  readonly document?: object;
}

/** What became of one: the action, its status, result or type of error, and the version where there is one. */
type Outcome = readonly [action: string, status: number, result: string, ...version: number[]];

interface BulkItem {
  readonly status: number;
  readonly result?: string;
  readonly _version?: number;
  readonly error?: { readonly type: string };
}

interface Failure {
  readonly error: { readonly type: string; readonly root_cause: readonly { readonly type: string }[] };
}

interface Found {
  readonly found: boolean;
  readonly _version?: number;
  readonly _source?: unknown;
}

const linesOf = ({ action, id, version, document }: Operation): object[] => [
  { [action]: { _id: id, ...(version !== undefined && { version, version_type: 'external' }) } },
  ...(document ? [document] : []),
];

/** @throws Error where the whole of it is refused */
async function bulk(service: SearchService, index: string, operations: readonly Operation[]): Promise<Outcome[]> {
  const path = `${index}/_bulk?refresh=true`;
  const { items } = await succeed<{ items: Record<string, BulkItem>[] }>(
    service,
    'POST',
    path,
    operations.flatMap(linesOf),
  );
  return items.map((item) => {
    const [[action, { status, result, error, _version }]] = Object.entries(item);
    return [action, status, result ?? error?.type ?? '', ...(_version === undefined ? [] : [_version])];
  });
}

/** All orders of these. */
function ordersOf<T>(values: readonly T[]): T[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((value, index) =>
    ordersOf([...values.slice(0, index), ...values.slice(index + 1)]).map((rest) => [value, ...rest]),
  );
}

const [SAMPLE] = DOCUMENTS;
const CONFLICT = 'version_conflict_engine_exception';

/** A write at a version, and the document that it leaves. */
interface Event {
  readonly version: number;
  readonly deletes?: boolean;
}

const operationOf = (id: string, { version, deletes }: Event): Operation =>
  deletes
    ? { action: 'delete', id, version }
    : { action: 'index', id, version, document: { ...SAMPLE, articleId: id, title: `Version ${version}` } };

/** What must become of events in that order: what is not newer than what was there, or was deleted, is a conflict. */
function outcomesOf(events: readonly Event[]): Outcome[] {
  let current = 0;
  let there = false;
  return events.map(({ version, deletes }) => {
    if (version <= current) return [deletes ? 'delete' : 'index', 409, CONFLICT];
    const was = there;
    current = version;
    there = !deletes;
    if (deletes) return ['delete', was ? 200 : 404, was ? 'deleted' : 'not_found', version];
    return ['index', was ? 200 : 201, was ? 'updated' : 'created', version];
  });
}

/** Status and types of a refusal. */
async function refusal(...parameters: Parameters<typeof call>): Promise<[number, string, string]> {
  const { status, body } = await call<Failure>(...parameters);
  return [status, body.error?.type, body.error?.root_cause?.[0]?.type];
}

/** Tests of what documents a service has after writes to it. */
export function describeDocuments(find: () => SearchService): void {
  let service: SearchService;
  let index: string;

  beforeAll(async () => {
    service = find();
    index = uniqueName('documents');
    await succeed(service, 'PUT', index, INDEX);
  });

  afterAll(async () => {
    await succeed(service, 'DELETE', index);
  });

  const write = (operations: readonly Operation[]) => bulk(service, index, operations);
  const read = async (id: string) => (await call<Found>(service, 'GET', `${index}/_doc/${id}`)).body;
  const store = (id: string, document: object, parameters = '') =>
    [service, 'PUT', `${index}/_doc/${id}${parameters}`, document] as const;

  describe('external versions', () => {
    const EVENTS: Event[] = [{ version: 2 }, { version: 4 }, { version: 5, deletes: true }, { version: 6 }];

    test.each([
      ['that end with a document', EVENTS],
      ['that end with a delete', EVENTS.slice(0, 3)],
    ])('events %s do so in every order', async (_, events) => {
      const last = events[events.length - 1];
      const orders = ordersOf(events).map((order, number) => ({ order, id: `order-${events.length}-${number}` }));
      const operations = orders.flatMap(({ order, id }) => order.map((event) => operationOf(id, event)));
      expect(await write(operations)).toEqual(orders.flatMap(({ order }) => outcomesOf(order)));
      for (const { id } of orders) {
        expect(await read(id)).toMatchObject(
          last.deletes
            ? { found: false }
            : { found: true, _version: last.version, _source: { title: `Version ${last.version}` } },
        );
      }
    });

    test('one after another, in requests of their own, they end the same', async () => {
      for (const [number, order] of ordersOf(EVENTS.slice(0, 3)).entries()) {
        const outcomes: Outcome[] = [];
        for (const event of order) outcomes.push(...(await write([operationOf(`slow-${number}`, event)])));
        expect(outcomes).toEqual(outcomesOf(order));
        expect(await read(`slow-${number}`)).toMatchObject({ found: false });
      }
    });

    test('what comes twice is a conflict, and changes nothing', async () => {
      const twice = EVENTS.flatMap((event) => [event, event]);
      expect(await write(twice.map((event) => operationOf('twice', event)))).toEqual(outcomesOf(twice));
      expect(await read('twice')).toMatchObject({ _version: 6, _source: { title: 'Version 6' } });
    });

    test('a delete of what was never there is not found, and keeps older writes out', async () => {
      const events = [{ version: 9, deletes: true }, { version: 8 }, { version: 9 }, { version: 10 }];
      expect(await write(events.map((event) => operationOf('never', event)))).toEqual([
        ['delete', 404, 'not_found', 9],
        ['index', 409, CONFLICT],
        ['index', 409, CONFLICT],
        ['index', 201, 'created', 10],
      ]);
    });

    test('versions go up to the largest that is exact', async () => {
      const events = [{ version: 2 ** 53 - 1 }, { version: 2 ** 53 - 2 }];
      expect(await write(events.map((event) => operationOf('large', event)))).toEqual(outcomesOf(events));
    });

    test('a version of zero is one', async () => {
      expect(await write([operationOf('zero', { version: 0 })])).toEqual([['index', 201, 'created', 0]]);
      expect(await write([operationOf('zero', { version: 0 })])).toEqual([['index', 409, CONFLICT]]);
    });

    test('hits tell their versions', async () => {
      await write([operationOf('told', { version: 14 })]);
      const query = { query: { ids: { values: ['told'] } }, version: true, _source: false };
      const { hits } = await succeed<{ hits: { hits: { _version: number }[] } }>(
        service,
        'POST',
        `${index}/_search`,
        query,
      );
      expect(hits.hits).toMatchObject([{ _id: 'told', _version: 14 }]);
    });

    test('a single document takes them too', async () => {
      const id = idOf(9001);
      const at = (version: number) => store(id, SAMPLE, `?version=${version}&version_type=external`);
      expect(await call(...at(4))).toMatchObject({ status: 201, body: { result: 'created', _version: 4 } });
      expect(await refusal(...at(4))).toEqual([409, CONFLICT, CONFLICT]);
      expect(await call(...at(6))).toMatchObject({ status: 200, body: { result: 'updated', _version: 6 } });
      const gone = (version: number) =>
        [service, 'DELETE', `${index}/_doc/${id}?version=${version}&version_type=external`] as const;
      expect(await refusal(...gone(5))).toEqual([409, CONFLICT, CONFLICT]);
      expect(await call(...gone(7))).toMatchObject({ status: 200, body: { result: 'deleted', _version: 7 } });
      expect(await call(...gone(9))).toMatchObject({ status: 404, body: { result: 'not_found', _version: 9 } });
      expect(await call(service, 'GET', `${index}/_doc/${id}`)).toMatchObject({ status: 404, body: { found: false } });
    });
  });

  describe('versions of its own', () => {
    test('grow by one a write, deletes and all', async () => {
      const document = { action: 'index', id: 'own', document: SAMPLE } as const;
      const gone = { action: 'delete', id: 'own' } as const;
      expect(await write([document, document, gone, gone, document])).toEqual([
        ['index', 201, 'created', 1],
        ['index', 200, 'updated', 2],
        ['delete', 200, 'deleted', 3],
        ['delete', 404, 'not_found', 4],
        ['index', 201, 'created', 5],
      ]);
    });

    test('create refuses what is there', async () => {
      const document = { action: 'create', id: 'once', document: SAMPLE } as const;
      expect(await write([document, document])).toEqual([
        ['create', 201, 'created', 1],
        ['create', 409, CONFLICT],
      ]);
    });
  });

  describe('the strict mapping', () => {
    const tried = (document: object): Operation => ({ action: 'index', id: 'strict', document });

    test.each<[string, object, string]>([
      ['an unknown field', { ...SAMPLE, slug: 'x' }, 'strict_dynamic_mapping_exception'],
      ['an unknown field of nothing', { ...SAMPLE, slug: null }, 'strict_dynamic_mapping_exception'],
      ['an object for a keyword', { ...SAMPLE, authorId: { id: 'ada' } }, 'mapper_parsing_exception'],
      ['an object for a text', { ...SAMPLE, title: { en: 'x' } }, 'mapper_parsing_exception'],
      [
        'a keyword that is too long for its index',
        { ...SAMPLE, authorId: 'x'.repeat(32_767) },
        'illegal_argument_exception',
      ],
    ])('refuses %s', async (_, document, type) => {
      const [[, status, result]] = await write([tried(document)]);
      expect([status, result]).toEqual([400, type]);
      expect(await read('strict')).toMatchObject({ found: false });
    });

    test('a poison document is refused alone', async () => {
      const outcomes = await write([
        operationOf('good-1', { version: 2 }),
        { action: 'index', id: 'poison', version: 2, document: { ...SAMPLE, extra: 1 } },
        operationOf('good-2', { version: 2 }),
      ]);
      expect(outcomes).toEqual([
        ['index', 201, 'created', 2],
        ['index', 400, 'strict_dynamic_mapping_exception'],
        ['index', 201, 'created', 2],
      ]);
    });

    test('takes numbers, nothing and lists for words', async () => {
      const document = { ...SAMPLE, title: 7, description: null, body: ['one', 'two'], tagList: 'single' };
      expect(await write([{ action: 'index', id: 'loose', document }])).toEqual([['index', 201, 'created', 1]]);
      expect(await read('loose')).toMatchObject({ _source: document });
      const count = (query: object) => succeed<{ count: number }>(service, 'POST', `${index}/_count`, { query });
      const loose = (clause: object) => count({ bool: { filter: [{ ids: { values: ['loose'] } }, clause] } });
      expect(await loose({ match: { title: '7' } })).toMatchObject({ count: 1 });
      expect(await loose({ match: { body: { query: 'one two', operator: 'and' } } })).toMatchObject({ count: 1 });
      expect(await loose({ term: { tagList: 'single' } })).toMatchObject({ count: 1 });
      expect(await loose({ exists: { field: 'description' } })).toMatchObject({ count: 0 });
    });

    test('a single document is refused by the same', async () => {
      const type = 'strict_dynamic_mapping_exception';
      expect(await refusal(...store('strict', { ...SAMPLE, slug: 'x' }))).toEqual([400, type, type]);
    });
  });

  describe('requests that are malformed', () => {
    const lines = (...parts: readonly unknown[]) => parts.map((part) => `${JSON.stringify(part)}\n`).join('');
    const whole = { index: { _id: 'm' } };

    test.each<[string, string, string]>([
      ['without a newline at its end', lines(whole) + JSON.stringify(SAMPLE), 'illegal_argument_exception'],
      ['of nothing', '', 'parse_exception'],
      ['with an unknown action', lines({ upsert: { _id: 'm' } }, SAMPLE), 'illegal_argument_exception'],
      [
        'with an unknown key of an action',
        lines({ index: { _id: 'm', colour: 'red' } }, SAMPLE),
        'illegal_argument_exception',
      ],
      [
        'with an unknown kind of versions',
        lines({ index: { _id: 'm', version: 1, version_type: 'x' } }, SAMPLE),
        'illegal_argument_exception',
      ],
      [
        'with an external version that is not told',
        lines({ index: { _id: 'm', version_type: 'external' } }, SAMPLE),
        'action_request_validation_exception',
      ],
      [
        'with an external version below zero',
        lines({ index: { _id: 'm', version: -1, version_type: 'external' } }, SAMPLE),
        'action_request_validation_exception',
      ],
      ['with a delete of no id', lines({ delete: {} }), 'action_request_validation_exception'],
      [
        'with an id of more than 512 bytes',
        lines({ index: { _id: 'é'.repeat(257) } }, SAMPLE),
        'action_request_validation_exception',
      ],
    ])('a bulk %s is refused', async (_, body, type) => {
      expect(await refusal(service, 'POST', `${index}/_bulk`, body)).toEqual([400, type, type]);
    });

    test('a document that is no JSON is refused alone', async () => {
      const body = `${lines(whole)}{"title": }\n${lines({ index: { _id: 'n' } }, SAMPLE)}`;
      const { items } = await succeed<{ items: Record<string, BulkItem>[] }>(service, 'POST', `${index}/_bulk`, body);
      expect(items.map((item) => [item.index.status, item.index.error?.type])).toEqual([
        [400, 'mapper_parsing_exception'],
        [201, undefined],
      ]);
    });
  });

  describe('what is written', () => {
    test('is read by its id at once, and found by a search after a refresh', async () => {
      const quiet = uniqueName('quiet');
      const settings = { index: { ...INDEX.settings.index, refresh_interval: '-1' } };
      await succeed(service, 'PUT', quiet, { ...INDEX, settings });
      try {
        const total = async () => (await succeed<{ count: number }>(service, 'GET', `${quiet}/_count`)).count;
        expect(await call(service, 'PUT', `${quiet}/_doc/a`, SAMPLE)).toMatchObject({ status: 201 });
        expect(await call(service, 'GET', `${quiet}/_doc/a`)).toMatchObject({ status: 200, body: { found: true } });
        expect(await total()).toBe(0);
        await succeed(service, 'POST', `${quiet}/_refresh`);
        expect(await total()).toBe(1);
        expect(await call(service, 'DELETE', `${quiet}/_doc/a`)).toMatchObject({ status: 200 });
        expect(await call(service, 'GET', `${quiet}/_doc/a`)).toMatchObject({ status: 404 });
        expect(await total()).toBe(1);
        await call(service, 'PUT', `${quiet}/_doc/b?refresh=true`, SAMPLE);
        expect(await total()).toBe(1);
        const { hits } = await succeed<{ hits: { hits: object[] } }>(service, 'GET', `${quiet}/_search`);
        expect(hits.hits).toMatchObject([{ _id: 'b' }]);
      } finally {
        await succeed(service, 'DELETE', quiet);
      }
    });

    test('is in the order of its ids, whatever they look like, byte by byte', async () => {
      const ids = ['01', '10', '9', 'B', 'a', 'aGVsbG8', 'a_', 'é', '京'];
      const ordered = uniqueName('ordered');
      await succeed(service, 'PUT', ordered, INDEX);
      try {
        const operations = [...ids].reverse().map((id) => operationOf(id, { version: 1 }));
        await bulk(service, ordered, operations);
        const body = { sort: ['_id'], _source: false };
        const { hits } = await succeed<{ hits: { hits: object[] } }>(service, 'POST', `${ordered}/_search`, body);
        expect(hits.hits).toMatchObject(ids.map((id) => ({ _id: id, sort: [id] })));
      } finally {
        await succeed(service, 'DELETE', ordered);
      }
    });

    test('is told as it was written, by several ids too', async () => {
      await write([{ action: 'index', id: 'told-1', document: SAMPLE }]);
      const { docs } = await succeed<{ docs: Found[] }>(service, 'POST', `${index}/_mget`, { ids: ['told-1', 'no'] });
      expect(docs).toMatchObject([
        { _id: 'told-1', found: true, _source: SAMPLE },
        { _id: 'no', found: false },
      ]);
      expect(docs[0]._source).toEqual(SAMPLE);
    });
  });
}
