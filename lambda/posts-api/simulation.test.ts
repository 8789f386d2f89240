import { startTestEngine, type TestEngine } from '../../test/support/engine';
import { PostSimulation, type Tally } from '../../test/support/post-simulation';
import { inScope, sampled } from '../../test/support/scope';

let engine: TestEngine;
beforeAll(async () => (engine = await startTestEngine()));
afterAll(() => engine.close());

const SEEDS = sampled(
  Array.from({ length: 10 }, (_, n) => n + 1),
  5,
);

/** Runs requests in an order that the seed says, and looks at what is left in the end. */
async function simulate(seed: number, requests: number, many: number): Promise<Tally> {
  const simulation = new PostSimulation(await engine.tables(), seed, many);
  await simulation.run(requests).catch((error: unknown) => {
    throw new Error(`Seed ${seed}: ${String(error)}`);
  });
  const { wanted, found } = await simulation.items();
  expect({ seed, found }).toEqual({ seed, found: wanted });
  expect({ seed, wrong: await simulation.wrong() }).toEqual({ seed, wrong: [] });
  return simulation.tally;
}

test('any interleaving of changes, reads, clean-up and breaks shows each post to those who may see it, and ends with its edges', async () => {
  const total: Tally = { reads: 0, seen: 0, moving: 0, broken: 0, messages: 0, lists: 0 };
  for (const seed of SEEDS) {
    const tally = await simulate(seed, 40, 60);
    for (const name of Object.keys(total) as (keyof Tally)[]) total[name] += tally[name];
  }
  // What it is for must have happened.
  expect(total.seen).toBeGreaterThan(2 * SEEDS.length);
  expect(total.reads - total.seen).toBeGreaterThan(2 * SEEDS.length);
  expect(total.moving).toBeGreaterThan(SEEDS.length / 2);
  expect(total.broken).toBeGreaterThan(2 * SEEDS.length);
  expect(total.lists).toBeGreaterThan(0.8 * SEEDS.length);
}, 120_000);

test('so it does with three hundred allowed users', async () => {
  const { lists } = await simulate(100, inScope(12, 25), 300);
  expect(lists).toBeGreaterThan(0);
}, 60_000);
