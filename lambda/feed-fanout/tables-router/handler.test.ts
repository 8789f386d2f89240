import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { toMessage } from './record';
import { setEnvironment } from '../../../test/support/function-environment';
import { useLogLines } from '../../../test/support/log-lines';
import { useSentMessages } from '../../../test/support/sent-messages';
import { lowestIdAt } from '../../core/ids';
import { feedSource } from '../source';

const logged = useLogLines();
const { queue, sent } = useSentMessages();
const WORKER = 'https://sqs.example/worker';
const DEAD = 'https://sqs.example/dead';
const UUID = lowestIdAt(Date.UTC(2026, 0, 1));
const ULID = '01KDVDN6000123456789ABCDEF';

type Handler = (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse>;
type Keys = NonNullable<NonNullable<DynamoDBRecord['dynamodb']>['Keys']>;

let handler: Handler;

const plain = (attribute: string) => ({ attribute, prefix: '' });

const TWO_TABLES = {
  items: { tableName: 'posts', partition: plain('author'), sort: plain('id') },
  followers: { tableName: 'follows', partition: plain('followee'), sort: plain('follower') },
};

/** As in designs of one table: what there is of a user lies together. */
const ONE_TABLE = {
  items: {
    tableName: 'all',
    partition: { attribute: 'PK', prefix: 'USER#' },
    sort: { attribute: 'SK', prefix: 'POST#' },
  },
  followers: {
    tableName: 'all',
    partition: { attribute: 'PK', prefix: 'USER#' },
    sort: { attribute: 'SK', prefix: 'FOLLOWER#' },
  },
};

beforeAll(() => {
  setEnvironment({
    DEAD_LETTER_QUEUE_URL: DEAD,
    ROUTES: JSON.stringify([
      { queueUrl: WORKER, events: ['article-created', 'article-deleted', 'followed', 'unfollowed'] },
    ]),
    FEED_SOURCE: JSON.stringify(TWO_TABLES),
  });
  ({ handler } = jest.requireActual<{ handler: Handler }>('./index'));
});

let sequence = 0;
function record(eventName: 'INSERT' | 'MODIFY' | 'REMOVE', table: string, keys?: Keys): DynamoDBRecord {
  return {
    eventID: `event-${++sequence}`,
    eventName,
    eventSourceARN: `arn:aws:dynamodb:eu-west-1:1:table/${table}/stream/2026-01-01T00:00:00.000`,
    dynamodb: { Keys: keys, SequenceNumber: String(sequence) },
  };
}
const textKeys = (keys: Readonly<Record<string, string>>): Keys =>
  Object.fromEntries(Object.entries(keys).map(([name, S]) => [name, { S }]));
const post = (author: string, id: string) => textKeys({ author, id });
const follow = (followee: string, follower: string) => textKeys({ followee, follower });

test('items and followers that come and go are told, by their keys alone', async () => {
  const answer = await handler({
    Records: [
      record('INSERT', 'posts', post('ada', UUID)),
      record('REMOVE', 'posts', post('bob', ULID)),
      record('INSERT', 'follows', follow('ada', 'bob')),
      record('REMOVE', 'follows', follow('ada', 'eve')),
    ],
  });
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(sent(WORKER)).toEqual([
    { type: 'article-created', authorId: 'ada', articleId: UUID },
    { type: 'article-deleted', authorId: 'bob', articleId: ULID },
    { type: 'followed', followee: 'ada', follower: 'bob' },
    { type: 'unfollowed', followee: 'ada', follower: 'eve' },
  ]);
  expect(sent(DEAD)).toEqual([]);
});

test('what is written anew is passed over', async () => {
  await handler({ Records: [record('MODIFY', 'posts', post('ada', UUID)), record('MODIFY', 'posts')] });
  expect(queue.commandCalls(SendMessageBatchCommand)).toEqual([]);
});

test('in one table, kinds are told apart by prefixes, and what is neither is passed over', () => {
  const read = (PK: string, SK: string, table = 'all') =>
    toMessage(ONE_TABLE, record('INSERT', table, textKeys({ PK, SK })));
  expect(read('USER#ada', `POST#${UUID}`)).toEqual({ type: 'article-created', authorId: 'ada', articleId: UUID });
  expect(read('USER#ada', 'FOLLOWER#bob')).toEqual({ type: 'followed', followee: 'ada', follower: 'bob' });
  expect(read('USER#ada', 'PROFILE')).toBeUndefined();
  expect(read('TAG#dragons', `POST#${UUID}`)).toBeUndefined();
  expect(read('USER#ada', `POST#${UUID}`, 'another')).toBeUndefined();
  expect(() => read('USER#', 'FOLLOWER#bob')).toThrow('needs followee');
});

test.each<[string, DynamoDBRecord, string]>([
  ['an id that has no time', record('INSERT', 'posts', post('ada', 'first')), 'must be a UUIDv7 or a ULID'],
  ['a UUID of another version', record('INSERT', 'posts', post('ada', UUID.replace('-7', '-4'))), 'must be a UUIDv7'],
  ['an id in another case', record('INSERT', 'posts', post('ada', ULID.toLowerCase())), 'must be a UUIDv7 or a ULID'],
  ['an author whose id is too long', record('INSERT', 'posts', post('a'.repeat(257), UUID)), 'needs authorId'],
  ['a follower whose id is too long', record('INSERT', 'follows', follow('ada', 'b'.repeat(257))), 'needs follower'],
  [
    'a key that is a number',
    record('INSERT', 'posts', { author: { S: 'ada' }, id: { N: '1' } }),
    'key id must be a text',
  ],
  ['a record without keys', record('INSERT', 'posts'), 'keys, stream and kind of change must be there'],
])('%s goes to the dead-letter queue alone, and is not logged', async (_, unreadable, reason) => {
  const good = record('INSERT', 'follows', follow('ada', 'bob'));
  const answer = await handler({ Records: [unreadable, good] });
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(sent(WORKER)).toEqual([{ type: 'followed', followee: 'ada', follower: 'bob' }]);
  expect(sent(DEAD)).toEqual([
    expect.objectContaining({ type: 'unroutable-record', sequenceNumber: unreadable.dynamodb?.SequenceNumber }),
  ]);
  expect(() => toMessage(TWO_TABLES, unreadable)).toThrow(reason);
  expect(logged()).toMatchObject([{ message: 'record cannot be routed' }]);
  expect(JSON.stringify(logged())).not.toMatch(/aaaa|bbbb/);
});

test('what the queue does not take now is read again from there', async () => {
  queue.on(SendMessageBatchCommand, { QueueUrl: WORKER }).resolves({
    Failed: [{ Id: '1', SenderFault: false, Code: 'ServiceUnavailable' }],
  });
  const records = ['bob', 'eve', 'joe'].map((follower) => record('INSERT', 'follows', follow('ada', follower)));
  await expect(handler({ Records: records })).resolves.toEqual({
    batchItemFailures: [{ itemIdentifier: records[1].dynamodb?.SequenceNumber }],
  });
  expect(sent(DEAD)).toEqual([]);
});

test('a description that lacks something is refused by its name', () => {
  const whole = process.env.FEED_SOURCE;
  process.env.FEED_SOURCE = JSON.stringify({ items: TWO_TABLES.items });
  expect(feedSource).toThrow('followers');
  process.env.FEED_SOURCE = whole;
  expect(feedSource()).toEqual(TWO_TABLES);
});
