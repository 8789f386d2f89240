import { type Command, type CommandPorts, runCommand } from './commands';
import { add, NOTHING, occupies } from './job';
import { ALIAS, ReindexWorld, SOURCES } from '../../../test/support/reindex-world';
import { inScope } from '../../../test/support/scope';
import { deployIndex } from '../manage-index/deploy';

/** `npm run fuzz:search` asks for all of them. A run that failed is run alone by its seed. */
const RUNS = Number(process.env.FUZZ_RUNS ?? inScope(40, 150));
const ONLY = process.env.FUZZ_SEED === undefined ? undefined : Number(process.env.FUZZ_SEED);

const portsOf = (world: ReindexWorld): CommandPorts => ({
  jobs: world.jobs,
  indexes: world.cluster,
  send: (messages, delay) => world.send(messages, delay),
  now: () => world.now,
  alias: ALIAS,
});

/** A deployment, as CloudFormation makes it: it ends when it has succeeded. */
async function deploy(world: ReindexWorld, place: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      const blueprint = { body: { mappings: { dynamic: 'strict' } }, source: SOURCES[place] };
      const ports = { ...portsOf(world), indexes: world.cluster };
      await deployIndex(ports, { alias: ALIAS, first: `${ALIAS}-000001`, blueprint, backfill: true });
      return;
    } catch (error) {
      if (tries > 50) throw error;
      await world.deliver();
    }
  }
}

/** What an operator asks for may be refused, and asked for again. */
async function ask(world: ReindexWorld, command: Command): Promise<void> {
  try {
    await runCommand(portsOf(world), command);
  } catch (error) {
    if (world.calm && !(error instanceof Error && error.name === 'Refused')) throw error;
  }
}

const COMMANDS: readonly Command[] = (['reindex', 'backfill', 'resume', 'cancel', 'drop', 'switch-back'] as const).map(
  (command) => ({ command }),
);

/** Works off everything. An operator resumes what has stopped. */
async function settle(world: ReindexWorld): Promise<void> {
  for (let left = 5_000; ; left--) {
    if (left === 0) throw new Error(`Seed ${world.seed}: a job goes on for ever, at ${world.jobs.job?.phase}`);
    if (!world.streamIsRead) {
      await world.readStream();
    } else if (await world.deliver()) {
      continue;
    } else if (world.jobs.job && occupies(world.jobs.job)) {
      await ask(world, { command: 'resume' });
    } else if (!(await world.jobs.isComplete((await world.cluster.writtenBy(ALIAS))!))) {
      // A backfill was cancelled.
      await ask(world, { command: 'backfill' });
    } else {
      return;
    }
  }
}

/**
 * Deployments, commands and jobs while items are written, removed and made again, nodes start again and forget what was
 * deleted, and calls and messages are lost, late, doubled, or broken off.
 */
async function run(seed: number) {
  const world = new ReindexWorld(seed);
  world.fill(world.below(25));
  let place = 0;
  await deploy(world, place);
  for (let step = 0; step < 60; step++) {
    const draw = world.random();
    if (draw < 0.35) {
      await world.other();
    } else if (draw < 0.9) {
      await world.deliver();
    } else if (draw < 0.94) {
      place = world.below(2);
      await deploy(world, place);
    } else if (draw < 0.98) {
      await ask(world, COMMANDS[world.below(COMMANDS.length)]);
    } else {
      world.now += world.below(100_000);
    }
  }
  world.calm = true;
  await settle(world);
  return { world, place };
}

test(`${ONLY === undefined ? `${RUNS} runs` : `run ${ONLY}`} of reindexing with faults end with the index equal to the table`, async () => {
  const seen = { documents: 0, dead: 0, repaired: 0, gone: 0, reindexed: 0 };
  for (let seed = ONLY ?? 1; seed <= (ONLY ?? RUNS); seed++) {
    const { world } = await run(seed);
    const { cluster, jobs } = world;
    const of = async () => (await cluster.targets(ALIAS)).find(({ index }) => cluster.of(index).aliases.has(ALIAS))!;
    const { source } = await of();
    expect({ seed, documents: cluster.documentsOf(ALIAS) }).toEqual({ seed, documents: world.documents(source) });
    const tally = [...jobs.all.values()].reduce((sum, segment) => add(sum, segment.tally), NOTHING);
    seen.documents += Object.keys(cluster.documentsOf(ALIAS)).length;
    seen.dead += world.dead;
    seen.repaired += tally.repaired;
    seen.gone += tally.gone;
    seen.reindexed += (await of()).index === `${ALIAS}-000001` ? 0 : 1;
  }
  if (ONLY === undefined) {
    // What it is for has happened.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(RUNS / 100);
  }
});
