import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { parseMessage } from './messages';
import { CleanUpRepository } from './repository';
import { handleMessage } from './use-case';
import { startTestEngine, type TestEngine, type TestTables, weakReads } from '../../../test/support/engine';
import { useLogLines } from '../../../test/support/log-lines';
import type { Key } from '../../core/dynamodb';
import {
  articleKey,
  articleTextKey,
  authorTagKey,
  commentKey,
  favoritedByKey,
  favoriteKey,
  tagEdgeKey,
  timelineKey,
} from '../../social-table/keys';

const queue = mockClient(SQSClient);

const ARTICLE = '0192f0c1-0000-7000-8000-00000000000a';
const OTHER = '0192f0c1-0000-7000-8000-00000000000b';
const DELETED = { type: 'article-deleted', articleId: ARTICLE, authorId: 'ada', tagList: ['dragons', 'training'] };

let handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;
let engine: TestEngine;
let tables: TestTables;
const logged = useLogLines();

const idOf = ({ PK, SK }: Key) => `${PK} ${SK}`;

beforeAll(async () => {
  engine = await startTestEngine();
  tables = await engine.tables();
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
    TABLE_NAME: tables.social,
    QUEUE_URL: 'https://sqs.example/queue',
    WRITE_SHARDS: '4',
  });
  ({ handler } = jest.requireActual<typeof import('./index')>('./index'));
});

afterAll(() => engine.close());

beforeEach(async () => {
  await tables.clear(tables.social);
  tables.calls.length = 0;
  tables.before = () => undefined;
  queue.reset();
  queue.on(SendMessageBatchCommand).resolves({});
});

const put = (...keys: Key[]) => tables.put(tables.social, keys);
/** What is in the table. */
const left = async () => (await tables.items(tables.social)).map(({ PK, SK }) => idOf({ PK, SK } as Key)).sort();

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
    // When it was written, there were two shards.
    timelineKey(articleId, 2),
    tagEdgeKey('dragons', articleId),
    tagEdgeKey('training', articleId),
    authorTagKey('ada', 'dragons', articleId),
    authorTagKey('ada', 'training', articleId),
    ...users.flatMap((user) => [favoriteKey(user, articleId), favoritedByKey(articleId, user)]),
    ...users.map((_, n) => commentKey(articleId, n + 1)),
  ];
}

test('a deleted article leaves nothing, however many comments and favorites it had', async () => {
  await put(...remains(ARTICLE, 260), ...remains(OTHER, 3));
  expect(await handler(eventOf(DELETED), context())).toEqual({ batchItemFailures: [] });
  expect(await left()).toEqual(remains(OTHER, 3).map(idOf).sort());
});

test('an article that is still there keeps everything', async () => {
  await put(articleKey('ada', ARTICLE), ...remains(ARTICLE, 2));
  await handler(eventOf(DELETED), context());
  expect(await left()).toHaveLength(1 + remains(ARTICLE, 2).length);
});

test('a second delivery finds nothing to do', async () => {
  await put(...remains(ARTICLE, 2));
  await handler(eventOf(DELETED), context());
  expect(await handler(eventOf(DELETED), context())).toEqual({ batchItemFailures: [] });
});

test('what does not fit an invocation is handed on, until nothing is left', async () => {
  await put(...remains(ARTICLE, 250));
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
  expect(await left()).toEqual([]);
  expect(rounds).toBeGreaterThan(3);
});

test('a comment that came after its article was deleted is removed, others stay', async () => {
  await put(articleKey('ada', OTHER), commentKey(ARTICLE, 1), commentKey(OTHER, 2));
  const comment = { type: 'comment-created', articleAuthorId: 'ada', authorId: 'bob' };
  await handler(
    eventOf({ ...comment, articleId: ARTICLE, commentId: 1 }, { ...comment, articleId: OTHER, commentId: 2 }),
    context(),
  );
  expect(await left()).toEqual([articleKey('ada', OTHER), commentKey(OTHER, 2)].map(idOf).sort());
});

describe('edges by author and tag', () => {
  const CREATED = { ...DELETED, type: 'article-created' };
  const article = (...tagList: string[]) => ({ ...articleKey('ada', ARTICLE), tagList });
  const edge = (tag: string) => authorTagKey('ada', tag, ARTICLE);
  const run = async (...messages: unknown[]) =>
    expect(await handler(eventOf(...messages), context())).toEqual({ batchItemFailures: [] });

  test('follow a new article, however often its message comes', async () => {
    await put(article('dragons', 'training'));
    await run(CREATED);
    await run(CREATED, CREATED);
    expect(await left()).toEqual([articleKey('ada', ARTICLE), edge('dragons'), edge('training')].map(idOf).sort());
  });

  test('are those of now where the message comes after a change of tags, whose transaction wrote its own', async () => {
    await put(article('training', 'flying'), edge('training'), edge('flying'));
    await run(CREATED);
    expect(await left()).toEqual([articleKey('ada', ARTICLE), edge('training'), edge('flying')].map(idOf).sort());
  });

  test('go where the article is gone, whichever message comes first', async () => {
    for (const messages of [[CREATED, DELETED], [DELETED, CREATED], [CREATED]]) {
      await put(edge('dragons'), edge('training'));
      for (const message of messages) await run(message);
      expect(await left()).toEqual([]);
    }
  });

  test('follow a change of more tags than a transaction takes', async () => {
    await put(article('training', 'flying'), edge('dragons'), edge('training'));
    await run({ ...CREATED, type: 'article-updated', changedTags: ['dragons', 'flying'] });
    expect(await left()).toEqual([articleKey('ada', ARTICLE), edge('training'), edge('flying')].map(idOf).sort());
  });
});

describe('the work on one message', () => {
  const work = (message: unknown = DELETED) =>
    handleMessage(
      {
        store: new CleanUpRepository(tables.db, tables.social, 4),
        send: () => Promise.reject(new Error('nothing is to be handed on')),
        timeIsShort: () => false,
      },
      parseMessage(message),
    );

  test('that breaks off at a favorite finds it again', async () => {
    await put(favoriteKey('bob', ARTICLE), favoritedByKey(ARTICLE, 'bob'));
    const found = idOf(favoritedByKey(ARTICLE, 'bob'));
    tables.before = ({ input }) => {
      if (
        JSON.stringify(input).includes('DeleteRequest') &&
        JSON.stringify(input).includes(favoritedByKey(ARTICLE, 'bob').PK)
      ) {
        throw new Error('broken off');
      }
    };
    await expect(work()).rejects.toThrow('broken off');
    expect(await left()).toEqual([found]);
    tables.before = () => undefined;
    await work();
    expect(await left()).toEqual([]);
  });

  test('that leaves the tags as they were is no call', async () => {
    await work({ ...DELETED, type: 'article-updated', changedTags: [] });
    expect(tables.calls).toEqual([]);
  });

  test('reads with strong consistency', async () => {
    await put(...remains(ARTICLE, 1));
    await work({ ...DELETED, type: 'article-created' });
    await work();
    expect(tables.calls.length).toBeGreaterThan(4);
    expect(weakReads(tables.calls)).toEqual([]);
  });
});

test('only the message that failed comes again', async () => {
  const bad = { type: 'article-deleted', articleId: ARTICLE };
  await put(...remains(OTHER, 1));
  expect(await handler(eventOf(bad, { ...DELETED, articleId: OTHER }), context())).toEqual({
    batchItemFailures: [{ itemIdentifier: 'message-0' }],
  });
  expect(logged()).toEqual([expect.objectContaining({ level: 'ERROR', messageId: 'message-0' })]);
  expect(await left()).toEqual([]);
});
