import { type Domain, domainOf } from './domain/domain';
import type { StoredEvent } from './domain/events';
import { type Command, handleCommand } from './domain/handle-command';
import { projectEvents, type ProjectPorts } from './domain/project-events';
import { domain as claims } from './expense-claims/domain';
import { type Cost, costOf } from '../../test/support/costs';
import { startTestEngine, type TestEngine, weakReads, type TestTables } from '../../test/support/engine';
import { tableStores } from '../../test/support/event-tables';
import { DEFINITION, type Stores } from '../../test/support/event-world';
import { inScope } from '../../test/support/scope';

/**
 * What a command and a projected event ask of DynamoDB: calls, how many of them wait for one another, read and write
 * units. The numbers are exact: what changes them changes what users pay. All reads are strongly consistent.
 */

let engine: TestEngine;
let tables: TestTables;
let stores: Stores;
/** As it is shipped: a snapshot every 50 events. */
const domain = domainOf(claims);

beforeAll(async () => (engine = await startTestEngine()));
afterAll(() => engine.close());
beforeEach(async () => {
  tables = await engine.tables();
  stores = tableStores(tables);
});

/** Ids are as long as those of clients usually are. */
const uuid = (n: number) => `01890000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const commandOf = (n: number, command: string, args: Record<string, unknown>): Command => ({
  ...{ command, id: uuid(0), commandId: uuid(n), correlationId: uuid(n), arguments: args },
  actor: { sub: uuid(1), username: uuid(1), groups: [] },
});
const open = commandOf(0, 'openClaim', { title: 'Berlin', limitCents: 1_000_000, currency: 'EUR' });
const expense = (n: number) =>
  commandOf(n, 'addExpense', {
    ...{ expenseId: uuid(n), description: 'Taxi to the station', category: 'TRAVEL', amountCents: 1234 },
    spentOn: '2026-11-01',
  });

let now = Date.UTC(2026, 10, 22, 12);
const ids = { now: () => (now += 1001), newId: () => uuid(9) };
const decide = (command: Command) => handleCommand({ ...ids, events: stores.events }, domain, command);

async function send(command: Command): Promise<readonly StoredEvent[]> {
  const decision = await decide(command);
  if (decision.outcome !== 'ACCEPTED') throw new Error(decision.outcome);
  expect(await stores.append(decision)).toEqual({ outcome: 'written' });
  return decision.events;
}

const ports = (): ProjectPorts => ({
  ...{ events: stores.events, views: stores.views, now: stores.now, publishedAs: (view: string) => [view] },
  publisher: { publish: async () => undefined },
  parking: { park: async () => undefined },
  noteFailure: async (what) => {
    throw new Error(what);
  },
});
const project = async (events: readonly StoredEvent[], of: Domain = domain) =>
  expect((await projectEvents(ports(), of, events)).size).toBe(0);

/** A claim of so many events, all of them projected. */
async function history(count: number): Promise<void> {
  const events = [];
  for (let n = 0; n < count; n++) events.push(...(await send(n === 0 ? open : expense(n))));
  // With as many snapshots as there are, without the rows in between.
  if (events.length > 0) await project(events);
}

const DECIDED: readonly [string, number, Cost][] = [
  ['on what does not exist', 0, { calls: 1, depth: 1, rcu: 1, wcu: 0 }],
  ['after 10 events', 10, { calls: 1, depth: 1, rcu: 2, wcu: 0 }],
  ['after 49 events, without a snapshot', 49, { calls: 1, depth: 1, rcu: 7, wcu: 0 }],
  ['after 51 events, by a snapshot', 51, { calls: 1, depth: 1, rcu: 8, wcu: 0 }],
  ['after 99 events, by a snapshot', 99, { calls: 1, depth: 1, rcu: 8, wcu: 0 }],
];

test.each(inScope(DECIDED.slice(0, -1), DECIDED))('to decide a command %s', async (_, events, cost) => {
  await history(events);
  expect(await costOf(tables, () => decide(events === 0 ? open : expense(events)))).toEqual(cost);
  expect(weakReads(tables.calls)).toEqual([]);
});

test.each<[number, Cost]>([
  [50, { calls: 1, depth: 1, rcu: 1, wcu: 0 }],
  [51, { calls: 1, depth: 1, rcu: 1, wcu: 0 }],
  [60, { calls: 1, depth: 1, rcu: 2, wcu: 0 }],
])('a command that says which version it has seen reads no more than that needs: %j', async (events, cost) => {
  await history(events);
  expect(await costOf(tables, () => decide({ ...expense(events), expectedVersion: events }))).toEqual(cost);
  // One that has seen an old version reads on, and is decided by what there is.
  const old = { ...expense(events), expectedVersion: 1 };
  expect(await decide(old)).toMatchObject({ outcome: 'CONFLICT', currentVersion: events });
});

test.each<[string, number, Cost]>([
  ['the first, into a row and two lists', 0, { calls: 2, depth: 2, rcu: 1, wcu: 6 }],
  ['the third, which moves it in one of the lists', 2, { calls: 2, depth: 2, rcu: 1, wcu: 8 }],
  ['the twentieth', 19, { calls: 2, depth: 2, rcu: 1, wcu: 24 }],
])('to project an event: %s', async (_, before, cost) => {
  await history(before);
  const events = await send(before === 0 ? open : expense(before));
  expect(await costOf(tables, () => project(events))).toEqual(cost);
  expect(weakReads(tables.calls)).toEqual([]);
  // Once more, it is known to be there by the same read.
  expect(await costOf(tables, () => project(events))).toMatchObject({ calls: 1, depth: 1, wcu: 0 });
});

test('an event whose predecessor has not come costs one read more', async () => {
  await send(open);
  expect(await costOf(tables, async () => project(await send(expense(1))))).toMatchObject({ calls: 5 });
  expect(tables.calls.map(({ operation }) => operation).slice(2)).toEqual([
    ...['BatchGetItem', 'Query', 'TransactWriteItems'],
  ]);
});

test('the event with a snapshot costs a read and a write more', async () => {
  await history(49);
  const events = await send(expense(49));
  expect(await costOf(tables, () => project(events))).toMatchObject({ calls: 4, depth: 4 });
  expect(await stores.allSnapshots()).toMatchObject([{ version: 50 }]);
});

test('two views share one read, and are written side by side', async () => {
  const events = await send(open);
  expect(await costOf(tables, () => project(events, domainOf(DEFINITION)))).toMatchObject({ calls: 3, depth: 2 });
});

test('a batch of one aggregate is one write of each view', async () => {
  const events = [...(await send(open)), ...(await send(expense(1))), ...(await send(expense(2)))];
  expect(await costOf(tables, () => project(events))).toMatchObject({ calls: 2, depth: 2 });
});
