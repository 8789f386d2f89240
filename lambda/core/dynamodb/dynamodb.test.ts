import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import {
  batchGet,
  batchGetEventually,
  batchWrite,
  isConditionFailure,
  isContention,
  queryUpTo,
  transactWrite,
  TransactionRefused,
} from './index';
import { cancelled, documentClient, scriptedClient, WireError } from '../../../test/support/client';
import { Busy } from '../busy';

const put = (name: string) => ({ Put: { TableName: 'table', Item: { PK: name, SK: 'x' } } });
const ref = (name: string, table = 'table') => ({ table, key: { PK: name, SK: 'x' } });
const raw = (name: string) => ({ PK: { S: name }, SK: { S: 'x' } });
const item = (name: string) => ({ PK: name, SK: 'x' });

let delays: number[];

beforeEach(() => {
  delays = [];
  jest.spyOn(Math, 'random').mockReturnValue(0.5);
  jest.spyOn(global, 'setTimeout').mockImplementation(((done: () => void, delay: number) => {
    delays.push(delay);
    queueMicrotask(done);
  }) as typeof setTimeout);
});

afterEach(() => jest.restoreAllMocks());

const thrown = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a transaction', () => {
  test('is sent once where nothing is in its way', async () => {
    const { db, calls } = scriptedClient({});
    await transactWrite(db, { a: put('a'), b: put('b') });
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      operation: 'TransactWriteItems',
      input: { TransactItems: [{ Put: { Item: raw('a') } }, { Put: { Item: raw('b') } }] },
    });
  });

  test.each([
    ['a conflict of one of its writes', cancelled('None', 'TransactionConflict')],
    ['a throttled write', cancelled('ThrottlingError', 'None')],
    ['throughput that is used up', cancelled('ProvisionedThroughputExceeded', 'None')],
    ['a failed condition beside a conflict', cancelled('ConditionalCheckFailed', 'TransactionConflict')],
    ['another that is under way', new WireError('TransactionInProgressException')],
    ['a conflict of the whole', new WireError('TransactionConflictException')],
  ])('is tried again, with jitter, after %s', async (_, error) => {
    const { db, calls } = scriptedClient(error, error, {});
    await transactWrite(db, { a: put('a'), b: put('b') });
    expect(calls).toHaveLength(3);
    expect(delays).toEqual([5, 10]);
  });

  test('keeps its token while a try of before may still succeed, so that it is never done twice', async () => {
    const { db, calls } = scriptedClient(new WireError('TransactionInProgressException'), {});
    await transactWrite(db, { a: put('a') });
    expect(calls).toHaveLength(2);
    expect(calls[1].input).toEqual(calls[0].input);
    expect(calls[0].input.ClientRequestToken).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('is another one after a try that was refused: that token is used up', async () => {
    const { db, calls } = scriptedClient(cancelled('TransactionConflict'), {});
    await transactWrite(db, { a: put('a') });
    expect(calls[1].input.TransactItems).toEqual(calls[0].input.TransactItems);
    expect(calls[1].input.ClientRequestToken).not.toBe(calls[0].input.ClientRequestToken);
  });

  test('chooses its items anew with each try after one that was refused, and not while one may still succeed', async () => {
    const { db, calls } = scriptedClient(
      cancelled('TransactionConflict'),
      new WireError('TransactionInProgressException'),
      {},
    );
    let tries = 0;
    await transactWrite(db, () => ({ a: put(`try ${++tries}`) }));
    const tried = calls.map(({ input }) => JSON.stringify(input.TransactItems).match(/try \d/)?.[0]);
    expect(tried).toEqual(['try 1', 'try 2', 'try 2']);
  });

  test('gives up after a bounded number of tries, and says that others were in the way', async () => {
    const { db, calls } = scriptedClient(cancelled('TransactionConflict', 'None'));
    const error = await thrown(transactWrite(db, { a: put('a'), b: put('b') }));
    expect(error).toBeInstanceOf(Busy);
    expect(calls).toHaveLength(20);
  });

  test('that its conditions refuse is not tried again and tells which, by name', async () => {
    const { db, calls } = scriptedClient(cancelled('None', 'ConditionalCheckFailed', 'None'));
    const error = await thrown(transactWrite(db, { a: put('a'), none: undefined, b: put('b'), c: put('c') }));
    expect(calls).toHaveLength(1);
    expect(error).toBeInstanceOf(TransactionRefused);
    const refused = error as TransactionRefused;
    expect(['a', 'b', 'c', 'd'].map((name) => refused.failed(name))).toEqual([false, true, false, false]);
    expect(refused.failures).toEqual(['b']);
    expect(refused.message).toBe('Transaction refused: a None, b ConditionalCheckFailed, c None');
  });

  test('that is refused brings the items as they were, translated', async () => {
    const stored = { slug: { S: 'a-slug' }, count: { N: '3' }, tags: { L: [{ S: 'x' }] }, ids: { SS: ['i'] } };
    const { db } = scriptedClient(cancelled({ Code: 'ConditionalCheckFailed', Item: stored }, 'None'));
    const error = (await thrown(transactWrite(db, { a: put('a'), b: put('b') }))) as TransactionRefused;
    expect(error.item('a')).toEqual({ slug: 'a-slug', count: 3, tags: ['x'], ids: new Set(['i']) });
    expect(error.item('b')).toBeUndefined();
  });

  test.each([
    ['is not a valid one', cancelled('ValidationError', 'None')],
    ['is too large', cancelled('ItemCollectionSizeLimitExceeded')],
    ['DynamoDB has an error of its own', new WireError('InternalServerError')],
  ])('fails with the error itself where it %s', async (_, wire) => {
    const { db, calls } = scriptedClient(wire);
    const error = await thrown(transactWrite(db, { a: put('a') }));
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(TransactionRefused);
    expect(calls).toHaveLength(1);
  });
});

test('contention and failed conditions are told apart, and from everything else', async () => {
  const errorOf = async (wire: WireError) =>
    thrown(scriptedClient(wire).db.send(new TransactWriteCommand({ TransactItems: [put('a')] })));
  const condition = await errorOf(new WireError('ConditionalCheckFailedException'));
  const conflict = await errorOf(cancelled('TransactionConflict'));
  const unexplained = await errorOf(new WireError('TransactionCanceledException'));
  expect([condition, conflict, unexplained, 'text', undefined].map(isContention)).toEqual([
    false,
    true,
    false,
    false,
    false,
  ]);
  expect([condition, conflict, unexplained, 'text', undefined].map((error) => isConditionFailure(error))).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});

describe('a batch of reads', () => {
  test('answers in the order of what was asked for, over tables, consistently, and nothing for what is not there', async () => {
    const { db, calls } = scriptedClient({
      Responses: { two: [{ ...raw('b'), n: { N: '2' } }], one: [raw('c'), { ...raw('a'), n: { N: '1' } }] },
    });
    const found = await batchGet(db, [ref('a', 'one'), ref('b', 'two'), ref('x', 'one'), ref('c', 'one')]);
    expect(found).toEqual([{ ...item('a'), n: 1 }, { ...item('b'), n: 2 }, undefined, item('c')]);
    expect(calls).toHaveLength(1);
    expect(calls[0].input.RequestItems).toEqual({
      one: { Keys: [raw('a'), raw('x'), raw('c')], ConsistentRead: true },
      two: { Keys: [raw('b')], ConsistentRead: true },
    });
  });

  test('of nothing asks for nothing', async () => {
    const { db, calls } = scriptedClient({});
    await expect(batchGet(db, [])).resolves.toEqual([]);
    expect(calls).toEqual([]);
  });

  test('asks once for what is wanted twice: DynamoDB refuses duplicates', async () => {
    const { db, calls } = scriptedClient({ Responses: { table: [raw('a')] } });
    await expect(batchGet(db, [ref('a'), ref('a')])).resolves.toEqual([item('a'), item('a')]);
    expect(calls[0].input.RequestItems).toMatchObject({ table: { Keys: [raw('a')] } });
  });

  test('goes a hundred keys a call, over all tables together', async () => {
    const { db, calls } = scriptedClient({ Responses: {} });
    await batchGet(db, [
      ...Array.from({ length: 120 }, (_, n) => ref(`a${n}`, 'one')),
      ...Array.from({ length: 90 }, (_, n) => ref(`b${n}`, 'two')),
    ]);
    const sizes = calls.map(({ input }) =>
      Object.values(input.RequestItems as Record<string, { Keys: unknown[] }>)
        .map(({ Keys }) => Keys.length)
        .reduce((sum, size) => sum + size, 0),
    );
    expect(sizes).toEqual([100, 100, 10]);
  });

  test('of very many keys has eight calls under way at once', async () => {
    let [open, most] = [0, 0];
    const db = documentClient(async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setImmediate(resolve));
      open--;
      return { status: 200, text: '{"Responses":{}}' };
    });
    const found = await batchGet(
      db,
      Array.from({ length: 2500 }, (_, n) => ref(`${n}`)),
    );
    expect([found.length, most, open]).toEqual([2500, 8, 0]);
  });

  test('asks again, after a pause, for the keys left unprocessed, and for those alone', async () => {
    const { db, calls } = scriptedClient(
      { Responses: { one: [raw('a')] }, UnprocessedKeys: { one: { Keys: [raw('b')] }, two: { Keys: [raw('c')] } } },
      { Responses: { one: [raw('b')] }, UnprocessedKeys: { two: { Keys: [raw('c')] } } },
      { Responses: { two: [raw('c')] } },
    );
    const found = await batchGet(db, [ref('a', 'one'), ref('b', 'one'), ref('c', 'two'), ref('d', 'two')]);
    expect(found).toEqual([item('a'), item('b'), item('c'), undefined]);
    expect(calls.map(({ input }) => input.RequestItems)).toEqual([
      expect.anything(),
      {
        one: { Keys: [raw('b')], ConsistentRead: true },
        two: { Keys: [raw('c')], ConsistentRead: true },
      },
      { two: { Keys: [raw('c')], ConsistentRead: true } },
    ]);
    expect(delays).toEqual([10, 20]);
  });

  test('never takes an unprocessed key for an item that is not there', async () => {
    const { db, calls } = scriptedClient({ Responses: {}, UnprocessedKeys: { table: { Keys: [raw('a')] } } });
    await expect(batchGet(db, [ref('a')])).rejects.toThrow('BatchGetItem left 1 keys unprocessed after 20 attempts');
    expect(calls).toHaveLength(20);
  });
});

describe('items that are known to be there', () => {
  const promised = (name: string, changedLately = false, table = 'table') => ({ ...ref(name, table), changedLately });
  const asked = (calls: readonly { input: Readonly<Record<string, unknown>> }[]) =>
    calls.map(({ input }) => input.RequestItems);
  const answer = (...names: string[]) => ({ Responses: { table: names.map(raw) } });

  test('are read eventually consistent, each once, in the order that they are asked for', async () => {
    const { db, calls } = scriptedClient(answer('b', 'a'));
    const found = await batchGetEventually(db, [promised('a'), promised('b'), promised('a')]);
    expect(found).toEqual([item('a'), item('b'), item('a')]);
    expect(asked(calls)).toEqual([{ table: { Keys: [raw('a'), raw('b')], ConsistentRead: false } }]);
  });

  test('are read consistently where they changed lately, side by side', async () => {
    const { db, calls } = scriptedClient(answer('b'), answer('a'));
    const found = await batchGetEventually(db, [promised('a'), promised('b', true)]);
    expect(found).toEqual([item('a'), item('b')]);
    expect(asked(calls)).toEqual([
      { table: { Keys: [raw('b')], ConsistentRead: true } },
      { table: { Keys: [raw('a')], ConsistentRead: false } },
    ]);
  });

  test('are asked for once more where they are missing, and then consistently; not those that were so read', async () => {
    const { db, calls } = scriptedClient(answer(), answer('a'), answer('c'));
    const found = await batchGetEventually(db, [promised('x', true), promised('a'), promised('c'), promised('d')]);
    expect(found).toEqual([undefined, item('a'), item('c'), undefined]);
    expect(asked(calls.slice(2))).toEqual([{ table: { Keys: [raw('c'), raw('d')], ConsistentRead: true } }]);
  });

  test('that are none ask for nothing', async () => {
    const { db, calls } = scriptedClient({});
    await expect(batchGetEventually(db, [])).resolves.toEqual([]);
    expect(calls).toEqual([]);
  });
});

describe('a batch of writes', () => {
  const writes = (count: number) => Array.from({ length: count }, (_, n) => ({ DeleteRequest: { Key: item(`${n}`) } }));
  const sent = (calls: readonly { input: Readonly<Record<string, unknown>> }[]) =>
    calls.map(({ input }) => (input.RequestItems as Record<string, unknown[]>).table.length);

  test('goes 25 a call', async () => {
    const { db, calls } = scriptedClient({});
    await batchWrite(db, 'table', writes(60));
    expect(sent(calls)).toEqual([25, 25, 10]);
  });

  test('writes what was left unprocessed again, after a pause', async () => {
    const left = { UnprocessedItems: { table: [{ DeleteRequest: { Key: raw('3') } }] } };
    const { db, calls } = scriptedClient(left, left, {});
    await batchWrite(db, 'table', writes(5));
    expect(sent(calls)).toEqual([5, 1, 1]);
    expect(calls[2].input).toEqual({ RequestItems: { table: [{ DeleteRequest: { Key: raw('3') } }] } });
    expect(delays).toEqual([10, 20]);
  });

  test('is tried again after contention', async () => {
    const { db, calls } = scriptedClient(new WireError('TransactionConflictException'), {});
    await batchWrite(db, 'table', writes(2));
    expect(sent(calls)).toEqual([2, 2]);
  });

  test('that stays unprocessed fails after a bounded number of tries', async () => {
    const { db, calls } = scriptedClient({ UnprocessedItems: { table: [{ DeleteRequest: { Key: raw('0') } }] } });
    await expect(batchWrite(db, 'table', writes(1))).rejects.toThrow(
      'BatchWriteItem left 1 writes unprocessed after 20 attempts',
    );
    expect(calls).toHaveLength(20);
  });
});

describe('a query', () => {
  const input = { TableName: 'table', KeyConditionExpression: 'PK = :pk', ExpressionAttributeValues: { ':pk': 'a' } };
  const pageOf = (names: string[], last?: string) => ({
    Items: names.map(raw),
    ...(last === undefined ? {} : { LastEvaluatedKey: raw(last) }),
  });

  test('reads consistently and follows pages until all is there', async () => {
    const { db, calls } = scriptedClient(pageOf(['1', '2'], '2'), pageOf([], '4'), pageOf(['5']));
    await expect(queryUpTo(db, input, 10)).resolves.toEqual({ items: ['1', '2', '5'].map(item), more: false });
    expect(calls.map((call) => call.input)).toMatchObject([
      { ConsistentRead: true, Limit: 10 },
      { ConsistentRead: true, Limit: 8, ExclusiveStartKey: raw('2') },
      { ConsistentRead: true, Limit: 8, ExclusiveStartKey: raw('4') },
    ]);
  });

  test('stops where enough is there, and says that there is more', async () => {
    const { db, calls } = scriptedClient(pageOf(['1', '2'], '2'), pageOf(['3'], '3'));
    await expect(queryUpTo(db, input, 3)).resolves.toEqual({ items: ['1', '2', '3'].map(item), more: true });
    expect(calls.map((call) => call.input.Limit)).toEqual([3, 1]);
  });

  test('reads eventually only where its input says so', async () => {
    const { db, calls } = scriptedClient(pageOf([]));
    await queryUpTo(db, { ...input, ConsistentRead: false }, 3);
    expect(calls[0].input.ConsistentRead).toBe(false);
  });
});
