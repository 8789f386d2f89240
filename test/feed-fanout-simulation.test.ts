import { type GraphKind, simulate } from './support/feed-simulation/simulate';
import { inScope } from './support/scope';

/** A sample; `npm run simulate:feed` runs a hundred thousand of each. */
const seedsOf = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

beforeAll(() => (process.env.POWERTOOLS_LOG_LEVEL = 'SILENT'));
afterAll(() => delete process.env.POWERTOOLS_LOG_LEVEL);

describe.each<[string, GraphKind, number, number]>([
  ["a SocialTable's graph", 'social', inScope(150, 400), 0.9],
  // What is yet to come is not certain: nothing is laid over these feeds.
  ["a graph on a user's own tables", 'own', inScope(100, 400), 0.5],
])('%s', (_, graph, count, certain) => {
  test('feeds are what the graph says, at each read and in the end, whatever fails on the way', async () => {
    const seeds = seedsOf(count);
    const sum = { rows: 0, left: 0, compared: 0, exact: 0, passedOver: 0, faults: 0, rested: 0, restored: 0 };
    for (const seed of seeds) {
      const outcome = await simulate(graph, seed).catch((error: Error) => {
        throw new Error(`npm run simulate:feed -- --seed ${graph}-${seed}: ${error.message}`);
      });
      for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += outcome[name];
    }
    // It is worth nothing where nothing happens.
    expect(sum.rows).toBeGreaterThan(seeds.length);
    expect(sum.left).toBeGreaterThan(seeds.length / 5);
    expect(sum.faults).toBeGreaterThan(2 * seeds.length);
    expect(sum.compared).toBeGreaterThan(7 * seeds.length);
    expect(sum.exact).toBeGreaterThan(certain * sum.compared);
    // Nobody notes who reads feeds of tables of one's own.
    const least = graph === 'social' ? seeds.length : -1;
    expect(Math.min(sum.rested, sum.restored)).toBeGreaterThan(least);
    // Who changes their mind within moments meets the most faults, and is behind most.
    expect(sum.passedOver).toBeLessThan(0.1 * sum.compared);
  }, 600_000);

  test('a seed that is run again is the same run', async () => {
    const traces: string[][] = [[], []];
    for (const trace of traces) {
      await simulate(graph, 7, (line) => void trace.push(line.replace(/(COUNT#\S*|"SK":"\d\d")/g, '')));
    }
    expect(traces[0].length).toBeGreaterThan(50);
    expect(traces[1]).toHaveLength(traces[0].length);
  });
});
