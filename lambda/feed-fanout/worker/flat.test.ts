import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { FeedMessage } from './messages';
import { FeedRepository } from './repository';
import { handleMessage } from './use-case';
import { MemoryDynamoDb } from '../../../test/support/memory/dynamodb';
import { userIdOf } from '../../../test/support/samples';
import { inScope } from '../../../test/support/scope';
import { lowestIdAt } from '../../core/ids';
import { FOLLOWER } from '../../social-table/entities';
import { articleKey } from '../../social-table/keys';
import { FOLLOWER_SHARDS } from '../../social-table/shards';

/**
 * What planner and workers hold of an author's followers at a time does not grow with their number: it is counted here, as
 * memory is measured by `npm run bench:feed`.
 */

const ADA = userIdOf(0);
const NOW = Date.UTC(2026, 0, 1);
const ARTICLE = lowestIdAt(NOW);
const DAY = 24 * 3600;
/** Messages that a run of the worker gets. */
const RUN = 10;
const CHUNK = 500;

/** Something of which so much is there now, and was there at most. */
class Gauge {
  public most = 0;
  private now = 0;

  public add(count: number): void {
    this.now += count;
    this.most = Math.max(this.most, this.now);
  }

  public async during<T>(count: number, work: () => Promise<T>): Promise<T> {
    this.add(count);
    return work().finally(() => this.add(-count));
  }
}

/** The most that was held at a time while an article went to so many followers, and how many have it. */
async function publishTo(count: number) {
  const db = new MemoryDynamoDb(() => NOW);
  const createdAt = new Date(NOW - DAY * 1000).toISOString();
  for (let n = 1; n <= count; n++) db.put('social', FOLLOWER.item([ADA, userIdOf(n)], { createdAt }));
  db.put('social', articleKey(ADA, ARTICLE));
  const [listed, inMessages, underWay] = [new Gauge(), new Gauge(), new Gauge()];
  const how = { pageSize: Infinity, lag: () => 0, random: () => 0 };
  const send = (command: { input: { RequestItems?: { feed?: object[] } } }) =>
    underWay.during(command.input.RequestItems?.feed?.length ?? 0, async () => {
      await new Promise(setImmediate);
      return db.apply(command, how);
    });
  const tables = { social: 'social', feed: 'feed', ttlSeconds: 60 * DAY, now: () => NOW };
  const store = new FeedRepository({ ...tables, db: { send } as unknown as DynamoDBDocumentClient });
  const pageOf = store.followers.bind(store);
  // From the page until it is in the queue.
  store.followers = async (...asked) => {
    const page = await pageOf(...asked);
    listed.add(page.ids.length);
    return page;
  };
  const followersIn = (message: FeedMessage) => (message.type === 'deliver' ? message.followers.length : 0);
  const queue: FeedMessage[] = [{ type: 'article-created', articleId: ARTICLE, authorId: ADA }];
  const ports = {
    ...{ store, readCap: 1000, ttlSeconds: tables.ttlSeconds, pullAbove: 10_000_000 },
    now: tables.now,
    send: async (messages: readonly FeedMessage[]) => {
      await new Promise(setImmediate);
      queue.push(...messages);
      listed.add(-messages.reduce((sum, message) => sum + followersIn(message), 0));
    },
    timeIsShort: () => false,
  };
  while (queue.length > 0) {
    const run = queue.splice(0, RUN);
    const followers = run.reduce((sum, message) => sum + followersIn(message), 0);
    await inMessages.during(followers, () => Promise.all(run.map((message) => handleMessage(ports, message))));
  }
  const delivered = db.items('feed').filter(({ SK, PK }) => SK === ARTICLE && String(PK).startsWith('USER#')).length;
  return { delivered, most: { listed: listed.most, inMessages: inMessages.most, underWay: underWay.most } };
}

/** A page of each shard is listed, a run has its messages, and of each of those four batches are on their way. */
const MOST = { listed: FOLLOWER_SHARDS * CHUNK, inMessages: RUN * CHUNK, underWay: RUN * 4 * 25 };

test.each(inScope([10_000, 20_000], [10_000, 20_000, 100_000]))(
  'of %i followers no more are held at a time than of any other number',
  async (count) => {
    expect(await publishTo(count)).toEqual({ delivered: count, most: MOST });
  },
  120_000,
);

test('of few followers fewer are held', async () => {
  const { delivered, most } = await publishTo(1_000);
  expect(delivered).toBe(1_000);
  expect(most).toEqual({ listed: 1_000, inMessages: 1_000, underWay: FOLLOWER_SHARDS * 4 * 25 });
});
