import { add, type Job, NOTHING, type Rates, type Segment, segmentsOf } from './job';
import { kick } from './life';
import type { CommandPorts } from './ports';
import { newId } from '../../core/ids';
import { Refused } from '../../core/jobs/turns';

/** What an operator may ask for. */
export type Command =
  | { readonly command: 'status' | 'resume' | 'cancel' }
  | ({ readonly command: 'start'; readonly dryRun?: boolean } & Partial<Rates>)
  | ({ readonly command: 'rate' } & Partial<Rates>);

/** What a migration is where its command does not say otherwise. */
export interface Settings extends Rates {
  readonly segments: number;
}

/** Does what an operator asks for. @returns the state after it @throws Refused */
export async function runCommand(ports: CommandPorts, settings: Settings, command: Command): Promise<object> {
  switch (command.command) {
    case 'status':
      break;
    case 'start':
      await start(ports, settings, command);
      break;
    case 'resume':
      await resume(ports);
      break;
    case 'cancel':
      await changeRunning(ports, 'cancelled', () => ({ phase: 'cancelled' }));
      break;
    case 'rate':
      await changeRunning(ports, 'given other rates', () => ratesOf(command));
      break;
  }
  return status(ports);
}

/** The rates that are given. */
const ratesOf = ({ maxReadUnitsPerSecond, maxWriteUnitsPerSecond }: Partial<Rates>): Partial<Rates> => ({
  ...(maxReadUnitsPerSecond === undefined ? {} : { maxReadUnitsPerSecond }),
  ...(maxWriteUnitsPerSecond === undefined ? {} : { maxWriteUnitsPerSecond }),
});

async function start(
  ports: CommandPorts,
  settings: Settings,
  command: Extract<Command, { command: 'start' }>,
): Promise<void> {
  const now = ports.now();
  const job: Job = {
    id: newId(),
    phase: 'running',
    dryRun: command.dryRun ?? false,
    segments: settings.segments,
    maxReadUnitsPerSecond: settings.maxReadUnitsPerSecond,
    maxWriteUnitsPerSecond: settings.maxWriteUnitsPerSecond,
    ...ratesOf(command),
    items: await ports.table.count(),
    startedAt: now,
    changedAt: now,
    turn: 0,
    by: newId(),
  };
  if (!(await ports.jobs.begin(job))) {
    const other = await ports.jobs.current();
    throw new Refused(`One migration at a time: ${other?.id ?? 'another'} runs. Wait for it, or cancel it.`);
  }
  await kick(ports, job);
}

/** Sends again what was lost, or is in the dead-letter queue; what may still come does nothing by then. */
async function resume(ports: CommandPorts): Promise<void> {
  const { jobs } = ports;
  const job = await running(ports, 'resumed');
  for (const key of segmentsOf(job)) {
    const segment = await jobs.segment(key);
    if (segment && !segment.done) {
      const { position, done, tally } = segment;
      await jobs.advance(segment, { position, done, tally, by: newId(), attempt: newId() });
    }
  }
  await kick(ports, job);
}

async function running({ jobs }: CommandPorts, what: string): Promise<Job> {
  const job = await jobs.current();
  if (job?.phase !== 'running') {
    throw new Refused(
      `Nothing is to be ${what}: ${job ? `the migration ${job.id} is ${job.phase}` : 'there was no migration'}.`,
    );
  }
  return job;
}

/** Changes the job that runs, whoever else changes it meanwhile. */
async function changeRunning(ports: CommandPorts, what: string, changes: () => Partial<Job>): Promise<void> {
  for (;;) {
    const job = await running(ports, what);
    if (await ports.jobs.change(job, { ...changes(), changedAt: ports.now(), by: newId() })) {
      return;
    }
  }
}

/** The state of the last migration, as JSON. */
async function status(ports: CommandPorts): Promise<object> {
  const job = await ports.jobs.current();
  if (!job) {
    return {};
  }
  const { id, phase, dryRun, startedAt, changedAt, maxReadUnitsPerSecond, maxWriteUnitsPerSecond, lastError } = job;
  const segments = await ports.jobs.segments(id);
  const tally = segments.reduce((sum, segment) => add(sum, segment.tally), NOTHING);
  const time = (ms: number) => new Date(ms).toISOString();
  return {
    id,
    phase,
    dryRun,
    startedAt: time(startedAt),
    changedAt: time(changedAt),
    maxReadUnitsPerSecond,
    maxWriteUnitsPerSecond,
    ...estimated(job, segments, tally.scanned, ports.now()),
    ...tally,
    readUnits: Math.ceil(tally.readUnits),
    writeUnits: Math.ceil(tally.writeUnits),
    segments: segments.map(({ segment, done, tally: { scanned, converted, skipped, failed } }) => ({
      segment,
      done,
      scanned,
      converted,
      skipped,
      failed,
    })),
    lastError: lastError && { ...lastError, at: time(lastError.at) },
  };
}

/** How much is done, and how long the rest takes at the speed so far. DynamoDB counts items some times a day. */
function estimated(job: Job, segments: readonly Segment[], scanned: number, now: number): object {
  const isScanned = segments.length === job.segments && segments.every(({ done }) => done);
  if (isScanned || job.phase !== 'running') {
    return { progress: isScanned ? 1 : Math.min(0.99, scanned / Math.max(1, job.items)) };
  }
  const items = Math.max(job.items, scanned);
  return {
    progress: Math.min(0.99, scanned / Math.max(1, items)),
    items,
    remainingSeconds:
      scanned === 0 ? undefined : Math.ceil((((items - scanned) / scanned) * (now - job.startedAt)) / 1000),
  };
}
