import { call, type SearchService, succeed, uniqueName } from './service';
import { exportEvent, type PipelineEvent, streamEvent } from '../../local/opensearch-ingestion/events';
import { Sink, type SinkStats } from '../../local/opensearch-ingestion/sink';

const INDEX = {
  settings: { index: { number_of_shards: 1, number_of_replicas: 0 } },
  mappings: {
    dynamic: 'strict',
    properties: { isbn: { type: 'keyword' }, title: { type: 'text' }, pages: { type: 'long' } },
  },
};

const KEYS = { partitionKey: 'isbn' };
const item = (isbn: string, more: object = {}) => ({ isbn: { S: isbn }, ...more });
const exported = (isbn: string, more?: object) => exportEvent(KEYS, item(isbn, more));
const change = (eventName: 'MODIFY' | 'REMOVE', isbn: string, version: number, more?: object): PipelineEvent => {
  const image = item(isbn, more);
  const record = { shardId: 's', sequenceNumber: '1', due: 0, writtenAt: 0, eventName, keys: { isbn: image.isbn } };
  return streamEvent(KEYS, { ...record, newImage: image, oldImage: image }, 'OLD_IMAGE', version);
};

/** What a pipeline's sink gets from OpenSearch for each kind of event. */
export function describeIngestion(find: () => SearchService): void {
  let index: string;
  let stats: SinkStats;
  let refused: (readonly [id: string | null, status: string])[];

  beforeEach(async () => {
    index = uniqueName('ingestion');
    stats = { indexed: 0, deleted: 0, outdated: 0, refused: 0 };
    refused = [];
    await succeed(find(), 'PUT', index, INDEX);
  });
  afterEach(() => call(find(), 'DELETE', index));

  const write = async (...events: readonly PipelineEvent[]): Promise<void> => {
    const sink = new Sink({
      ...{ index, stats },
      documentId: ({ data }) => (typeof data.isbn === 'string' ? data.isbn : undefined),
      call: async (method, path, body) => {
        const { status, body: answer } = await call<object>(find(), method, path.slice(1), body);
        return { status, body: JSON.stringify(answer) };
      },
      writeDeadLetters: (failed) =>
        void refused.push(...failed.map(({ indexId, status }) => [indexId, status.text] as const)),
      failed: (reason) => {
        throw new Error(reason);
      },
      pause: () => Promise.reject(new Error('nothing is to be tried again')),
    });
    await sink.write(events);
  };
  const documents = async () => {
    await succeed(find(), 'POST', `${index}/_refresh`);
    const { hits } = await succeed<{ hits: { hits: { _id: string; _version: number; _source: object }[] } }>(
      find(),
      'POST',
      `${index}/_search`,
      { version: true, sort: [{ isbn: 'asc' }] },
    );
    return hits.hits.map(({ _id, _version, _source }) => [_id, _version, _source]);
  };

  test('an export is older than every change, also where it comes after one', async () => {
    await write(exported('1'), exported('2'), exported('3'));
    await write(change('MODIFY', '1', 7), change('REMOVE', '2', 7));
    await write(exported('1'), exported('2'), exported('3'));
    expect(await documents()).toEqual([
      ['1', 7, { isbn: '1' }],
      ['3', 0, { isbn: '3' }],
    ]);
    expect(stats).toEqual({ indexed: 4, deleted: 1, outdated: 3, refused: 0 });
  });

  test('a deletion of what is not there is done, and keeps out what is older, beside documents that are refused', async () => {
    const poison = { title: { M: { a: { S: 'x' } } } };
    await write(change('REMOVE', '1', 5), change('MODIFY', '2', 5, poison), change('MODIFY', '3', 5));
    await write(change('MODIFY', '1', 4), change('MODIFY', '3', 5));
    expect(await documents()).toEqual([['3', 5, { isbn: '3' }]]);
    expect(stats).toEqual({ indexed: 1, deleted: 1, outdated: 2, refused: 1 });
    expect(refused).toEqual([['2', '400']]);
  });

  test('numbers are numbers where the mapping has them, whether they come as texts or without last zeros', async () => {
    await write(exported('1', { pages: { N: '1970' } }), change('MODIFY', '2', 1, { pages: { N: '1970' } }));
    const found = await succeed<{ count: number }>(find(), 'POST', `${index}/_refresh`).then(async () =>
      succeed<{ count: number }>(find(), 'POST', `${index}/_count`, { query: { term: { pages: 1970 } } }),
    );
    expect([found.count, stats.indexed, refused]).toEqual([2, 2, []]);
  });

  test('an event without an id makes the whole request fail', async () => {
    const nameless = change('MODIFY', '', 5);
    await write(change('MODIFY', '1', 5), { ...nameless, data: { title: 'x' } });
    expect(await documents()).toEqual([]);
    expect(refused).toEqual([
      ['1', '0'],
      [null, '0'],
    ]);
  });
}
