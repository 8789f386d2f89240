import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { FILL_ARTICLES, MOST_DORMANT } from './dormancy';
import type { FeedMessage } from './messages';
import { ReadersRepository } from './readers-repository';
import { FeedRepository } from './repository';
import { type FeedPorts, handleMessage } from './use-case';
import { DAY, NOW, workerPorts } from '../../../test/support/active-readers';
import { startTestEngine, type TestEngine, type TestTables, weakReads } from '../../../test/support/engine';
import { userIdOf } from '../../../test/support/samples';
import { lowestIdAt } from '../../core/ids';
import { FEED_READER, FOLLOW, type FollowItem, FOLLOWER } from '../../social-table/entities';
import { articleKey, feedReaderKey, followerKey, followKey } from '../../social-table/keys';
import { feedKey, feedPk, removalKey } from '../keys';

const [ADA, BOB, EVE] = [1, 2, 3].map(userIdOf);
const CREATED = new Date(NOW - 1000 * DAY).toISOString();

let engine: TestEngine;
let tables: TestTables;
let sent: FeedMessage[];
let isShort: boolean;

beforeAll(async () => (engine = await startTestEngine()));
afterAll(() => engine.close());
beforeEach(async () => {
  tables = await engine.tables();
  sent = [];
  isShort = false;
});
afterEach(() => expect(weakReads(tables.calls)).toEqual([]));

const ports = (overrides: Partial<FeedPorts> = {}) =>
  workerPorts(tables, {
    send: async (messages) => void sent.push(...messages),
    timeIsShort: () => isShort,
    ...overrides,
  });

const isFill = (message: FeedMessage) => message.type === 'fill';
/** With all that is to be filled then. */
async function told(message: FeedMessage, overrides?: Partial<FeedPorts>): Promise<void> {
  await handleMessage(ports(overrides), message);
  while (sent.some(isFill)) {
    await handleMessage(ports(overrides), sent.splice(sent.findIndex(isFill), 1)[0]);
  }
}
const left = (overrides?: Partial<FeedPorts>) => told({ type: 'feed-reader-left', userId: ADA }, overrides);
const returned = (overrides?: Partial<FeedPorts>) => told({ type: 'feed-reader-returned', userId: ADA }, overrides);

const follow = (followee: string, item: Partial<FollowItem> = {}, dormant?: true) =>
  tables.put(tables.social, [
    FOLLOW.item([ADA, followee], { createdAt: CREATED, filledAt: 5, ...item }),
    FOLLOWER.item([followee, ADA], { createdAt: CREATED, ...(dormant && { dormant }) }),
  ]);
const dormant = (followee: string) => follow(followee, { dormant: 'once', filledAt: undefined }, true);
const mark = (userId = ADA) => tables.put(tables.social, [FEED_READER.item([userId], { userId, expiresAt: 1 })]);

const remove = (Key: Record<string, string>) => tables.db.send(new DeleteCommand({ TableName: tables.social, Key }));

const receivers = () => sent.flatMap((message) => (message.type === 'deliver' ? message.followers : [])).sort();

async function publish(authorId: string, ago: number): Promise<string> {
  const articleId = lowestIdAt(NOW - ago);
  await tables.put(tables.social, [articleKey(authorId, articleId)]);
  return articleId;
}
const rows = async () => {
  const items = await tables.items(tables.feed);
  return items.filter(({ PK }) => PK === feedPk(ADA)).map(({ SK }) => String(SK));
};
const edges = async (followee: string) => [
  await tables.item(tables.social, followKey(ADA, followee)),
  await tables.item(tables.social, followerKey(followee, ADA)),
];

describe('who has left', () => {
  test('has every follow at rest on both edges, for four write units each, and is not noted as filled any more', async () => {
    await follow(BOB, { restoredAt: 7 });
    await follow(EVE);
    tables.writeUnits = 0;
    await left();
    expect(tables.writeUnits).toBe(8);
    const marks = [];
    for (const followee of [BOB, EVE]) {
      const [own, other] = await edges(followee);
      const once = FOLLOW.read(own!).dormant;
      expect(own).toEqual(FOLLOW.item([ADA, followee], { createdAt: CREATED, dormant: once }));
      expect(other).toEqual(FOLLOWER.item([followee, ADA], { createdAt: CREATED, dormant: true }));
      marks.push(once);
    }
    expect(marks).toEqual([expect.stringMatching(/./), expect.stringMatching(/./)]);
    expect(sent).toEqual([]);
    // Told once more, there is nothing to do, and who does it side by side changes no mark.
    await left();
    await ports().readers!.putToRest(ADA, BOB, 'later');
    expect(FOLLOW.read((await edges(BOB))[0]!).dormant).toBe(marks[0]);
  });

  test('is awake with as many follows as a feed cannot be made of, and not with one less', async () => {
    const followees = Array.from({ length: MOST_DORMANT + 1 }, (_, n) => userIdOf(n + 10));
    await tables.put(
      tables.social,
      followees.flatMap((followee) => [
        FOLLOW.item([ADA, followee], { createdAt: CREATED }),
        FOLLOWER.item([followee, ADA], { createdAt: CREATED }),
      ]),
    );
    tables.writeUnits = 0;
    await left();
    expect(tables.writeUnits).toBe(0);
    await remove(followKey(ADA, followees[0]));
    tables.writeUnits = 0;
    await left();
    expect(tables.writeUnits).toBe(4 * MOST_DORMANT);
  });

  test('has at rest what had begun to wake, and that begun return does not end it', async () => {
    await follow(BOB, { dormant: 'once', filledAt: undefined });
    await publish(BOB, 1000);
    await left();
    const [own, other] = await edges(BOB);
    expect([FOLLOW.read(own!).dormant, other?.dormant]).toEqual([expect.not.stringMatching(/^once$/), true]);
    const follows = [{ followee: BOB, dormant: 'once', articleIds: [] }];
    await told({ type: 'fill', userId: ADA, follows });
    await expect(edges(BOB)).resolves.toEqual([own, other]);
  });

  test('gets no new article, and loses those that are deleted', async () => {
    await dormant(BOB);
    await tables.put(tables.social, [FOLLOWER.item([BOB, EVE], { createdAt: CREATED })]);
    const articleId = await publish(BOB, 0);
    await told({ type: 'article-created', articleId, authorId: BOB });
    expect(sent).toEqual([expect.objectContaining({ type: 'deliver', followers: [EVE] })]);
    sent = [];
    await told({ type: 'article-created', articleId, authorId: BOB }, { activeSeconds: undefined });
    expect(receivers()).toEqual([ADA, EVE]);
    sent = [];
    const gone = lowestIdAt(NOW - 1);
    await told({ type: 'article-deleted', articleId: gone, authorId: BOB });
    expect(receivers()).toEqual([ADA, EVE]);
  });

  test('counts as a follower all the same, where it is counted who is left to readers', async () => {
    const followers = [4, 8, 12].map(userIdOf);
    await tables.put(
      tables.social,
      followers.map((follower) => FOLLOWER.item([BOB, follower], { createdAt: CREATED, dormant: true })),
    );
    const articleId = await publish(BOB, 0);
    await told({ type: 'article-created', articleId, authorId: BOB }, { pullAbove: 8 });
    expect(sent).toEqual([]);
    await expect(ports().store.pulledAuthor(BOB)).resolves.toMatchObject({ pulls: true });
  });

  test('is handed over where they are back, before or after', async () => {
    await follow(BOB);
    await mark();
    await left();
    const returns = { type: 'feed-reader-returned', userId: ADA };
    expect([sent, tables.writeUnits]).toEqual([[returns], 0]);
    await tables.clear(tables.social);
    await follow(BOB);
    const { readers } = ports();
    const back = Object.assign(Object.create(readers!) as ReadersRepository, {
      putToRest: async (...args: Parameters<ReadersRepository['putToRest']>) => {
        await readers!.putToRest(...args);
        await mark();
      },
    });
    await left({ readers: back });
    expect(sent).toEqual([returns, returns]);
  });

  test('is gone on with where time is short', async () => {
    const followees = Array.from({ length: 15 }, (_, n) => userIdOf(n + 10));
    for (const followee of followees) await follow(followee);
    isShort = true;
    await left();
    expect(sent).toEqual([{ type: 'feed-reader-left', userId: ADA, after: followees[9] }]);
    isShort = false;
    await told(sent[0]);
    for (const followee of followees) {
      expect((await edges(followee)).map((edge) => edge?.dormant !== undefined)).toEqual([true, true]);
    }
    expect(sent).toHaveLength(1);
  });
});

describe('who has returned', () => {
  test('has the articles that the feed lacks brought in, and no others written; both edges are awake', async () => {
    await mark();
    await dormant(BOB);
    await follow(EVE);
    const [old, kept, missed] = [await publish(BOB, 9000), await publish(BOB, 8000), await publish(BOB, 7000)];
    await publish(EVE, 7000);
    const row = { authorId: BOB, expiresAt: 99 };
    await tables.put(tables.feed, [
      { ...feedKey(ADA, old), ...row },
      { ...feedKey(ADA, kept), ...row },
    ]);
    tables.writeUnits = 0;
    await returned();
    await expect(rows()).resolves.toEqual([old, kept, missed]);
    // A row, and an edge of each side.
    expect(tables.writeUnits).toBe(3);
    await expect(edges(BOB)).resolves.toEqual([
      FOLLOW.item([ADA, BOB], { createdAt: CREATED, filledAt: NOW, restoredAt: NOW }),
      FOLLOWER.item([BOB, ADA], { createdAt: CREATED, awakeSince: new Date(NOW).toISOString() }),
    ]);
    expect(sent).toEqual([]);
  });

  test('is awake to who lists followers before it is read what the feed lacks, and to readers once it has that', async () => {
    await mark();
    await dormant(BOB);
    await publish(BOB, 1000);
    const { store } = ports();
    const steps: [string, boolean[]][] = [];
    const note = async (step: string) => {
      steps.push([step, (await edges(BOB)).map((edge) => edge?.dormant === undefined)]);
    };
    const during = Object.assign(Object.create(store) as FeedRepository, {
      pulledAuthor: async (authorId: string) => note('asks').then(() => store.pulledAuthor(authorId)),
      newestArticles: async (authorId: string, max: number) =>
        note('reads').then(() => store.newestArticles(authorId, max)),
      putRows: async (...args: Parameters<FeedRepository['putRows']>) =>
        store.putRows(...args).then(() => note('writes')),
      articlesAmong: async (authorId: string, ids: string[]) =>
        note('looks').then(() => store.articlesAmong(authorId, ids)),
    });
    await returned({ store: during });
    expect(steps).toEqual(['asks', 'reads', 'writes', 'looks'].map((step) => [step, [false, true]]));
    expect((await edges(BOB)).map((edge) => edge?.dormant)).toEqual([undefined, undefined]);
  });

  test('needs no rows of what is left to readers', async () => {
    await mark();
    await dormant(BOB);
    await publish(BOB, 1000);
    await ports().store.putPulled(BOB, NOW / 1000 + 90 * DAY, 0);
    await ports().store.startPulling(BOB, NOW - 999_999);
    await returned();
    await expect(rows()).resolves.toEqual([]);
    expect((await edges(BOB))[0]).toMatchObject({ filledAt: NOW });
  });

  test('has taken out what a run left that broke off: of articles gone since, and of whom they unfollow since', async () => {
    await mark();
    await dormant(BOB);
    const [gone, kept, others] = [lowestIdAt(NOW - 5000), await publish(BOB, 3000), await publish(EVE, 1000)];
    await tables.put(tables.feed, [
      { ...feedKey(ADA, gone), authorId: BOB },
      { ...feedKey(ADA, others), authorId: EVE },
    ]);
    const follows = [
      { followee: BOB, dormant: 'once', articleIds: [gone, kept] },
      { followee: EVE, dormant: 'once', articleIds: [others] },
    ];
    await told({ type: 'fill', userId: ADA, follows });
    await expect(rows()).resolves.toEqual([kept]);
    expect((await edges(BOB))[0]).toMatchObject({ filledAt: NOW });
  });

  test('has nothing read but their follows, as long as none is dormant', async () => {
    await mark();
    await follow(BOB);
    await publish(BOB, 1000);
    await tables.put(tables.feed, [{ ...feedKey(ADA, lowestIdAt(NOW)), authorId: BOB }]);
    tables.calls.splice(0);
    await returned();
    expect(tables.calls.map(({ operation, input }) => [operation, input.TableName])).toEqual([
      ['GetItem', tables.social],
      ['Query', tables.social],
    ]);
    expect(sent).toEqual([]);
  });

  test('has more than fits one message brought in by several, and is at rest until then', async () => {
    await mark();
    await dormant(BOB);
    await dormant(EVE);
    const count = FILL_ARTICLES + 2;
    const articleIds = Array.from({ length: count }, (_, n) => lowestIdAt(NOW - 1000 * (n + 1))).reverse();
    await tables.put(
      tables.social,
      articleIds.map((articleId) => articleKey(BOB, articleId)),
    );
    await publish(EVE, 1);
    await handleMessage(ports({ readCap: 10_000 }), { type: 'feed-reader-returned', userId: ADA });
    const followees = (message: FeedMessage) =>
      (message.type === 'fill' ? message.follows : []).map((one) => one.followee);
    expect(sent.map(followees).sort()).toEqual([[BOB], [EVE]]);
    const [first, second] = sent.splice(0).sort((a) => (followees(a)[0] === BOB ? -1 : 1));
    await handleMessage(ports({ readCap: 10_000 }), first);
    expect((await edges(BOB))[0]).toMatchObject({ dormant: 'once' });
    expect(sent).toEqual([
      {
        type: 'fill',
        userId: ADA,
        follows: [{ followee: BOB, dormant: 'once', articleIds: articleIds.slice(FILL_ARTICLES) }],
      },
    ]);
    await told(sent.splice(0)[0]);
    await told(second);
    expect(await rows()).toHaveLength(count + 1);
    expect((await edges(BOB))[0]).toMatchObject({ filledAt: NOW });
  });

  test('is gone on with where time is short while their feed is filled', async () => {
    const follows = Array.from({ length: 6 }, (_, n) => ({ followee: userIdOf(n + 10), dormant: 'x', articleIds: [] }));
    await mark();
    isShort = true;
    await handleMessage(ports(), { type: 'fill', userId: ADA, follows });
    expect(sent).toEqual([{ type: 'fill', userId: ADA, follows: follows.slice(4) }]);
  });

  test('is gone on with where time is short and none of so many is dormant', async () => {
    await mark();
    const followees = Array.from({ length: 1001 }, (_, n) => userIdOf(n + 10));
    await tables.put(
      tables.social,
      followees.map((followee) => FOLLOW.item([ADA, followee], { createdAt: CREATED })),
    );
    isShort = true;
    await returned();
    expect(sent).toEqual([{ type: 'feed-reader-returned', userId: ADA, after: followees[999] }]);
    await told(sent.splice(0)[0]);
    expect(sent).toEqual([]);
  });

  test('is not trusted to have all where rows may be on their way out', async () => {
    await mark();
    await dormant(BOB);
    await tables.put(tables.feed, [{ ...removalKey(ADA, BOB), expiresAt: NOW / 1000 + 60 }]);
    await returned();
    expect((await edges(BOB))[0]).toEqual(FOLLOW.item([ADA, BOB], { createdAt: CREATED, restoredAt: NOW }));
  });

  test('stays at rest where they have left once more meanwhile, and no rows stay of whom they unfollow meanwhile', async () => {
    await mark();
    await dormant(BOB);
    await dormant(EVE);
    await publish(BOB, 1000);
    const kept = await publish(EVE, 2000);
    const { store } = ports();
    const during = Object.assign(Object.create(store) as FeedRepository, {
      putRows: async (...args: Parameters<FeedRepository['putRows']>) => {
        await store.putRows(...args);
        if (args[0] === BOB) await Promise.all([followKey(ADA, BOB), followerKey(BOB, ADA)].map(remove));
        else await follow(EVE, { dormant: 'twice', filledAt: undefined }, true);
      },
    });
    await returned({ store: during });
    await expect(rows()).resolves.toEqual([kept]);
    expect((await edges(EVE))[0]).toMatchObject({ dormant: 'twice' });
  });

  test('is handed over where they are away again, before or after', async () => {
    await dormant(BOB);
    await publish(BOB, 1000);
    await returned();
    const leaves = { type: 'feed-reader-left', userId: ADA };
    expect([sent, await rows()]).toEqual([[leaves], []]);
    await mark();
    const { readers } = ports();
    const away = Object.assign(Object.create(readers!) as ReadersRepository, {
      wake: async (...args: Parameters<ReadersRepository['wake']>) => {
        await readers!.wake(...args);
        await remove(feedReaderKey(ADA));
      },
    });
    await returned({ readers: away });
    expect(sent).toEqual([leaves, leaves]);
  });

  test('is gone on with where time is short', async () => {
    await mark();
    const followees = Array.from({ length: 12 }, (_, n) => userIdOf(n + 10));
    for (const followee of followees) {
      await dormant(followee);
      await publish(followee, 1000 + Number.parseInt(followee.slice(-2), 16));
    }
    isShort = true;
    await handleMessage(ports(), { type: 'feed-reader-returned', userId: ADA });
    isShort = false;
    const [fills, rest] = sent.splice(0);
    expect(rest).toEqual({ type: 'feed-reader-returned', userId: ADA, after: followees[9] });
    await told(fills);
    await expect(rows()).resolves.toHaveLength(10);
    await told(rest);
    await expect(rows()).resolves.toHaveLength(12);
    expect(sent).toEqual([]);
  });

  test('sends nothing of what is left by a try that fails, which comes again and sends it then', async () => {
    await mark();
    const follows = Array.from({ length: 5 }, (_, n) => ({
      followee: userIdOf(n + 10),
      dormant: 'once',
      articleIds: [],
    }));
    const fill: FeedMessage = { type: 'fill', userId: ADA, follows };
    isShort = true;
    const readers = Object.assign(Object.create(ports().readers!) as ReadersRepository, {
      activeUntil: () => Promise.reject(new Error('Denied')),
    });
    await expect(handleMessage(ports({ readers }), fill)).rejects.toThrow('Denied');
    expect(sent).toEqual([]);
    await handleMessage(ports(), fill);
    expect(sent).toEqual([{ ...fill, follows: follows.slice(4) }]);
  });

  test('is everybody, where it is no matter who reads: what rests from before is brought back', async () => {
    await dormant(BOB);
    const articleId = await publish(BOB, 1000);
    await returned({ activeSeconds: undefined });
    await expect(rows()).resolves.toEqual([articleId]);
    expect((await edges(BOB))[1]).not.toHaveProperty('dormant');
  });
});

test('where nobody knows who reads, there is nothing to do', async () => {
  await dormant(BOB);
  await left({ readers: undefined });
  await returned({ readers: undefined });
  expect([sent, tables.writeUnits, (await edges(BOB))[1]?.dormant]).toEqual([[], 0, true]);
});
