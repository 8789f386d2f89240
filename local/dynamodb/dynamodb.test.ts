import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { startTestServices, TABLE, TestServices } from '../testing';

const S = (value: string): { S: string } => ({ S: value });
const key = (pk: string, sk: string): Record<string, { S: string }> => ({ PK: S(pk), SK: S(sk) });

describe('DynamoDB through the endpoint', () => {
  let test: TestServices;
  let client: DynamoDBClient;
  let table: string;
  let other: string;

  beforeAll(async () => {
    test = await startTestServices();
    client = new DynamoDBClient({ ...test.client, maxAttempts: 1 });
    table = (await test.create('AWS::DynamoDB::Table', 'Table', TABLE)).ref;
    const { StreamSpecification, ...plain } = TABLE;
    other = (await test.create('AWS::DynamoDB::Table', 'Other', { ...plain, TableName: 'other-table' })).ref;
    expect(StreamSpecification).toBeDefined();
  }, 40_000);

  afterAll(async () => {
    client?.destroy();
    await test?.close();
  });

  beforeEach(() => {
    test.calls.length = 0;
    test.authorizations.length = 0;
    test.denied.clear();
  });

  it('names tables as CloudFormation does and gives their ARNs', async () => {
    const { ref, attributes } = await test.create('AWS::DynamoDB::GlobalTable', 'Second', {
      ...TABLE,
      Replicas: [{ Region: 'us-east-1', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
    });
    expect(ref).toMatch(/^Test-Second-[0-9A-F]{12}$/);
    expect(attributes.Arn).toBe(`arn:aws:dynamodb:us-east-1:000000000000:table/${ref}`);
    expect(attributes.StreamArn).toMatch(new RegExp(`^arn:aws:dynamodb:us-east-1:000000000000:table/${ref}/stream/.+`));
    const { Table } = await client.send(new DescribeTableCommand({ TableName: ref }));
    expect(Table).toMatchObject({ TableArn: attributes.Arn, LatestStreamArn: attributes.StreamArn });
  });

  it('refuses what it does not know by name', async () => {
    const create = async (extra: Record<string, unknown>): Promise<unknown> =>
      test.create('AWS::DynamoDB::Table', 'Bad', { ...TABLE, ...extra });
    await expect(create({ KinesisStreamSpecification: {} })).rejects.toThrow(
      'Test/Bad (AWS::DynamoDB::Table): property KinesisStreamSpecification is not supported here',
    );
    await expect(create({ TimeToLiveSpecification: { Enabled: true, AttributeName: 'e', X: 1 } })).rejects.toThrow(
      'Test/Bad.TimeToLiveSpecification (AWS::DynamoDB::Table): property X is not supported here',
    );
    await expect(client.send(new ExecuteStatementCommand({ Statement: 'SELECT * FROM t' }))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: 'dynamodb ExecuteStatement is not supported by the local runner',
    });
    expect(test.logs).toContainEqual(expect.stringContaining('dynamodb ExecuteStatement'));
  });

  it('asks IAM for the table with its leading keys, and for the index', async () => {
    await client.send(new PutItemCommand({ TableName: table, Item: { ...key('USER#1', 'A'), n: { N: '1' } } }));
    expect(test.authorizations).toEqual([
      {
        principal: 'caller',
        action: 'dynamodb:PutItem',
        resources: [`arn:aws:dynamodb:us-east-1:000000000000:table/${table}`],
        context: { 'dynamodb:LeadingKeys': ['USER#1'], 'dynamodb:Attributes': ['PK', 'SK', 'n'] },
      },
    ]);
    test.authorizations.length = 0;
    await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'GSI1',
        KeyConditionExpression: '#p = :p AND begins_with(GSI1SK, :s)',
        ExpressionAttributeNames: { '#p': 'GSI1PK' },
        ExpressionAttributeValues: { ':p': S('TAG#x'), ':s': S('2') },
      }),
    );
    expect(test.authorizations[0].resources).toEqual([
      `arn:aws:dynamodb:us-east-1:000000000000:table/${table}/index/GSI1`,
    ]);
    expect(test.authorizations[0].context).toMatchObject({ 'dynamodb:LeadingKeys': ['TAG#x'] });
    test.authorizations.length = 0;
    await client.send(new ScanCommand({ TableName: table }));
    expect(test.authorizations[0].context).not.toHaveProperty('dynamodb:LeadingKeys');
  });

  it('asks IAM once a table in a batch and once a member in a transaction', async () => {
    await client.send(
      new BatchGetItemCommand({
        RequestItems: { [table]: { Keys: [key('a', '1'), key('b', '1')] }, [other]: { Keys: [key('c', '1')] } },
      }),
    );
    expect(test.authorizations.map(({ context }) => context?.['dynamodb:LeadingKeys'])).toEqual([['a', 'b'], ['c']]);
    test.authorizations.length = 0;
    await client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName: table, Item: key('t', '1') } },
          {
            Update: {
              TableName: table,
              Key: key('t', '2'),
              UpdateExpression: 'SET v = :v',
              ExpressionAttributeValues: { ':v': S('x') },
            },
          },
          { ConditionCheck: { TableName: other, Key: key('t', '3'), ConditionExpression: 'attribute_not_exists(PK)' } },
          { Delete: { TableName: other, Key: key('t', '4') } },
        ],
      }),
    );
    expect(test.authorizations.map(({ action }) => action)).toEqual([
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:ConditionCheckItem',
      'dynamodb:DeleteItem',
    ]);
  });

  it('asks IAM for the attributes of all items of a batch together, and of each member of a transaction', async () => {
    const asked = () => test.authorizations.map(({ context }) => context?.['dynamodb:Attributes']);
    const put = (sk: string, attribute: string) => ({ PutRequest: { Item: { ...key('a', sk), [attribute]: S('x') } } });
    await client.send(
      new BatchWriteItemCommand({
        RequestItems: { [table]: [put('1', 'n'), put('2', 'm')], [other]: [{ DeleteRequest: { Key: key('a', '1') } }] },
      }),
    );
    expect(asked()).toEqual([
      ['PK', 'SK', 'n', 'm'],
      ['PK', 'SK'],
    ]);
    test.authorizations.length = 0;
    await client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          {
            Put: {
              TableName: table,
              Item: { ...key('t', '1'), n: S('x') },
              ConditionExpression: 'attribute_not_exists(m)',
            },
          },
          { Delete: { TableName: table, Key: key('t', '2') } },
        ],
      }),
    );
    expect(asked()).toEqual([
      ['PK', 'SK', 'n', 'm'],
      ['PK', 'SK'],
    ]);
  });

  it('denies as AWS does and records the denied call', async () => {
    test.denied.add('dynamodb:GetItem');
    await expect(client.send(new GetItemCommand({ TableName: table, Key: key('a', '1') }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(
        'is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb',
      ) as string,
    });
    expect(test.calls).toMatchObject([
      { operation: 'GetItem', status: 400, errorCode: 'AccessDeniedException', invocationId: 'invocation-1' },
    ]);
  });

  it('refuses an unknown access key', async () => {
    const stranger = new DynamoDBClient({
      ...test.client,
      maxAttempts: 1,
      credentials: { accessKeyId: 'AKIAOTHER', secretAccessKey: 'x' },
    });
    await expect(stranger.send(new ScanCommand({ TableName: table }))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
      $metadata: { httpStatusCode: 403 },
    });
    stranger.destroy();
  });

  it('records units and gives the client only what it asked for', async () => {
    const item = { ...key('units', '1'), GSI1PK: S('g'), GSI1SK: S('1'), v: S('x'.repeat(2000)) };
    const plain = await client.send(new PutItemCommand({ TableName: table, Item: item }));
    expect(plain.ConsumedCapacity).toBeUndefined();
    const total = await client.send(
      new GetItemCommand({
        TableName: table,
        Key: key('units', '1'),
        ConsistentRead: true,
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    expect(total.ConsumedCapacity).toEqual({ TableName: table, CapacityUnits: 1 });
    expect(test.calls.map(({ readUnits, writeUnits }) => readUnits?.[table] ?? writeUnits?.[table])).toEqual([4, 1]);
  });

  it('charges a refused conditional write and hides the item that was not asked for', async () => {
    await client.send(new PutItemCommand({ TableName: table, Item: { ...key('cond', '1'), v: S('x'.repeat(3000)) } }));
    const put = { TableName: table, Item: key('cond', '1'), ConditionExpression: 'attribute_not_exists(PK)' };
    const refused = await client.send(new PutItemCommand(put)).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
    });
    expect(refused).toHaveProperty('Item', undefined);
    expect(test.calls[1].writeUnits).toEqual({ [table]: 3 });
    await expect(
      client.send(new PutItemCommand({ ...put, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })),
    ).rejects.toMatchObject({ Item: { PK: S('cond') } });
  });

  it('tells which condition of a transaction failed, with the old item', async () => {
    await client.send(new PutItemCommand({ TableName: table, Item: { ...key('tx', '1'), owner: S('me') } }));
    const failed = client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName: table, Item: key('tx', '2') } },
          {
            Put: {
              TableName: table,
              Item: key('tx', '1'),
              ConditionExpression: 'attribute_not_exists(PK)',
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            },
          },
        ],
      }),
    );
    await expect(failed).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      message: expect.stringContaining('[None, ConditionalCheckFailed]') as string,
      CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Item: { owner: S('me') } }],
    });
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: key('tx', '2'), ConsistentRead: true }),
    );
    expect(Item).toBeUndefined();
  });

  it('reads ranges, prefixes and pages', async () => {
    const put = Array.from({ length: 5 }, (_, index) => ({ PutRequest: { Item: key('range', `A#${index}`) } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: put } }));
    const query = async (
      condition: string,
      values: Record<string, { S: string }>,
      limit?: number,
    ): Promise<string[]> => {
      const { Items } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: `PK = :p AND ${condition}`,
          ExpressionAttributeValues: { ':p': S('range'), ...values },
          ConsistentRead: true,
          ScanIndexForward: false,
          ...(limit === undefined ? {} : { Limit: limit }),
        }),
      );
      return (Items ?? []).map(({ SK }) => String(SK.S));
    };
    expect(await query('begins_with(SK, :s)', { ':s': S('A#') }, 2)).toEqual(['A#4', 'A#3']);
    expect(await query('SK BETWEEN :a AND :b', { ':a': S('A#1'), ':b': S('A#2') })).toEqual(['A#2', 'A#1']);
  });

  it('holds 400 KB and no more', async () => {
    const item = (bytes: number): PutItemCommand =>
      new PutItemCommand({ TableName: table, Item: { ...key('big', '1'), v: S('x'.repeat(bytes)) } });
    await client.send(item(400 * 1024 - 9));
    await expect(client.send(item(400 * 1024))).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('repeats a transaction with its token without writing again', async () => {
    const command = {
      ClientRequestToken: 'token-1',
      TransactItems: [
        {
          Update: {
            TableName: table,
            Key: key('n', '1'),
            UpdateExpression: 'ADD n :one',
            ExpressionAttributeValues: { ':one': { N: '1' } },
          },
        },
      ],
    };
    await client.send(new TransactWriteItemsCommand(command));
    await client.send(new TransactWriteItemsCommand(command));
    const { Responses } = await client.send(
      new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName: table, Key: key('n', '1') } }] }),
    );
    expect(Responses?.[0].Item?.n).toEqual({ N: '1' });
  });

  it('fails as AWS for a table that is not there', async () => {
    await expect(
      client.send(new UpdateItemCommand({ TableName: 'missing', Key: key('a', '1') })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
