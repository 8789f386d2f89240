import {
  BatchGetItemCommand,
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
const LAG = 1500;

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
    test = await startTestServices({ lag: { reads: LAG } });
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

  async function put(title: string): Promise<void> {
    for (const TableName of [table, other]) {
      await client.send(new PutItemCommand({ TableName, Item: { ...key, title: { S: title } } }));
    }
  }

  /** What each way of reading says of the item. */
  async function read(ConsistentRead: boolean): Promise<Record<string, string | undefined>> {
    const common = { TableName: table, ConsistentRead, ReturnConsumedCapacity: 'TOTAL' } as const;
    const values = { ':p': { S: 'p' } };
    const get = await client.send(new GetItemCommand({ ...common, Key: key }));
    const query = await client.send(
      new QueryCommand({ ...common, KeyConditionExpression: 'PK = :p', ExpressionAttributeValues: values }),
    );
    const scan = await client.send(new ScanCommand(common));
    const batch = await client.send(
      new BatchGetItemCommand({
        RequestItems: { [table]: { Keys: [key], ConsistentRead }, [other]: { Keys: [key], ConsistentRead: true } },
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    for (const { ConsumedCapacity } of [get, query, scan]) expect(ConsumedCapacity?.TableName).toBe(table);
    expect(batch.ConsumedCapacity?.map(({ TableName }) => TableName).sort()).toEqual([table, other].sort());
    expect(Object.keys(batch.Responses ?? {}).sort()).toEqual([table, other].sort());
    return {
      get: get.Item?.title.S,
      query: query.Items?.[0]?.title.S,
      scan: scan.Items?.[0]?.title.S,
      batch: batch.Responses?.[table]?.[0]?.title.S,
      consistentInBatch: batch.Responses?.[other]?.[0]?.title.S,
    };
  }

  const all = (title: string | undefined, consistentInBatch = title): Record<string, string | undefined> => ({
    ...{ get: title, query: title, scan: title, batch: title, consistentInBatch },
  });

  it('shows the table as it was, in every way of reading, but for consistent reads and transactions', async () => {
    await put('first');
    expect(await read(false)).toEqual(all(undefined, 'first'));
    expect(await read(true)).toEqual(all('first'));
    await test.host.idle();
    expect(await read(false)).toEqual(all('first'));
    await put('second');
    const { Responses } = await client.send(
      new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName: table, Key: key } }] }),
    );
    expect(Responses?.[0]?.Item?.title.S).toBe('second');
    expect(await read(false)).toEqual(all('first', 'second'));
    await test.host.idle();
    expect(await read(false)).toEqual(all('second'));
  });

  it('counts the units for the table, and half of what a consistent read takes', () => {
    const units = test.calls
      .filter(({ operation }) => operation === 'GetItem')
      .map(({ readUnits }) => readUnits?.[table]);
    expect(new Set(units)).toEqual(new Set([0.5, 1]));
  });
});
