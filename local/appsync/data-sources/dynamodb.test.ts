import { awsCaller } from './aws-call';
import { DataSource, DataSourceAnswer, noneDataSource } from './data-source';
import { dynamoDbDataSource } from './dynamodb';
import { BATCH_OPERATIONS } from './dynamodb-batches';
import { JsonObject } from '../../assembly';
import { startTestServices, TABLE, TestServices } from '../../testing';

let services: TestServices;
let source: DataSource;
let table: string;

beforeAll(async () => {
  services = await startTestServices();
  table = (await services.create('AWS::DynamoDB::Table', 'Table', TABLE)).ref;
  const { endpoint, region, credentials } = services.client;
  source = dynamoDbDataSource(
    'Source',
    table,
    awsCaller(endpoint, region, () => credentials.accessKeyId),
    BATCH_OPERATIONS,
  );
}, 40_000);

afterAll(async () => services?.close());

beforeEach(() => services.denied.clear());

const call = async (operation: string, request: JsonObject): Promise<DataSourceAnswer> =>
  source.call({ version: '2018-05-29', operation, ...request }, 'request');

const key = (pk: string, sk = 'S'): JsonObject => ({ PK: { S: pk }, SK: { S: sk } });

const put = async (pk: string, attributeValues: JsonObject = {}, condition?: JsonObject): Promise<DataSourceAnswer> =>
  call('PutItem', { key: key(pk), attributeValues, ...(condition === undefined ? {} : { condition }) });

const IS_NEW = { expression: 'attribute_not_exists(PK)' };

/** One value of each type, and what templates see of it. */
const TYPED = {
  s: { S: 'é' },
  n: { N: 1.5 },
  text: { N: '7' },
  b: { B: 'AQI=' },
  yes: { BOOL: true },
  nothing: { NULL: null },
  l: { L: [{ S: 'a' }, { L: [] }] },
  m: { M: { x: { N: 1 } } },
  ss: { SS: ['a'] },
  ns: { NS: [1, '2'] },
  bs: { BS: ['AQI='] },
};
const PLAIN = {
  ...{
    s: 'é',
    n: 1.5,
    text: 7,
    b: 'AQI=',
    yes: true,
    nothing: null,
    l: ['a', []],
    m: { x: 1 },
    ss: ['a'],
    bs: ['AQI='],
  },
  ns: expect.arrayContaining([1, 2]) as unknown,
};

test('values of every type are put, and come without types', async () => {
  expect(await put('typed', TYPED)).toMatchObject({ result: { PK: 'typed', SK: 'S', ...PLAIN } });
  expect(await call('GetItem', { key: key('typed'), consistentRead: true })).toEqual({
    result: { PK: 'typed', SK: 'S', ...PLAIN },
  });
});

test('what is not there is null', async () => {
  expect(await call('GetItem', { key: key('none') })).toEqual({ result: null });
  expect(await call('DeleteItem', { key: key('none') })).toEqual({ result: null });
});

test('a projection gives some attributes', async () => {
  await put('projected', { a: { S: '1' }, b: { S: '2' } });
  const projection = { expression: 'PK, #a', expressionNames: { '#a': 'a' } };
  expect(await call('GetItem', { key: key('projected'), projection })).toEqual({ result: { PK: 'projected', a: '1' } });
  const query = { expression: 'PK = :pk', expressionValues: { ':pk': { S: 'projected' } } };
  expect(await call('Query', { query, projection })).toMatchObject({
    result: { items: [{ PK: 'projected', a: '1' }] },
  });
});

test('an update gives the item as it is then', async () => {
  await put('updated', { n: { N: 1 } });
  const update = {
    expression: 'SET #n = #n + :one',
    expressionNames: { '#n': 'n' },
    expressionValues: { ':one': { N: 1 } },
  };
  const condition = {
    expression: '#n < :most',
    expressionNames: { '#n': 'n' },
    expressionValues: { ':most': { N: 2 } },
  };
  const request = { key: key('updated'), update, condition };
  expect(await call('UpdateItem', request)).toEqual({ result: { PK: 'updated', SK: 'S', n: 2 } });
  expect(await call('UpdateItem', request)).toMatchObject({
    result: { n: 2 },
    error: { type: 'DynamoDB:ConditionalCheckFailedException' },
  });
});

test('a delete gives the item that was there', async () => {
  await put('deleted', { n: { N: 1 } });
  expect(await call('DeleteItem', { key: key('deleted') })).toEqual({ result: { PK: 'deleted', SK: 'S', n: 1 } });
});

describe('a condition that fails', () => {
  test('is no error where the table has what was wanted', async () => {
    await put('same', { a: { S: '1' } });
    expect(await put('same', { a: { S: '1' } }, IS_NEW)).toEqual({ result: { PK: 'same', SK: 'S', a: '1' } });
    const exists = { expression: 'attribute_exists(PK)' };
    expect(await call('DeleteItem', { key: key('gone'), condition: exists })).toEqual({ result: null });
  });

  test('is an error with the item in its place', async () => {
    await put('other', { a: { S: '1' } });
    const { result, error } = await put('other', { a: { S: '2' } }, IS_NEW);
    expect(result).toEqual({ PK: 'other', SK: 'S', a: '1' });
    expect(error?.type).toBe('DynamoDB:ConditionalCheckFailedException');
    expect(error?.message).toMatch(
      /^The conditional request failed \(Service: DynamoDb, Status Code: 400, Request ID: .+\)$/,
    );
  });
});

test('a query by an index goes both ways, filtered, page by page', async () => {
  for (const name of ['1', '2', '3']) {
    const attributeValues = { GSI1PK: { S: 'all' }, GSI1SK: { S: name }, odd: { BOOL: name !== '2' } };
    await put(`indexed-${name}`, attributeValues);
  }
  const query = { expression: 'GSI1PK = :pk', expressionValues: { ':pk': { S: 'all' } } };
  const request = { query, index: 'GSI1', scanIndexForward: false, limit: 2, select: 'ALL_ATTRIBUTES' };
  const filter = {
    expression: '#odd = :yes',
    expressionNames: { '#odd': 'odd' },
    expressionValues: { ':yes': { BOOL: true } },
  };
  const first = (await call('Query', { ...request, filter })).result as { items: unknown[]; nextToken: string };
  expect(first).toMatchObject({ items: [{ GSI1SK: '3' }], scannedCount: 2, nextToken: expect.any(String) as string });
  const second = await call('Query', { ...request, filter, nextToken: first.nextToken });
  expect(second.result).toMatchObject({ items: [{ GSI1SK: '1' }], nextToken: null });
});

test('a scan sees all', async () => {
  await put('scanned', { here: { S: 'x' } });
  const filter = { expression: 'attribute_exists(here)' };
  expect((await call('Scan', { filter })).result).toMatchObject({ items: [{ PK: 'scanned' }], nextToken: null });
});

test('a batch gives items in the order of its keys, null for none', async () => {
  await put('batch-1', { a: { S: '1' } });
  await put('batch-2');
  const tables = { [table]: { keys: [key('batch-2'), key('batch-0'), key('batch-1')], consistentRead: true } };
  expect((await call('BatchGetItem', { tables })).result).toEqual({
    data: { [table]: [{ PK: 'batch-2', SK: 'S' }, null, { PK: 'batch-1', SK: 'S', a: '1' }] },
    unprocessedKeys: { [table]: [] },
  });
});

describe('a transaction', () => {
  const write = async (...transactItems: JsonObject[]): Promise<DataSourceAnswer> =>
    call('TransactWriteItems', { transactItems: transactItems.map((item) => ({ table, ...item })) });

  test('writes by every operation, and tells the keys', async () => {
    await put('t-update', { n: { N: 1 } });
    await put('t-delete');
    await put('t-check');
    const update = { expression: 'SET n = :n', expressionValues: { ':n': { N: 2 } } };
    const condition = { expression: 'attribute_exists(PK)' };
    const { result, error } = await write(
      { operation: 'PutItem', key: key('t-put'), attributeValues: { a: { S: '1' } } },
      { operation: 'UpdateItem', key: key('t-update'), update, condition },
      { operation: 'DeleteItem', key: key('t-delete') },
      { operation: 'ConditionCheck', key: key('t-check'), condition },
    );
    expect(error).toBeUndefined();
    const keys = ['t-put', 't-update', 't-delete', 't-check'].map((PK) => ({ PK, SK: 'S' }));
    expect(result).toEqual({ keys, cancellationReasons: null });
    const transactItems = ['t-put', 't-update', 't-delete'].map((pk) => ({ table, key: key(pk) }));
    expect((await call('TransactGetItems', { transactItems })).result).toEqual({
      items: [{ PK: 't-put', SK: 'S', a: '1' }, { PK: 't-update', SK: 'S', n: 2 }, null],
      cancellationReasons: null,
    });
  });

  test('that is cancelled tells of each item why, and what was there unless it is not wanted', async () => {
    await put('t-there', { a: { S: '1' } });
    const item = { operation: 'PutItem', key: key('t-there'), attributeValues: {} };
    const { result, error } = await write({ ...item, key: key('t-new') }, { ...item, condition: IS_NEW });
    const failed = { type: 'ConditionalCheckFailed', message: 'The conditional request failed' };
    expect(result).toEqual({
      keys: null,
      cancellationReasons: [
        { item: null, type: 'None', message: null },
        { item: { PK: 't-there', SK: 'S', a: '1' }, ...failed },
      ],
    });
    expect(error).toMatchObject({
      type: 'DynamoDB:TransactionCanceledException',
      message: expect.stringContaining('[None, ConditionalCheckFailed]') as string,
    });
    const silent = await write({ ...item, condition: { ...IS_NEW, returnValuesOnConditionCheckFailure: false } });
    expect(silent.result).toMatchObject({ cancellationReasons: [{ item: null, ...failed }] });
  });
});

test('what the role may not is an error for the template', async () => {
  services.denied.add('dynamodb:GetItem');
  expect(await call('GetItem', { key: key('any') })).toMatchObject({
    result: null,
    error: {
      type: 'DynamoDB:AccessDeniedException',
      message: expect.stringContaining('not authorized to perform') as string,
    },
  });
});

describe('what a template asks wrongly, or is not supported here, is refused by name', () => {
  const item = { table: 't', operation: 'PutItem', key: key('a') };

  test.each<[string, JsonObject, string]>([
    ['BatchPutItem', {}, 'operation BatchPutItem is not supported here'],
    ['toString', {}, 'operation toString is not supported here'],
    ['GetItem', {}, 'key has to be an object, got nothing'],
    ['GetItem', { key: { PK: 'plain' } }, 'key.PK has to be a typed value as {"S": "text"}, got "plain"'],
    ['GetItem', { key: { PK: { S: 'a', N: 1 } } }, 'key.PK has to be a typed value'],
    ['GetItem', { key: { PK: { S: 1 } } }, 'key.PK.S has to be a string, got 1'],
    ['GetItem', { key: { PK: { N: 'x' } } }, 'key.PK.N has to be a number, got "x"'],
    ['GetItem', { key: { PK: { constructor: 1 } } }, 'key.PK has to be a typed value'],
    ['GetItem', { key: key('a'), condition: {} }, 'the request for GetItem: condition is not supported here'],
    ['PutItem', { key: key('a'), _version: 1 }, '_version is not supported here'],
    [
      'PutItem',
      { key: key('a'), attributeValues: { a: { BOOL: 'x' } } },
      'attributeValues.a.BOOL has to be true or false',
    ],
    ['PutItem', { key: key('a'), attributeValues: { a: { NULL: 'x' } } }, 'attributeValues.a.NULL has to be null'],
    ['PutItem', { key: key('a'), attributeValues: { a: { L: 'x' } } }, 'attributeValues.a.L has to be a list'],
    ['PutItem', { key: key('a'), condition: {} }, 'condition.expression has to be a string'],
    [
      'PutItem',
      { key: key('a'), condition: { ...IS_NEW, equalsIgnore: ['a'] } },
      'condition.equalsIgnore is not supported here',
    ],
    [
      'PutItem',
      { key: key('a'), condition: { ...IS_NEW, conditionalCheckFailedHandler: { strategy: 'Custom' } } },
      'condition.conditionalCheckFailedHandler is not supported here',
    ],
    ['UpdateItem', { key: key('a') }, 'update has to be an object'],
    ['Query', {}, 'query has to be an object'],
    ['Query', { query: { expression: 'x' }, limit: 0 }, 'limit has to be a whole number of at least 1, got 0'],
    ['Query', { query: { expression: 'x' }, totalSegments: 1 }, 'totalSegments is not supported here'],
    ['Scan', { scanIndexForward: true }, 'scanIndexForward is not supported here'],
    ['TransactWriteItems', {}, 'transactItems has to be a list that is not empty'],
    ['TransactWriteItems', { transactItems: [1] }, 'transactItems[0] has to be an object'],
    [
      'TransactWriteItems',
      { transactItems: [{ ...item, operation: 'GetItem' }] },
      'transactItems[0].operation GetItem is not known',
    ],
    ['TransactWriteItems', { transactItems: [{ ...item, table: 1 }] }, 'transactItems[0].table has to be a string'],
    [
      'TransactWriteItems',
      { transactItems: [{ ...item, update: {} }] },
      'transactItems[0]: update is not supported here',
    ],
    [
      'TransactWriteItems',
      { transactItems: [{ ...item, operation: 'ConditionCheck' }] },
      'transactItems[0].condition is needed',
    ],
    ['TransactGetItems', { transactItems: [{ ...item }] }, 'transactItems[0]: operation is not supported here'],
    ['BatchGetItem', {}, 'tables has to be an object'],
    ['BatchGetItem', { tables: { t: { keys: [] } } }, 'tables.t.keys has to be a list that is not empty'],
  ])('%s of %j: %s', async (operation, request, message) => {
    await expect(call(operation, request)).rejects.toThrow(message);
  });

  test('a data source that is none takes a payload alone', async () => {
    const none = noneDataSource('None');
    expect(await none.call({ version: '2018-05-29', payload: [1] }, 'r')).toEqual({ result: [1] });
    expect(await none.call({ version: '2018-05-29' }, 'r')).toEqual({ result: null });
    await expect(none.call({ operation: 'Invoke' }, 'r')).rejects.toThrow('operation is not supported here');
  });
});

test('a connection that breaks is an error like another', async () => {
  const nowhere = awsCaller('http://127.0.0.1:1', 'us-east-1', () => 'key');
  const lost = dynamoDbDataSource('Source', table, nowhere, BATCH_OPERATIONS);
  expect(await lost.call({ version: '2018-05-29', operation: 'GetItem', key: key('a') }, 'request')).toMatchObject({
    result: null,
    error: { type: 'DynamoDB:SdkClientException' },
  });
});
