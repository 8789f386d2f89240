import { simulate } from './support/feed-simulation/simulate';
import { inScope } from './support/scope';

/** A sample; `npm run simulate:feed` runs a hundred thousand. */
const SEEDS = Array.from({ length: inScope(150, 1_000) }, (_, n) => n + 1);

beforeAll(() => (process.env.POWERTOOLS_LOG_LEVEL = 'SILENT'));
afterAll(() => delete process.env.POWERTOOLS_LOG_LEVEL);

test('feeds are what the graph says, at each read and in the end, whatever fails on the way', async () => {
  const sum = { rows: 0, left: 0, compared: 0, exact: 0, passedOver: 0, faults: 0 };
  for (const seed of SEEDS) {
    const outcome = await simulate(seed).catch((error: Error) => {
      throw new Error(`npm run simulate:feed -- --seed ${seed}: ${error.message}`);
    });
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += outcome[name];
  }
  // It is worth nothing where nothing happens.
  expect(sum.rows).toBeGreaterThan(SEEDS.length);
  expect(sum.left).toBeGreaterThan(SEEDS.length / 5);
  expect(sum.faults).toBeGreaterThan(2 * SEEDS.length);
  expect(sum.exact).toBeGreaterThan(5 * SEEDS.length);
  expect(sum.passedOver).toBeLessThan(0.05 * sum.compared);
}, 120_000);

test('a seed that is run again is the same run', async () => {
  const traces: string[][] = [[], []];
  for (const trace of traces) {
    await simulate(7, (line) => void trace.push(line.replace(/(COUNT#\S*|"SK":"\d\d")/g, '')));
  }
  expect(traces[0].length).toBeGreaterThan(100);
  expect(traces[1]).toHaveLength(traces[0].length);
});
