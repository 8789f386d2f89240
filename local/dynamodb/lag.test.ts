import { DeleteItemCommand, DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
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
