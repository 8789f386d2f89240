import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { DEFAULT_FAULT_RATES, FaultRates, FaultSchedule } from './faults';
import { startTestServices, TABLE, TestServices } from '../testing';

const NONE: FaultRates = {
  throttle: 0,
  internalError: 0,
  dropAnswer: 0,
  conflict: 0,
  coldStart: 0,
  partialBatch: 0,
  duplicate: 0,
  reorder: 0,
};

describe('FaultSchedule', () => {
  const draw = (seed: number | undefined, site = 'dynamodb:PutItem'): (string | undefined)[] => {
    const schedule = new FaultSchedule(seed);
    return Array.from({ length: 500 }, () => schedule.next(site, ['throttle', 'dropAnswer'])?.kind);
  };

  it('repeats itself by its seed, site by site, and differs between seeds and sites', () => {
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(1)).not.toEqual(draw(1, 'dynamodb:GetItem'));
    const mixed = new FaultSchedule(1);
    const interleaved = Array.from({ length: 500 }, () => {
      mixed.next('other', ['throttle']);
      return mixed.next('dynamodb:PutItem', ['throttle', 'dropAnswer'])?.kind;
    });
    expect(interleaved).toEqual(draw(1));
  });

  it('comes about as often as its rates say, and never without a seed', () => {
    const count = draw(3).filter((kind) => kind === 'throttle').length;
    expect(count).toBeGreaterThan(500 * DEFAULT_FAULT_RATES.throttle * 0.3);
    expect(count).toBeLessThan(500 * DEFAULT_FAULT_RATES.throttle * 3);
    expect(new Set(draw(undefined))).toEqual(new Set([undefined]));
  });

  it('meets an invocation twice at a site and no more, so that a third attempt gets through', () => {
    const schedule = new FaultSchedule(1, { ...NONE, throttle: 1 });
    const meets = (site: string, invocation?: string) =>
      Array.from({ length: 4 }, () => schedule.next(site, ['throttle'], invocation)?.kind);
    expect(meets('dynamodb:PutItem', 'one')).toEqual(['throttle', 'throttle', undefined, undefined]);
    expect(meets('dynamodb:PutItem', 'another')).toEqual(['throttle', 'throttle', undefined, undefined]);
    expect(meets('dynamodb:GetItem', 'one')).toEqual(['throttle', 'throttle', undefined, undefined]);
    expect(meets('dynamodb:PutItem')).toEqual(['throttle', 'throttle', 'throttle', 'throttle']);
    expect(schedule.done).toHaveLength(10);
  });
});

describe('faults at the endpoint', () => {
  let test: TestServices;
  let client: DynamoDBClient;
  let table: string;

  async function begin(rates: Partial<FaultRates>, maxAttempts: number): Promise<void> {
    test = await startTestServices({ faultSeed: 11, faultRates: { ...NONE, ...rates } });
    client = new DynamoDBClient({ ...test.client, maxAttempts });
    table = (await test.create('AWS::DynamoDB::Table', 'Table', TABLE)).ref;
  }

  afterEach(async () => {
    client.destroy();
    await test.close();
  });

  const key = { PK: { S: 'p' }, SK: { S: '1' } };

  it('throttles before anything happened, as an error that the client retries', async () => {
    await begin({ throttle: 1 }, 2);
    await expect(client.send(new PutItemCommand({ TableName: table, Item: key }))).rejects.toMatchObject({
      name: 'ThrottlingException',
      $metadata: { attempts: 2 },
    });
    expect(test.calls.map(({ errorCode }) => errorCode)).toEqual(['ThrottlingException', 'ThrottlingException']);
    expect((await test.section('tables'))[0].items).toEqual([]);
    expect(test.host.faults.done).toEqual([
      { fault: 'throttle', site: 'dynamodb:PutItem', call: 1 },
      { fault: 'throttle', site: 'dynamodb:PutItem', call: 2 },
    ]);
  });

  it('drops an answer after the write, so that only a token keeps a retry from writing twice', async () => {
    await begin({ dropAnswer: 1 }, 3);
    const add = {
      TableName: table,
      Key: key,
      UpdateExpression: 'ADD n :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    };
    const { $metadata } = await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Update: add }] }));
    expect($metadata.attempts).toBe(3);
    expect((await test.section('tables'))[0].items).toEqual([{ ...key, n: { N: '1' } }]);
    expect(test.calls.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('refuses writes and transactions as if another transaction were on an item', async () => {
    await begin({ conflict: 1 }, 1);
    const conflict = { Code: 'TransactionConflict' };
    const other = { PK: { S: 'p' }, SK: { S: '2' } };
    const ConditionExpression = 'attribute_exists(PK)';
    const TransactItems = [
      { Put: { TableName: table, Item: key, ConditionExpression } },
      { Delete: { TableName: table, Key: other, ConditionExpression } },
    ];
    const refused = client.send(new TransactWriteItemsCommand({ TransactItems }));
    // What the other member says of its own condition is said all the same.
    await expect(refused).rejects.toMatchObject({
      CancellationReasons: [{ Code: 'ConditionalCheckFailed' }, conflict],
    });
    const reads = { TransactItems: [{ Get: { TableName: table, Key: key } }] };
    await expect(client.send(new TransactGetItemsCommand(reads))).rejects.toMatchObject({
      CancellationReasons: [conflict],
    });
    await expect(client.send(new PutItemCommand({ TableName: table, Item: key }))).rejects.toMatchObject({
      name: 'TransactionConflictException',
    });
    expect(test.host.faults.done.map(({ site }) => site)).toEqual([
      'dynamodb:TransactWriteItems conflict',
      'dynamodb:TransactGetItems conflict',
      'dynamodb:PutItem conflict',
    ]);
    // No transaction is on an item that none has ever written.
    const alone = { PK: { S: 'alone' }, SK: { S: '1' } };
    await client.send(new PutItemCommand({ TableName: table, Item: alone }));
    expect((await test.section('tables'))[0].items).toEqual([alone]);
  });

  it('answers a batch in part', async () => {
    await begin({ partialBatch: 1 }, 1);
    const keys = ['1', '2', '3'].map((sk) => ({ PK: { S: 'p' }, SK: { S: sk } }));
    for (const Item of keys) await client.send(new PutItemCommand({ TableName: table, Item }));
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys } } }),
    );
    const left = UnprocessedKeys?.[table].Keys ?? [];
    expect(left.length).toBeGreaterThan(0);
    expect(left.length + (Responses?.[table] ?? []).length).toBe(3);
  });

  it('does nothing by default rates that a client with five attempts notices', async () => {
    await begin(DEFAULT_FAULT_RATES, 5);
    for (let i = 0; i < 100; i++) await client.send(new GetItemCommand({ TableName: table, Key: key }));
    expect(test.host.faults.done.length).toBeGreaterThan(0);
  });
});
