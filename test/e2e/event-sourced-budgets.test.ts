import { callLatencyMs, callsOf, type Cost, sumUp } from './costs';
import { eventSourcingPage, type RequestCost } from './costs-page';
import { useCast } from './event-sourced/cast';
import { claimsByStatusQuery, myClaimsQuery } from './event-sourced/documents';
import { conflictOf, rejectionOf } from './event-sourced/shapes';
import { claimOpened, expenseAdded, newExpense, newId, OPEN, type Session, useClaims } from './event-sourced/world';
import { connectRealtime } from '../../local/appsync/testing';
import type { AwsCall } from '../../local/types';

/**
 * What commands, queries and events cost, counted on the running system: calls of DynamoDB, their depth (the longest chain
 * of calls that wait for one another), read and write units. The numbers are exact: what changes them changes what users
 * pay.
 */

jest.setTimeout(60_000);

const world = useClaims({ callLatencyMs });
const cast = useCast(world);
const rows: RequestCost[] = [];

const PAGE = 20;

const isProjector = ({ principal }: AwsCall) => /ApiProject/.test(principal);
const ofTables = (calls: readonly AwsCall[]) => calls.filter(({ service }) => service === 'dynamodb');

type Action = () => Promise<unknown>;
type Limits = Pick<Cost, 'calls' | 'depth'>;

/**
 * @param part what is counted of all that follows: what answers, or the projector
 * @param limits calls, and how many of them wait for one another
 * @param publishes how often a change is told meanwhile
 */
function row(
  name: string,
  part: 'answer' | 'projection',
  limits: Limits,
  publishes: number,
  prepare: () => Promise<Action>,
): void {
  test(`${name}: ${limits.calls} calls, depth ${limits.depth}`, async () => {
    const action = await prepare();
    await world.settled();
    const published = () =>
      world.app.requests().filter(({ routeKey }) => routeKey === 'Mutation.publishViewChange').length;
    const before = published();
    const calls = ofTables(await callsOf(world.app, action));
    const cost = sumUp(calls.filter((call) => isProjector(call) === (part === 'projection')));
    rows.push({ name, ...cost });
    expect([cost, published() - before]).toMatchObject([limits, publishes]);
    expect(cost).toMatchSnapshot(name);
  });
}

/** A claim of so many events, with a view and snapshots of them. */
async function claimOf(events: number, owner: Session = cast.owner): Promise<string> {
  const id = newId();
  const added = Array.from({ length: events - 1 }, (_, n) => expenseAdded(id, owner, n + 2, expense()));
  await world.putEvents([claimOpened(id, owner, { limitCents: 1_000_000 }), ...added]);
  await world.settled();
  return id;
}
const expense = () => newExpense({ amountCents: 1234 });

const ADD = { calls: 2, depth: 2 };

/** Before they are counted, processes and connections are there. */
beforeAll(async () => {
  const id = await world.claimOf(cast.owner);
  await world.settled();
  await world.seen(cast.owner, id);
});

describe('a command', () => {
  const add = (events: number) => async () => {
    const id = await claimOf(events);
    return () => world.ok(cast.owner, 'addExpense', { id, ...expense() });
  };
  row('command: makes an aggregate', 'answer', ADD, 1, async () => {
    const id = newId();
    return () => world.ok(cast.owner, 'openClaim', { id, ...OPEN });
  });
  row('command: on 10 events', 'answer', ADD, 1, add(10));
  row('command: on 49 events, before a snapshot', 'answer', ADD, 1, add(49));
  row('command: on 51 events, after it', 'answer', ADD, 1, add(51));
  row('command: on 51 events, with expectedVersion', 'answer', ADD, 1, async () => {
    const id = await claimOf(51);
    return () => world.ok(cast.owner, 'addExpense', { id, expectedVersion: 51, ...expense() });
  });
  row('command: is rejected', 'answer', ADD, 0, async () => {
    const id = await claimOf(1);
    return async () => rejectionOf(await world.send(cast.owner, 'submitClaim', { id }), 'submitClaim');
  });
  row('command: is sent again', 'answer', ADD, 0, async () => {
    const variables = { id: await claimOf(1), commandId: newId(), ...expense() };
    await world.ok(cast.owner, 'addExpense', variables);
    return () => world.ok(cast.owner, 'addExpense', variables);
  });
  row('command: expects another version', 'answer', ADD, 0, async () => {
    const variables = { id: await claimOf(1), expectedVersion: 7, ...expense() };
    return async () => conflictOf(await world.send(cast.owner, 'addExpense', variables), 'addExpense');
  });
});

describe('an event, brought into the view', () => {
  const next = (events: number) => async () => {
    const id = await claimOf(events);
    return () => world.ok(cast.owner, 'addExpense', { id, ...expense() });
  };
  row('event: the first, into a row and two lists', 'projection', { calls: 2, depth: 2 }, 1, async () => {
    const id = newId();
    return () => world.ok(cast.owner, 'openClaim', { id, ...OPEN });
  });
  row('event: the third, which moves it in a list', 'projection', { calls: 2, depth: 2 }, 1, next(2));
  row('event: the 50th, with a snapshot', 'projection', { calls: 4, depth: 4 }, 1, next(49));
});

describe('a query', () => {
  const ONE = { calls: 1, depth: 1 };
  let lister: Session;
  let id: string;

  beforeAll(async () => {
    lister = await world.user();
    const ids = Array.from({ length: PAGE }, newId);
    await world.putEvents(ids.flatMap((one) => [claimOpened(one, lister), expenseAdded(one, lister, 2, expense())]));
    id = await claimOf(PAGE);
  });

  row('query: a claim', 'answer', ONE, 0, async () => () => world.seen(cast.owner, id));
  row('query: what became of a command', 'answer', ONE, 0, async () => {
    const commandId = newId();
    await world.ok(cast.owner, 'openClaim', { id: newId(), commandId, ...OPEN });
    return () => world.command(cast.owner, commandId);
  });
  const page = (list: string, document: string, by: () => Session) => async () => async () => {
    const { data, errors } = await world.queries(by())(document, { status: 'OPEN', limit: PAGE });
    const { items } = data?.[list] as { items: unknown[] };
    expect([errors, items.length]).toEqual([[], PAGE]);
  };
  row(
    `query: ${PAGE} claims of the caller`,
    'answer',
    ONE,
    0,
    page('myClaims', myClaimsQuery(), () => lister),
  );
  row(
    `query: ${PAGE} claims of a status`,
    'answer',
    ONE,
    0,
    page('claimsByStatus', claimsByStatusQuery(), () => cast.approver),
  );
  row(`query: ${PAGE} events`, 'answer', ONE, 0, async () => async () => {
    expect(await world.allEvents(cast.auditor, id)).toHaveLength(PAGE);
  });
  row('subscription: to a claim', 'answer', ONE, 0, async () => async () => {
    const client = await connectRealtime(world.queryUrl, cast.owner);
    await client.subscribe('subscription w($id: ID!) { onViewChange(view: "claims", id: $id) { version } }', { id });
    await client.close();
  });
  row('subscription: to all of the caller', 'answer', { calls: 0, depth: 0 }, 0, async () => async () => {
    const client = await connectRealtime(world.queryUrl, cast.owner);
    await client.subscribe('subscription w($sub: ID!) { onMyChanges(owner: $sub) { version } }', {
      sub: cast.owner.sub,
    });
    await client.close();
  });
});

test('docs/event-sourcing.md says so (npm run costs writes it)', () => {
  const { committed, current } = eventSourcingPage(rows);
  expect(committed).toBe(current);
});
