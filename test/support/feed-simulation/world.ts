import type { DynamoDBRecord, SQSEvent } from 'aws-lambda';
import { type Actor, Cloud, type Message } from './cloud';
import {
  type Api,
  Disagreement,
  FEED_EVENTS,
  FEED_TABLE,
  type Host,
  type Reader,
  SETTLE,
  type Settings,
  type Site,
  type Tally,
} from './site';
import { Graph, type Published } from './spec';
import type { VirtualTime } from './time';
import type { Item } from '../../../lambda/core/dynamodb';
import { sendAll, sendMessages } from '../../../lambda/core/sqs';
import { forEachMessage } from '../../../lambda/core/sqs-batch';
import { type FeedMessage, parseMessage } from '../../../lambda/feed-fanout/worker/messages';
import { handleMessage } from '../../../lambda/feed-fanout/worker/use-case';
import { route } from '../../../lambda/social-table/stream-router/use-case';
import { type Change, wire } from '../memory/dynamodb';

/** As FeedFanout sets them where it has no props. */
const WORKER_TIMEOUT = 15_000;
const VISIBILITY = 30_000;
const MAX_RECEIVES = 120;
const ROUTER_TIMEOUT = 10_000;

const ROUTES = [{ queueUrl: 'feed', events: FEED_EVENTS }];

/** Records of some items of a stream: those of one item are in one shard. */
interface Shard {
  readonly records: DynamoDBRecord[];
  readonly origins: number[];
  reading: boolean;
}

/** The shipped modules of fan-out, between an API, streams, a queue and readers that are all in memory. */
export class World implements Host {
  public readonly cloud: Cloud;
  public readonly graph: Graph;
  public readonly tally: Tally = { compared: 0, passedOver: 0, exact: 0, rested: 0, restored: 0 };
  /** What must not have happened. */
  public wrong?: Disagreement;
  private readonly streams: ReadonlyMap<string, readonly Shard[]>;
  private readonly shards: readonly Shard[];
  private readonly readers: readonly Reader[];
  private readonly clocks = new Map<string, number>();
  private records = 0;
  private runs = 0;
  private running = 0;

  public constructor(
    public readonly time: VirtualTime,
    public readonly random: () => number,
    public readonly settings: Settings,
    private readonly site: Site,
    trace?: (line: string) => void,
  ) {
    this.cloud = new Cloud(
      time,
      random,
      settings.weather,
      { changed: (changes) => this.changed(changes), arrived: (message) => this.wake(message.visibleAt - time.now) },
      trace,
      site.keys,
    );
    this.cloud.pageSize = settings.pageSize;
    this.graph = new Graph(() => time.now);
    const shards = () =>
      Array.from({ length: settings.shards }, (): Shard => ({ records: [], origins: [], reading: false }));
    this.streams = new Map(site.streams.map((table) => [table, shards()]));
    this.shards = [...this.streams.values()].flat();
    for (const { table, item } of site.items(settings.userIds, time.now)) this.cloud.db.put(table, item);
    this.readers = [0, 1].map((number) => site.reader(this, this.actor(`reader-${number}`, false)));
  }

  public actor(name: string, mortal: boolean, origin = this.time.now): Actor {
    // Some are a hundred times slower than others, so that whole runs pass between two of their calls.
    const isSlow = mortal && this.random() < this.settings.weather.slow;
    return { name, mortal, alive: true, origin, pace: isSlow ? 10 ** (2 * this.random()) : 1 };
  }

  /** No two clocks differ by more than five seconds. */
  public readonly clockOf = (name: string): (() => number) => {
    let skew = this.clocks.get(name);
    if (skew === undefined) this.clocks.set(name, (skew = (this.random() - 0.5) * 4_900));
    const ahead = skew;
    return () => Math.floor(this.time.now + ahead);
  };

  public follow(follower: string, followee: string): Promise<void> {
    return this.site.follow(this.api(), follower, followee);
  }

  public unfollow(follower: string, followee: string): Promise<void> {
    return this.site.unfollow(this.api(), follower, followee);
  }

  public publish(authorId: string): Promise<void> {
    return this.site.publish(this.api(), authorId);
  }

  public delete(article: Published): Promise<void> {
    return this.site.remove(this.api(), article);
  }

  private api(): Api {
    const name = `api-${Math.floor(this.random() * 2)}`;
    return { db: this.cloud.clientOf(this.actor(name, false)), now: this.clockOf(name), random: this.random };
  }

  /** Reads a part of a feed and compares it with the graph. */
  public read(userId: string, limit: number, offset: number, strictly = false): Promise<void> {
    return this.readers[Math.floor(this.random() * this.readers.length)]({ userId, limit, offset, strictly });
  }

  // The stream and its router.

  private changed(changes: readonly Change[]): void {
    this.graph.apply(changes.flatMap((change) => this.site.factOf(change) ?? []));
    for (const change of changes) {
      const { table, key, before, after } = change;
      const wrong = this.site.wrongIn?.(this, change);
      if (wrong !== undefined) this.wrong ??= new Disagreement('it must not be that', wrong);
      if (!this.streams.has(table)) continue;
      const record = this.recordOf(table, before, after);
      if (this.site.isWanted(record)) this.record(table, record, key.PK + key.SK);
    }
  }

  /** Records of one item are in one shard, in their order; others may come apart and in any order. */
  private record(table: string, record: DynamoDBRecord, item: string): void {
    const shards = this.streams.get(table)!;
    const shard = shards[hash(item) % shards.length];
    shard.records.push(record);
    shard.origins.push(this.time.now);
    this.pollShard(shard);
  }

  private recordOf(table: string, before?: Item, after?: Item): DynamoDBRecord {
    return recordOf(++this.records, table, this.site, before, after);
  }

  public recordNonsense(): void {
    const { table, item } = this.site.nonsense(this.records + 1);
    this.record(table, this.recordOf(table, undefined, item), 'nonsense');
  }

  private pollShard(shard: Shard): void {
    if (shard.reading || shard.records.length === 0) return;
    shard.reading = true;
    const late = this.cloud.strikes(this.cloud.weather.late) ? this.random() * 10_000 : 0;
    this.time.after(late + this.random() * this.settings.polling, () => void this.routeBatch(shard));
  }

  private async routeBatch(shard: Shard): Promise<void> {
    const count = Math.min(shard.records.length, 1 + Math.floor(this.random() * 10));
    const batch = shard.records.slice(0, count);
    const actor = this.actor(`router-${++this.runs}`, true, shard.origins[0]);
    const debt = this.cloud.owe(actor.origin);
    const sender = this.cloud.sqsOf(actor);
    const next = (done: number) => {
      this.cloud.pay(debt);
      // A batch may be read once more even though it is done with.
      const again = done === count && this.cloud.strikes(this.cloud.weather.duplicate);
      shard.records.splice(0, again ? 0 : done);
      shard.origins.splice(0, again ? 0 : done);
      shard.reading = false;
      this.pollShard(shard);
    };
    // One that dies is found dead at its time-out, and what it read is read again.
    this.time.after(ROUTER_TIMEOUT, () => {
      if (ended) return;
      actor.alive = false;
      next(0);
    });
    let ended = false;
    const failed = await route(batch, ROUTES, {
      toMessage: this.site.toMessage,
      deadLetterQueueUrl: 'router-dead-letters',
      send: (queueUrl, bodies) => sendMessages(sender, queueUrl, bodies),
      rejected: () => Promise.resolve(),
    });
    if (!actor.alive) return;
    ended = true;
    next(failed === undefined ? count : batch.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failed));
  }

  // The queue and its worker.

  private wake(delay: number): void {
    this.time.after(delay + this.random() * 100, () => this.receive());
  }

  private receive(): void {
    const { queue } = this.cloud;
    if (this.running >= 5) return this.wake(500);
    const most = 1 + Math.floor(this.random() * 10);
    const received: Message[] = [];
    for (let place = 0; place < queue.length && received.length < most; place++) {
      const message = queue[place];
      if (message.visibleAt > this.time.now || this.random() < 0.2) continue;
      message.receives++;
      if (message.receives > MAX_RECEIVES) {
        queue.splice(place--, 1);
        this.cloud.deadLetters.push(message.body);
        continue;
      }
      message.origin ??= this.time.now;
      message.visibleAt = this.time.now + VISIBILITY;
      this.wake(VISIBILITY);
      received.push(message);
    }
    if (received.length > 0) void this.work(received);
    if (queue.some(({ visibleAt }) => visibleAt <= this.time.now)) this.wake(200);
  }

  private async work(messages: readonly Message[]): Promise<void> {
    this.running++;
    const number = ++this.runs;
    const sandbox = this.actor(`worker-${number}`, true);
    const ends = this.time.now + WORKER_TIMEOUT;
    const debt = this.cloud.owe(this.time.now);
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      this.running--;
      sandbox.alive = false;
      this.cloud.pay(debt);
    };
    this.time.after(WORKER_TIMEOUT, end);
    const { readCap, ttlSeconds, pullAbove, activeSeconds } = this.settings;
    const settings = { readCap, ttlSeconds, pullAbove, activeSeconds, now: this.clockOf(`worker-${number % 3}`) };
    const table = { ...settings, feed: FEED_TABLE, db: this.cloud.clientOf(sandbox) };
    const [store, readers] = [this.site.storeOf(table), this.site.readersOf?.(table)];
    const timeIsShort = () => ends - this.time.now < WORKER_TIMEOUT / 3;
    const event = { Records: messages.map((message, place) => sqsRecord(message, String(place))) } as SQSEvent;
    const origins = new Map(messages.map(({ body, origin }) => [body, origin!]));
    this.cloud.say(sandbox.name, `gets ${messages.map(({ body }) => body).join(' ')}`);
    const { batchItemFailures } = await forEachMessage(event, (body) => {
      const origin = origins.get(JSON.stringify(body)) ?? this.time.now;
      // It dies with the sandbox, but what it sends is as old as what it works on.
      const sender = Object.defineProperty({ ...sandbox, origin }, 'alive', {
        get: () => sandbox.alive,
        set: (alive: boolean) => (sandbox.alive = alive),
      });
      const send = (some: readonly FeedMessage[]) =>
        sendAll(
          this.cloud.sqsOf(sender),
          'feed',
          some.map((message) => JSON.stringify(message)),
        );
      return handleMessage({ ...settings, store, readers, send, timeIsShort }, parseMessage(body));
    });
    if (!sandbox.alive) return;
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier)));
    for (const [place, message] of messages.entries()) {
      const queued = this.cloud.queue.indexOf(message);
      if (failed.has(place) || queued < 0) continue;
      this.cloud.queue.splice(queued, 1);
      this.cloud.pay(this.cloud.owe(message.origin!));
    }
    end();
  }

  public behindSince(): number {
    return Math.min(this.cloud.behindSince(SETTLE), ...this.shards.flatMap(({ origins }) => origins.slice(0, 1)));
  }

  public get isQuiet(): boolean {
    return (
      this.running === 0 && this.cloud.queue.length === 0 && this.shards.every(({ records }) => records.length === 0)
    );
  }
}

const hash = (text: string) => [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65_521, 7);

const sqsRecord = ({ body, receives }: Message, messageId: string) => ({
  messageId,
  body,
  attributes: { ApproximateReceiveCount: String(receives) },
});

function recordOf(
  sequence: number,
  table: string,
  { keys, hasImages }: Site,
  before?: Item,
  after?: Item,
): DynamoDBRecord {
  const [partition, sort] = keys[table] ?? ['PK', 'SK'];
  const { [partition]: owner, [sort]: own } = (after ?? before)!;
  return {
    eventID: String(sequence),
    eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
    eventSourceARN: `arn:aws:dynamodb:eu-central-1:123456789012:table/${table}/stream/2026-01-01T00:00:00.000`,
    dynamodb: {
      Keys: wire({ [partition]: owner, [sort]: own }),
      SequenceNumber: String(sequence),
      ...(hasImages && { OldImage: before && wire({ ...before }), NewImage: after && wire({ ...after }) }),
    },
  } as DynamoDBRecord;
}
