import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { startTestEngine, type TestEngine, type TestTables } from '../../../test/support/engine';
import { setEnvironment } from '../../../test/support/function-environment';
import { useLogLines } from '../../../test/support/log-lines';
import { userIdOf } from '../../../test/support/samples';
import { useSentMessages } from '../../../test/support/sent-messages';
import { lowestIdAt } from '../../core/ids';
import { FOLLOW, FOLLOWER } from '../../social-table/entities';
import { articleKey } from '../../social-table/keys';
import { authoredKey, feedKey, pulledKey } from '../keys';

const logged = useLogLines();
const { queue, sent: sentInAll } = useSentMessages();

const ADA = userIdOf(1);
const NOW = Date.now();
const TTL_SECONDS = 60 * 24 * 3600;
const ARTICLE = lowestIdAt(NOW);

let engine: TestEngine;
let tables: TestTables;
let handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

beforeAll(async () => {
  engine = await startTestEngine();
  tables = await engine.tables();
  setEnvironment({
    AWS_ENDPOINT_URL: engine.endpoint,
    TABLE_NAME: tables.social,
    FEED_TABLE_NAME: tables.feed,
    FEED_READ_CAP: '1000',
    FEED_PULL_ABOVE: '10000',
    FEED_TTL_SECONDS: String(TTL_SECONDS),
    QUEUE_URL: 'https://sqs.example/queue',
  });
  // The names of its tables are read as it is loaded.
  ({ handler } = jest.requireActual<typeof import('./index')>('./index'));
});
afterAll(() => engine.close());

beforeEach(() => Promise.all([tables.clear(tables.social), tables.clear(tables.feed)]));

function eventOf(...messages: unknown[]): SQSEvent {
  const Records = messages.map((message, index) => ({
    messageId: `message-${index}`,
    body: typeof message === 'string' ? message : JSON.stringify(message),
    attributes: { ApproximateReceiveCount: '1' },
  }));
  return { Records } as SQSEvent;
}

const context = (remaining = () => 15_000) => ({ getRemainingTimeInMillis: remaining }) as Context;

/** The messages that were sent since this was asked last. */
function sent(): unknown[] {
  const messages = sentInAll();
  queue.resetHistory();
  return messages;
}

/** Users who follow Ada, their edges on one shard. */
async function followersOfAda(count: number): Promise<string[]> {
  const followers = Array.from({ length: count }, (_, n) => userIdOf(4 * n));
  const createdAt = new Date(NOW).toISOString();
  await tables.put(
    tables.social,
    followers.flatMap((follower) => [
      FOLLOW.item([follower, ADA], { createdAt }),
      FOLLOWER.item([ADA, follower], { createdAt }),
    ]),
  );
  return followers;
}

const publish = (articleId = ARTICLE) => tables.put(tables.social, [articleKey(ADA, articleId)]);
const created = (articleId = ARTICLE) => ({ type: 'article-created', articleId, authorId: ADA, tagList: [] });
const done: SQSBatchResponse = { batchItemFailures: [] };

/** Who has the article in their feed, ascending. */
async function delivered(articleId = ARTICLE): Promise<string[]> {
  const rows = await tables.items(tables.feed);
  const mine = rows.filter(({ PK, SK }) => SK === articleId && String(PK).startsWith('USER#'));
  return mine.map(({ PK }) => String(PK).slice('USER#'.length)).sort();
}

test('an article reaches its followers by messages of the worker to itself', async () => {
  const followers = await followersOfAda(501);
  await publish();
  expect(await handler(eventOf(created()), context())).toEqual(done);
  expect(await delivered()).toEqual([]);
  const parts = sent();
  const listedAt: unknown = expect.any(Number);
  const part = { type: 'deliver', articleId: ARTICLE, authorId: ADA, shard: 0, listedAt, writeFirst: true };
  expect(parts).toEqual([
    { ...part, followers: followers.slice(0, 500) },
    { ...part, followers: followers.slice(500) },
  ]);
  expect(await handler(eventOf(...parts), context())).toEqual(done);
  expect(await delivered()).toEqual(followers);
  expect(sent()).toEqual([]);
});

test('what is left of the followers is handed on when time is short', async () => {
  const followers = await followersOfAda(501);
  await publish();
  let asked = 0;
  await handler(
    eventOf(created()),
    context(() => (asked++ === 0 ? 15_000 : 4_999)),
  );
  const messages = sent();
  expect(messages[messages.length - 1]).toEqual({
    type: 'article-created',
    articleId: ARTICLE,
    authorId: ADA,
    from: { shard: 0, after: followers[499], counted: 500 },
  });
});

test('a follow brings in older articles, and an unfollow takes them out', async () => {
  const [bob] = await followersOfAda(1);
  await publish();
  expect(await handler(eventOf({ type: 'followed', follower: bob, followee: ADA }), context())).toEqual(done);
  expect(await delivered()).toEqual([bob]);
  // The graph says what holds: the follow is still there.
  const unfollowed = { type: 'unfollowed', follower: bob, followee: ADA };
  expect(await handler(eventOf(unfollowed), context())).toEqual(done);
  expect(await delivered()).toEqual([bob]);
  await tables.clear(tables.social);
  expect(await handler(eventOf(unfollowed), context())).toEqual(done);
  expect(await delivered()).toEqual([]);
});

test('a deleted article leaves every feed', async () => {
  const followers = await followersOfAda(3);
  await tables.put(
    tables.feed,
    followers.map((follower) => ({ ...feedKey(follower, ARTICLE), authorId: ADA })),
  );
  await handler(eventOf({ type: 'article-deleted', articleId: ARTICLE, authorId: ADA, tagList: [] }), context());
  expect(await handler(eventOf(...sent()), context())).toEqual(done);
  expect(await delivered()).toEqual([]);
});

test('only the message that failed comes again, and the log names it', async () => {
  const [bob] = await followersOfAda(1);
  await publish();
  const answer = await handler(
    eventOf({ type: 'followed', follower: bob }, { type: 'followed', follower: bob, followee: ADA }),
    context(),
  );
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
  expect(await delivered()).toEqual([bob]);
  expect(logged()).toEqual([
    expect.objectContaining({ level: 'ERROR', message: 'message failed', messageId: 'message-0' }),
  ]);
});

test('a chunk that cannot be written does not hold back those beside it, and comes again alone', async () => {
  const followers = await followersOfAda(4);
  await publish();
  const part = { type: 'deliver', articleId: ARTICLE, authorId: ADA, shard: 0, writeFirst: true };
  const chunks = [[followers[0]], [followers[1], followers[1]], [followers[2]], [followers[3]]];
  const answer = await handler(eventOf(...chunks.map((some) => ({ ...part, followers: some }))), context());
  // DynamoDB refuses a batch that has a row twice.
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-1' }] });
  expect(await delivered()).toEqual([followers[0], followers[2], followers[3]]);
});

test('a follower who is gone by then is passed over, and the others of the chunk get the article', async () => {
  const followers = await followersOfAda(3);
  const gone = userIdOf(4 * 99);
  await publish();
  const part = { type: 'deliver', articleId: ARTICLE, authorId: ADA, shard: 0 };
  for (const writeFirst of [true, false]) {
    expect(await handler(eventOf({ ...part, writeFirst, followers: [...followers, gone] }), context())).toEqual(done);
    expect(await delivered()).toEqual(followers);
  }
});

test('an article of an author above the threshold is left to readers, once these know', async () => {
  await followersOfAda(3);
  await publish();
  const since = NOW - 65_000;
  await tables.put(tables.feed, [{ ...pulledKey(ADA), since, pulls: true, expiresAt: NOW + TTL_SECONDS }]);
  expect(await handler(eventOf(created()), context())).toEqual(done);
  expect([sent(), await delivered()]).toEqual([[], []]);
  await expect(tables.item(tables.feed, authoredKey(ADA, ARTICLE))).resolves.toMatchObject({ pulled: true });
  // Three followers are not ten thousand.
  await expect(tables.item(tables.feed, pulledKey(ADA))).resolves.toMatchObject({ pulls: false, since });
});

test('a message that was not taken by the queue fails the one it is part of', async () => {
  await followersOfAda(1);
  await publish();
  queue.on(SendMessageBatchCommand).resolves({ Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }] });
  expect((await handler(eventOf(created()), context())).batchItemFailures).toHaveLength(1);
});

const deliver = { type: 'deliver', articleId: ARTICLE, authorId: ADA, shard: 0, followers: [userIdOf(4)] };
test.each([
  ['no JSON', '{'],
  ['another type', { type: 'profile-created', userId: ADA }],
  ['an id missing', { type: 'followed', follower: ADA }],
  ['an id that is no UUIDv7', { ...created(), articleId: 'first' }],
  ['a shard that is none', { ...deliver, shard: 9 }],
  ['followers that are none', { ...deliver, followers: [] }],
])('a message with %s fails, for the dead-letter queue', async (_, message) => {
  expect((await handler(eventOf(message), context())).batchItemFailures).toHaveLength(1);
  expect(await tables.items(tables.feed)).toEqual([]);
});

test('an article beyond the time to live is not delivered', async () => {
  const articleId = lowestIdAt(NOW - 61 * 24 * 3_600_000);
  await followersOfAda(1);
  await publish(articleId);
  expect(await handler(eventOf(created(articleId)), context())).toEqual(done);
  expect(sent()).toEqual([]);
});
