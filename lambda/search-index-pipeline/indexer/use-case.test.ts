import type { DynamoDBRecord } from 'aws-lambda';
import { type IndexerPorts, indexRecords } from './use-case';
import { ARTICLES, recordOf, textAt } from '../../../test/support/search-records';
import { VersionedIndex } from '../../../test/support/versioned-index';
import type { BulkItem } from '../bulk';

const sequenceOf = (record: DynamoDBRecord) => record.dynamodb?.SequenceNumber;

/** The indexer with an index in memory, and what it says. */
class World {
  public readonly index = new VersionedIndex();
  public readonly requests: string[] = [];
  public readonly buried: Record<string, unknown>[] = [];
  public readonly rejected: string[] = [];
  public delayed = 0;
  public refusedBurials: number[] = [];
  public answer: (body: string) => BulkItem[] = (body) => this.index.bulk(body);

  public run(...records: DynamoDBRecord[]): Promise<string | undefined> {
    const ports: IndexerPorts = {
      targets: async () => [{ index: 'articles-000001', source: ARTICLES }],
      bulk: async (_, body) => {
        this.requests.push(body);
        return this.answer(body);
      },
      bury: async (bodies) => {
        this.buried.push(...bodies.map((body) => JSON.parse(body) as Record<string, unknown>));
        return this.refusedBurials.map((index) => ({ index }));
      },
      rejected: async (_, reason) => {
        this.rejected.push(reason);
      },
      delayed: async () => {
        this.delayed++;
      },
    };
    return indexRecords(records, ports);
  }

  /** Lines of the only request. */
  public get lines(): unknown[] {
    expect(this.requests).toHaveLength(1);
    return this.requests[0]
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
  }
}

let world: World;
beforeEach(() => {
  world = new World();
});

test('a new item is a document of the wanted fields at twice its version', async () => {
  expect(await world.run(recordOf(1, undefined, textAt('a', 1, { body: { S: 'not wanted' } })))).toBeUndefined();
  expect(world.lines).toEqual([
    { index: { _id: 'a', version: 2, version_type: 'external' } },
    { articleId: 'a', title: 'Title 1', tagList: ['dragons'] },
  ]);
});

test('a removed item is deleted at one more than twice the version that it had', async () => {
  await world.run(recordOf(1, undefined, textAt('a', 3)));
  world.requests.length = 0;
  expect(await world.run(recordOf(2, textAt('a', 3), undefined))).toBeUndefined();
  expect(world.lines).toEqual([{ delete: { _id: 'a', version: 7, version_type: 'external' } }]);
  expect(world.index.documents()).toEqual({});
});

test('items of other kinds make no request', async () => {
  const comment = { ...textAt('a', 1), entityType: { S: 'Comment' } };
  expect(await world.run(recordOf(1, undefined, comment), recordOf(2, comment, undefined))).toBeUndefined();
  expect(world.requests).toEqual([]);
});

test('an item that is a document no longer is deleted', async () => {
  await world.run(recordOf(1, undefined, textAt('a', 1)));
  await world.run(recordOf(2, textAt('a', 1), { ...textAt('a', 2), entityType: { S: 'Draft' } }));
  expect(world.index.documents()).toEqual({});
});

test('an item whose id changes leaves no document of the old one', async () => {
  await world.run(recordOf(1, undefined, textAt('a', 1)));
  await world.run(recordOf(2, textAt('a', 1), textAt('b', 2)));
  expect(Object.keys(world.index.documents())).toEqual(['b']);
});

test('of several changes of one item in a batch the last alone is sent', async () => {
  await world.run(
    recordOf(1, undefined, textAt('a', 1)),
    recordOf(2, textAt('a', 1), textAt('a', 2)),
    recordOf(3, undefined, textAt('b', 1)),
    recordOf(4, textAt('a', 2), textAt('a', 3)),
  );
  expect(world.lines).toHaveLength(4);
  expect(world.index.documents()).toMatchObject({ a: { title: 'Title 3' }, b: { title: 'Title 1' } });
});

test('an older change that comes late is a success, and changes nothing', async () => {
  await world.run(recordOf(2, textAt('a', 1), textAt('a', 2)));
  expect(await world.run(recordOf(1, undefined, textAt('a', 1)))).toBeUndefined();
  expect(world.index.documents()).toMatchObject({ a: { title: 'Title 2' } });
  expect([world.buried, world.delayed]).toEqual([[], 0]);
});

test('a deletion of what is not there is a success, and keeps what comes late from coming back', async () => {
  expect(await world.run(recordOf(2, textAt('a', 1), undefined))).toBeUndefined();
  await world.run(recordOf(1, undefined, textAt('a', 1)));
  expect(world.index.documents()).toEqual({});
});

describe('what cannot be a document', () => {
  test.each([
    ['no id', { articleId: { NULL: true } }, 'articleId'],
    ['an empty id', { articleId: { S: '' } }, 'articleId'],
    ['an id that is too long', { articleId: { S: 'é'.repeat(257) } }, '512 bytes, got 514'],
    ['no version', { version: { S: 'one' } }, 'version'],
    ['a version below one', { version: { N: '0' } }, 'version'],
    ['a version that is no whole number', { version: { N: '1.5' } }, 'version'],
  ])('%s goes to the dead-letter queue by its keys, and holds up none', async (_, attributes, named) => {
    const bad = recordOf(1, undefined, textAt('a', 1, attributes as never));
    expect(await world.run(bad, recordOf(2, undefined, textAt('b', 1)))).toBeUndefined();
    expect(Object.keys(world.index.documents())).toEqual(['b']);
    expect(world.buried).toEqual([
      expect.objectContaining({
        type: 'unindexable-record',
        reason: expect.stringContaining(named) as string,
        keys: bad.dynamodb?.Keys,
        sequenceNumber: sequenceOf(bad),
      }),
    ]);
    expect(JSON.stringify(world.buried)).not.toContain('Title');
    expect(world.rejected).toHaveLength(1);
  });

  test('a document that OpenSearch refuses goes there by the type of the error, and holds up none', async () => {
    world.answer = () => [{ status: 400, error: { type: 'strict_dynamic_mapping_exception' } }, { status: 201 }];
    const records = [recordOf(1, undefined, textAt('a', 1)), recordOf(2, undefined, textAt('b', 1))];
    expect(await world.run(...records)).toBeUndefined();
    expect(world.buried).toEqual([
      expect.objectContaining({ reason: 'strict_dynamic_mapping_exception', sequenceNumber: sequenceOf(records[0]) }),
    ]);
  });

  test('is read again where the dead-letter queue does not take it', async () => {
    world.refusedBurials = [0];
    const bad = recordOf(5, undefined, textAt('a', 0));
    expect(await world.run(recordOf(4, undefined, textAt('b', 1)), bad)).toBe(sequenceOf(bad));
  });

  test('a record without images, as of a stream of keys alone, is told', async () => {
    const bare = recordOf(1, undefined, textAt('a', 1));
    delete bare.dynamodb?.NewImage;
    expect(await world.run(bare)).toBeUndefined();
    expect(world.buried).toMatchObject([{ reason: expect.stringContaining('new and old images') as string }]);
  });
});

describe('what is not taken for now', () => {
  test.each([429, 503, 500, 403, 404])('with %d is read again from its first record on', async (status) => {
    const records = [
      recordOf(1, undefined, textAt('a', 1)),
      recordOf(2, undefined, textAt('b', 1)),
      recordOf(3, textAt('b', 1), textAt('b', 2)),
      recordOf(4, undefined, textAt('c', 1)),
    ];
    let place = 0;
    world.answer = (body) => world.index.bulk(body, () => (place++ === 1 ? status : undefined));
    expect(await world.run(...records)).toBe(sequenceOf(records[1]));
    expect([world.buried, world.delayed]).toEqual([[], 1]);
  });

  test('as a whole is read again from the first record that has a change', async () => {
    world.answer = () => {
      throw new Error('no');
    };
    const other = recordOf(1, undefined, { ...textAt('x', 1), entityType: { S: 'Comment' } });
    const records = [other, recordOf(2, undefined, textAt('a', 1)), recordOf(3, undefined, textAt('b', 1))];
    expect(await world.run(...records)).toBe(sequenceOf(records[1]));
    expect(world.delayed).toBe(1);
  });

  test('a line that the answer lacks is no success', async () => {
    world.answer = () => [{ status: 201 }];
    const records = [recordOf(1, undefined, textAt('a', 1)), recordOf(2, undefined, textAt('b', 1))];
    expect(await world.run(...records)).toBe(sequenceOf(records[1]));
  });
});

test.each([
  ['x'.repeat(390_000), 5],
  ['語'.repeat(130_000), 2],
])('a batch of many megabytes goes in requests that the smallest instances take (%#)', async (title, requests) => {
  const large = { title: { S: title } };
  await world.run(...Array.from({ length: 30 }, (_, n) => recordOf(n, undefined, textAt(`a${n}`, 1, large))));
  expect(world.requests).toHaveLength(requests);
  expect(Math.max(...world.requests.map((body) => Buffer.byteLength(body)))).toBeLessThan(10 * 1024 * 1024);
  expect(Object.keys(world.index.documents())).toHaveLength(30);
});

test('an id is JSON, whatever is in it', async () => {
  const id = 'a"b\\c|\n語';
  await world.run(recordOf(1, undefined, textAt(id, 1)));
  expect(Object.keys(world.index.documents())).toEqual([id]);
});

test('attributes are JSON: numbers, lists, maps, sets and nothing', async () => {
  const more = {
    title: {
      M: { n: { N: '1.5' }, flag: { BOOL: true }, none: { NULL: true }, list: { L: [{ S: 'x' }, { N: '2' }] } },
    },
    tagList: { SS: ['a', 'b'] },
  };
  await world.run(recordOf(1, undefined, textAt('a', 1, more as never)));
  expect(world.index.documents()).toEqual({
    a: { articleId: 'a', title: { n: 1.5, flag: true, none: null, list: ['x', 2] }, tagList: ['a', 'b'] },
  });
});

test.each([
  ['one more than JavaScript can count', '9007199254740993', '9007199254740993'],
  ['the least that a long holds', '-9223372036854775808', '-9223372036854775808'],
  ['the greatest that JavaScript can count', '9007199254740991', 9007199254740991],
  ['a fraction', '0.1', 0.1],
])('a number keeps its digits, alone, in a set and in a list: %s', async (_, digits, value) => {
  const more = { title: { L: [{ N: digits }, { NS: [digits, '2'] }] }, tagList: { N: digits } };
  await world.run(recordOf(1, undefined, textAt('a', 1, more)));
  expect(world.index.documents()).toEqual({
    a: { articleId: 'a', title: [value, [value, 2]], tagList: value },
  });
});
