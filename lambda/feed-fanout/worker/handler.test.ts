import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { BatchWriteCommand, DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { creationTime } from './repository';

const db = mockClient(DynamoDBDocumentClient);
const queue = mockClient(SQSClient);

const DAY = 24 * 60 * 60;
/** A UUIDv7 of this moment. */
function articleAt(time: number, tail = '00'): string {
  const hex = time.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-0000000000${tail}`;
}
const NOW = Date.now();
const ARTICLE = articleAt(NOW);

jest.mock('../../core/logger', () => ({ logError: jest.fn() }));

let handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

beforeAll(() => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    TABLE_NAME: 'social',
    FEED_TABLE_NAME: 'feed',
    QUEUE_URL: 'https://sqs.example/queue',
  });
  ({ handler } = jest.requireActual<typeof import('./index')>('./index'));
});

beforeEach(() => {
  db.reset();
  queue.reset();
  queue.on(SendMessageBatchCommand).resolves({});
  db.on(BatchWriteCommand).resolves({});
  db.on(QueryCommand).resolves({ Items: [] });
});

function eventOf(...messages: unknown[]): SQSEvent {
  const Records = messages.map((message, index) => ({
    messageId: `message-${index}`,
    body: typeof message === 'string' ? message : JSON.stringify(message),
    attributes: { ApproximateReceiveCount: '1' },
  }));
  return { Records } as SQSEvent;
}

const context = (remaining = () => 15_000) => ({ getRemainingTimeInMillis: remaining }) as Context;

const written = () =>
  db.commandCalls(BatchWriteCommand).map((call) => call.args[0].input.RequestItems?.feed?.map((write) => write));

const deliver = (followers: string[]) => ({
  type: 'deliver',
  articleId: ARTICLE,
  authorId: 'ada',
  shard: 1,
  followers,
});

const followersAre = (followers: string[]) =>
  db.on(QueryCommand, { TableName: 'social' }).resolves({ Items: followers.map((SK) => ({ SK })) });

test('an article is planned a page of followers a message, consistently, shard by shard', async () => {
  db.on(GetCommand).resolves({ Item: { PK: 'USER#ada' } });
  db.on(QueryCommand, { ExpressionAttributeValues: { ':pk': 'FOLLOWERS#ada#1' } })
    .resolvesOnce({ Items: [{ SK: 'f-01' }], LastEvaluatedKey: { PK: 'FOLLOWERS#ada#1', SK: 'f-01' } })
    .resolvesOnce({ Items: [{ SK: 'f-05' }] });
  const message = { type: 'article-created', articleId: ARTICLE, authorId: 'ada', tagList: [] };
  expect(await handler(eventOf(message), context())).toEqual({ batchItemFailures: [] });
  const queries = db.commandCalls(QueryCommand).map((call) => call.args[0].input);
  expect(queries).toHaveLength(5);
  expect(queries.every((query) => query.ConsistentRead === true && query.Limit === 500)).toBe(true);
  expect(queries.filter((query) => query.ExclusiveStartKey)).toMatchObject([
    { ExclusiveStartKey: { PK: 'FOLLOWERS#ada#1', SK: 'f-01' } },
  ]);
  const sent = queue
    .commandCalls(SendMessageBatchCommand)
    .flatMap((call) => call.args[0].input.Entries?.map((entry) => JSON.parse(entry.MessageBody ?? '') as unknown));
  expect(sent).toEqual([deliver(['f-01']), deliver(['f-05'])]);
});

test('what is left of the followers is handed on when time is short', async () => {
  let remaining = 15_000;
  db.on(GetCommand).resolves({ Item: { PK: 'USER#ada' } });
  db.on(QueryCommand, { ExpressionAttributeValues: { ':pk': 'FOLLOWERS#ada#1' } }).callsFake(async () => {
    remaining = 4_999;
    return { Items: [{ SK: 'f-01' }], LastEvaluatedKey: { PK: 'FOLLOWERS#ada#1', SK: 'f-01' } };
  });
  const message = { type: 'article-created', articleId: ARTICLE, authorId: 'ada' };
  await handler(
    eventOf(message),
    context(() => remaining),
  );
  const last = queue.commandCalls(SendMessageBatchCommand).pop()?.args[0].input.Entries?.[0].MessageBody;
  expect(JSON.parse(last ?? '')).toEqual({ ...message, from: { shard: 1, after: 'f-01' } });
});

test('rows are written 25 at a time, the same whenever they are written', async () => {
  const followers = Array.from({ length: 60 }, (_, n) => `f-${n.toString(16).padStart(2, '0')}`);
  db.on(GetCommand).resolves({ Item: { PK: 'USER#ada' } });
  followersAre(followers);
  expect(await handler(eventOf(deliver(followers)), context())).toEqual({ batchItemFailures: [] });
  expect(written().map((batch) => batch?.length)).toEqual([25, 25, 10]);
  expect(written()[0]?.[0].PutRequest?.Item).toEqual({
    PK: 'USER#f-00',
    SK: ARTICLE,
    authorId: 'ada',
    expiresAt: Math.floor(NOW / 1000) + 60 * DAY,
  });
});

test('rows that DynamoDB left unprocessed are written again', async () => {
  db.on(GetCommand).resolves({ Item: { PK: 'USER#ada' } });
  followersAre(['f-01', 'f-05']);
  const left = { PutRequest: { Item: { PK: 'USER#f-05', SK: ARTICLE } } };
  db.on(BatchWriteCommand)
    .resolvesOnce({ UnprocessedItems: { feed: [left] } })
    .resolves({});
  await handler(eventOf(deliver(['f-01', 'f-05'])), context());
  expect(written()).toHaveLength(2);
  expect(written()[1]).toEqual([left]);
});

test('only the message that failed comes again', async () => {
  db.on(GetCommand).resolves({ Item: { PK: 'USER#ada' } });
  db.on(GetCommand, { Key: { PK: 'FOLLOWS#bob', SK: 'FOLLOW#ada' } }).rejects(new Error('no'));
  followersAre(['f-01']);
  const events = eventOf({ type: 'followed', follower: 'bob', followee: 'ada' }, deliver(['f-01']));
  expect(await handler(events, context())).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
  expect(written()).toHaveLength(1);
});

test('a message that was not taken by the queue fails the one it is part of', async () => {
  db.on(GetCommand).resolves({ Item: { PK: 'USER#ada' } });
  followersAre(['f-01']);
  queue.on(SendMessageBatchCommand).resolves({ Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }] });
  const message = { type: 'article-deleted', articleId: ARTICLE, authorId: 'ada' };
  expect((await handler(eventOf(message), context())).batchItemFailures).toHaveLength(1);
});

test.each([
  ['no JSON', '{'],
  ['another type', { type: 'profile-created', userId: 'ada' }],
  ['an id missing', { type: 'followed', follower: 'bob' }],
  ['an id that is no UUIDv7', { type: 'article-created', articleId: 'first', authorId: 'ada' }],
  ['a shard that is none', { ...deliver(['f-01']), shard: 9 }],
])('a message with %s fails, for the dead-letter queue', async (_, message) => {
  expect((await handler(eventOf(message), context())).batchItemFailures).toHaveLength(1);
  expect(written()).toEqual([]);
});

test('an article beyond the TTL is not delivered', async () => {
  const articleId = articleAt(NOW - 61 * DAY * 1000);
  db.on(GetCommand).resolves({ Item: { PK: 'USER#ada' } });
  expect(await handler(eventOf({ type: 'article-created', articleId, authorId: 'ada' }), context())).toEqual({
    batchItemFailures: [],
  });
  expect(db.commandCalls(QueryCommand)).toHaveLength(0);
});

test('a follow reads the newest articles within the TTL, and what the feed has of the author', async () => {
  db.on(GetCommand).resolves({ Item: { PK: 'USER#bob' } });
  db.on(QueryCommand, { ScanIndexForward: false }).resolves({ Items: [{ SK: `ARTICLE#${ARTICLE}` }] });
  const gone = articleAt(NOW - 1000);
  db.on(QueryCommand, { TableName: 'feed' }).resolves({ Items: [{ SK: gone }, { SK: ARTICLE }] });
  db.on(QueryCommand, {
    ExpressionAttributeValues: { ':pk': 'AUTHOR#ada', ':first': `ARTICLE#${gone}`, ':last': `ARTICLE#${ARTICLE}` },
  }).resolves({ Items: [{ SK: `ARTICLE#${ARTICLE}` }] });
  await handler(eventOf({ type: 'followed', follower: 'bob', followee: 'ada' }), context());
  const [newest] = db.commandCalls(QueryCommand).map((call) => call.args[0].input);
  expect(newest).toMatchObject({ ConsistentRead: true, Limit: 1000 });
  const oldest = String(newest.ExpressionAttributeValues?.[':oldest']).slice('ARTICLE#'.length);
  expect(Math.abs(creationTime(oldest) - (NOW - 60 * DAY * 1000))).toBeLessThan(60_000);
  expect(written()).toEqual([
    [expect.objectContaining({ PutRequest: expect.anything() as unknown })],
    [{ DeleteRequest: { Key: { PK: 'USER#bob', SK: gone } } }],
  ]);
});

test('an unfollow removes the rows of the author', async () => {
  db.on(GetCommand).resolves({});
  db.on(QueryCommand, { TableName: 'feed' }).resolves({ Items: [{ SK: ARTICLE }] });
  await handler(eventOf({ type: 'unfollowed', follower: 'bob', followee: 'ada' }), context());
  expect(db.commandCalls(QueryCommand)[0].args[0].input).toMatchObject({
    FilterExpression: 'authorId = :author',
    ExpressionAttributeValues: { ':pk': 'USER#bob', ':author': 'ada' },
    ConsistentRead: true,
  });
  expect(written()).toEqual([[{ DeleteRequest: { Key: { PK: 'USER#bob', SK: ARTICLE } } }]]);
});
