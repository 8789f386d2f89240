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
  await expect(activity.markOf(ADA, NOW)).resolves.toBe('none');
  await activity.note(ADA, NOW, false);
  await expect(activity.markOf(BOB, NOW)).resolves.toBe('none');
  await expect(activity.markOf(ADA, NOW)).resolves.toBe('young');
  await expect(activity.markOf(ADA, NOW + 7 * DAY * 1000)).resolves.toBe('old');
  await expect(activity.markOf(ADA, NOW + 7 * DAY * 1000 + 1)).resolves.toBe('due');
});

test('it is old once whoever was told of it is done, or has given up', async () => {
  await activity.note(ADA, NOW, false);
  await expect(activity.markOf(ADA, NOW + 7_200_000)).resolves.toBe('young');
  await expect(activity.markOf(ADA, NOW + 7_200_001)).resolves.toBe('old');
});

test('it is due where it is from when somebody counted as active for longer', async () => {
  await activity.note(ADA, NOW, false);
  const after = (days: number) => new ActivityRepository(tables, days * DAY).markOf(ADA, NOW);
  await expect(after(28)).resolves.toBe('young');
  await expect(after(27)).resolves.toBe('due');
});

test('it is told of as of a first one where it is made anew, and only there', async () => {
  await activity.note(ADA, NOW, false);
  tables.calls.splice(0);
  await activity.note(ADA, NOW, false);
  expect(operations(tables.calls)).toEqual(['PutItem']);
  tables.calls.splice(0);
  await activity.note(ADA, NOW, true);
  expect(operations(tables.calls)).toEqual(['DeleteItem', 'PutItem']);
  await expect(activity.markOf(ADA, NOW)).resolves.toBe('young');
});

test('it holds whose it is and when it expires, for half a unit to read and one to write', async () => {
  await activity.note(ADA, NOW, false);
  await expect(tables.item(tables.social, feedReaderKey(ADA))).resolves.toEqual({
    ...feedReaderKey(ADA),
    entityType: 'FeedReader',
    userId: ADA,
    expiresAt: NOW / 1000 + 35 * DAY,
  });
  expect(tables.writeUnits).toBe(1);
  tables.readUnits = 0;
  await activity.markOf(ADA, NOW);
  expect([operations(tables.calls), tables.readUnits]).toEqual([['PutItem', 'GetItem'], 0.5]);
});

test('one that cannot be written is for the next read to write, and a line in the log', async () => {
  const nowhere = new ActivityRepository({ ...tables, social: 'nowhere' }, DAY);
  await expect(nowhere.note(ADA, NOW, false)).resolves.toBeUndefined();
  expect(lines()).toEqual([expect.objectContaining({ level: 'WARN', message: 'activity was not noted' })]);
});

test('one that cannot be read is for the next read to write, and no page fails for it', async () => {
  const nowhere = new ActivityRepository({ ...tables, social: 'nowhere' }, DAY);
  await expect(nowhere.markOf(ADA, NOW)).resolves.toBe('young');
  expect(lines()).toEqual([expect.objectContaining({ level: 'WARN', message: 'activity was not read' })]);
});
