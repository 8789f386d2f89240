/** What the parts of `npm run bench:feed` have in common: the worker, a bare loop, and what both take. */
import { performance } from 'node:perf_hooks';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  DynamoDBClient,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { SQSEvent } from 'aws-lambda';
import { clientConfig } from '../../lambda/core/client-config';
import { lowestIdAt } from '../../lambda/core/ids';
import { forEachMessage } from '../../lambda/core/sqs-batch';
import { parseMessage } from '../../lambda/feed-fanout/worker/messages';
import { FeedRepository } from '../../lambda/feed-fanout/worker/repository';
import { handleMessage } from '../../lambda/feed-fanout/worker/use-case';
import { articleKey, followerKey } from '../../lambda/social-table/keys';
import type { Figure } from '../results';

/** Followers of the author of whom the most are told. */
export const FOLLOWERS = Number(process.env.FOLLOWERS ?? 100_000);
/** Followers of the author of the rounds in which the processor's time is compared. */
export const FEW = 10_000;
/** A worker gets ten messages at a time, and has four batches of each under way. */
export const MESSAGES = 10;
export const UNDER_WAY = 40;
export const TTL_SECONDS = 60 * 24 * 3600;

const uuid = (kind: string, n: number) => `${kind.padStart(8, '0')}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
export const userId = (n: number) => uuid('a', n);
export const authorOf = (n: number) => uuid('b', n);
export const number = (value: number) => Math.round(value).toLocaleString('en-US');

export interface Taken {
  readonly seconds: number;
  /** Of this process: milliseconds of the processor. */
  readonly cpu: number;
  /** The highest that was seen, above where it began, in MB. */
  readonly memory: number;
}

export async function take(work: () => Promise<unknown>): Promise<Taken> {
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
export async function sideBySide<T>(
  count: number,
  list: Iterable<T>,
  work: (one: T) => Promise<unknown>,
): Promise<void> {
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
export function bare(
  client: DynamoDBClient,
  table: string,
  count: number,
  make: (n: number) => WriteRequest,
): Promise<void> {
  return sideBySide(UNDER_WAY, batchesOf(count, make), (rows) =>
    client.send(new BatchWriteItemCommand({ RequestItems: { [table]: rows } })),
  );
}

export const put = (item: Record<string, AttributeValue>): WriteRequest => ({ PutRequest: { Item: item } });
export const keyOf = ({ PK, SK }: { PK: string; SK: string }) => ({ PK: { S: PK }, SK: { S: SK } });

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

/** Tables on an engine that runs, and who works on them. */
export class World {
  // One machine is the engine as well: it answers later than DynamoDB does.
  public readonly client = new DynamoDBClient({ ...clientConfig(), requestHandler: { socketTimeout: 60_000 } });
  public readonly db = DynamoDBDocumentClient.from(this.client, { marshallOptions: { removeUndefinedValues: true } });
  public readonly worker: Worker;
  public readonly began = Date.now();
  private readonly known = new Set<string>();

  public constructor(public readonly say: (line: string) => void) {
    const { requestHandler } = this.client.config;
    const wire = new DynamoDBClient({ ...clientConfig(), requestHandler, cacheMiddleware: true });
    const tables = { social: 'social', feed: 'feed', ttlSeconds: TTL_SECONDS, now: () => Date.now() };
    this.worker = new Worker(new FeedRepository({ ...tables, db: this.db, wire }));
  }

  /** Has users follow an author, all of them the first that there are. */
  public async followed(authorId: string, count: number): Promise<void> {
    if (this.known.has(authorId)) return;
    this.known.add(authorId);
    // Nearly all have followed for longer than what is under way can be.
    const createdAt = { S: new Date(this.began - 30 * 24 * 3_600_000).toISOString() };
    await bare(this.client, 'social', count, (n) => put({ ...keyOf(followerKey(authorId, userId(n))), createdAt }));
  }

  /** @returns the article's id */
  public async publish(authorId: string, at: number): Promise<string> {
    const articleId = lowestIdAt(at);
    const item = keyOf(articleKey(authorId, articleId));
    await this.client.send(new BatchWriteItemCommand({ RequestItems: { social: [put(item)] } }));
    return articleId;
  }

  /** As many rows as an article of theirs has in feeds, by the bare loop. */
  public bareRows(articleId: string, authorId: string, count: number): Promise<void> {
    const expiresAt = { N: String(Math.floor(this.began / 1000) + TTL_SECONDS) };
    return bare(this.client, 'bare', count, (n) =>
      put({ PK: { S: `USER#${userId(n)}` }, SK: { S: articleId }, authorId: { S: authorId }, expiresAt }),
    );
  }
}

/** What a part gives. */
export interface Measured {
  readonly rounds: number;
  readonly figures: readonly Figure[];
}
