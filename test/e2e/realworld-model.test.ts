import { RealWorldOptions, remote, Search } from './harness';
import { actAtRandom, Done } from './model/acts';
import { Random } from './model/random';
import { compare } from './model/reads';
import { Site } from './model/site';
import { useWorld } from './world';
import { inScope } from '../support/scope';

jest.setTimeout(600_000);

/**
 * Milliseconds that all is behind that may be: longer than an act and the reads after it take on a busy machine, and
 * shorter than what the API reckons with.
 */
const LAG = { gsi: 3000, reads: 4000, stream: 1500, search: 3000 };

/** `FUZZ_SEED` runs one seed alone, with as many acts as a whole run has or as `FUZZ_ACTS` says. */
const ONLY = process.env.FUZZ_SEED === undefined ? undefined : Number(process.env.FUZZ_SEED);
const SEEDS = ONLY === undefined ? inScope([1], [1, 2, 3, 4, 5]) : [ONLY];
const ACTS = Number(process.env.FUZZ_ACTS ?? (ONLY === undefined ? inScope(25, 120) : 120));
const READERS = inScope(1, 3);

/** From the third seed on calls fail as well; in the fifth no process of a function answers twice. */
function faultsOf(seed: number): Pick<RealWorldOptions, 'faultSeed' | 'faultRates'> {
  if (seed < 3) return {};
  return seed === 5 ? { faultSeed: seed, faultRates: { coldStart: 1 } } : { faultSeed: seed };
}

/** What a failure is printed with: the last acts say most. */
function story(seed: number, acts: readonly string[]): string {
  const last = acts.map((text, index) => `  ${index + 1}. ${text}`).slice(-12);
  return `FUZZ_SEED=${seed} FUZZ_ACTS=${acts.length + 1} runs this alone. The last acts:\n${last.join('\n')}\n`;
}

/** Users at random, after each of whose acts everybody sees what an in-memory model of the contract says. */
async function run(seed: number, world: ReturnType<typeof useWorld>, most: number): Promise<number> {
  const stage = { world, site: new Site(), random: new Random(seed) };
  const acts: string[] = [];
  try {
    while (acts.length < most) {
      const done: Done = await actAtRandom(stage);
      acts.push(done.text);
      await compare(stage, done, READERS);
    }
  } catch (error) {
    throw new Error(`${story(seed, acts)}${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  return acts.length;
}

const local = remote ? describe.skip : describe;

local.each(SEEDS)('RealWorld API against a model of it, seed %d (only where the runner keeps reads back)', (seed) => {
  // Every other seed with the index, from which lists and tags come then.
  const search: Search = seed % 2 === 0 ? 'on' : 'off';
  const faults = faultsOf(seed);
  const world = useWorld({ search, lag: LAG, ...faults });
  const acts = faults.faultRates === undefined ? ACTS : Math.ceil(ACTS / 4);
  const also = `search ${search}${faults.faultSeed === undefined ? '' : ', with faults'}`;

  test(`everybody sees each of ${acts} acts at once, with everything behind (${also})`, async () => {
    expect(await run(seed, world, acts)).toBe(acts);
  });
});
