import { exportEvent, streamEvent } from './events';
import { exportedItem, javaDecimal, javaText, JavaNumber, streamedItem, toJson } from './values';
import { EXPORT_VERSION, VersionCounter } from './versions';
import { FollowedRecord } from '../storage';

const ITEM = {
  text: { S: 'a "b"' },
  number: { N: '39370' },
  long: { N: '12345678901234567890123456789012345678' },
  flag: { BOOL: true },
  nothing: { NULL: true },
  texts: { SS: ['x', 'y'] },
  numbers: { NS: ['10', '2.5'] },
  binary: { B: 'aGVsbG8=' },
  binaries: { BS: ['aGVsbG8=', 'eA=='] },
  list: { L: [{ N: '100' }, { M: { inner: { S: 'z' } } }] },
};

test('an exported item has numbers as Java writes them without their last zeros, and binaries in base64', () => {
  expect(toJson(exportedItem(ITEM))).toBe(
    '{"text":"a \\"b\\"","number":3.937E+4,"long":12345678901234567890123456789012345678,"flag":true,"nothing":null,' +
      '"texts":["x","y"],"numbers":[1E+1,2.5],"binary":"aGVsbG8=","binaries":["aGVsbG8=","eA=="],' +
      '"list":[1E+2,{"inner":"z"}]}',
  );
});

test('a change has numbers as texts, and of binaries what the toString of the SDK for Java gives', () => {
  expect(JSON.parse(toJson(streamedItem(ITEM)))).toEqual({
    text: 'a "b"',
    number: '39370',
    long: '12345678901234567890123456789012345678',
    flag: true,
    nothing: null,
    texts: ['x', 'y'],
    numbers: ['10', '2.5'],
    binary: 'SdkBytes(bytes=0x68656c6c6f)',
    binaries: '[SdkBytes(bytes=0x68656c6c6f), SdkBytes(bytes=0x78)]',
    list: ['100', { inner: 'z' }],
  });
});

test.each([
  ['0', '0'],
  ['-0.0', '0'],
  ['42', '42'],
  ['-42', '-42'],
  ['1968', '1968'],
  ['1970', '1.97E+3'],
  ['-100', '-1E+2'],
  ['1E+2', '1E+2'],
  ['12.50', '12.5'],
  ['0.5', '0.5'],
  ['0.000001', '0.000001'],
  ['0.0000001', '1E-7'],
  ['0.00000012', '1.2E-7'],
  ['1.5E-3', '0.0015'],
  ['1E5', '1E+5'],
])('the number %s is exported as %s', (number, exported) => {
  expect(javaDecimal(number)).toBe(exported);
});

test('lists and maps stand in a text as Java writes them', () => {
  expect(javaText(['a', true, { b: new JavaNumber('1E+2') }, null])).toBe('[a, true, {b=1E+2}, null]');
});

describe('versions', () => {
  const SECOND = 1_700_000_000;
  const versionsOf = (seconds: readonly number[]) => {
    const counter = new VersionCounter();
    return seconds.map((second) => counter.next(SECOND + second) - SECOND * 1_000_000);
  };

  test('grow with the second, and within one with each change that is read', () => {
    expect(versionsOf([0, 0, 0, 1, 1, 3])).toEqual([0, 1, 2, 1_000_000, 1_000_001, 3_000_000]);
  });

  test('of a second that is over are the lowest of it, whatever was counted', () => {
    expect(versionsOf([0, 0, 1, 0, 0, 1])).toEqual([0, 1, 1_000_000, 0, 0, 1_000_001]);
  });

  test('begin anew with another counter within the same second', () => {
    expect([...versionsOf([0, 0, 0]), ...versionsOf([0])]).toEqual([0, 1, 2, 0]);
  });
});

describe('events', () => {
  const TABLE = { partitionKey: 'pk', sortKey: 'sk' };
  const record = (more: Partial<FollowedRecord>): FollowedRecord => ({
    ...{ shardId: 's', sequenceNumber: '1', due: 0, writtenAt: 0, eventName: 'INSERT' },
    keys: { pk: { S: 'p' }, sk: { N: '100' } },
    newImage: { pk: { S: 'p' }, sk: { N: '100' }, title: { S: 'new' } },
    ...more,
  });

  test('of an export are of the lowest version, with keys as DynamoDB writes them', () => {
    const { data, metadata } = exportEvent(TABLE, { pk: { N: '-0.00000012' }, sk: { N: '1200' } });
    expect(metadata).toEqual({
      ...{ opensearch_action: 'index', document_version: String(EXPORT_VERSION) },
      ...{ partition_key: '-0.00000012', sort_key: '1200', primary_key: '-0.00000012|1200' },
    });
    expect(toJson(data)).toBe('{"pk":-1.2E-7,"sk":1.2E+3}');
    expect(exportEvent({ partitionKey: 'pk' }, { pk: { N: '39370' } }).metadata.primary_key).toBe('39370');
  });

  test('of a put or an update index what the item is now', () => {
    for (const eventName of ['INSERT', 'MODIFY'] as const) {
      const event = streamEvent(TABLE, record({ eventName, oldImage: { title: { S: 'old' } } }), 'OLD_IMAGE', 7);
      expect(event).toEqual({
        data: { pk: 'p', sk: '100', title: 'new' },
        metadata: {
          ...{ opensearch_action: 'index', document_version: '7' },
          ...{ partition_key: 'p', sort_key: '100', primary_key: 'p|100' },
        },
      });
    }
  });

  test.each([
    ['OLD_IMAGE' as const, { title: { S: 'old' } }, { title: 'old' }],
    ['NEW_IMAGE' as const, { title: { S: 'old' } }, {}],
    ['OLD_IMAGE' as const, undefined, {}],
  ])('of a deletion have by %s, where the item was %j: %j', (view, oldImage, data) => {
    const removed = record({ eventName: 'REMOVE', newImage: undefined, oldImage });
    const event = streamEvent(TABLE, removed, view, 8);
    expect(event.data).toEqual(data);
    expect(event.metadata).toMatchObject({ opensearch_action: 'delete', primary_key: 'p|100' });
  });
});
