import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { remote } from './harness';
import { slugs, TestUser, World } from './world';
import { FeedFanout, RealWorldApi } from '../../src';

/** Readers who leave and return, with reads, indexes and streams that are behind. */

jest.setTimeout(120_000);

const LAG = { gsi: 400, reads: 400, stream: 400, search: 800 };

const describeLocal = remote ? describe.skip : describe;

describeLocal('a feed whose reader is away (only where the runner has the tables)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'active-'));
  const world = new World();

  function synthesize(): string {
    const app = new App({ outdir: join(folder, 'cdk.out') });
    const stack = new Stack(app, 'Site');
    const feed = new FeedFanout(stack, 'Feed', { activeWithin: Duration.days(28), alarms: false });
    const api = new RealWorldApi(stack, 'Api', { feed, alarms: false });
    new CfnOutput(stack, 'Url', { value: api.url });
    return app.synth().directory;
  }

  beforeAll(() => world.start({ lag: LAG, assembly: synthesize() }), 180_000);
  afterAll(async () => {
    await world.stop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  const idOf = ({ token }: TestUser) =>
    (JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()) as { sub: string }).sub;
  function client() {
    const { app } = world.running;
    if (!app) throw new Error('The runner has the tables');
    const db = DynamoDBDocumentClient.from(new DynamoDBClient(app.aws));
    return { db, social: app.physicalId('Site/Feed/Table/Table'), feed: app.physicalId('Site/Feed/Feed') };
  }
  async function items(table: 'social' | 'feed', pk: string): Promise<Record<string, unknown>[]> {
    const { db, ...tables } = client();
    const { Items = [] } = await db.send(new ScanCommand({ TableName: tables[table], ConsistentRead: true }));
    return Items.filter(({ PK }) => PK === pk);
  }
  /** As DynamoDB does once the mark has expired. */
  async function leave(user: TestUser): Promise<void> {
    const { db, social } = client();
    const [mark] = await items('social', `FEED_READERS#${idOf(user)}`);
    await db.send(new DeleteCommand({ TableName: social, Key: { PK: mark.PK, SK: mark.SK } }));
    await world.settled();
  }
  const rows = async (user: TestUser) => (await items('feed', `USER#${idOf(user)}`)).length;
  const dormant = async (user: TestUser) =>
    (await items('social', `FOLLOWS#${idOf(user)}`)).filter((follow) => follow.dormant !== undefined).length;
  const expectFeed = async (user: TestUser, expected: readonly string[]) => {
    const page = await world.feed(user);
    expect({ slugs: slugs(page), count: page.articlesCount }).toEqual({ slugs: expected, count: expected.length });
    const [second] = (await world.feed(user, { limit: 1, offset: 1 })).articles;
    expect(second?.slug).toBe(expected[1]);
  };

  test('gets no rows, is right as they return, and is filled again', async () => {
    const [reader, other, ...authors] = await world.registerMany(4);
    for (const { username } of authors) {
      await world.follow(reader, username);
      await world.follow(other, username);
    }
    const post = async (author: TestUser) => (await world.createArticle(author)).slug;
    const first = await post(authors[0]);
    await world.settled();
    // To follow is a sign of life, so that there is a mark before any feed was read.
    expect([await rows(reader), await dormant(reader)]).toEqual([1, 0]);
    await expectFeed(reader, [first]);

    await leave(reader);
    expect([await dormant(reader), await dormant(other)]).toEqual([2, 0]);
    const second = await post(authors[1]);
    const third = await post(authors[0]);
    await world.settled();
    expect([await rows(reader), await rows(other)]).toEqual([1, 3]);

    await expectFeed(reader, [third, second, first]);
    await world.settled();
    expect([await rows(reader), await dormant(reader)]).toEqual([3, 0]);
    await expectFeed(reader, [third, second, first]);
    const fourth = await post(authors[1]);
    await world.settled();
    expect(await rows(reader)).toBe(4);
    await expectFeed(reader, [fourth, third, second, first]);

    // While they are away, what is deleted leaves their feed, and whom they unfollow too.
    await leave(reader);
    await world.deleteArticle(authors[0], first);
    const fifth = await post(authors[0]);
    await world.settled();
    expect(await rows(reader)).toBe(3);
    await expectFeed(reader, [fifth, fourth, third, second]);
    await world.unfollow(reader, authors[1].username);
    await expectFeed(reader, [fifth, third]);
    await world.settled();
    await expectFeed(reader, [fifth, third]);
    expect([await rows(reader), await dormant(reader), await rows(other)]).toEqual([2, 0, 4]);
  });
});
