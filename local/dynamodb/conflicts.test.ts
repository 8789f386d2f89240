import {
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { startTestServices, TABLE, TestServices } from '../testing';

const S = (value: string): { S: string } => ({ S: value });
const key = (sk: string): Record<string, { S: string }> => ({ PK: S('p'), SK: S(sk) });
const ONGOING = 'Transaction is ongoing for the item';

describe('transaction conflicts', () => {
  let test: TestServices;
  let client: DynamoDBClient;
  let table: string;

  beforeAll(async () => {
    // Long enough that the second call of a test surely arrives while the first holds its items.
    test = await startTestServices({ conflictHoldMs: 400 });
    client = new DynamoDBClient({ ...test.client, maxAttempts: 1 });
    table = (await test.create('AWS::DynamoDB::Table', 'Table', TABLE)).ref;
    await client.send(new PutItemCommand({ TableName: table, Item: { ...key('taken'), owner: S('me') } }));
  }, 40_000);

  afterAll(async () => {
    client?.destroy();
    await test?.close();
  });

  const put = (sk: string, more = {}): { Put: { TableName: string; Item: Record<string, { S: string }> } } => ({
    Put: { TableName: table, Item: key(sk), ...more },
  });
  const transact = async (...items: ReturnType<typeof put>[]): Promise<unknown> =>
    client.send(new TransactWriteItemsCommand({ TransactItems: items }));

  /** Runs `during` while a transaction on item `sk` is under way; the transaction itself must succeed. */
  async function whileHeld(sk: string, during: () => Promise<unknown>): Promise<unknown> {
    const holder = transact(put(sk));
    // The first call is at the endpoint when its permissions were asked for.
    while (
      !test.authorizations.some(({ context }) => context?.['dynamodb:EnclosingOperation'] === 'TransactWriteItems')
    ) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const result = await during().catch((error: unknown) => error);
    await holder;
    return result;
  }

  beforeEach(() => (test.authorizations.length = 0));

  it('cancels an overlapping transaction and names the member', async () => {
    expect(await whileHeld('a', async () => transact(put('b'), put('a')))).toMatchObject({
      name: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, TransactionConflict]',
      CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict', Message: ONGOING }],
    });
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: key('b'), ConsistentRead: true }));
    expect(Item).toBeUndefined();
  });

  it('tells the failed condition of a member beside the conflict of another', async () => {
    const condition = {
      ConditionExpression: 'attribute_not_exists(#p)',
      ExpressionAttributeNames: { '#p': 'PK' },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    };
    expect(await whileHeld('c', async () => transact(put('taken', condition), put('c', condition)))).toMatchObject({
      CancellationReasons: [
        { Code: 'ConditionalCheckFailed', Item: { owner: S('me') } },
        { Code: 'TransactionConflict' },
      ],
    });
  });

  it('refuses a single write and leaves a batch member unprocessed', async () => {
    const single = async (): Promise<unknown> => client.send(new PutItemCommand({ TableName: table, Item: key('d') }));
    expect(await whileHeld('d', single)).toMatchObject({ name: 'TransactionConflictException', message: ONGOING });
    test.authorizations.length = 0;
    const members = ['e', 'f'].map((sk) => ({ PutRequest: { Item: key(sk) } }));
    const batch = async (): Promise<unknown> =>
      client.send(new BatchWriteItemCommand({ RequestItems: { [table]: members } }));
    expect(await whileHeld('e', batch)).toMatchObject({ UnprocessedItems: { [table]: [members[0]] } });
  });

  it('cancels a transactional read and leaves a plain one alone', async () => {
    const read = new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName: table, Key: key('g') } }] });
    expect(await whileHeld('g', async () => client.send(read))).toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'TransactionConflict' }],
    });
    test.authorizations.length = 0;
    const plain = async (): Promise<unknown> =>
      client.send(new GetItemCommand({ TableName: table, Key: key('taken') }));
    expect(await whileHeld('taken2', plain)).toMatchObject({ Item: { owner: S('me') } });
  });

  it('lets transactions on different items, and one after another, go through', async () => {
    await Promise.all([transact(put('h')), transact(put('i'))]);
    await transact(put('h'));
  });

  it('says that a transaction with the same token is under way', async () => {
    const command = { ClientRequestToken: 'same', TransactItems: [put('j')] };
    const again = async (): Promise<unknown> => client.send(new TransactWriteItemsCommand(command));
    const [first, second] = await Promise.allSettled([again(), again()]);
    expect([first.status, second.status].sort()).toEqual(['fulfilled', 'rejected']);
    expect([first, second].find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { name: 'TransactionInProgressException' },
    });
    await again();
  });
});
