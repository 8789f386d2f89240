import { domainOf } from './domain/domain';
import type { StoredEvent } from './domain/events';
import { type Command, handleCommand } from './domain/handle-command';
import type { EventStore } from './domain/ports';
import { projectEvents, type ProjectPorts } from './domain/project-events';
import { verify } from './domain/verify';
import { viewsOf } from './domain/views';
import { DEFINITION, memoryStores, NOON, type Stores } from '../../test/support/event-world';

/** What becomes of a transaction that a query sees in its middle, and of an event that is gone. */

const domain = domainOf(DEFINITION);
const [claims] = viewsOf(domain);

let stores: Stores;
let events: readonly StoredEvent[];
/** Minutes after the events occurred. */
let later: number;
const now = () => NOON + later * 60_000;
let made: number;
const ids = { now: () => NOON, newId: () => `e${++made}` };

const commandOf = (command: string, args: object): Command => ({
  ...{ command, id: 'c1', commandId: `${command}${++made}`, correlationId: 'k', arguments: { ...args } },
  actor: { sub: 'ann', username: 'ann', groups: [] },
});
const expense = (n: number) =>
  commandOf('addExpense', {
    ...{ expenseId: `x${n}`, description: 'taxi', category: 'TRAVEL', amountCents: 100, spentOn: '2026-11-01' },
  });

beforeEach(async () => {
  stores = memoryStores();
  later = 0;
  made = 0;
  const all: StoredEvent[] = [];
  for (const command of [
    commandOf('openClaim', { title: 'trip', limitCents: 9_000, currency: 'EUR' }),
    ...[1, 2].map(expense),
  ]) {
    const decision = await handleCommand({ ...ids, events: stores.events }, domain, command);
    if (decision.outcome !== 'ACCEPTED') throw new Error(decision.outcome);
    await stores.append(decision);
    all.push(...decision.events);
  }
  events = all;
});

/** A store that answers so many times without the second event. */
function halfSeen(times: number): EventStore & { reads: number } {
  const half = (found: readonly StoredEvent[]) => found.filter(({ version }) => version !== 2);
  const store = {
    ...stores.events,
    reads: 0,
    history: async (...query: Parameters<EventStore['history']>) => {
      const history = await stores.events.history(...query);
      return ++store.reads > times ? history : { ...history, events: half(history.events) };
    },
    events: async (...query: Parameters<EventStore['events']>) => {
      const page = await stores.events.events(...query);
      return ++store.reads > times ? page : { ...page, events: half(page.events) };
    },
  };
  return store;
}

const decide = (store: EventStore) => handleCommand({ ...ids, now, events: store }, domain, expense(3));

test('a command whose aggregate is seen in the middle of a transaction is decided once all of it is there', async () => {
  const store = halfSeen(2);
  expect(await decide(store)).toMatchObject({ outcome: 'ACCEPTED', record: { fromVersion: 3, toVersion: 4 } });
  expect(store.reads).toBe(3);
});

test('where it does not come to be there, the command is to be sent again; where it is gone, operators are told', async () => {
  await expect(decide(halfSeen(Infinity))).rejects.toMatchObject({ name: 'Busy' });
  later = 6;
  await expect(decide(halfSeen(Infinity))).rejects.toMatchObject({
    ...{ name: 'DomainFault', message: 'version 2 is missing before version 3' },
  });
});

const parked: unknown[] = [];
const failures: string[] = [];
beforeEach(() => [parked, failures].forEach((list) => list.splice(0)));
const project = (store: EventStore, records: readonly StoredEvent[]) => {
  const ports: ProjectPorts = {
    ...{ events: store, views: stores.views, now, publishedAs: (view) => [view] },
    publisher: { publish: async () => undefined },
    parking: { park: async (more) => void parked.push(...more) },
    noteFailure: async (what, error) => void failures.push(`${what}: ${(error as Error).message}`),
  };
  return projectEvents(ports, domain, records);
};
const positions = async () =>
  Promise.all(
    viewsOf(domain).map(async ({ name }) => (await stores.views.rows([{ view: name, id: 'c1' }]))[0]?.position),
  );

test('views of an aggregate that is seen in the middle of a transaction take it once all of it is there', async () => {
  expect((await project(halfSeen(2), [events[2]])).size).toBe(0);
  expect(await positions()).toEqual([3, 3]);
  expect([parked, failures]).toEqual([[], []]);
});

test('where it does not come to be there, its events come again, and nothing is parked', async () => {
  expect(await project(halfSeen(Infinity), [events[2]])).toEqual(new Set([events[2]]));
  expect(parked).toEqual([]);
  expect(failures).toEqual(['events are not projected yet: version 2 is missing before version 3']);
  expect((await project(stores.events, [events[2]])).size).toBe(0);
  expect(await positions()).toEqual([3, 3]);
});

test('an aggregate of which an event is gone is parked, and what came before it is shown', async () => {
  later = 6;
  expect((await project(halfSeen(Infinity), [events[2]])).size).toBe(0);
  expect(await positions()).toEqual([1, 1]);
  const reason = 'version 2 is missing before version 3';
  for (const view of ['claims', 'claims-v2']) {
    expect(parked).toContainEqual({ aggregateType: 'ExpenseClaim', aggregateId: 'c1', view, version: 3, reason });
  }
  expect(parked).toHaveLength(2);
});

test('a comparison sees what is still being written as what is to come', async () => {
  await project(stores.events, [events[0]]);
  expect(await verify({ ...stores, events: halfSeen(Infinity) }, claims, 'c1')).toEqual({ outcome: 'behind' });
});
