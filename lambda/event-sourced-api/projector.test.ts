import { catchUp } from './domain/catch-up';
import { domainOf } from './domain/domain';
import type { StoredEvent } from './domain/events';
import { loadAggregate } from './domain/load-aggregate';
import type { ListedViewStore } from './domain/ports';
import { projectEvents, type ProjectPorts } from './domain/project-events';
import { viewsOf } from './domain/views';
import type { ClaimView } from './expense-claims/model';
import { DEFINITION, EventWorld, memoryStores, type Stores } from '../../test/support/event-world';

/** The projector's rules one by one, where the simulation has them all at once. */

let stores: Stores;
let world: EventWorld;
beforeEach(() => {
  stores = memoryStores();
  world = new EventWorld(7, stores);
  world.calm = true;
});

const domain = domainOf(DEFINITION);
const { claims } = DEFINITION.views;

/** A domain with another view in the place of the first. */
const withView = (changes: object) => domainOf({ ...DEFINITION, views: { claims: { ...claims, ...changes } } });

/** Sends so many commands. @returns the events, by aggregates */
async function send(commands: number): Promise<StoredEvent[]> {
  for (let n = 0; n < commands; n++) await world.send(world.command());
  return world.stream.splice(0);
}

const parked: unknown[] = [];
const ports = (views: ListedViewStore = stores.views): ProjectPorts => ({
  ...{ events: stores.events, views, now: stores.now, publishedAs: (view) => [view] },
  publisher: { publish: async () => undefined },
  parking: { park: async (more) => void parked.push(...more) },
  noteFailure: async (what, error, fields) => void noted.push({ what, stack: (error as Error).stack, ...fields }),
});
const noted: Record<string, unknown>[] = [];
beforeEach(() => {
  parked.splice(0);
  noted.splice(0);
});

const rowsOf = async (view: string) =>
  new Map((await stores.rows(view)).map(({ id, position, data }) => [id, { position, data }]));

test('replay is equal to live: by one event at a time, by batches, and all at once from the store', async () => {
  const events = await send(60);
  for (const event of events) expect((await projectEvents(ports(), domain, [event])).size).toBe(0);
  const live = await rowsOf('claims');
  expect(live.size).toBeGreaterThan(1);
  // As a view that is new, and as one that other code has made.
  for (const view of viewsOf(domain)) {
    for (const id of live.keys()) {
      const [row] = await stores.views.rows([{ view: view.name, id }]);
      const { row: replayed } = await catchUp(stores, { view, id, row, anew: true });
      expect(replayed).toMatchObject(live.get(id)!);
    }
  }
  const [other] = viewsOf(withView({ version: 9 }));
  for (const id of live.keys()) {
    const [row] = await stores.views.rows([{ view: 'claims', id }]);
    const { row: replayed, changed } = await catchUp(stores, { view: other, id, row, known: [] });
    expect({ changed, ...replayed }).toMatchObject({ changed: true, projectionVersion: 9, ...live.get(id)! });
  }
});

test('an event that a view cannot take parks its aggregate in that view; its neighbours go on, and so does the other view', async () => {
  const events = await send(60);
  const [bad] = events.filter(({ version }) => version === 2);
  const apply: typeof claims.apply = (view, event) => {
    if (event.id === bad.id && event.version === 2) throw new RangeError('hidden words');
    return claims.apply(view, event);
  };
  const broken = domainOf({ ...DEFINITION, views: { ...DEFINITION.views, claims: { ...claims, apply } } });
  expect((await projectEvents(ports(), broken, events)).size).toBe(0);
  const last = (id: string) => events.filter((event) => event.id === id).length;
  for (const [id, { position }] of await rowsOf('claims')) expect(position).toBe(id === bad.id ? 1 : last(id));
  for (const [id, { position }] of await rowsOf('claims-v2')) expect(position).toBe(last(id));
  const stuck = { aggregateType: 'ExpenseClaim', aggregateId: bad.id, view: 'claims', version: 2 };
  const reason = `views.claims.apply of ${bad.type} threw RangeError`;
  expect(parked).toEqual([{ ...stuck, reason }]);
  expect(noted).toEqual([
    {
      ...{ what: 'aggregate is parked', view: 'claims', id: bad.id, version: 2, reason },
      stack: expect.stringMatching(/threw RangeError\n\s+at .*projector\.test\.ts:\d+:\d+/) as string,
    },
  ]);
  expect(JSON.stringify(noted)).not.toContain('hidden words');
  // A later event of it finds the same row before the same event: that was parked.
  const later = events.filter(({ id }) => id === bad.id).at(-1)!;
  expect(later.version).toBeGreaterThan(2);
  expect((await projectEvents(ports(), broken, [later])).size).toBe(0);
  expect(parked).toHaveLength(1);
  // Its own record may come again, as after an invocation that ended before it was parked; so may other code.
  await projectEvents(ports(), broken, [bad]);
  expect(parked).toHaveLength(2);
  const newer = domainOf({ ...DEFINITION, views: { claims: { ...claims, apply, version: 7 } } });
  await projectEvents(ports(), newer, [later]);
  expect(parked.splice(2)).toEqual([{ ...stuck, reason }]);
  // Once the code is right, the next event brings all of it.
  await projectEvents(ports(), domain, [later]);
  expect((await rowsOf('claims')).get(bad.id)?.position).toBe(last(bad.id));
  expect(parked).toHaveLength(2);
});

test('snapshots are stored before changes are told: whoever is told holds nothing up', async () => {
  const events = await send(60);
  const order: string[] = [];
  const putSnapshot: Stores['events']['putSnapshot'] = async (...snapshot) => {
    order.push('snapshot');
    await stores.events.putSnapshot(...snapshot);
  };
  const publisher = { publish: async () => void order.push('told') };
  await projectEvents({ ...ports(), events: { ...stores.events, putSnapshot }, publisher }, domain, events);
  expect(order.length).toBeGreaterThan(2);
  expect(order.indexOf('told')).toBe(order.length - 1);
});

test('a snapshot that the domain cannot make is noted by the part of it that fails', async () => {
  const events = await send(60);
  const evolve = Object.fromEntries(Object.keys(DEFINITION.evolve).map((type) => [type, () => JSON.parse('x')]));
  await projectEvents(ports(), domainOf({ ...DEFINITION, evolve }), events);
  const snapshots = noted.filter(({ what }) => what === 'snapshot is not taken');
  expect(snapshots.length).toBeGreaterThan(0);
  for (const { reason } of snapshots) expect(reason).toMatch(/^evolve\.\w+ threw SyntaxError$/);
});

test('where what cannot be taken cannot be parked either, its events come again', async () => {
  const events = await send(10);
  const broken = withView({ apply: () => JSON.parse('x') as ClaimView });
  const dead = { ...ports(), parking: { park: () => Promise.reject(new Error('not reached')) } };
  expect(await projectEvents(dead, broken, events)).toEqual(new Set(events));
});

test('new code that cannot take the events of a row leaves what the old one has made', async () => {
  const events = await send(30);
  await projectEvents(ports(), domain, events);
  const before = await rowsOf('claims');
  const [broken] = viewsOf(withView({ version: 2, apply: () => JSON.parse('x') as ClaimView }));
  for (const id of before.keys()) {
    const [row] = await stores.views.rows([{ view: 'claims', id }]);
    expect(await catchUp(stores, { view: broken, id, row, known: [] })).toMatchObject({
      ...{ changed: false, stuck: { version: 1 } },
    });
  }
  expect(await rowsOf('claims')).toEqual(before);
});

test('a rebuild under load ends with rows of the new code, whoever has read them before', async () => {
  const [opened, added] = await (async () => {
    await world.send({
      ...world.command(),
      command: 'openClaim',
      id: 'c1',
      arguments: { title: 'a', limitCents: 9_000, currency: 'EUR' },
      expectedVersion: undefined,
    });
    await world.send({
      ...world.command(),
      command: 'withdrawClaim',
      id: 'c1',
      arguments: {},
      actor: { sub: 'ann', username: 'ann', groups: [] },
      expectedVersion: undefined,
    });
    return world.stream.splice(0);
  })();
  const owner = 'ann';
  const events = [opened, added].map((event) => ({ ...event, actor: owner }));
  // A row of the first event, by code that was wrong.
  const wrong = viewsOf(
    withView({
      apply: (view: ClaimView | undefined, event: never) => ({ ...claims.apply(view, event)!, title: 'wrong' }),
    }),
  )[0];
  await catchUp(stores, { view: wrong, id: 'c1', row: undefined, known: events.slice(0, 1) });
  // While the second is brought into it, the row that was read is rebuilt.
  let isRebuilt = false;
  const views: ListedViewStore = {
    ...stores.views,
    put: async (...parameters) => {
      if (!isRebuilt) {
        isRebuilt = true;
        const [row] = await stores.views.rows([{ view: 'claims', id: 'c1' }]);
        const first = { ...stores.events, events: async () => ({ events: events.slice(0, 1), more: false }) };
        const [right] = viewsOf(domain);
        expect(await catchUp({ ...stores, events: first }, { view: right, id: 'c1', row, anew: true })).toMatchObject({
          changed: true,
        });
      }
      return stores.views.put(...parameters);
    },
  };
  const [right] = viewsOf(domain);
  const [row] = await stores.views.rows([{ view: 'claims', id: 'c1' }]);
  await catchUp({ ...stores, views }, { view: right, id: 'c1', row, known: events });
  expect((await rowsOf('claims')).get('c1')).toMatchObject({ position: 2, data: { title: 'a', status: 'WITHDRAWN' } });
});

test('an event of an earlier schema version is read as one of today, by commands and by views', async () => {
  await world.send({
    ...world.command(),
    command: 'openClaim',
    id: 'c1',
    arguments: { title: 'a', limitCents: 50_000, currency: 'EUR' },
    expectedVersion: undefined,
  });
  const [event] = world.stream.splice(0);
  const old = { ...event, schemaVersion: 1, data: { title: 'a', limit: 500 } };
  await projectEvents(ports(), domain, [event]);
  const today = await rowsOf('claims');
  const { state } = await loadAggregate(stores.events, domain, 'c1');
  const ancient: Stores['events'] = {
    ...stores.events,
    history: async () => ({ events: [old] }),
    events: async (_, { after }) => ({ events: after === 0 ? [old] : [], more: false }),
  };
  expect((await loadAggregate(ancient, domain, 'c1')).state).toEqual(state);
  for (const view of viewsOf(domain)) {
    const { row } = await catchUp({ ...stores, events: ancient }, { view, id: 'c1', row: undefined });
    expect(row).toMatchObject({ ...today.get('c1') });
  }
});

test('a row that others change at every attempt is busy, not wrong', async () => {
  const events = await send(20);
  const views: ListedViewStore = { ...stores.views, put: async () => false };
  expect(await projectEvents(ports(views), domain, events)).toEqual(new Set(events));
  expect(await rowsOf('claims')).toEqual(new Map());
});
