import { type FeedPorts, handleMessage } from './use-case';
import { DAY, NOW, workerPorts } from '../../../test/support/active-readers';
import { startTestEngine, type TestEngine, type TestTables, weakReads } from '../../../test/support/engine';
import { userIdOf } from '../../../test/support/samples';
import { FEED_READER, FOLLOW, FOLLOWER } from '../../social-table/entities';
import { feedReaderKey } from '../../social-table/keys';

const [ADA, BOB, EMIL] = [1, 2, 4].map(userIdOf);
const createdAt = new Date(NOW - 1000).toISOString();

let engine: TestEngine;
let tables: TestTables;

beforeAll(async () => (engine = await startTestEngine()));
afterAll(() => engine.close());
beforeEach(async () => (tables = await engine.tables()));
afterEach(() => expect(weakReads(tables.calls)).toEqual([]));

const ports = (overrides: Partial<FeedPorts> = {}) => workerPorts(tables, overrides);

const follow = (follower: string, followee: string, at = createdAt) =>
  tables.put(tables.social, [
    FOLLOW.item([follower, followee], { createdAt: at }),
    FOLLOWER.item([followee, follower], { createdAt: at }),
  ]);

describe('who follows somebody', () => {
  const followed = (overrides?: Partial<FeedPorts>) =>
    handleMessage(ports(overrides), { type: 'followed', follower: ADA, followee: BOB });

  test('has a mark from then on, and it lasts longer where a quarter of it is over, or it is from longer times', async () => {
    await follow(ADA, BOB);
    await followed();
    const expiresAt = NOW / 1000 + 35 * DAY;
    await expect(tables.item(tables.social, feedReaderKey(ADA))).resolves.toEqual(
      FEED_READER.item([ADA], { userId: ADA, expiresAt }),
    );
    for (const [days, until] of [
      [28, 28],
      [35, 35],
      [27, 35],
      [36, 35],
    ]) {
      await ports().readers!.noteActivity(ADA, NOW / 1000 + days * DAY);
      await followed();
      await expect(tables.item(tables.social, feedReaderKey(ADA))).resolves.toMatchObject({
        expiresAt: NOW / 1000 + until * DAY,
      });
    }
  });

  test('has none by a message that comes again after a quarter of the time, whether it tells of a follow or of its end', async () => {
    for (const [age, marked] of [
      [7 * DAY * 1000, false],
      [7 * DAY * 1000 - 1, true],
    ] as const) {
      await follow(ADA, BOB, new Date(NOW - age).toISOString());
      await followed();
      await handleMessage(ports(), { type: 'unfollowed', follower: ADA, followee: BOB });
      expect((await tables.item(tables.social, feedReaderKey(ADA))) !== undefined).toBe(marked);
    }
  });

  test('has none where nobody asks, nor is anything more read or written', async () => {
    await follow(ADA, BOB);
    await follow(ADA, EMIL);
    const cost = async (overrides: Partial<FeedPorts>) => {
      tables.readUnits = tables.writeUnits = 0;
      await followed(overrides);
      return [tables.readUnits, tables.writeUnits];
    };
    const off = await cost({ activeSeconds: undefined });
    await expect(tables.item(tables.social, feedReaderKey(ADA))).resolves.toBeUndefined();
    await expect(cost({ activeSeconds: undefined, readers: undefined })).resolves.toEqual(off);
    await expect(cost({})).resolves.toEqual([off[0] + 1, off[1] + 1]);
  });
});
