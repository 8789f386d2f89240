import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { BatchWriteCommand, DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import type { Key } from '../../core/dynamodb';
import {
  articleKey,
  articleTextKey,
  commentKey,
  favoritedByKey,
  favoriteKey,
  tagEdgeKey,
  timelineKey,
} from '../../social-table/keys';

jest.mock('../../core/logger', () => ({ logError: jest.fn() }));

const db = mockClient(DynamoDBDocumentClient);
const queue = mockClient(SQSClient);

const ARTICLE = '0192f0c1-0000-7000-8000-00000000000a';
const OTHER = '0192f0c1-0000-7000-8000-00000000000b';
const DELETED = { type: 'article-deleted', articleId: ARTICLE, authorId: 'ada', tagList: ['dragons', 'training'] };

let handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;
/** The table: enough of DynamoDB for what the clean-up asks of it. */
let items: Map<string, Key>;

const idOf = ({ PK, SK }: Key) => `${PK} ${SK}`;

beforeAll(() => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    TABLE_NAME: 'social',
    QUEUE_URL: 'https://sqs.example/queue',
  });
  ({ handler } = jest.requireActual<typeof import('./index')>('./index'));
});

beforeEach(() => {
  db.reset();
  queue.reset();
  queue.on(SendMessageBatchCommand).resolves({});
  items = new Map();
  db.on(GetCommand).callsFake(({ Key: key }: { Key: Key }) => ({ Item: items.get(idOf(key)) }));
  db.on(QueryCommand).callsFake(
    ({
      ExpressionAttributeValues: values,
      Limit: limit,
    }: {
      ExpressionAttributeValues: Record<string, string>;
      Limit: number;
    }) => ({
      Items: [...items.values()]
        .filter(({ PK, SK }) => PK === values[':pk'] && SK.startsWith(values[':prefix']))
        .slice(0, limit),
    }),
  );
  db.on(BatchWriteCommand).callsFake(
    ({ RequestItems: requests }: { RequestItems: Record<string, { DeleteRequest: { Key: Key } }[]> }) => {
      expect(requests.social.length).toBeLessThanOrEqual(25);
      requests.social.forEach(({ DeleteRequest: request }) => items.delete(idOf(request.Key)));
      return {};
    },
  );
});

const put = (...keys: Key[]) => keys.forEach((key) => items.set(idOf(key), key));

function eventOf(...messages: unknown[]): SQSEvent {
  const Records = messages.map((message, index) => ({
    messageId: `message-${index}`,
    body: JSON.stringify(message),
    attributes: { ApproximateReceiveCount: '1' },
  }));
  return { Records } as SQSEvent;
}

const context = (remaining = () => 60_000) => ({ getRemainingTimeInMillis: remaining }) as Context;

/** All that an article leaves behind. */
function remains(articleId: string, count: number): Key[] {
  const users = Array.from({ length: count }, (_, n) => `user-${n}`);
  return [
    articleTextKey(articleId),
    timelineKey(articleId),
    tagEdgeKey('dragons', articleId),
    tagEdgeKey('training', articleId),
    ...users.flatMap((user) => [favoriteKey(user, articleId), favoritedByKey(articleId, user)]),
    ...users.map((_, n) => commentKey(articleId, n + 1)),
  ];
}

test('a deleted article leaves nothing, however many comments and favorites it had', async () => {
  put(...remains(ARTICLE, 260), ...remains(OTHER, 3));
  expect(await handler(eventOf(DELETED), context())).toEqual({ batchItemFailures: [] });
  expect([...items.keys()].sort()).toEqual(remains(OTHER, 3).map(idOf).sort());
});

test('an article that is still there keeps everything', async () => {
  put(articleKey('ada', ARTICLE), ...remains(ARTICLE, 2));
  await handler(eventOf(DELETED), context());
  expect(items.size).toBe(1 + remains(ARTICLE, 2).length);
});

test('a second delivery finds nothing to do', async () => {
  put(...remains(ARTICLE, 2));
  await handler(eventOf(DELETED), context());
  expect(await handler(eventOf(DELETED), context())).toEqual({ batchItemFailures: [] });
});

test('what does not fit an invocation is handed on, until nothing is left', async () => {
  put(...remains(ARTICLE, 250));
  let rounds = 0;
  let messages: unknown[] = [DELETED];
  while (messages.length > 0) {
    let asked = 0;
    queue.resetHistory();
    // Time is short as soon as the first page is done.
    await handler(
      eventOf(...messages),
      context(() => (asked++ === 0 ? 60_000 : 1_000)),
    );
    messages = queue
      .commandCalls(SendMessageBatchCommand)
      .flatMap((call) => (call.args[0].input.Entries ?? []).map((entry) => JSON.parse(entry.MessageBody ?? '')));
    rounds++;
  }
  expect(items.size).toBe(0);
  expect(rounds).toBeGreaterThan(3);
});

test('a comment that came after its article was deleted is removed, others stay', async () => {
  put(articleKey('ada', OTHER), commentKey(ARTICLE, 1), commentKey(OTHER, 2));
  const comment = { type: 'comment-created', articleAuthorId: 'ada', authorId: 'bob' };
  await handler(
    eventOf({ ...comment, articleId: ARTICLE, commentId: 1 }, { ...comment, articleId: OTHER, commentId: 2 }),
    context(),
  );
  expect([...items.keys()].sort()).toEqual([articleKey('ada', OTHER), commentKey(OTHER, 2)].map(idOf).sort());
});

test('a favorite whose removal breaks off is found again', async () => {
  put(favoriteKey('bob', ARTICLE), favoritedByKey(ARTICLE, 'bob'));
  const remove = (key: Key) => ({ RequestItems: { social: [{ DeleteRequest: { Key: key } }] } });
  db.on(BatchWriteCommand, remove(favoritedByKey(ARTICLE, 'bob'))).rejectsOnce(new Error('broken off'));
  expect((await handler(eventOf(DELETED), context())).batchItemFailures).toHaveLength(1);
  expect(items.has(idOf(favoritedByKey(ARTICLE, 'bob')))).toBe(true);
});

test('reads are consistent', async () => {
  await handler(eventOf(DELETED), context());
  const reads = [...db.commandCalls(GetCommand), ...db.commandCalls(QueryCommand)];
  expect(reads.length).toBeGreaterThan(2);
  expect(reads.every((call) => call.args[0].input.ConsistentRead === true)).toBe(true);
});

test('only the message that failed comes again', async () => {
  const bad = { type: 'article-deleted', articleId: ARTICLE };
  put(...remains(OTHER, 1));
  expect(await handler(eventOf(bad, { ...DELETED, articleId: OTHER }), context())).toEqual({
    batchItemFailures: [{ itemIdentifier: 'message-0' }],
  });
  expect(items.size).toBe(0);
});
