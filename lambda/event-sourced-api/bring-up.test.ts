import { bringUp } from './domain/bring-up';
import { domainOf } from './domain/domain';
import type { StoredEvent } from './domain/events';
import type { ViewChange } from './domain/ports';
import { projectEvents, type ProjectPorts } from './domain/project-events';
import { bringUpAnswerOf, bringUpOf } from './project/messages';
import { DEFINITION, EventWorld, memoryStores, type Stores } from '../../test/support/event-world';

/** What the projector does for whoever redrives, on stores in memory. */

const domain = domainOf(DEFINITION);
const { claims } = DEFINITION.views;

let stores: Stores;
let events: StoredEvent[];
let told: ViewChange[];
let noted: object[];

beforeEach(async () => {
  stores = memoryStores();
  const world = new EventWorld(7, stores);
  world.calm = true;
  for (let n = 0; n < 60; n++) await world.send(world.command());
  events = world.stream.splice(0);
  told = [];
  noted = [];
});

const ports = (changes: Partial<ProjectPorts> = {}): ProjectPorts => ({
  ...{ events: stores.events, views: stores.views, now: stores.now, publishedAs: (view) => [view] },
  publisher: { publish: async (more) => void told.push(...more) },
  parking: { park: async () => undefined },
  noteFailure: async (what, error, fields) => void noted.push({ what, error: (error as Error).name, ...fields }),
  ...changes,
});

const idsOf = () => [...new Set(events.map(({ id }) => id))];
const last = (id: string) => events.filter((event) => event.id === id).length;
const positionsOf = async (view: string) =>
  Object.fromEntries((await stores.rows(view)).map(({ id, position }) => [id, position]));
const whole = (ids = idsOf()) => Object.fromEntries(ids.map((id) => [id, last(id)]));

test('aggregates are brought up in every view to all of their events, and each is told of once', async () => {
  const ids = idsOf();
  expect(ids.length).toBeGreaterThan(1);
  expect(await bringUp(ports(), domain, { ids: [...ids, ids[0]] })).toEqual([]);
  for (const view of ['claims', 'claims-v2']) {
    expect(await positionsOf(view)).toEqual(whole());
    const ofView = told.filter((change) => change.view === view);
    expect([...new Set(ofView.map(({ id, version }) => `${id} ${version}`))].sort()).toEqual(
      ids.map((id) => `${id} ${last(id)}`).sort(),
    );
  }
  told = [];
  expect(await bringUp(ports(), domain, { ids })).toEqual([]);
  expect(told).toEqual([]);
});

test('one view is brought up alone; of one that the domain has no more, and of no aggregate, there is nothing to do', async () => {
  const [id] = idsOf();
  expect(await bringUp(ports(), domain, { ids: [id], view: 'claims-v2' })).toEqual([]);
  expect([await positionsOf('claims'), await positionsOf('claims-v2')]).toEqual([{}, whole([id])]);
  told = [];
  expect(await bringUp(ports(), domain, { ids: [id], view: 'gone' })).toEqual([]);
  expect(await bringUp(ports(), domain, { ids: ['nobody'] })).toEqual([]);
  expect(told).toEqual([]);
});

test('what a view still cannot take is answered by name, its row is as far as it can be, and its neighbours are whole', async () => {
  const [bad] = events.filter(({ version }) => version === 2);
  const apply: typeof claims.apply = (view, event) => {
    if (event.id === bad.id && event.version === 2) throw new RangeError('hidden words');
    return claims.apply(view, event);
  };
  const broken = domainOf({ ...DEFINITION, views: { ...DEFINITION.views, claims: { ...claims, apply } } });
  const left = await bringUp(ports(), broken, { ids: idsOf() });
  expect(left).toEqual([
    { id: bad.id, reason: `claims of ${bad.id} at version 2: views.claims.apply of ${bad.type} threw RangeError` },
  ]);
  expect(await positionsOf('claims')).toEqual({ ...whole(), [bad.id]: 1 });
  expect(await positionsOf('claims-v2')).toEqual(whole());
  expect(told.filter(({ view, id }) => view === 'claims' && id === bad.id)).toMatchObject([{ version: 1 }]);
});

test('one that cannot be read is answered and noted by the name of its error, and holds up no other', async () => {
  const [bad] = idsOf();
  const views: ProjectPorts['views'] = {
    ...stores.views,
    rows: (keys) => (keys[0].id === bad ? Promise.reject(new RangeError('hidden words')) : stores.views.rows(keys)),
  };
  const left = await bringUp(ports({ views }), domain, { ids: idsOf() });
  expect(left).toEqual([{ id: bad, reason: `claims of ${bad}: RangeError` }]);
  expect(noted).toEqual(
    ['claims', 'claims-v2'].map((view) => ({
      ...{ what: 'aggregate is not brought up', error: 'RangeError', view, id: bad },
    })),
  );
  expect(await positionsOf('claims')).toEqual(whole(idsOf().filter((id) => id !== bad)));
});

test('changes are told once all rows are there, under the names that queries have', async () => {
  await projectEvents(
    ports(),
    domain,
    events.filter(({ version }) => version === 1),
  );
  told = [];
  const rows: Record<string, number>[] = [];
  const publisher = {
    publish: async (changes: readonly ViewChange[]) => {
      rows.push(await positionsOf('claims-v2'));
      told.push(...changes);
    },
  };
  const publishedAs = (view: string) => (view === 'claims-v2' ? ['claims'] : []);
  await bringUp(ports({ publisher, publishedAs }), domain, { ids: idsOf() });
  expect(rows).toEqual([whole()]);
  expect(new Set(told.map(({ view }) => view))).toEqual(new Set(['claims']));
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['another message', { command: 'redrive' }],
  ['no aggregates', { bringUp: { ids: [] } }],
  ['more than a hundred', { bringUp: { ids: Array.from({ length: 101 }, String) } }],
  ['an id that is none', { bringUp: { ids: [1] } }],
  ['an empty id', { bringUp: { ids: [''] } }],
  ['more than is asked for', { bringUp: { ids: ['c1'], anew: true } }],
  ['something beside it', { bringUp: { ids: ['c1'] }, more: 1 }],
])('%s is refused, with what a message is', (_, event) => {
  expect(() => bringUpOf(event)).toThrow('A message is {"bringUp": {"ids": [...], "view": V}}');
});

test('messages and answers are read as they are sent', () => {
  expect(bringUpOf({ bringUp: { ids: ['c1'], view: 'claims' } })).toEqual({ ids: ['c1'], view: 'claims' });
  expect(bringUpAnswerOf({ left: [{ id: 'c1', reason: 'x' }] })).toEqual({ left: [{ id: 'c1', reason: 'x' }] });
  for (const other of [undefined, {}, { left: [{}] }, { batchItemFailures: [] }]) {
    expect(bringUpAnswerOf(other)).toBeUndefined();
  }
});
