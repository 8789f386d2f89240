import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { startTestServices, TABLE, TestServices } from '../testing';

// Long enough that a query right after a write surely comes first, on a busy machine too.
const LAG = 4000;

describe('index lag', () => {
  let test: TestServices;
  let client: DynamoDBClient;
  let table: string;

  beforeAll(async () => {
    test = await startTestServices({ lag: { gsi: LAG } });
    client = new DynamoDBClient({ ...test.client, maxAttempts: 1 });
    const { StreamSpecification, ...plain } = TABLE;
    expect(StreamSpecification).toBeDefined();
    table = (await test.create('AWS::DynamoDB::Table', 'Table', plain)).ref;
    await test.host.deployed();
  }, 40_000);

  afterAll(async () => {
    client?.destroy();
    await test?.close();
  });

  async function put(title: string): Promise<void> {
    const item = { PK: { S: 'p' }, SK: { S: '1' }, GSI1PK: { S: 'g' }, GSI1SK: { S: '1' }, title: { S: title } };
    await client.send(new PutItemCommand({ TableName: table, Item: item }));
  }

  async function titles(index?: string): Promise<(string | undefined)[]> {
    const { Items, ConsumedCapacity } = await client.send(
      new QueryCommand({
        TableName: table,
        ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
        KeyConditionExpression: index === undefined ? 'PK = :p' : 'GSI1PK = :p',
        ExpressionAttributeValues: { ':p': { S: index === undefined ? 'p' : 'g' } },
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    expect(ConsumedCapacity?.TableName).toBe(table);
    return (Items ?? []).map(({ title }) => title.S);
  }

  it('shows rows late, as they were and after they are gone; the table itself is up to date', async () => {
    await put('first');
    expect([await titles('GSI1'), await titles()]).toEqual([[], ['first']]);
    await test.host.idle();
    expect(await titles('GSI1')).toEqual(['first']);
    await put('second');
    expect([await titles('GSI1'), await titles()]).toEqual([['first'], ['second']]);
    await test.host.idle();
    expect(await titles('GSI1')).toEqual(['second']);
    await client.send(new DeleteItemCommand({ TableName: table, Key: { PK: { S: 'p' }, SK: { S: '1' } } }));
    expect([await titles('GSI1'), await titles()]).toEqual([['second'], []]);
    const start = performance.now();
    await test.host.idle();
    expect(await titles('GSI1')).toEqual([]);
    expect(performance.now() - start).toBeGreaterThan(LAG / 2);
  });
});

describe('lag of eventually consistent reads', () => {
  let test: TestServices;
  let client: DynamoDBClient;
  let table: string;
  let other: string;

  beforeAll(async () => {
    // Half of the items are half as late.
    test = await startTestServices({ lag: { reads: 2 * LAG } });
    client = new DynamoDBClient({ ...test.client, maxAttempts: 1 });
    // No index and no stream of its own: every table can be read late.
    const { StreamSpecification, GlobalSecondaryIndexes, AttributeDefinitions, ...plain } = TABLE;
    expect([StreamSpecification, GlobalSecondaryIndexes]).not.toContain(undefined);
    const properties = { ...plain, AttributeDefinitions: AttributeDefinitions.slice(0, 2) };
    table = (await test.create('AWS::DynamoDB::Table', 'Table', properties)).ref;
    other = (await test.create('AWS::DynamoDB::Table', 'Other', properties)).ref;
    await test.host.deployed();
  }, 40_000);

  afterAll(async () => {
    client?.destroy();
    await test?.close();
  });

  const key = { PK: { S: 'p' }, SK: { S: '1' } };
  const { PK: partition } = key;

  async function put(title: string): Promise<void> {
    for (const TableName of [table, other]) {
      await client.send(new PutItemCommand({ TableName, Item: { ...key, title: { S: title } } }));
    }
  }

  /** The ways of reading the item, each with what it says of it. */
  const ways: Readonly<Record<string, (ConsistentRead: boolean) => Promise<string | undefined>>> = {
    GetItem: async (ConsistentRead) => {
      const answer = await client.send(new GetItemCommand({ ...common(), ConsistentRead, Key: key }));
      expect(answer.ConsumedCapacity?.TableName).toBe(table);
      return answer.Item?.title.S;
    },
    Query: async (ConsistentRead) => {
      const query = { KeyConditionExpression: 'PK = :p', ExpressionAttributeValues: { ':p': partition } };
      const answer = await client.send(new QueryCommand({ ...common(), ConsistentRead, ...query }));
      expect(answer.ConsumedCapacity?.TableName).toBe(table);
      return answer.Items?.[0]?.title.S;
    },
    Scan: async (ConsistentRead) => {
      const answer = await client.send(new ScanCommand({ ...common(), ConsistentRead }));
      expect(answer.ConsumedCapacity?.TableName).toBe(table);
      return answer.Items?.[0]?.title.S;
    },
    BatchGetItem: async (ConsistentRead) => {
      const RequestItems = { [table]: { Keys: [key], ConsistentRead }, [other]: { Keys: [key], ConsistentRead: true } };
      const answer = await client.send(new BatchGetItemCommand({ RequestItems, ReturnConsumedCapacity: 'TOTAL' }));
      expect(answer.ConsumedCapacity?.map(({ TableName }) => TableName).sort()).toEqual([table, other].sort());
      const now = await client.send(new GetItemCommand({ TableName: other, Key: key, ConsistentRead: true }));
      expect(answer.Responses?.[other]).toEqual([now.Item]);
      return answer.Responses?.[table]?.[0]?.title.S;
    },
  };
  const common = () => ({ TableName: table, ReturnConsumedCapacity: 'TOTAL' }) as const;

  /** Three reads of each way, one after the other. */
  async function thrice(ConsistentRead: boolean): Promise<Record<string, (string | undefined)[]>> {
    const said: Record<string, (string | undefined)[]> = {};
    for (const [way, read] of Object.entries(ways)) {
      said[way] = [await read(ConsistentRead), await read(ConsistentRead), await read(ConsistentRead)];
    }
    return said;
  }

  const each = (...titles: (string | undefined)[]) =>
    Object.fromEntries(Object.keys(ways).map((way) => [way, titles] as const));

  it('shows the table as it was, in every way of reading, and as it is every third time', async () => {
    await put('first');
    expect(await thrice(false)).toEqual(each(undefined, undefined, 'first'));
    expect(await thrice(true)).toEqual(each('first', 'first', 'first'));
    await test.host.idle();
    expect(await thrice(false)).toEqual(each('first', 'first', 'first'));
    await put('second');
    const { Responses } = await client.send(
      new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName: table, Key: key } }] }),
    );
    expect(Responses?.[0]?.Item?.title.S).toBe('second');
    expect(await thrice(false)).toEqual(each('first', 'first', 'second'));
    await client.send(new DeleteItemCommand({ TableName: table, Key: key }));
    expect(await thrice(false)).toEqual(each('first', 'first', undefined));
  });

  it('counts the units for the table, and half of what a consistent read takes', () => {
    const units = test.calls
      .filter(({ operation }) => operation === 'GetItem')
      .map(({ readUnits }) => readUnits?.[table]);
    expect(new Set(units)).toEqual(new Set([0.5, 1, undefined]));
  });

  const keys = Array.from({ length: 12 }, (_, index) => ({ PK: { S: 'many' }, SK: { S: `item-${index}` } }));

  async function putMany(title: string): Promise<void> {
    const requests = keys.map((its) => ({ PutRequest: { Item: { ...its, title: { S: title } } } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
  }

  it('gives items of different age to one read: one that was written with another may be seen before it', async () => {
    await putMany('first');
    await test.host.idle();
    await putMany('second');
    const seen: number[] = [];
    // As a page of a query gives them, until all have come.
    while (seen.at(-1) !== keys.length || seen.at(-2) !== keys.length || seen.at(-3) !== keys.length) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'PK = :p',
          ExpressionAttributeValues: { ':p': { S: 'many' } },
        }),
      );
      expect(Items).toHaveLength(keys.length);
      seen.push(Items.filter(({ title }) => title.S === 'second').length);
    }
    expect(seen.slice(0, 3)).toEqual([0, 0, keys.length]);
    expect(seen.some((count) => count > 0 && count < keys.length)).toBe(true);
  });

  it('puts a batch of items that are behind and items that are not together into one answer', async () => {
    await putMany('third');
    await test.host.idle();
    // So that the turns of the keys differ.
    const [first, ...rest] = keys;
    await client.send(new GetItemCommand({ TableName: table, Key: first }));
    await putMany('fourth');
    const titles: (string | undefined)[][] = [];
    for (const _ of [1, 2, 3]) {
      const { Responses, ConsumedCapacity, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({
          RequestItems: { [table]: { Keys: keys } },
          ReturnConsumedCapacity: 'INDEXES',
        }),
      );
      expect(UnprocessedKeys).toEqual({});
      expect(ConsumedCapacity).toMatchObject([{ TableName: table, CapacityUnits: 6, Table: { CapacityUnits: 6 } }]);
      expect(test.calls.at(-1)?.readUnits).toEqual({ [table]: 6 });
      const byKey = new Map(Responses?.[table].map(({ SK, title }) => [SK.S, title.S]));
      titles.push([first, rest[0]].map(({ SK }) => byKey.get(SK.S)));
    }
    expect(titles).toEqual([
      ['third', 'third'],
      ['fourth', 'third'],
      ['third', 'fourth'],
    ]);
  });

  it('refuses a batch with a key twice, as the table does', async () => {
    for (const _ of [1, 2, 3]) {
      await expect(
        client.send(new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [key, key] } } })),
      ).rejects.toMatchObject({ name: 'ValidationException' });
    }
  });
});
