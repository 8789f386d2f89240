/**
 * `npm run bench:feed`, on DynamoDB Local: one author with 100,000 followers posts, 1,000 more follow, 1,000 unfollow, the
 * article is deleted; then whose feed has it is compared with who follows. Beside it, in the same run and interleaved, a
 * bare loop of BatchWriteItem that writes as many rows: rows a second, the processor's time for each batch of 25, memory.
 */
import { performance } from 'node:perf_hooks';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  DynamoDBClient,
  ScanCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { SQSEvent } from 'aws-lambda';
import { keep } from './keep';
import { atMost, compared, type Figure } from './results';
import { clientConfig } from '../lambda/core/client-config';
import { lowestIdAt } from '../lambda/core/ids';
import { forEachMessage } from '../lambda/core/sqs-batch';
import { parseMessage } from '../lambda/feed-fanout/worker/messages';
import { FeedRepository } from '../lambda/feed-fanout/worker/repository';
import { handleMessage } from '../lambda/feed-fanout/worker/use-case';
import { ProfileRepository } from '../lambda/realworld-api/repository/profiles';
import { articleKey, followerKey, followKey } from '../lambda/social-table/keys';
import { startEngine } from '../local/dynamodb/engine';
import { findDynamoDbLocal, requireDynamoDbJava } from '../scripts/dynamodb-local';
import { SCHEMAS } from '../test/support/engine';

const FOLLOWERS = Number(process.env.FOLLOWERS ?? 100_000);
const ROUNDS = Number(process.env.ROUNDS ?? 9);
/** Of a bare client's, what a batch may take of the processor. */
const MOST_CPU = 1.2;
/** Followers of the author of the rounds in which the processor's time is compared. */
const FEW = 10_000;
const MORE = 1_000;
/** A worker gets ten messages at a time, and has four batches of each under way. */
const MESSAGES = 10;
const UNDER_WAY = 40;
const TTL_SECONDS = 60 * 24 * 3600;

const write = (line: string) => process.stdout.write(`${line}\n`);
const number = (value: number) => Math.round(value).toLocaleString('en-US');
const uuid = (kind: string, n: number) => `${kind.padStart(8, '0')}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
const userId = (n: number) => uuid('a', n);
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

interface Taken {
  readonly seconds: number;
  /** Of this process: milliseconds of the processor. */
  readonly cpu: number;
  /** The highest that was seen, above where it began, in MB. */
  readonly memory: number;
}

async function take(work: () => Promise<unknown>): Promise<Taken> {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  const [began, used] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(used);
  const seconds = (performance.now() - began) / 1000;
  clearInterval(watch);
  return { seconds, cpu: (user + system) / 1000, memory: (Math.max(peak, process.memoryUsage.rss()) - before) / 1e6 };
}

/** So many at a time. */
async function sideBySide<T>(count: number, list: Iterable<T>, work: (one: T) => Promise<unknown>): Promise<void> {
  const rest = list[Symbol.iterator]();
  const consume = async () => {
    for (let next = rest.next(); !next.done; next = rest.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: count }, consume));
}

function* batchesOf<T>(count: number, make: (n: number) => T): Generator<T[]> {
  for (let start = 0; start < count; start += 25) {
    yield Array.from({ length: Math.min(25, count - start) }, (_, n) => make(start + n));
  }
}

/** The bare loop: nothing but batches, made as they are sent. */
function bare(client: DynamoDBClient, table: string, count: number, make: (n: number) => WriteRequest): Promise<void> {
  return sideBySide(UNDER_WAY, batchesOf(count, make), (rows) =>
    client.send(new BatchWriteItemCommand({ RequestItems: { [table]: rows } })),
  );
}

const put = (item: Record<string, AttributeValue>): WriteRequest => ({ PutRequest: { Item: item } });
const keyOf = ({ PK, SK }: { PK: string; SK: string }) => ({ PK: { S: PK }, SK: { S: SK } });

/** A worker with its queue: as many messages at a time as its event source gives it. */
class Worker {
  private readonly queue: string[] = [];
  public readonly failed: string[] = [];
  public messages = 0;

  public constructor(private readonly store: FeedRepository) {}

  public async run(messages: readonly object[]): Promise<void> {
    this.queue.push(...messages.map((message) => JSON.stringify(message)));
    while (this.queue.length > 0) {
      const bodies = this.queue.splice(0, MESSAGES);
      this.messages += bodies.length;
      const records = bodies.map((body, place) => ({ body, messageId: String(place), attributes: {} }));
      const { batchItemFailures } = await forEachMessage({ Records: records } as unknown as SQSEvent, (body) =>
        handleMessage(
          {
            store: this.store,
            readCap: 1000,
            ttlSeconds: TTL_SECONDS,
            // Everybody is pushed to.
            pullAbove: 10_000_000,
            now: () => Date.now(),
            send: async (more) => void this.queue.push(...more.map((message) => JSON.stringify(message))),
            timeIsShort: () => false,
          },
          parseMessage(body),
        ),
      );
      this.failed.push(...batchItemFailures.map(({ itemIdentifier }) => bodies[Number(itemIdentifier)]));
    }
  }
}

/** Users in whose feeds an article is. */
async function readersOf(client: DynamoDBClient, articleId: string): Promise<string[]> {
  const found: string[] = [];
  const segments = Array.from({ length: 4 }, (_, segment) => segment);
  await sideBySide(4, segments, async (Segment) => {
    let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
    do {
      const page = await client.send(
        new ScanCommand({ TableName: 'feed', ConsistentRead: true, Segment, TotalSegments: 4, ExclusiveStartKey }),
      );
      for (const item of page.Items ?? []) {
        const { PK, SK } = item as { PK: { S: string }; SK: { S: string } };
        if (SK.S === articleId && PK.S.startsWith('USER#')) found.push(PK.S.slice('USER#'.length));
      }
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
  });
  return found;
}

async function main(): Promise<void> {
  requireDynamoDbJava();
  process.env.DYNAMODB_LOCAL_DIR = findDynamoDbLocal();
  const engine = await startEngine({ wanted: 'dynamodb-local' });
  try {
    Object.assign(process.env, {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_ENDPOINT_URL: engine.client.url.href,
    });
    for (const [name, schema] of Object.entries({ social: SCHEMAS.social, feed: SCHEMAS.feed, bare: SCHEMAS.feed })) {
      await engine.client.call('CreateTable', { TableName: name, ...schema });
    }
    await bench();
  } finally {
    await engine.close();
  }
}

async function bench(): Promise<void> {
  // One machine is the engine as well: it answers later than DynamoDB does.
  const client = new DynamoDBClient({ ...clientConfig(), requestHandler: { socketTimeout: 60_000 } });
  const db = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  const store = new FeedRepository({
    db,
    social: 'social',
    wire: new DynamoDBClient({ ...clientConfig(), requestHandler: client.config.requestHandler, cacheMiddleware: true }),
    feed: 'feed',
    ttlSeconds: TTL_SECONDS,
    now: () => Date.now(),
  });
  const worker = new Worker(store);
  const [author, fewAuthor] = [uuid('b', 1), uuid('b', 2)];
  const createdAt = { S: new Date().toISOString() };
  const followed = async (followee: string, count: number) => {
    await bare(client, 'social', count, (n) => put({ ...keyOf(followerKey(followee, userId(n))), createdAt }));
  };
  await followed(fewAuthor, FEW);
  await followed(author, FOLLOWERS);
  await bare(client, 'social', FOLLOWERS, (n) => put({ ...keyOf(followKey(userId(n), author)), createdAt }));

  const publish = async (authorId: string, at: number) => {
    const articleId = lowestIdAt(at);
    const item = keyOf(articleKey(authorId, articleId));
    await client.send(new BatchWriteItemCommand({ RequestItems: { social: [put(item)] } }));
    return articleId;
  };
  const now = Date.now();
  const expiresAt = { N: String(Math.floor(now / 1000) + TTL_SECONDS) };
  const bareRows = (articleId: string, authorId: string, count: number) =>
    bare(client, 'bare', count, (n) =>
      put({ PK: { S: `USER#${userId(n)}` }, SK: { S: articleId }, authorId: { S: authorId }, expiresAt }),
    );

  write(`\nRounds of ${number(FEW)} followers, interleaved, median of ${ROUNDS} (two before them do not count)`);
  const [ours, base]: [Taken[], Taken[]] = [[], []];
  for (let round = 0; round < ROUNDS + 2; round++) {
    const articleId = await publish(fewAuthor, now - 1_000 * (round + 1));
    const both = [
      await take(() => bareRows(articleId, fewAuthor, FEW)),
      await take(() => worker.run([{ type: 'article-created', articleId, authorId: fewAuthor }])),
    ];
    if (round >= 2) [base, ours].forEach((list, place) => list.push(both[place]));
  }
  const batches = FEW / 25;
  const cpu = [ours, base].map((list) => median(list.map((taken) => taken.cpu / batches)));
  const rate = [ours, base].map((list) => median(list.map((taken) => FEW / taken.seconds)));
  write(
    `  CPU a batch of 25: ${cpu[0].toFixed(2)} ms, bare ${cpu[1].toFixed(2)} ms, ratio ${(cpu[0] / cpu[1]).toFixed(2)}`,
  );
  write(`  rows a second: ${number(rate[0])}, bare ${number(rate[1])}`);
  if (cpu[0] / cpu[1] > MOST_CPU) write(`  missed: at most ${MOST_CPU}`);
  const each = (list: readonly Taken[], of: (taken: Taken) => number) => list.map(of);
  const beside = (of: (taken: Taken) => number) => ({ name: 'bare loop', values: each(base, of) });
  const [perBatch, perSecond] = [({ cpu: all }: Taken) => all / batches, ({ seconds }: Taken) => FEW / seconds];
  const figures: Figure[] = [
    compared('worker, a batch of 25', 'ms CPU', each(ours, perBatch), beside(perBatch), atMost(MOST_CPU)),
    compared('worker, rows a second', 'rows/s', each(ours, perSecond), beside(perSecond)),
  ];

  write(`\nOne author with ${number(FOLLOWERS)} followers`);
  const articleId = await publish(author, now);
  const all = Array.from({ length: FOLLOWERS }, (_, n) => userId(n));
  const check = async (what: string, wanted: readonly string[], taken: Taken) => {
    const found = await readersOf(client, articleId);
    const has = new Set(found);
    const asked = new Set(wanted);
    const lost = wanted.filter((user) => !has.has(user)).length;
    const wrong = found.filter((user) => !asked.has(user)).length;
    const twice = found.length - has.size;
    write(
      `  ${what.padEnd(18)} ${taken.seconds.toFixed(1).padStart(6)} s, ${number(found.length).padStart(7)} rows, ` +
        `${lost} lost, ${twice} twice, ${wrong} wrong, memory +${taken.memory.toFixed(0)} MB`,
    );
    const faults = lost + twice + wrong + worker.failed.length;
    if (faults > 0) process.exitCode = 1;
    const name = `${what}, ${number(FOLLOWERS)} followers: rows lost, twice or wrong, messages that failed`;
    figures.push({ name, unit: '', value: faults, budget: { of: 'value', most: 0 } });
  };
  const baseTaken = await take(() => bareRows(articleId, author, FOLLOWERS));
  write(
    `  ${'bare loop'.padEnd(18)} ${baseTaken.seconds.toFixed(1).padStart(6)} s, ` +
      `${number(FOLLOWERS / baseTaken.seconds)} rows/s, memory +${baseTaken.memory.toFixed(0)} MB`,
  );
  const posted = await take(() => worker.run([{ type: 'article-created', articleId, authorId: author }]));
  await check('post', all, posted);
  write(`  ${' '.repeat(18)} ${number(FOLLOWERS / posted.seconds)} rows/s`);

  const profiles = new ProfileRepository({ db, social: 'social', accounts: 'accounts', shards: 1 });
  const late = Array.from({ length: MORE }, (_, n) => userId(FOLLOWERS + n));
  await sideBySide(10, late, (user) => profiles.follow(user, author, new Date().toISOString()));
  const follows = late.map((follower) => ({ type: 'followed', follower, followee: author }));
  await check(`${number(MORE)} follow`, [...all, ...late], await take(() => worker.run(follows)));

  const gone = all.filter((_, n) => n % (FOLLOWERS / MORE) === 0);
  await sideBySide(10, gone, (user) => profiles.unfollow(user, author, new Date().toISOString()));
  const unfollows = gone.map((follower) => ({ type: 'unfollowed', follower, followee: author }));
  const left = new Set(gone);
  const rest = [...all, ...late].filter((user) => !left.has(user));
  await check(`${number(MORE)} unfollow`, rest, await take(() => worker.run(unfollows)));

  const Key = keyOf(articleKey(author, articleId));
  await client.send(new BatchWriteItemCommand({ RequestItems: { social: [{ DeleteRequest: { Key } }] } }));
  await check('delete', [], await take(() => worker.run([{ type: 'article-deleted', articleId, authorId: author }])));
  write(`  ${worker.messages} messages, ${worker.failed.length} failed`);
  keep('feed', { rounds: ROUNDS, figures });
}

main().catch((error: unknown) => {
  process.stderr.write(`bench:feed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
