import { Aggregate } from './domain/aggregate';
import { loadAggregate } from './domain/load-aggregate';
import { verify } from './domain/verify';
import { viewsOf } from './domain/views';
import { startTestEngine, type TestEngine } from '../../test/support/engine';
import { tableStores } from '../../test/support/event-tables';
import { EventWorld, memoryStores, type Stores } from '../../test/support/event-world';
import { inScope } from '../../test/support/scope';

/**
 * Random commands, and a stream that delivers twice, in any order, or not at all, to functions that run side by side and
 * stop in between: whatever happens, each view is what its events make. `FUZZ_RUNS=10000` asks for more; a run that failed
 * is run alone by `FUZZ_SEED`.
 */
const RUNS = Number(process.env.FUZZ_RUNS ?? inScope(80, 1500));
const ON_TABLES = Number(process.env.FUZZ_RUNS ?? inScope(3, 40));
const ONLY = process.env.FUZZ_SEED === undefined ? undefined : Number(process.env.FUZZ_SEED);
const seeds = (runs: number) => (ONLY === undefined ? Array.from({ length: runs }, (_, n) => n + 1) : [ONLY]);

/** Commands and deliveries in turn, with faults; then the stream runs dry without. */
async function run(seed: number, stores: Stores, steps: number): Promise<EventWorld> {
  const world = new EventWorld(seed, stores);
  for (let step = 0; step < steps; step++) {
    if (world.random() < 0.55) {
      await world.send(world.command());
    } else {
      await world.deliver();
    }
  }
  world.calm = true;
  // The record of the last event of each aggregate comes in the end; what was missing before stays so.
  const last = new Map((await stores.allEvents()).map((event) => [event.id, event]));
  for (const event of await stores.allEvents()) {
    if (event.version > (last.get(event.id)?.version ?? 0)) last.set(event.id, event);
  }
  world.stream.push(...last.values());
  while (world.stream.length > 0) await world.deliver();
  return world;
}

/** Everything that must hold in the end. */
async function check(world: EventWorld): Promise<void> {
  const { seed, stores, domain } = world;
  expect({ seed, rows: await world.shown() }).toEqual({ seed, rows: await world.wanted() });
  const lists = new Map<string, unknown>();
  for (const view of viewsOf(domain)) {
    for (const { id, data } of await stores.rows(view.name)) {
      for (const [list, place] of Object.entries(view.view.lists?.(data!) ?? {})) {
        lists.set([view.name, list, place?.value, place?.sort, id].join(' '), data);
      }
      expect({ seed, id, ...(await verify(stores, view, id)) }).toEqual({ seed, id, outcome: 'equal' });
    }
  }
  expect({ seed, lists: new Map(await stores.listed()) }).toEqual({ seed, lists });
  // Each version is there once, and each event is of one command that was accepted.
  const events = await stores.allEvents();
  expect(new Set(events.map(({ id, version }) => `${id} ${version}`)).size).toBe(events.length);
  // A snapshot is what the events before it make; a command reads the same with and without.
  for (const { id, version, state } of await stores.allSnapshots()) {
    const before = events.filter((event) => event.id === id && event.version <= version);
    const folded = Aggregate.initial(domain).after(before.sort((one, other) => one.version - other.version));
    expect({ seed, id, state }).toEqual({ seed, id, state: folded.state });
  }
  for (const id of new Set(events.map((event) => event.id))) {
    const all = events.filter((event) => event.id === id).sort((one, other) => one.version - other.version);
    const { version, state } = await loadAggregate(stores.events, domain, id);
    expect({ seed, version, state }).toEqual({
      ...{ seed, version: all.length, state: Aggregate.initial(domain).after(all).state },
    });
    // Whoever watches was told of the last version.
    const told = world.published.filter((change) => change.id === id && change.view === 'claims');
    expect({ seed, id, told: Math.max(...told.map((change) => change.version)) }).toEqual({
      seed,
      id,
      told: all.length,
    });
  }
  expect({ seed, undone: world.undone, parked: world.parked }).toEqual({ seed, undone: [], parked: [] });
}

test(`${ONLY === undefined ? `${RUNS} runs` : `run ${ONLY}`} with faults end with views that are what their events make`, async () => {
  const sum = { accepted: 0, rejected: 0, conflicts: 0, crashes: 0, missing: 0, again: 0, lost: 0, split: 0 };
  let snapshots = 0;
  for (const seed of seeds(RUNS)) {
    const world = await run(seed, memoryStores(), 60);
    await check(world);
    snapshots += (await world.stores.allSnapshots()).length;
    for (const [name, count] of Object.entries(world.seen)) sum[name as keyof typeof sum] += count;
  }
  // It was no fair weather.
  if (ONLY === undefined) {
    for (const [what, count] of Object.entries({ ...sum, snapshots })) {
      expect({ what, isSeen: count > RUNS / 10 }).toEqual({ what, isSeen: true });
    }
  }
});

describe('on tables', () => {
  let engine: TestEngine;
  beforeAll(async () => (engine = await startTestEngine()));
  afterAll(() => engine.close());

  test.each(seeds(ON_TABLES))('run %i', async (seed) => {
    const tables = await engine.tables();
    await check(await run(seed, tableStores(tables), 40));
  });
});
