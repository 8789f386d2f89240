import { deadLetters, FailedDocument } from './dead-letters';
import { DomainResponse } from './domain-client';
import { PipelineEvent } from './events';
import { Sink, SinkStats } from './sink';
import { JavaNumber, toJson } from './values';

interface World {
  readonly sink: Sink;
  readonly stats: SinkStats;
  readonly bodies: string[];
  readonly refused: FailedDocument[];
  readonly failures: string[];
  readonly pauses: number[];
}

/** A sink before a domain that answers in turn; the last answer again and again. */
function sinkBefore(...answers: readonly (DomainResponse | Error)[]): World {
  const stats = { indexed: 0, deleted: 0, outdated: 0, refused: 0 };
  const world = { stats, bodies: [] as string[], refused: [] as FailedDocument[], failures: [] as string[] };
  const pauses: number[] = [];
  const left = [...answers];
  const sink = new Sink({
    index: 'books',
    documentId: ({ data }) => (data.isbn === undefined ? undefined : String(data.isbn)),
    call: async (method, path, body = '') => {
      expect([method, path]).toEqual(['POST', '/_bulk']);
      world.bodies.push(body);
      const answer = left.length > 1 ? left.shift() : left[0];
      if (answer instanceof Error) throw answer;
      return answer as DomainResponse;
    },
    writeDeadLetters: (failed) => void world.refused.push(...failed),
    stats,
    failed: (reason) => void world.failures.push(reason),
    pause: async (ms) => void pauses.push(ms),
  });
  return { ...world, sink, pauses };
}

const items = (...all: readonly object[]): DomainResponse => ({
  status: 200,
  body: JSON.stringify({ errors: true, items: all.map((item) => ({ index: item })) }),
});

const put = (isbn: string | undefined, version = 5, more: PipelineEvent['data'] = {}): PipelineEvent => ({
  data: { ...(isbn === undefined ? {} : { isbn }), ...more },
  metadata: { opensearch_action: 'index', document_version: `${version}` },
});
const remove = (isbn: string | undefined, version = 6): PipelineEvent => ({
  data: isbn === undefined ? { title: 't' } : { isbn },
  metadata: { opensearch_action: 'delete', document_version: `${version}` },
});

const CONFLICT = { status: 409, error: { type: 'version_conflict_engine_exception', reason: 'later' } };
const POISON = {
  status: 400,
  error: { type: 'mapper_parsing_exception', reason: 'failed', caused_by: { type: 'x', reason: 'no number' } },
};

test('what the index takes is written once, with external versions, in one request', async () => {
  const { sink, stats, bodies } = sinkBefore(items({ status: 201 }, { status: 404 }));
  await sink.write([put('1', 7, { pages: new JavaNumber('1E+2') }), remove('2', 8)]);
  expect(bodies).toEqual([
    [
      '{"index":{"_index":"books","_id":"1","version":7,"version_type":"external"}}',
      '{"isbn":"1","pages":1E+2}',
      '{"delete":{"_index":"books","_id":"2","version":8,"version_type":"external"}}',
      '',
    ].join('\n'),
  ]);
  expect(stats).toEqual({ indexed: 1, deleted: 1, outdated: 0, refused: 0 });
});

test('a later version that is there already is no error, and a document that the mapping refuses is set aside', async () => {
  const { sink, stats, refused, failures, pauses } = sinkBefore(items({ status: 200 }, CONFLICT, POISON));
  await sink.write([put('1'), put('2'), put('3')]);
  expect(stats).toEqual({ indexed: 1, deleted: 0, outdated: 1, refused: 1 });
  expect(refused.map((document) => toJson(document))).toEqual([
    '{"index":"books","indexId":"3","status":400,"message":"failed caused by no number","document":{"isbn":"3"}}',
  ]);
  expect([failures, pauses]).toEqual([[], []]);
});

test('what a domain is too busy for, or does not allow, is tried alone until it is taken', async () => {
  const busy = { status: 429, error: { type: 'rejected_execution_exception', reason: 'busy' } };
  const denied = { status: 403, error: { type: 'security_exception', reason: 'no' } };
  const { sink, stats, bodies, failures, pauses } = sinkBefore(
    items(busy, { status: 201 }, denied),
    items({ status: 201 }, denied),
    items({ status: 200 }),
  );
  await sink.write([put('1'), put('2'), put('3')]);
  expect(bodies.map((body) => body.match(/"_id":"\d"/g))).toEqual([
    ['"_id":"1"', '"_id":"2"', '"_id":"3"'],
    ['"_id":"1"', '"_id":"3"'],
    ['"_id":"3"'],
  ]);
  expect(failures).toHaveLength(3);
  expect(failures[0]).toBe('document 1: status 429: busy');
  expect([stats.indexed, pauses]).toEqual([3, [50, 100]]);
});

test('a request that fails as a whole is made again, where it is not wrong in itself', async () => {
  const away = new Error('connect ECONNREFUSED');
  const { sink, stats, failures } = sinkBefore(
    away,
    { status: 503, body: 'down' },
    { status: 403, body: 'no' },
    items({ status: 201 }),
  );
  await sink.write([put('1')]);
  expect(failures).toEqual([
    'bulk request: connect ECONNREFUSED',
    'bulk request: status 503: down',
    'bulk request: status 403: no',
  ]);
  expect(stats.indexed).toBe(1);
});

test.each([400, 404])('a request that is refused as a whole with %s is set aside whole', async (status) => {
  const { sink, stats, refused, bodies } = sinkBefore({ status, body: 'wrong' });
  await sink.write([put(undefined), put('2')]);
  expect(bodies[0]).toContain('{"index":{"_index":"books","version":5,"version_type":"external"}}\n');
  expect(refused.map(({ indexId, message }) => [indexId, message])).toEqual([
    [null, `status ${status}: wrong`],
    ['2', `status ${status}: wrong`],
  ]);
  expect(stats.refused).toBe(2);
});

test('a deletion without an id is no request at all, and is set aside as text', async () => {
  const { sink, refused, bodies } = sinkBefore(items({ status: 200 }));
  await sink.write([remove(undefined)]);
  expect(bodies).toEqual([]);
  expect(refused).toMatchObject([
    { indexId: null, message: "Missing required property 'DeleteOperation.id'", document: '{"title":"t"}' },
  ]);
});

test('a request has at most 5 MB, but for a document that is larger alone', async () => {
  const { sink, bodies } = sinkBefore(items({ status: 201 }, { status: 201 }));
  const big = { title: 'x'.repeat(2 * 1024 * 1024) };
  await sink.write([put('1', 1, big), put('2', 1, big), put('3', 1, big), put('4', 1, { title: 'x'.repeat(6e6) })]);
  expect(bodies.map((body) => body.match(/"_id":"\d"/g)?.length)).toEqual([2, 1, 1]);
});

test('an object of dead letters has the form and the key that Data Prepper gives it', () => {
  const objects: [string, string][] = [];
  const asked: string[] = [];
  const bucket = { arn: 'arn:b', put: (key: string, body: string) => void objects.push([key, body]) };
  const write = deadLetters('books', bucket, 'refused/', (key) => void asked.push(key));
  write([
    { index: 'i', indexId: '1', status: new JavaNumber('400'), message: 'm', document: { n: new JavaNumber('1E+2') } },
  ]);
  const [[key, body]] = objects;
  expect(asked).toEqual([key]);
  expect(key).toMatch(/^refused\/dlq-v2-books-opensearch-\d{4}-\d\d-\d\dT[\d:.]+Z-[0-9a-f-]{36}\.json$/);
  expect(body).toContain('"document":{"n":1E+2}');
  expect(JSON.parse(body)).toEqual({
    dlqObjects: [
      {
        ...{ pluginId: 'opensearch', pluginName: 'opensearch', pipelineName: 'books' },
        failedData: { index: 'i', indexId: '1', status: 400, message: 'm', document: { n: 100 } },
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      },
    ],
  });
});

test('dead letters that may not be put are not put', () => {
  const objects: string[] = [];
  const write = deadLetters('books', { arn: 'arn:b', put: (key) => void objects.push(key) }, '', () => {
    throw new Error('denied');
  });
  expect(() => write([])).toThrow('denied');
  expect(objects).toEqual([]);
});
