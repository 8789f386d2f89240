import type { DynamoDBRecord, SQSEvent } from 'aws-lambda';
import { type Actor, Cloud, type Message, type Weather } from './cloud';
import { Graph, type Published } from './spec';
import type { VirtualTime } from './time';
import { lowestIdAt, timeOfId } from '../../../lambda/core/ids';
import { sendAll, sendMessages } from '../../../lambda/core/sqs';
import { forEachMessage } from '../../../lambda/core/sqs-batch';
import { type FeedMessage, parseMessage } from '../../../lambda/feed-fanout/worker/messages';
import { FeedRepository as WorkerRepository } from '../../../lambda/feed-fanout/worker/repository';
import { handleMessage } from '../../../lambda/feed-fanout/worker/use-case';
import { type FeedPorts, getFeed } from '../../../lambda/realworld-api/domain/feed';
import { ArticleRepository } from '../../../lambda/realworld-api/repository/articles';
import { FeedRepository } from '../../../lambda/realworld-api/repository/feed';
import { ListRepository } from '../../../lambda/realworld-api/repository/lists';
import { ProfileRepository } from '../../../lambda/realworld-api/repository/profiles';
import { PROFILE } from '../../../lambda/social-table/entities';
import { toMessage } from '../../../lambda/social-table/stream-router/record';
import { route } from '../../../lambda/social-table/stream-router/use-case';
import { EVENT_SOURCES } from '../../../src/social-table/event-sources';
import { type Change, wire } from '../memory/dynamodb';

/** As FeedFanout sets them where it has no props. */
const WINDOW = 175_000;
const WORKER_TIMEOUT = 15_000;
const VISIBILITY = 30_000;
const MAX_RECEIVES = 120;
const ROUTER_TIMEOUT = 10_000;
/** Between clocks, and between the time that a write carries and its commit, in ms. */
const SLACK = 8_000;
/** For how long a read may miss what was written. */
const SETTLE = 10_000;

export const TABLES = { social: 'social', accounts: 'accounts', feed: 'feed', shards: 1 };
const EVENTS = ['article-created', 'article-deleted', 'followed', 'unfollowed'];
const SOURCES = new Set(
  EVENTS.map((event) => {
    const { eventName, entityType } = EVENT_SOURCES[event as keyof typeof EVENT_SOURCES];
    return `${eventName} ${entityType}`;
  }),
);
const ROUTES = [{ queueUrl: 'feed', events: EVENTS }];

export interface Settings {
  readonly userIds: readonly string[];
  readonly weather: Weather;
  readonly readCap: number;
  readonly ttlSeconds: number;
  readonly pullAbove: number;
  readonly pageSize: number;
  readonly shards: number;
  /** Partitions of the social table that everybody writes to. */
  readonly writeShards: number;
  /** How long after its commit a record is read, in ms, at most. */
  readonly polling: number;
}

/** A read of a feed that does not agree with the graph. */
export class Disagreement extends Error {
  public constructor(what: string, found: unknown) {
    super(`${what}: ${JSON.stringify(found)}`);
    this.name = 'Disagreement';
  }
}

/** The shipped modules of fan-out, between an API, a stream, a queue and readers that are all in memory. */
export class World {
  public readonly cloud: Cloud;
  public readonly graph = new Graph();
  /** Feeds that were compared, and those that could not be: too much was behind. */
  public readonly tally = { compared: 0, passedOver: 0, exact: 0 };
  private readonly shards: { records: DynamoDBRecord[]; origins: number[]; reading: boolean }[];
  private readonly readers: { actor: Actor; ports: FeedPorts }[];
  private readonly clocks = new Map<string, number>();
  private records = 0;
  private runs = 0;
  private running = 0;

  public constructor(
    public readonly time: VirtualTime,
    private readonly random: () => number,
    public readonly settings: Settings,
    trace?: (line: string) => void,
  ) {
    this.cloud = new Cloud(
      time,
      random,
      settings.weather,
      { changed: (changes) => this.changed(changes), arrived: (message) => this.wake(message.visibleAt - time.now) },
      trace,
    );
    this.cloud.pageSize = settings.pageSize;
    this.shards = Array.from({ length: settings.shards }, () => ({ records: [], origins: [], reading: false }));
    for (const userId of settings.userIds) {
      const at = new Date(time.now).toISOString();
      const profile = { userId, username: userId, tokenVersion: 1, version: 1, createdAt: at, updatedAt: at };
      this.cloud.db.put(TABLES.social, PROFILE.item([userId], profile));
    }
    this.readers = [0, 1].map((number) => this.reader(this.actor(`reader-${number}`, false)));
  }

  public actor(name: string, mortal: boolean, origin = this.time.now): Actor {
    // Some are a hundred times slower than others, so that whole runs pass between two of their calls.
    const isSlow = mortal && this.random() < this.settings.weather.slow;
    return { name, mortal, alive: true, origin, pace: isSlow ? 10 ** (2 * this.random()) : 1 };
  }

  /** Milliseconds since 1970 by the clock of one machine: no two differ by more than five seconds. */
  public clockOf(name: string): () => number {
    let skew = this.clocks.get(name);
    if (skew === undefined) this.clocks.set(name, (skew = (this.random() - 0.5) * 4_900));
    const ahead = skew;
    return () => Math.floor(this.time.now + ahead);
  }

  // What users do, by the repositories of the API.

  public async follow(follower: string, followee: string): Promise<void> {
    const { tables, now } = this.api();
    await new ProfileRepository(tables).follow(follower, followee, new Date(now()).toISOString());
  }

  public async unfollow(follower: string, followee: string): Promise<void> {
    const { tables, now } = this.api();
    await new ProfileRepository(tables).unfollow(follower, followee, new Date(now()).toISOString());
  }

  public async publish(authorId: string): Promise<void> {
    const { tables, now } = this.api();
    const at = now();
    const tail = Math.floor(this.random() * 2 ** 32).toString(16);
    const articleId = `${lowestIdAt(at).slice(0, -8)}${tail.padStart(8, '0')}`;
    const iso = new Date(at).toISOString();
    const text = { title: 'title', description: 'description', body: 'body', tagList: [], favoritesCount: 0 };
    const article = { ...text, articleId, authorId, slug: `slug-${articleId}`, createdAt: iso, updatedAt: iso };
    await new ArticleRepository(tables).create(article, article.slug);
  }

  public async delete({ articleId, authorId, slug }: Published): Promise<void> {
    const { tables, now } = this.api();
    const record = { articleId, authorId, slug, slugBase: slug, tagList: [], commenterIds: [] };
    await new ArticleRepository(tables).delete(record, new Date(now()).toISOString());
  }

  private api() {
    const name = `api-${Math.floor(this.random() * 2)}`;
    return {
      tables: { ...TABLES, shards: this.settings.writeShards, db: this.cloud.clientOf(this.actor(name, false)) },
      now: this.clockOf(name),
    };
  }

  // What readers see.

  private reader(actor: Actor): { actor: Actor; ports: FeedPorts } {
    const tables = { ...TABLES, shards: this.settings.writeShards, db: this.cloud.clientOf(actor) };
    const ports: FeedPorts = {
      sessions: {
        claimedBy: (token) => Promise.resolve(token),
        load: (token) => Promise.resolve({ viewer: profileOf(token!), userIds: [] }),
      },
      lists: new ListRepository(tables),
      feed: new FeedRepository(tables, { now: this.clockOf(actor.name), elapsed: () => this.time.now }),
      window: WINDOW,
      readCap: this.settings.readCap,
      ttl: this.settings.ttlSeconds * 1000,
      now: this.clockOf(actor.name),
    };
    return { actor, ports };
  }

  /**
   * Reads a page of a feed and compares it with the graph, unless something is further behind than readers provide for.
   *
   * @param strictly whether that is an error
   */
  public async read(userId: string, limit: number, offset: number, strictly = false): Promise<void> {
    const { ports } = this.readers[Math.floor(this.random() * this.readers.length)];
    const { ttlSeconds, readCap } = this.settings;
    const began = this.time.now;
    const owed = this.behindSince();
    const watched = this.graph.watch(userId);
    const answer = await getFeed(ports, userId, { limit, offset }).finally(() => this.graph.unwatch(watched));
    if (began - owed >= WINDOW - SLACK - SETTLE) {
      if (strictly) throw new Disagreement('something is still to be done', { owed: began - owed });
      this.tally.passedOver++;
      return;
    }
    const age = (articleId: string) => began - timeOfId(articleId);
    const ttl = ttlSeconds * 1000;
    const must = [...watched.must]
      .filter((articleId) => age(articleId) < ttl - SLACK)
      .sort()
      .reverse();
    const may = [...watched.may]
      .filter((articleId) => age(articleId) < ttl + SLACK)
      .sort()
      .reverse();
    const found = answer.articles.map(({ slug }) => slug.slice('slug-'.length));
    this.cloud.say('reader', `${userId} ${limit}+${offset} sees ${found.join(' ')} of ${answer.articlesCount}`);
    const describe = (what: string) =>
      new Disagreement(`the feed of ${userId} ${what}`, {
        found,
        count: answer.articlesCount,
        must,
        may,
        limit,
        offset,
      });
    this.tally.compared++;
    if (must.length === may.length) {
      this.tally.exact++;
      const all = must.slice(0, readCap);
      const page = all.slice(offset, offset + limit);
      if (page.join() !== found.join()) throw describe('is another');
      if (answer.articlesCount !== all.length) throw describe('is counted wrongly');
      return;
    }
    const wrong = found.filter((articleId) => !may.includes(articleId));
    if (wrong.length > 0) throw describe(`has what it must not have, ${wrong.join()}`);
    if ([...found].sort().reverse().join() !== found.join()) throw describe('is in another order');
    if (answer.articlesCount > may.length) throw describe('counts too many');
    if (may.length <= readCap && offset === 0 && limit >= may.length) {
      const missing = must.filter((articleId) => !found.includes(articleId));
      if (missing.length > 0) throw describe(`lacks ${missing.join()}`);
    }
  }

  // The stream and its router.

  private changed(changes: readonly Change[]): void {
    const social = changes.filter(({ table }) => table === TABLES.social);
    this.graph.apply(social);
    for (const { key, before, after } of social) {
      const record = recordOf(++this.records, key, before, after);
      if (isWanted(record)) this.record(record, key.PK + key.SK);
    }
  }

  /** Records of one item are in one shard, in their order; others may come apart and in any order. */
  private record(record: DynamoDBRecord, item: string): void {
    const shard = this.shards[hash(item) % this.shards.length];
    shard.records.push(record);
    shard.origins.push(this.time.now);
    this.pollShard(shard);
  }

  /** A record that no version of the API writes. */
  public recordNonsense(): void {
    const image = { PK: 'ARTICLE#', SK: `ARTICLE#${++this.records}`, entityType: 'Article' };
    this.record(recordOf(this.records, image, undefined, image), image.SK);
  }

  private pollShard(shard: World['shards'][number]): void {
    if (shard.reading || shard.records.length === 0) return;
    shard.reading = true;
    const late = this.cloud.strikes(this.cloud.weather.late) ? this.random() * 10_000 : 0;
    this.time.after(late + this.random() * this.settings.polling, () => void this.routeBatch(shard));
  }

  private async routeBatch(shard: World['shards'][number]): Promise<void> {
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
      toMessage,
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
    const { readCap, ttlSeconds, pullAbove } = this.settings;
    const settings = { readCap, ttlSeconds, pullAbove, now: this.clockOf(`worker-${number % 3}`) };
    const store = new WorkerRepository({ ...TABLES, ...settings, db: this.cloud.clientOf(sandbox) });
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
      return handleMessage({ ...settings, store, send, timeIsShort }, parseMessage(body));
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

  /** The oldest write of which something may not yet be where readers of the feed look for it. */
  private behindSince(): number {
    return Math.min(this.cloud.behindSince(SETTLE), ...this.shards.flatMap(({ origins }) => origins.slice(0, 1)));
  }

  public get isQuiet(): boolean {
    return (
      this.running === 0 && this.cloud.queue.length === 0 && this.shards.every(({ records }) => records.length === 0)
    );
  }
}

const profileOf = (userId: string) => ({ userId, username: userId, bio: null, image: null, tokenVersion: 1 });

const hash = (text: string) => [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65_521, 7);

const sqsRecord = ({ body, receives }: Message, messageId: string) => ({
  messageId,
  body,
  attributes: { ApproximateReceiveCount: String(receives) },
});

/** As the filter of the event source has it, so that the router is not called for others. */
const isWanted = ({ eventName, dynamodb }: DynamoDBRecord) =>
  SOURCES.has(`${eventName} ${(dynamodb?.NewImage ?? dynamodb?.OldImage)?.entityType?.S}`);

function recordOf(sequence: number, { PK, SK }: Change['key'], before?: object, after?: object): DynamoDBRecord {
  return {
    eventID: String(sequence),
    eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
    dynamodb: {
      Keys: { PK: { S: PK }, SK: { S: SK } },
      SequenceNumber: String(sequence),
      OldImage: before && wire({ ...before }),
      NewImage: after && wire({ ...after }),
    },
  } as DynamoDBRecord;
}
