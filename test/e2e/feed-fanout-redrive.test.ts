import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteMessageCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { startApp } from '../../local/runner';
import type { RunningApp } from '../../local/running-app';
import { assemblyOf } from '../support/assemblies';

/** Dead letters of FeedFanout, and what docs/operations.md says of them: mend what failed, then send them back. */

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), 'redrive-'));
const assembly = join(folder, 'cdk.out');
const template = join(assembly, 'Feed.template.json');
const WORKER_QUEUE = 'Feed/Fanout/Source/Worker/Queue';
const DEAD_LETTERS = 'Feed/Fanout/Source/Worker/DeadLetterQueue';
const ROUTER_DEAD_LETTERS = 'Feed/Fanout/Source/DeadLetterQueue';

let mended: string;
let app: RunningApp;
let db: DynamoDBDocumentClient;
let sqs: SQSClient;

async function start(): Promise<void> {
  app = await startApp({ assembly, dataDir: join(folder, 'data'), port: 0, maxProcesses: 2, log: () => undefined });
  db = DynamoDBDocumentClient.from(new DynamoDBClient(app.aws));
  sqs = new SQSClient({ ...app.aws, maxAttempts: 1 });
}
async function stop(): Promise<void> {
  db?.destroy();
  sqs?.destroy();
  await app?.close();
}

beforeAll(async () => {
  cpSync(await assemblyOf('feed'), assembly, { recursive: true });
  const text = readFileSync(template, 'utf8');
  // Two receives in the place of those of an hour.
  mended = text.replace('"maxReceiveCount": 120', '"maxReceiveCount": 2');
  // A worker that may not write into feeds.
  const broken = mended.replace('"dynamodb:BatchWriteItem",', '');
  expect(new Set([text, mended, broken]).size).toBe(3);
  writeFileSync(template, broken);
  await start();
}, 180_000);
afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true });
}, 60_000);

interface Post {
  readonly id: string;
}

async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  const url = `${String(app.outputs.Feed.Url)}/users/${path}`;
  const answer = await fetch(url, { method, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
const follow = (follower: string, followee: string) => ask('PUT', `${follower}/follows/${followee}`);
const unfollow = (follower: string, followee: string) => ask('DELETE', `${follower}/follows/${followee}`);
const publish = async (author: string) => ((await ask('POST', `${author}/posts`, { text: 'x' })) as Post).id;
const remove = (author: string, id: string) => ask('DELETE', `${author}/posts/${id}`);

/** All pages of a feed, one by one. */
async function feedOf(user: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor = '';
  do {
    const page = (await ask('GET', `${user}/feed?limit=1${cursor && `&cursor=${cursor}`}`)) as {
      readonly posts: readonly Post[];
      readonly cursor?: string;
    };
    ids.push(...page.posts.map(({ id }) => id));
    cursor = page.cursor ?? '';
  } while (cursor !== '');
  return ids;
}
const feedsOf = async (users: readonly string[]) =>
  Object.fromEntries(await Promise.all(users.map(async (user) => [user, await feedOf(user)] as const)));

const feedTable = () => app.physicalId('Feed/Fanout/Feed');
/** The rows of all feeds, as follower and post. */
async function rows(): Promise<string[]> {
  const { Items = [] } = await db.send(new ScanCommand({ TableName: feedTable(), ConsistentRead: true }));
  const ofFeeds = Items.filter(({ PK }) => String(PK).startsWith('USER#'));
  return ofFeeds.map(({ PK, SK }) => `${String(PK).slice('USER#'.length)} ${String(SK)}`).sort();
}

const arnOf = (queue: string) => `arn:aws:sqs:${app.aws.region}:000000000000:${app.physicalId(queue).split('/').pop()}`;
async function letters(queue: string) {
  const input = { QueueUrl: app.physicalId(queue), MaxNumberOfMessages: 10, VisibilityTimeout: 0 };
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(input));
  return Messages.map(({ Body = '', ReceiptHandle }) => ({
    ...(JSON.parse(Body) as { readonly type: string; readonly keys?: unknown }),
    ReceiptHandle,
  }));
}
/** Sends back what is in a dead-letter queue, and waits for all that comes of it. */
async function redrive(queue: string): Promise<unknown> {
  const SourceArn = arnOf(queue);
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn }));
  await app.idle();
  const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn }));
  return Results?.[0];
}

const readers = Array.from({ length: 30 }, (_, n) => `reader-${n}`);

test('what failed goes back when it is mended: feeds are whole, no post is there twice, and what went stays gone', async () => {
  for (const reader of readers) await follow(reader, 'ada');
  await app.idle();
  const [first, second, third] = [await publish('ada'), await publish('ada'), await publish('ada')];
  await app.idle();
  await follow('late', 'ada');
  await app.idle();
  const failed = await letters(DEAD_LETTERS);
  expect(failed.map(({ type }) => type).sort()).toEqual(['deliver', 'deliver', 'deliver', 'followed']);
  expect(await rows()).toEqual([]);

  // Nothing comes back by itself, and meanwhile life goes on.
  await stop();
  writeFileSync(template, mended);
  await start();
  await unfollow('reader-0', 'ada');
  await remove('ada', second);
  const fourth = await publish('ada');
  await app.idle();
  expect(await feedsOf(['reader-0', 'reader-1', 'late'])).toEqual({
    'reader-0': [],
    'reader-1': [fourth],
    late: [fourth],
  });

  expect(await redrive(DEAD_LETTERS)).toMatchObject({
    Status: 'COMPLETED',
    ApproximateNumberOfMessagesMoved: 4,
    ApproximateNumberOfMessagesToMove: 4,
  });
  expect(await letters(DEAD_LETTERS)).toEqual([]);
  const following = [...readers.slice(1), 'late'];
  const whole = Object.fromEntries(following.map((reader) => [reader, [fourth, third, first]]));
  expect(await feedsOf([...following, 'reader-0'])).toEqual({ ...whole, 'reader-0': [] });
  const wanted = following.flatMap((reader) => [first, third, fourth].map((id) => `${reader} ${id}`));
  expect(await rows()).toEqual(wanted.sort());

  // A row whose record was lost: its event is sent by hand, and all else is as it was.
  await db.send(new DeleteCommand({ TableName: feedTable(), Key: { PK: 'USER#late', SK: third } }));
  expect(await feedOf('late')).toEqual([fourth, first]);
  const event = JSON.stringify({ type: 'article-created', authorId: 'ada', articleId: third });
  await sqs.send(new SendMessageCommand({ QueueUrl: app.physicalId(WORKER_QUEUE), MessageBody: event }));
  await app.idle();
  expect(await rows()).toEqual(wanted.sort());
});

test('what makes no sense fails again when it is sent back, alone, and is deleted', async () => {
  const before = await rows();
  const QueueUrl = app.physicalId(WORKER_QUEUE);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"type":"nonsense"}' }));
  const post = await publish('bob');
  await app.idle();
  for (const _ of ['as it came', 'again']) {
    expect(await letters(DEAD_LETTERS)).toMatchObject([{ type: 'nonsense' }]);
    expect(await redrive(DEAD_LETTERS)).toMatchObject({ Status: 'COMPLETED' });
  }
  const [{ ReceiptHandle }] = await letters(DEAD_LETTERS);
  await sqs.send(new DeleteMessageCommand({ QueueUrl: app.physicalId(DEAD_LETTERS), ReceiptHandle }));
  expect(await letters(DEAD_LETTERS)).toEqual([]);
  await remove('bob', post);
  await app.idle();
  expect(await rows()).toEqual(before);
});

test('a record that could not be routed cannot be sent back: the queue is no dead-letter queue of another', async () => {
  const Item = { author: 'eve', id: 'an id without a time' };
  await db.send(new PutCommand({ TableName: app.physicalId('Feed/Posts'), Item }));
  await app.idle();
  expect(await letters(ROUTER_DEAD_LETTERS)).toMatchObject([
    { type: 'unroutable-record', keys: { author: { S: 'eve' }, id: { S: 'an id without a time' } } },
  ]);
  await expect(redrive(ROUTER_DEAD_LETTERS)).rejects.toMatchObject({
    name: 'InvalidParameterValue',
    message: 'Source queue must be configured as a Dead Letter Queue.',
  });
});
