import { ActivityRepository } from './activity';
import { operations, startTestEngine, type TestEngine, type TestTables } from '../../../test/support/engine';
import { useLogLines } from '../../../test/support/log-lines';
import { userIdOf } from '../../../test/support/samples';
import { feedReaderKey } from '../../social-table/keys';

const [ADA, BOB] = [1, 2].map(userIdOf);
const NOW = Date.UTC(2026, 0, 1);
const DAY = 24 * 3600;
const lines = useLogLines();

let engine: TestEngine;
let tables: TestTables;
let activity: ActivityRepository;

beforeAll(async () => (engine = await startTestEngine()));
afterAll(() => engine.close());
beforeEach(async () => {
  tables = await engine.tables();
  activity = new ActivityRepository(tables, 28 * DAY);
});

test('a mark is due where there is none, and again once a quarter of its time is over', async () => {
  await expect(activity.isDue(ADA, NOW)).resolves.toBe(true);
  await activity.note(ADA, NOW);
  await expect(activity.isDue(BOB, NOW)).resolves.toBe(true);
  await expect(activity.isDue(ADA, NOW)).resolves.toBe(false);
  await expect(activity.isDue(ADA, NOW + 7 * DAY * 1000)).resolves.toBe(false);
  await expect(activity.isDue(ADA, NOW + 7 * DAY * 1000 + 1)).resolves.toBe(true);
});

test('it holds whose it is and when it expires, for half a unit to read and one to write', async () => {
  await activity.note(ADA, NOW);
  await expect(tables.item(tables.social, feedReaderKey(ADA))).resolves.toEqual({
    ...feedReaderKey(ADA),
    entityType: 'FeedReader',
    userId: ADA,
    expiresAt: NOW / 1000 + 35 * DAY,
  });
  expect(tables.writeUnits).toBe(1);
  tables.readUnits = 0;
  await activity.isDue(ADA, NOW);
  expect([operations(tables.calls), tables.readUnits]).toEqual([['PutItem', 'GetItem'], 0.5]);
});

test('one that cannot be written is for the next read to write, and a line in the log', async () => {
  const nowhere = new ActivityRepository({ ...tables, social: 'nowhere' }, DAY);
  await expect(nowhere.note(ADA, NOW)).resolves.toBeUndefined();
  expect(lines()).toEqual([expect.objectContaining({ level: 'WARN', message: 'activity was not noted' })]);
});
