import { add, type Job, NOTHING, occupies, type Segment } from './job';
import { begin, cancel, kick, resume, scanOf } from './life';
import type { JobIndexes, JobPorts } from './ports';
import { newId } from '../../core/ids';
import { Refused } from '../../core/jobs/turns';
import { kindOf, sourceOf } from '../names';

/** What an operator may ask for, beside the state of things. */
export type Command =
  | { readonly command: 'status' | 'reindex' | 'backfill' | 'resume' | 'cancel' | 'switch' }
  | {
      readonly command: 'switch-back' | 'drop';
      /** @default - the index that the last reindex has left to */
      readonly index?: string;
    };

/** What commands need of the world. */
export interface CommandPorts extends JobPorts {
  readonly alias: string;
  readonly indexes: JobIndexes & {
    writtenBy(alias: string): Promise<string | undefined>;
    targets(alias: string): Promise<readonly { readonly index: string }[]>;
  };
}

/** Does what an operator asks for. @returns the state after it @throws Refused */
export async function runCommand(ports: CommandPorts, command: Command): Promise<object> {
  switch (command.command) {
    case 'status':
      break;
    case 'reindex':
      await reindex(ports);
      break;
    case 'backfill':
      await backfill(ports);
      break;
    case 'resume':
      await resume(ports, await lastJob(ports));
      break;
    case 'cancel':
      await cancel(ports, await lastJob(ports));
      break;
    case 'switch':
      await acceptDifference(ports);
      break;
    case 'switch-back':
      await switchBack(ports, command.index);
      break;
    case 'drop':
      await drop(ports, command.index);
      break;
  }
  return status(ports);
}

async function lastJob({ jobs }: CommandPorts): Promise<Job> {
  const job = await jobs.current();
  if (!job) {
    throw new Refused('There was no job.');
  }
  return job;
}

async function readIndex({ indexes, alias }: CommandPorts): Promise<string> {
  const index = await indexes.writtenBy(alias);
  if (index === undefined) {
    throw new Refused(`There is no index behind ${alias}: deploy it first.`);
  }
  return index;
}

async function reindex(ports: CommandPorts): Promise<void> {
  const { alias } = ports;
  const blueprint = await ports.jobs.wanted();
  if (!blueprint) {
    throw new Refused(`Nobody has said what ${alias} is to be: deploy it first.`);
  }
  await begin(ports, { kind: 'reindex', alias, index: await readIndex(ports), blueprint });
}

async function backfill(ports: CommandPorts): Promise<void> {
  const { alias } = ports;
  const index = await readIndex(ports);
  const source = sourceOf((await ports.indexes.read(index))?.mappings._meta);
  if (!source) {
    throw new Refused(`${index} does not say what its documents are made of: deploy it first.`);
  }
  await begin(ports, { kind: 'backfill', alias, index, blueprint: { body: {}, source } });
}

async function acceptDifference(ports: CommandPorts): Promise<void> {
  const job = await lastJob(ports);
  if (job.phase !== 'differs' || job.kind !== 'reindex') {
    throw new Refused(`Only an index that differs is switched to by hand; the ${job.kind} is at ${job.phase}.`);
  }
  const changed = await ports.jobs.change(job, { phase: 'switching', changedAt: ports.now(), by: newId() });
  if (changed) {
    await kick(ports, changed);
  }
}

/** @returns an index that takes writes and has no readers */
async function spare(ports: CommandPorts, given: string | undefined): Promise<{ index: string; read: string }> {
  const { alias, jobs } = ports;
  const job = await jobs.current();
  if (job && occupies(job)) {
    throw new Refused(`The ${job.kind} ${job.id} is at ${job.phase}: wait for it, or cancel it.`);
  }
  const read = await readIndex(ports);
  const left = job?.kind === 'reindex' && job.phase === 'done' ? [job.from, job.to].filter((one) => one !== read) : [];
  const index = given ?? (left.length === 1 ? left[0] : undefined);
  const written = (await ports.indexes.targets(alias)).map((target) => target.index).filter((one) => one !== read);
  if (index === undefined) {
    throw new Refused(`Say which index: ${written.join(', ') || `there is none but ${read}`}.`);
  }
  if (index === read || kindOf(index) !== alias) {
    throw new Refused(`${index} ${index === read ? 'is what readers have' : `is no index of ${alias}`}.`);
  }
  return { index, read };
}

async function switchBack(ports: CommandPorts, given: string | undefined): Promise<void> {
  const { index } = await spare(ports, given);
  const written = await ports.indexes.targets(ports.alias);
  if (!written.some((target) => target.index === index)) {
    throw new Refused(`${index} takes no writes any more: it is behind.`);
  }
  if (given === undefined && !(await ports.jobs.isComplete(index))) {
    throw new Refused(
      `${index} may lack what was in the table before it took writes. If readers are to have it, name it.`,
    );
  }
  await ports.indexes.lead(ports.alias, index);
}

async function drop(ports: CommandPorts, given: string | undefined): Promise<void> {
  const { index } = await spare(ports, given);
  await ports.jobs.forgetIndex(index);
  await ports.indexes.drop(index, ports.alias);
}

/** The state of an alias and of its last job, as JSON. */
async function status({ alias, indexes, jobs }: CommandPorts): Promise<object> {
  const [index, targets, job] = await Promise.all([indexes.writtenBy(alias), indexes.targets(alias), jobs.current()]);
  return {
    alias,
    index,
    written: targets.map((target) => target.index).sort(),
    complete: index !== undefined && (await jobs.isComplete(index)),
    job: job && (await described(jobs, job)),
  };
}

async function described(jobs: JobPorts['jobs'], job: Job): Promise<object> {
  const { id, kind, phase, from, to, startedAt, changedAt, table, round, counts, lastError } = job;
  const scan = async (at: 'copying' | 'comparing', of: number) => {
    const keys = scanOf({ ...job, phase: at, round: of });
    const segments = keys.length === 0 ? [] : await jobs.segments(keys[0]);
    return segments.length === 0 ? undefined : summed(segments, table?.items ?? 0);
  };
  const time = (ms: number) => new Date(ms).toISOString();
  return {
    id,
    kind,
    phase,
    from,
    to,
    startedAt: time(startedAt),
    changedAt: time(changedAt),
    copied: await scan('copying', 0),
    compared: round === 0 ? undefined : await scan('comparing', round),
    counts,
    lastError: lastError && { name: lastError.name, at: time(lastError.at) },
  };
}

function summed(segments: readonly Segment[], items: number): object {
  const { tableSum, indexSum, ...tally } = segments.reduce((sum, segment) => add(sum, segment.tally), NOTHING);
  const done = segments.filter((segment) => segment.done).length;
  return {
    segments: { done, of: segments.length },
    // DynamoDB counts items some times a day.
    progress: done === segments.length ? 1 : Math.min(0.99, tally.scanned / Math.max(1, items)),
    ...tally,
    checksums: { table: tableSum, index: indexSum },
  };
}
