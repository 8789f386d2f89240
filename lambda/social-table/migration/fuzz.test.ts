import { type Command, runCommand } from './commands';
import { add, NOTHING } from './job';
import { MigrationWorld } from '../../../test/support/migration-world';
import { inScope } from '../../../test/support/scope';
import { Refused } from '../../core/jobs/turns';

/** `FUZZ_RUNS=10000` asks for more. A run that failed is run alone by its seed. */
const RUNS = Number(process.env.FUZZ_RUNS ?? inScope(40, 200));
const ONLY = process.env.FUZZ_SEED === undefined ? undefined : Number(process.env.FUZZ_SEED);

const SETTINGS = { segments: 3, maxReadUnitsPerSecond: 50, maxWriteUnitsPerSecond: 30 };

/** What an operator asks for may be refused, or not be reached, and asked for again. */
async function ask(world: MigrationWorld, command: Command): Promise<void> {
  try {
    await runCommand(world.commands(), SETTINGS, command);
  } catch (error) {
    if (world.calm && !(error instanceof Refused)) throw error;
  }
}

const COMMANDS: readonly Command[] = [
  { command: 'start' },
  { command: 'start', dryRun: true },
  { command: 'resume' },
  { command: 'cancel' },
  { command: 'rate', maxWriteUnitsPerSecond: 5 },
  { command: 'status' },
];

/** Works off everything. An operator resumes what has stopped. */
async function settle(world: MigrationWorld): Promise<void> {
  for (let left = 5_000; ; left--) {
    if (left === 0) throw new Error(`Seed ${world.seed}: a migration goes on for ever`);
    if (await world.deliver()) continue;
    if (world.jobs.job?.phase !== 'running') return;
    await ask(world, { command: 'resume' });
  }
}

const tallyOf = (world: MigrationWorld) =>
  [...world.jobs.all.values()]
    .filter(({ jobId }) => jobId === world.jobs.job?.id)
    .reduce((sum, { tally }) => add(sum, tally), NOTHING);

/** A migration while others write and remove, and calls and messages are lost, late, doubled, or broken off. */
async function run(seed: number) {
  const world = new MigrationWorld(seed);
  world.fill(world.below(30));
  await ask(world, { command: 'start' });
  for (let step = 0; step < 60; step++) {
    const draw = world.random();
    if (draw < 0.2) {
      world.write();
    } else if (draw < 0.9) {
      await world.deliver();
    } else {
      await ask(world, COMMANDS[world.below(COMMANDS.length)]);
    }
  }
  world.calm = true;
  await settle(world);
  return world;
}

test(`${ONLY === undefined ? `${RUNS} runs` : `run ${ONLY}`} of migrating with faults lose nothing and leave nothing old`, async () => {
  const seen = { dead: 0, reread: 0, failed: 0, buried: 0 };
  for (let seed = ONLY ?? 1; seed <= (ONLY ?? RUNS); seed++) {
    const world = await run(seed);
    seen.reread += tallyOf(world).reread;
    // What was begun may have been a dry run, or been cancelled.
    await ask(world, { command: 'start' });
    await settle(world);
    expect({ seed, table: world.table() }).toEqual({ seed, table: world.wanted() });
    const bad = [...world.notes.values()].filter(({ title }) => title === 'bad').length;
    expect({ seed, failed: tallyOf(world).failed }).toEqual({ seed, failed: bad });
    // Once more changes nothing.
    const { writes } = world;
    await ask(world, { command: 'start' });
    await settle(world);
    expect({ seed, writes: world.writes, ...tallyOf(world) }).toMatchObject({
      seed,
      writes,
      scanned: world.items.size,
      converted: 0,
      failed: bad,
      skipped: world.items.size - bad,
    });
    seen.dead += world.dead;
    seen.failed += bad;
    seen.buried += world.buried.length;
  }
  if (ONLY === undefined) {
    // What it is for has happened.
    const { dead, reread, failed, buried } = seen;
    expect(Math.min(dead, reread, failed, buried)).toBeGreaterThan(RUNS / 100);
  }
});
