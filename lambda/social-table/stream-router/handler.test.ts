import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { EVENT_SOURCES } from '../../../src/social-table/event-sources';
import { setEnvironment } from '../../../test/support/function-environment';
import { useLogLines } from '../../../test/support/log-lines';
import { useSentMessages } from '../../../test/support/sent-messages';

const logged = useLogLines();
const { queue, sent } = useSentMessages();
const FEED = 'https://sqs.example/feed';
const CLEAN_UP = 'https://sqs.example/clean-up';
const DEAD = 'https://sqs.example/dead';

let handler: (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse>;

beforeAll(() => {
  setEnvironment({
    DEAD_LETTER_QUEUE_URL: DEAD,
    ROUTES: JSON.stringify([
      { queueUrl: FEED, events: ['article-created', 'article-deleted', 'followed', 'unfollowed'] },
      { queueUrl: CLEAN_UP, events: ['article-updated', 'article-deleted', 'comment-created'] },
    ]),
  });
  ({ handler } = jest.requireActual<typeof import('./index')>('./index'));
});

type Attributes = NonNullable<NonNullable<DynamoDBRecord['dynamodb']>['NewImage']>;

function record(
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE',
  entityType: string,
  image: Attributes,
  sequenceNumber = '100',
  keys: Attributes = { PK: { S: 'FOLLOWS#bob' }, SK: { S: 'FOLLOW#ada' } },
): DynamoDBRecord {
  const full = { entityType: { S: entityType }, ...image };
  return {
    eventID: `event-${sequenceNumber}`,
    eventName,
    dynamodb: {
      Keys: keys,
      SequenceNumber: sequenceNumber,
      ...(eventName === 'REMOVE' ? { OldImage: full } : { NewImage: full }),
    },
  };
}

const article: Attributes = {
  articleId: { S: 'article' },
  authorId: { S: 'ada' },
  tagList: { L: [{ S: 'dragons' }, { S: 'training' }] },
  body: { S: 'what nobody needs to be told' },
};
const comment: Attributes = {
  articleId: { S: 'article' },
  articleAuthorId: { S: 'ada' },
  authorId: { S: 'bob' },
  commentId: { N: '4096' },
};

test('each queue gets the events it wants, ids alone', async () => {
  const answer = await handler({
    Records: [
      record('INSERT', 'Article', article, '1'),
      record('REMOVE', 'Article', article, '2'),
      record('INSERT', 'Comment', comment, '3'),
      record('INSERT', 'Follow', {}, '4'),
      record('REMOVE', 'Follow', {}, '5'),
    ],
  });
  expect(answer).toEqual({ batchItemFailures: [] });
  const ids = { articleId: 'article', authorId: 'ada', tagList: ['dragons', 'training'] };
  expect(sent(FEED)).toEqual([
    { type: 'article-created', ...ids },
    { type: 'article-deleted', ...ids },
    { type: 'followed', follower: 'bob', followee: 'ada' },
    { type: 'unfollowed', follower: 'bob', followee: 'ada' },
  ]);
  expect(sent(CLEAN_UP)).toEqual([
    { type: 'article-deleted', ...ids },
    { type: 'comment-created', articleId: 'article', articleAuthorId: 'ada', authorId: 'bob', commentId: 4096 },
  ]);
  expect(sent(DEAD)).toEqual([]);
});

test('what is no event, and events that nobody wants, are passed over', async () => {
  const favorite = { PK: { S: 'FAVORITES#bob' }, SK: { S: 'FAVORITE#article' } };
  const answer = await handler({
    Records: [
      record('MODIFY', 'Article', article),
      record('INSERT', 'TagCount', {}),
      record('INSERT', 'Favorite', {}, '7', favorite),
      record('MODIFY', 'Profile', article),
    ],
  });
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(queue.commandCalls(SendMessageBatchCommand)).toHaveLength(0);
});

test.each([
  [['dragons', 'training'], ['dragons', 'training'], []],
  [['dragons'], ['training', 'flying'], ['dragons', 'training', 'flying']],
  [[], ['training'], ['training']],
  [['training'], [], ['training']],
])('a change from tags %j to %j tells of %j', async (before, after, changedTags) => {
  const tagList = (tags: string[]) => ({ ...article, tagList: { L: tags.map((S) => ({ S })) } });
  const changed = record('MODIFY', 'ArticleText', tagList(after));
  await handler({ Records: [{ ...changed, dynamodb: { ...changed.dynamodb, OldImage: tagList(before) } }] });
  expect(sent(CLEAN_UP)).toEqual([{ type: 'article-updated', articleId: 'article', authorId: 'ada', changedTags }]);
});

test('messages go ten at a time', async () => {
  await handler({ Records: Array.from({ length: 23 }, (_, n) => record('INSERT', 'Follow', {}, String(n))) });
  const sizes = queue.commandCalls(SendMessageBatchCommand).map((call) => call.args[0].input.Entries?.length);
  expect(sizes).toEqual([10, 10, 3]);
});

test('large messages go in batches that SQS takes', async () => {
  const large = { ...article, tagList: { L: [{ S: 'x'.repeat(100_000) }] } };
  await handler({ Records: [1, 2, 3].map((n) => record('INSERT', 'Article', large, String(n))) });
  const sizes = queue.commandCalls(SendMessageBatchCommand).map((call) => call.args[0].input.Entries?.length);
  expect(sizes).toEqual([2, 1]);
});

test('tags stored as a set are a list to consumers', async () => {
  await handler({ Records: [record('INSERT', 'Article', { ...article, tagList: { SS: ['dragons'] } })] });
  expect(sent(FEED)).toMatchObject([{ tagList: ['dragons'] }]);
});

describe('faults', () => {
  test('the stream is read again from the lowest record that was not sent', async () => {
    const records = ['99', '100000000000000000001', '100000000000000000002'].map((n) =>
      record('INSERT', 'Follow', {}, n),
    );
    queue.on(SendMessageBatchCommand).resolves({
      Failed: ['2', '1'].map((Id) => ({ Id, Code: 'InternalError', SenderFault: false })),
    });
    expect(await handler({ Records: records })).toEqual({
      batchItemFailures: [{ itemIdentifier: '100000000000000000001' }],
    });
  });

  test('a queue that does not answer has its records read again, and the other queue has got its own', async () => {
    queue.on(SendMessageBatchCommand, { QueueUrl: FEED }).rejects(new Error('no'));
    const answer = await handler({
      Records: [record('INSERT', 'Comment', comment, '1'), record('INSERT', 'Follow', {}, '2')],
    });
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
    expect(sent(CLEAN_UP)).toHaveLength(1);
  });

  test.each<[string, DynamoDBRecord]>([
    ['an id', record('INSERT', 'Article', { articleId: { S: 'article' } }, '7')],
    ['a number', record('INSERT', 'Comment', { ...comment, commentId: { S: '4096' } }, '7')],
    ['a key', record('INSERT', 'Follow', {}, '7', { PK: { S: 'SLUG#x' }, SK: { S: 'GUARD' } })],
    ['a list', record('INSERT', 'Article', { ...article, tagList: { L: [{ N: '1' }] } }, '7')],
    ['an image', { eventName: 'INSERT', dynamodb: { Keys: { PK: { S: 'x' } }, SequenceNumber: '7' } }],
  ])('a record without %s that it must have goes to the dead-letter queue and holds up none', async (_, bad) => {
    const answer = await handler({ Records: [bad, record('INSERT', 'Follow', {}, '8')] });
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(sent(FEED)).toHaveLength(1);
    expect(sent(DEAD)).toEqual([
      expect.objectContaining({ type: 'unroutable-record', sequenceNumber: '7', keys: bad.dynamodb?.Keys }),
    ]);
    expect(JSON.stringify(sent(DEAD))).not.toContain('article');
    expect(logged()).toEqual([
      expect.objectContaining({ level: 'ERROR', message: 'record cannot be routed', sequenceNumber: '7' }),
    ]);
    expect(JSON.stringify(logged())).not.toMatch(/dragons|what nobody/);
  });

  test('a message that its queue will never take goes to the dead-letter queue', async () => {
    queue.on(SendMessageBatchCommand, { QueueUrl: FEED }).resolves({
      Failed: [{ Id: '0', Code: 'InvalidMessageContents', SenderFault: true }],
    });
    expect(await handler({ Records: [record('INSERT', 'Follow', {}, '7')] })).toEqual({ batchItemFailures: [] });
    expect(sent(DEAD)).toMatchObject([{ sequenceNumber: '7' }]);
  });

  test('a record is not lost where the dead-letter queue fails as well', async () => {
    queue.on(SendMessageBatchCommand, { QueueUrl: DEAD }).rejects(new Error('no'));
    expect(await handler({ Records: [record('INSERT', 'Article', {}, '7')] })).toEqual({
      batchItemFailures: [{ itemIdentifier: '7' }],
    });
  });
});

test.each(Object.entries(EVENT_SOURCES))('%s is read from its record', async (type, { eventName, entityType }) => {
  const { toMessage } = jest.requireActual<typeof import('./record')>('./record');
  const keys = entityType === 'Favorite' ? { PK: { S: 'FAVORITES#bob' }, SK: { S: 'FAVORITE#article' } } : undefined;
  const ids = { userId: { S: 'bob' }, postId: { S: 'post' }, tagId: { S: 'tag' }, ownerId: { S: 'bob' } };
  const image = { ...article, ...comment, ...ids };
  expect(toMessage(record(eventName, entityType, image, '1', keys))).toMatchObject({ type });
});
