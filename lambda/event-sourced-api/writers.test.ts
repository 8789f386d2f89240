import type { Command } from './domain/handle-command';
import { startTestEngine, type TestEngine, type TestTables } from '../../test/support/engine';
import { tableStores } from '../../test/support/event-tables';
import { EventWorld, memoryStores, type Stores } from '../../test/support/event-world';
import { inScope } from '../../test/support/scope';

/** Many who write one aggregate, and those who ask again: on a real engine, with the transaction that the template makes. */

let engine: TestEngine;
let tables: TestTables;
let stores: Stores;
let world: EventWorld;

beforeAll(async () => (engine = await startTestEngine()));
afterAll(() => engine.close());
beforeEach(async () => {
  tables = await engine.tables();
  stores = tableStores(tables);
  world = new EventWorld(1, stores);
  world.calm = true;
});

const ANN = { sub: 'ann', username: 'ann', groups: [] };
const command = (name: string, args: Record<string, unknown>, more: Partial<Command> = {}): Command => ({
  ...{ command: name, id: 'c1', commandId: name, correlationId: name, arguments: args, actor: ANN },
  ...more,
});
const OPEN = command('openClaim', { title: 'trip', limitCents: 1_000_000, currency: 'EUR' });
const expense = (n: number, more: Partial<Command> = {}) =>
  command(
    'addExpense',
    { expenseId: `x${n}`, description: 'taxi', category: 'TRAVEL', amountCents: 100, spentOn: '2026-11-01' },
    { commandId: `add-${n}`, ...more },
  );

const events = async () => [...(await stores.allEvents())].sort((one, other) => one.version - other.version);
const WRITERS = 50;

test('of 50 writers who have seen the same version one is accepted, and each of the others is told of the conflict', async () => {
  await world.send(OPEN);
  const told = await Promise.all(
    Array.from({ length: WRITERS }, (_, n) => world.send(expense(n, { expectedVersion: 1 }))),
  );
  expect(told.filter((one) => one === 'accepted')).toHaveLength(1);
  expect(told.filter((one) => one === 'conflict')).toHaveLength(WRITERS - 1);
  expect((await events()).map(({ version }) => version)).toEqual([1, 2]);
});

test.each<[string, number]>([
  ['in memory', WRITERS],
  ['on the engine', inScope(12, WRITERS)],
])(
  '%s, %i writers who ask again until they are told each have a version of their own, without gaps',
  async (where, writers) => {
    if (where === 'in memory') {
      stores = memoryStores();
      world = new EventWorld(1, stores);
    }
    await world.send(OPEN);
    const attempts = await Promise.all(
      Array.from({ length: writers }, async (_, n) => {
        for (let attempt = 1; ; attempt++) {
          const told = await world.send(expense(n));
          if (told !== 'conflict') return { told, attempt };
        }
      }),
    );
    expect(attempts.map(({ told }) => told)).toEqual(Array<string>(writers).fill('accepted'));
    // They were in each other's way.
    expect(attempts.some(({ attempt }) => attempt > 1)).toBe(true);
    const stored = await events();
    expect(stored.map(({ version }) => version)).toEqual(Array.from({ length: writers + 1 }, (_, n) => n + 1));
    expect(new Set(stored.map(({ commandId }) => commandId)).size).toBe(writers + 1);
  },
  // Against the engine each is refused by all the others in turn: the square of them.
  300_000,
);

test.each([
  ['a second', 1000],
  ['half an hour', 30 * 60_000],
  ['ten days', 10 * 24 * 3_600_000],
])('a command that comes again after %s does nothing more, and is told what it did', async (_, ms) => {
  expect(await world.send(OPEN)).toBe('accepted');
  expect(await world.send(expense(1))).toBe('accepted');
  expect(await world.send(command('submitClaim', {}, { commandId: 'early', actor: { ...ANN, sub: 'eve' } }))).toBe(
    'rejected',
  );
  const before = await tables.items(tables.social);
  world.now += ms;
  await world.send(expense(2));
  const after = await tables.items(tables.social);
  // By now the rules would refuse one, and the version that another expected is gone: they were accepted all the same.
  expect(await world.send(OPEN)).toBe('accepted');
  expect(await world.send(expense(1))).toBe('accepted');
  // This one would be accepted now, if it were new.
  expect(await world.send(command('submitClaim', {}, { commandId: 'early', actor: { ...ANN, sub: 'eve' } }))).toBe(
    'rejected',
  );
  expect(await tables.items(tables.social)).toEqual(after);
  expect(after.length).toBe(before.length + 2);
});

test('command ids are by sender: nobody learns of, or takes, the ids of others', async () => {
  await world.send(OPEN);
  const taken = { commandId: 'openClaim', id: 'c2', actor: { ...ANN, sub: 'eve' } };
  expect(await world.send(command('openClaim', OPEN.arguments, taken))).toBe('accepted');
});

test('in memory the same is told as by the engine', async () => {
  const other = new EventWorld(1, memoryStores());
  for (const one of [OPEN, expense(1), OPEN, expense(1, { expectedVersion: 1 }), expense(2, { expectedVersion: 1 })]) {
    expect([one.commandId, await other.send(one)]).toEqual([one.commandId, await world.send(one)]);
  }
});
