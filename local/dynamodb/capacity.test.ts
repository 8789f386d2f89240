import {
  AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { itemSize, refusedWriteUnits } from './capacity';
import { startTestServices, TABLE, TestServices } from '../testing';

const S = (value: string): { S: string } => ({ S: value });

describe('item size', () => {
  it('counts names and values by the rules of the developer guide', () => {
    expect(itemSize({ PK: S('abc'), é: S('é') })).toBe(2 + 3 + 2 + 2);
    expect(itemSize({ n: { N: '12345' }, t: { BOOL: true }, z: { NULL: true } })).toBe(1 + 4 + 1 + 1 + 1 + 1);
    expect(itemSize({ n: { N: '-1000' } })).toBe(1 + 3);
    expect(itemSize({ l: { L: [S('a')] }, m: { M: { k: S('v') } } })).toBe(1 + 3 + 1 + 1 + (1 + 3 + 1 + 1 + 1));
    expect(itemSize({ s: { SS: ['a', 'bc'] }, b: { B: 'AAAA' } })).toBe(1 + 3 + 1 + 3);
    expect(refusedWriteUnits(undefined)).toBe(1);
    expect(refusedWriteUnits({ v: S('x'.repeat(1024)) })).toBe(2);
  });
});

/** DynamoDB Local counts an empty query and a missing item of a batch as 0, and doubles indexes in transactions. */
const describeExact = process.env.DYNAMODB_LOCAL === '1' ? describe.skip : describe;

describeExact(
  'units of calls, by the rules of the developer guide (not on DynamoDB Local, which counts others)',
  () => {
    let test: TestServices;
    let client: DynamoDBClient;
    let table: string;

    beforeAll(async () => {
      test = await startTestServices();
      client = new DynamoDBClient({ ...test.client, maxAttempts: 1 });
      table = (await test.create('AWS::DynamoDB::Table', 'Table', TABLE)).ref;
      for (const [sk, bytes] of [
        ['small', 10],
        ['large', 5000],
      ] as const) {
        await client.send(new PutItemCommand({ TableName: table, Item: item(sk, bytes) }));
      }
    }, 40_000);

    afterAll(async () => {
      client?.destroy();
      await test?.close();
    });

    const key = (sk: string): Record<string, AttributeValue> => ({ PK: S('p'), SK: S(sk) });
    const item = (sk: string, bytes: number, more = {}): Record<string, AttributeValue> => ({
      ...key(sk),
      v: S('x'.repeat(bytes)),
      ...more,
    });
    const indexed = { GSI1PK: S('g'), GSI1SK: S('1') };
    const values = (pk: string): Record<string, AttributeValue> => ({ ':p': S(pk) });
    const query = (pk: string, ConsistentRead: boolean): QueryCommand =>
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'PK = :p',
        ExpressionAttributeValues: values(pk),
        ConsistentRead,
      });

    /** Each call with the units it must be recorded with. */
    const cases: readonly (readonly [string, 'readUnits' | 'writeUnits', number, () => Promise<unknown>])[] = [
      [
        'an eventual read of 5 KB',
        'readUnits',
        1,
        async () => client.send(new GetItemCommand({ TableName: table, Key: key('large') })),
      ],
      [
        'a strong read of 5 KB',
        'readUnits',
        2,
        async () => client.send(new GetItemCommand({ TableName: table, Key: key('large'), ConsistentRead: true })),
      ],
      [
        'an eventual read of nothing',
        'readUnits',
        0.5,
        async () => client.send(new GetItemCommand({ TableName: table, Key: key('none') })),
      ],
      ['a strong query: the sum of sizes, rounded once', 'readUnits', 2, async () => client.send(query('p', true))],
      ['an eventual query of nothing', 'readUnits', 0.5, async () => client.send(query('nothing', false))],
      [
        'a batch: each item rounded by itself',
        'readUnits',
        2,
        async () =>
          client.send(
            new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [key('small'), key('large'), key('none')] } } }),
          ),
      ],
      [
        'a transactional read: twice',
        'readUnits',
        6,
        async () =>
          client.send(
            new TransactGetItemsCommand({
              TransactItems: ['small', 'large'].map((sk) => ({ Get: { TableName: table, Key: key(sk) } })),
            }),
          ),
      ],
      [
        'a put of 3 KB',
        'writeUnits',
        3,
        async () => client.send(new PutItemCommand({ TableName: table, Item: item('w', 2500) })),
      ],
      [
        'a small put over it: the larger counts',
        'writeUnits',
        3,
        async () => client.send(new PutItemCommand({ TableName: table, Item: item('w', 1) })),
      ],
      [
        'a put into an index as well',
        'writeUnits',
        2,
        async () => client.send(new PutItemCommand({ TableName: table, Item: item('w', 1, indexed) })),
      ],
      [
        'an update that moves it in the index: out, in and the table',
        'writeUnits',
        3,
        async () =>
          client.send(
            new UpdateItemCommand({
              TableName: table,
              Key: key('w'),
              UpdateExpression: 'SET GSI1PK = :p',
              ExpressionAttributeValues: values('other'),
            }),
          ),
      ],
      [
        'a delete from table and index',
        'writeUnits',
        2,
        async () => client.send(new DeleteItemCommand({ TableName: table, Key: key('w') })),
      ],
      [
        'a delete of nothing',
        'writeUnits',
        1,
        async () => client.send(new DeleteItemCommand({ TableName: table, Key: key('w') })),
      ],
      [
        'a batch of writes',
        'writeUnits',
        4,
        async () =>
          client.send(
            new BatchWriteItemCommand({
              RequestItems: { [table]: [item('b1', 1), item('b2', 2500)].map((Item) => ({ PutRequest: { Item } })) },
            }),
          ),
      ],
      [
        'a transactional write: twice, checks and deletes of nothing too',
        'writeUnits',
        10,
        async () =>
          client.send(
            new TransactWriteItemsCommand({
              TransactItems: [
                { Put: { TableName: table, Item: item('t', 2500) } },
                {
                  ConditionCheck: { TableName: table, Key: key('small'), ConditionExpression: 'attribute_exists(PK)' },
                },
                { Delete: { TableName: table, Key: key('none') } },
              ],
            }),
          ),
      ],
    ];

    it.each(cases)('%s', async (_, kind, units, call) => {
      test.calls.length = 0;
      await call();
      expect(test.calls.map((recorded) => recorded[kind])).toEqual([{ [table]: units }]);
    });
  },
);
