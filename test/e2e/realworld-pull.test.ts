import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { remote } from './harness';
import { slugs, TestUser, World } from './world';
import { type FeedPorts, getFeed } from '../../lambda/realworld-api/domain/feed';
import { FeedRepository } from '../../lambda/realworld-api/repository/feed';
import { ListRepository } from '../../lambda/realworld-api/repository/lists';
import { followerKey, followerPks } from '../../lambda/social-table/keys';

/** An author whom more follow than `pullAbove`, on their way there and back; indexes, streams and reads are behind. */

jest.setTimeout(120_000);

const LAG = { gsi: 400, reads: 400, stream: 400, search: 800 };
/** Two followers on the shard that is counted are above it, and none is below. */
const PULL_ABOVE = 4;

const describeLocal = remote ? describe.skip : describe;

describeLocal('an author with more followers than pullAbove (only where the runner has the tables)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pull-'));
  const world = new World();
  const start = () =>
    world.start({ lag: LAG, search: 'off', settings: { FEED_PULL_ABOVE: String(PULL_ABOVE) }, dataDir: folder });

  beforeAll(async () => {
    await start();
  }, 180_000);
  afterAll(async () => {
    await world.stop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  const idOf = ({ token }: TestUser) =>
    (JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()) as { sub: string }).sub;
  /** Users whose follows are counted, and one whose is not. */
  async function readers(): Promise<{ counted: TestUser[]; other: TestUser }> {
    const counted: TestUser[] = [];
    let other: TestUser | undefined;
    while (counted.length < 2 || !other) {
      const user = await world.register();
      const isCounted = followerKey('x', idOf(user)).PK === followerPks('x')[0];
      if (!isCounted) other = user;
      else if (counted.length < 2) counted.push(user);
    }
    return { counted, other };
  }

  const client = () => {
    const { app } = world.running;
    if (!app) throw new Error('The runner has the tables');
    const db = DynamoDBDocumentClient.from(new DynamoDBClient(app.aws));
    return { db, table: app.physicalId('SocialFeed/Feed/Feed') };
  };
  /**
   * What a reader finds in the tables alone, by the shipped code: nothing of the last moments is laid over, and every read
   * is consistent.
   */
  async function withoutOverlay(user: TestUser): Promise<readonly string[]> {
    const { db, table: feed } = client();
    const consistent = {
      send: (command: { readonly input: object }) => {
        if ('ConsistentRead' in command.input) Object.assign(command.input, { ConsistentRead: true });
        return db.send(command as ScanCommand);
      },
    } as unknown as DynamoDBDocumentClient;
    const social = String(world.running.app?.physicalId('SocialData/Table/Table'));
    const tables = { db: consistent, social, accounts: '', feed, shards: 1 };
    const viewer = { userId: idOf(user), username: user.username, bio: null, image: null, tokenVersion: 1 };
    const ports: FeedPorts = {
      sessions: {
        claimedBy: () => Promise.resolve(viewer.userId),
        load: () => Promise.resolve({ viewer, userIds: [] }),
      },
      lists: new ListRepository(tables),
      feed: new FeedRepository(tables, { now: () => Date.now(), elapsed: () => 0 }),
      window: -60_000,
      readCap: 1000,
      ttl: 60 * 24 * 3_600_000,
      now: () => Date.now(),
    };
    const { articles, articlesCount } = await getFeed(ports, '', { limit: 20, offset: 0 });
    expect(articlesCount).toBe(articles.length);
    return slugs(articles);
  }

  interface Row {
    readonly PK: string;
    readonly SK: string;
    readonly authorId?: string;
    readonly since?: number;
    readonly pulls?: boolean;
    readonly pulled?: boolean;
  }
  async function rows(prefix: string): Promise<Row[]> {
    const { db, table } = client();
    const { Items = [] } = await db.send(new ScanCommand({ TableName: table, ConsistentRead: true }));
    return (Items as Row[]).filter(({ PK }) => PK.startsWith(prefix));
  }

  /** Checked at once and when all has come through. */
  async function expectFeeds(users: readonly TestUser[], expected: readonly string[]): Promise<void> {
    const check = async () => {
      for (const user of users) {
        const page = await world.feed(user);
        expect({ slugs: slugs(page), count: page.articlesCount }).toEqual({ slugs: expected, count: expected.length });
        const [first] = (await world.feed(user, { limit: 1, offset: 1 })).articles;
        expect(first?.slug).toBe(expected[1]);
      }
    };
    await check();
    await world.settled();
    await check();
    for (const user of users) expect(await withoutOverlay(user)).toEqual(expected);
  }

  test('is pushed, pulled and pushed again, and feeds are right at every step', async () => {
    const author = await world.register();
    const { counted, other } = await readers();
    const all = [...counted, other];
    const authored = async (pulled: boolean) =>
      (await rows(`AUTHOR#${idOf(author)}`)).filter((row) => (row.pulled === true) === pulled).length;
    const inFeedOf = async (user: TestUser) => (await rows(`USER#${idOf(user)}`)).length;
    const post = async () => (await world.createArticle(author)).slug;

    for (const user of all) await world.follow(user, author.username);
    const first = await post();
    await expectFeeds(all, [first]);
    const [row] = await rows('PULLED#');
    expect(row).toMatchObject({ SK: idOf(author), pulls: true, since: expect.any(Number) as number });
    expect([await inFeedOf(other), await authored(true)]).toEqual([1, 0]);

    // A minute later: all readers know of it.
    const { db, table } = client();
    await db.send(
      new UpdateCommand({
        TableName: table,
        Key: { PK: row.PK, SK: row.SK },
        UpdateExpression: 'SET since = since - :minute',
        ExpressionAttributeValues: { ':minute': 70_000 },
      }),
    );
    await world.stop();
    await start();

    const second = await post();
    const third = await post();
    await expectFeeds(all, [third, second, first]);
    expect([await inFeedOf(other), await authored(true)]).toEqual([1, 2]);

    // A follow brings in no rows, a deletion looks for none.
    const late = await world.register();
    await world.follow(late, author.username);
    await expectFeeds([late], [third, second, first]);
    expect(await inFeedOf(late)).toBe(0);
    await world.deleteArticle(author, second);
    await expectFeeds([...all, late], [third, first]);
    await world.unfollow(late, author.username);
    await expectFeeds([late], []);

    // Those who are counted leave. The next article tells, and the one after is pushed.
    for (const user of counted) await world.unfollow(user, author.username);
    await expectFeeds(counted, []);
    const fourth = await post();
    await expectFeeds([other], [fourth, third, first]);
    expect((await rows('PULLED#'))[0].pulls).toBe(false);
    const fifth = await post();
    await expectFeeds([other], [fifth, fourth, third, first]);
    expect([await inFeedOf(other), await authored(true)]).toEqual([2, 2]);

    // One comes back: what was pushed is brought in, what was not is laid over.
    await world.follow(counted[0], author.username);
    await expectFeeds([counted[0], other], [fifth, fourth, third, first]);
    expect(await inFeedOf(counted[0])).toBe(2);
    await world.deleteArticle(author, fifth);
    await world.deleteArticle(author, fourth);
    await expectFeeds([counted[0], other], [third, first]);
    expect([await inFeedOf(counted[0]), await authored(true), await authored(false)]).toEqual([1, 1, 1]);
  });
});
