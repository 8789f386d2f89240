import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
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

  function synthesize(name: string, activeWithin?: Duration): string {
    const app = new App({ outdir: join(folder, name) });
    const stack = new Stack(app, 'Site');
    const feed = new FeedFanout(stack, 'Feed', { activeWithin, alarms: false });
    const api = new RealWorldApi(stack, 'Api', { feed, alarms: false });
    new CfnOutput(stack, 'Url', { value: api.url });
    return app.synth().directory;
  }

  const dataDir = join(folder, 'data');
  beforeAll(() => world.start({ lag: LAG, dataDir, assembly: synthesize('on', Duration.days(28)) }), 180_000);
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
    const { Items = [] } = await db.send(
      new QueryCommand({
        TableName: tables[table],
        KeyConditionExpression: 'PK = :pk',
        ExpressionAttributeValues: { ':pk': pk },
        ConsistentRead: true,
      }),
    );
    return Items;
  }
  const inDays = (days: number) => Math.ceil(Date.now() / 1000 + days * 86_400);
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

  test('is told of anew where that they are back was lost', async () => {
    const [reader, author] = await world.registerMany(2);
    await world.follow(reader, author.username);
    await world.settled();
    await leave(reader);
    // As if a message of their return had failed for good: there is a mark, and it is some hours old.
    const { db, social } = client();
    const userId = idOf(reader);
    const key = { PK: `FEED_READERS#${userId}`, SK: 'READER' };
    await db.send(new PutCommand({ TableName: social, Item: { ...key, userId, expiresAt: inDays(34) } }));
    await world.settled();
    const { slug } = await world.createArticle(author);
    await world.settled();
    expect([await rows(reader), await dormant(reader)]).toEqual([0, 1]);
    await expectFeed(reader, [slug]);
    await world.settled();
    expect([await rows(reader), await dormant(reader)]).toEqual([1, 0]);
    const [mark] = await items('social', key.PK);
    expect(Number(mark.expiresAt)).toBeGreaterThan(inDays(34.9));
  });

  test('is whole once all are active again, and those who were dormant are told of', async () => {
    const [reader, author] = await world.registerMany(2);
    await world.follow(reader, author.username);
    await world.settled();
    await leave(reader);
    const first = (await world.createArticle(author)).slug;
    await world.settled();
    expect([await rows(reader), await dormant(reader)]).toEqual([0, 1]);

    await world.stop();
    await world.start({ lag: LAG, dataDir, assembly: synthesize('off') });
    await expectFeed(reader, [first]);
    const second = (await world.createArticle(author)).slug;
    await world.settled();
    await expectFeed(reader, [second, first]);
    expect([await rows(reader), await dormant(reader)]).toEqual([1, 1]);

    const { app } = world.running;
    const body = { type: 'feed-reader-returned', userId: idOf(reader) };
    const QueueUrl = app!.physicalId('Site/Feed/Table/FeedFanout/Queue');
    await new SQSClient(app!.aws).send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(body) }));
    await world.settled();
    expect([await rows(reader), await dormant(reader)]).toEqual([2, 0]);
    await expectFeed(reader, [second, first]);
    const edges = await Promise.all([0, 1, 2, 3].map((n) => items('social', `FOLLOWERS#${idOf(author)}#${n}`)));
    expect(edges.flat()).toEqual([expect.not.objectContaining({ dormant: expect.anything() as unknown })]);
  });
});
