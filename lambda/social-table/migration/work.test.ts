import { type Command, runCommand, type Settings } from './commands';
import { add, NOTHING, type Tally } from './job';
import { MigrationWorld } from '../../../test/support/migration-world';

const SETTINGS: Settings = { segments: 2, maxReadUnitsPerSecond: 1000, maxWriteUnitsPerSecond: 1000 };

let world: MigrationWorld;

beforeEach(() => {
  world = new MigrationWorld(1);
  world.calm = true;
});

const ask = (command: Command, settings = SETTINGS) =>
  runCommand(world.commands(), settings, command) as Promise<Record<string, unknown>>;

async function finish() {
  while (await world.deliver());
}

const tally = (): Tally => [...world.jobs.all.values()].reduce((sum, segment) => add(sum, segment.tally), NOTHING);

/** Notes of the first version, without drafts. */
function old(count: number, title = 'old') {
  for (let n = 0; n < count; n++) {
    const id = `old-${String(n).padStart(2, '0')}`;
    world.notes.set(id, { title, text: 'text' });
    world.put({ PK: `NOTE#${id}`, SK: 'NOTE', title, text: 'text' });
  }
  world.put({ PK: 'OTHER#1', SK: 'OTHER', of: 'nobody', precise: 1 });
}

test('it converts what is old, counts it, and says where some of it was', async () => {
  old(12);
  world.put({ PK: 'NOTE#old-00', SK: 'DRAFT' });
  await ask({ command: 'start' });
  await finish();
  expect(world.table()).toEqual(world.wanted());
  const status = await ask({ command: 'status' });
  expect(status).toMatchObject({ phase: 'done', dryRun: false, progress: 1, converted: 13 });
  // What it has put itself may lie before it, and needs nothing.
  expect([13 + Number(status.skipped), Number(status.skipped) >= 1]).toEqual([status.scanned, true]);
  expect(status).toMatchObject({ written: 36, removed: 1, failed: 0, kept: 0, reread: 0 });
  expect(status.kinds).toMatchObject({ 'Note 1 to 3': { count: 12 }, 'Draft 1 to 2': { count: 1 } });
  expect((status.kinds as Tally['kinds'])['Note 1 to 3'].examples).toHaveLength(3);
  expect(status.segments).toEqual([
    expect.objectContaining({ segment: 0, done: true }),
    expect.objectContaining({ segment: 1, done: true }),
  ]);
  expect(JSON.stringify(status)).not.toContain('text');
});

test('a dry run says the same, and writes nothing but its own state', async () => {
  old(12);
  old(2, 'bad');
  const before = world.table();
  await ask({ command: 'start', dryRun: true });
  await finish();
  expect([world.table(), world.buried]).toEqual([before, []]);
  expect(await ask({ command: 'status' })).toMatchObject({
    phase: 'done',
    dryRun: true,
    scanned: 13,
    converted: 10,
    failed: 2,
    written: 30,
    writeUnits: 0,
    failures: { 'Note has a bad title': { count: 2, examples: [{ SK: 'NOTE' }, { SK: 'NOTE' }] } },
  });
});

test('what failed stays as it is, and its key goes where somebody looks', async () => {
  old(1, 'bad');
  await ask({ command: 'start' });
  await finish();
  expect(world.table()).toEqual(world.wanted());
  expect(world.buried.map((body) => JSON.parse(body) as unknown)).toEqual([
    { type: 'unconverted-item', reason: 'Note has a bad title', key: { PK: 'NOTE#old-00', SK: 'NOTE' } },
  ]);
});

test('it keeps to the rate of writes, over messages and in the middle of pages', async () => {
  old(20);
  await ask({ command: 'start', maxWriteUnitsPerSecond: 4 }, { ...SETTINGS, segments: 1 });
  const begun = world.now;
  await finish();
  expect(world.table()).toEqual(world.wanted());
  // Each is 3 items in a transaction; the last one is made up for by nobody.
  const units = 20 * 6;
  expect(tally()).toMatchObject({ converted: 20, writeUnits: units });
  expect((world.now - begun) / 1000).toBeGreaterThanOrEqual((units - 6) / 4);
  expect((world.now - begun) / 1000).toBeLessThan((units / 4) * 1.5);
});

test('one that is broken off in its last page goes on with what is left of it', async () => {
  for (const id of ['a', 'b']) {
    world.notes.set(id, { title: 'old', text: 'text' });
    world.put({ PK: `NOTE#${id}`, SK: 'NOTE', title: 'old', text: 'text' });
  }
  await ask({ command: 'start', maxWriteUnitsPerSecond: 1 }, { ...SETTINGS, segments: 1 });
  await world.deliver();
  expect([tally().converted, world.queue.length]).toEqual([1, 1]);
  await finish();
  expect([tally().converted, world.jobs.job?.phase]).toEqual([2, 'done']);
});

test('pages with nothing but the state of migrations are passed', async () => {
  for (let n = 0; n < 12; n++) world.put({ PK: 'MIGRATION#other', SK: `SEGMENT#${n}` });
  old(3);
  await ask({ command: 'start', dryRun: true }, { ...SETTINGS, segments: 1 });
  await finish();
  expect([tally().scanned, world.jobs.job?.phase]).toEqual([4, 'done']);
});

test('and to the rate of reads', async () => {
  old(60);
  const begun = world.now;
  await ask({ command: 'start', dryRun: true, maxReadUnitsPerSecond: 2 }, { ...SETTINGS, segments: 1 });
  await finish();
  // 61 items of half a unit, of which the last 2 seconds are made up for by nobody.
  expect((world.now - begun) / 1000).toBeGreaterThanOrEqual(61 / 2 / 2 - 2);
  expect(tally().scanned).toBe(61);
});

test('segments share a rate, and one that is left has all of it', async () => {
  old(40);
  await ask({ command: 'start', maxWriteUnitsPerSecond: 20 }, { ...SETTINGS, segments: 4 });
  const begun = world.now;
  await finish();
  expect(world.table()).toEqual(world.wanted());
  const bySecond = new Map<number, number>();
  for (const { at, units } of world.consumed) {
    const second = Math.floor((at - begun) / 5000);
    bySecond.set(second, (bySecond.get(second) ?? 0) + units);
  }
  // In no 5 seconds more than the rate, and one conversion that each segment had begun.
  expect(Math.max(...bySecond.values())).toBeLessThanOrEqual(5 * 20 + 4 * 6);
});

test('messages that come twice, at any time, count nothing twice', async () => {
  old(40);
  await ask({ command: 'start', dryRun: true });
  const seen: typeof world.queue = [];
  for (let left = 200; left > 0 && world.queue.length > 0; left--) {
    seen.push(...world.queue.map((one) => ({ ...one, receives: 0 })));
    if (left > 150) world.queue.push(...seen.slice(-3), ...seen.slice(0, 1));
    await world.deliver();
  }
  expect(world.jobs.job?.phase).toBe('done');
  expect(tally()).toMatchObject({ scanned: 41, converted: 40, skipped: 1 });
});

test('what stored its progress and could not send the next message does so when it comes again', async () => {
  old(60);
  const send = world.send.bind(world);
  let fails = 0;
  await ask({ command: 'start', dryRun: true }, { ...SETTINGS, segments: 1 });
  world.send = async (messages, delay) => {
    if (++fails % 2 === 1) throw new Error('not reached');
    return send(messages, delay);
  };
  await finish();
  expect([world.jobs.job?.phase, fails > 2, tally().scanned]).toEqual(['done', true, 61]);
});

test('what is cancelled stops, and what was converted stays; another start does the rest', async () => {
  old(40);
  await ask({ command: 'start', maxWriteUnitsPerSecond: 10 });
  await world.deliver();
  expect(await ask({ command: 'cancel' })).toMatchObject({ phase: 'cancelled' });
  await finish();
  const { converted } = tally();
  expect(converted).toBeGreaterThan(0);
  expect(converted).toBeLessThan(40);
  await expect(ask({ command: 'resume' })).rejects.toThrow('Nothing is to be resumed: the migration');
  await ask({ command: 'start' });
  await finish();
  expect(world.table()).toEqual(world.wanted());
  expect(tally().converted).toBe(40);
});

test('messages that are lost are sent again by resume, from where each segment was', async () => {
  old(40);
  await ask({ command: 'start', dryRun: true }, { ...SETTINGS, segments: 1 });
  await world.deliver();
  const { scanned } = tally();
  const lost = world.queue;
  world.queue = [];
  await ask({ command: 'resume' });
  world.queue.push(...lost);
  await finish();
  expect([world.jobs.job?.phase, scanned > 0 && scanned < 40, tally().scanned]).toEqual(['done', true, 41]);
});

test('a rate that is changed counts from the next page on', async () => {
  old(20);
  await ask({ command: 'start', maxWriteUnitsPerSecond: 1 }, { ...SETTINGS, segments: 1 });
  await world.deliver();
  expect(await ask({ command: 'rate', maxWriteUnitsPerSecond: 1000 })).toMatchObject({
    maxReadUnitsPerSecond: 1000,
    maxWriteUnitsPerSecond: 1000,
    phase: 'running',
  });
  const changed = world.now;
  await finish();
  expect(world.now - changed).toBeLessThan(20_000);
  expect(tally().converted).toBe(20);
});

test('one that runs has an estimate; a second is refused until it ends', async () => {
  old(40);
  expect(await ask({ command: 'status' })).toEqual({});
  await ask({ command: 'start', maxWriteUnitsPerSecond: 10 });
  await world.deliver();
  const status = await ask({ command: 'status' });
  expect(status.progress).toBeGreaterThan(0);
  expect(status.progress).toBeLessThan(1);
  world.now += 10_000;
  expect((await ask({ command: 'status' })).remainingSeconds).toBeGreaterThan(5);
  await expect(ask({ command: 'start' })).rejects.toThrow('One migration at a time');
});

test('there is nothing to resume, cancel or change before there was a migration', async () => {
  for (const command of ['resume', 'cancel', 'rate'] as const) {
    await expect(ask({ command })).rejects.toThrow('there was no migration');
  }
});
