import { isRunning, type Job, occupies, type SegmentKey } from './job';
import type { JobMessage } from './messages';
import type { JobIndexes, JobPorts } from './ports';
import { newId } from '../../core/ids';
import { Refused } from '../../core/jobs/turns';
import { type Blueprint, bodyOf, InvalidIndex } from '../index-body';
import { announcedTo, nextIndex, TARGETS_MS } from '../names';

const described = ({ kind, id, phase }: Job) => `the ${kind} ${id} is at ${phase}`;

/** The first index after these that is not there: no number is used twice, for what comes late from its first use. */
async function freeIndex(indexes: JobIndexes, after: readonly string[]): Promise<string> {
  let index = nextIndex([...after].sort()[after.length - 1]);
  while (await indexes.read(index)) {
    index = nextIndex(index);
  }
  return index;
}

/**
 * Begins a job; it goes on by messages.
 *
 * @throws Refused where another is not ended
 * @throws InvalidIndex where OpenSearch makes no index of the body
 */
export async function begin(
  ports: JobPorts,
  wanted: {
    readonly kind: Job['kind'];
    readonly alias: string;
    /** That readers have. */
    readonly index: string;
    readonly blueprint: Required<Blueprint>;
  },
): Promise<Job> {
  const { kind, alias, index, blueprint } = wanted;
  const { jobs, indexes } = ports;
  const last = await jobs.current();
  const now = ports.now();
  const job: Job = {
    id: newId(),
    kind,
    alias,
    phase: 'preparing',
    from: index,
    to: kind === 'backfill' ? index : await freeIndex(indexes, [index, ...(last ? [last.to] : [])]),
    ...blueprint,
    startedAt: now,
    changedAt: now,
    readyAt: kind === 'backfill' ? now : now + 2 * TARGETS_MS,
    round: 0,
    looks: 0,
    turn: 0,
    by: newId(),
  };
  if (!(await jobs.begin(job))) {
    const other = await jobs.current();
    throw new Refused(
      `One job at a time for ${alias}: ${other ? described(other) : 'another has begun'}. Wait for it, or cancel it.`,
    );
  }
  await prepare(ports, job);
  return job;
}

/** Makes the index of a job that is at `preparing`, and has the job go on. Done twice it is done once. */
async function prepare(ports: JobPorts, job: Job): Promise<void> {
  if (job.kind === 'reindex') {
    try {
      await ports.indexes.create(job.to, bodyOf(job), announcedTo(job.alias));
    } catch (error) {
      if (error instanceof InvalidIndex) {
        await cancel(ports, job);
      }
      throw error;
    }
    const now = await ports.jobs.current();
    if (now?.id !== job.id || now.phase === 'cancelled') {
      // Cancelled in between: nobody else knows of the index.
      await ports.indexes.drop(job.to, job.alias);
      return;
    }
  }
  await ports.send([turnOf(job)], delayOf(ports, job));
}

/** The most that SQS delays a message, in seconds. */
const MAX_DELAY = 900;

/** How long a job that is at `preparing` waits, in seconds. */
export const delayOf = (ports: Pick<JobPorts, 'now'>, { readyAt }: Job): number =>
  Math.min(MAX_DELAY, Math.max(0, Math.ceil((readyAt - ports.now()) / 1000)));

export const turnOf = ({ id, turn }: Job): JobMessage => ({ type: 'job', jobId: id, turn });

/** The parts of the scan that a job is at; of a job that is at none, none. */
export function scanOf({ id, phase, round, table }: Job): SegmentKey[] {
  if ((phase !== 'copying' && phase !== 'comparing') || !table) {
    return [];
  }
  return Array.from({ length: table.segments }, (_, segment) => ({ jobId: id, phase, round, segment }));
}

/** Sends what a job that runs waits for. */
export async function kick(ports: JobPorts, job: Job): Promise<void> {
  if (job.phase === 'preparing') {
    return prepare(ports, job);
  }
  if (!isRunning(job)) {
    return;
  }
  const keys = scanOf(job);
  if (keys.length === 0) {
    return ports.send([turnOf(job)]);
  }
  const segments = await ports.jobs.segments(keys[0]);
  const left = segments.filter(({ done, segment }) => !done && segment < keys.length);
  await ports.send(
    left.length === 0
      ? [turnOf(job)]
      : left.map(({ jobId, phase, round, segment, turn }) => ({ type: 'segment', jobId, phase, round, segment, turn })),
  );
}

/** Ends a job that is not ended; the index that it made goes. Done twice it is done once. @throws Refused at `switching` */
export async function cancel(ports: JobPorts, job: Job): Promise<void> {
  if (occupies(job)) {
    if (job.phase === 'switching') {
      // Its message may be lost: whoever asks again finds it ended.
      await kick(ports, job);
      throw new Refused(`It is too late to cancel: ${described(job)}.`);
    }
    const changes = { phase: 'cancelled', changedAt: ports.now(), by: newId() } as const;
    if (!(await ports.jobs.change(job, changes))) {
      const now = await ports.jobs.current();
      if (now?.id !== job.id || now.phase !== 'cancelled') {
        return now?.id === job.id ? cancel(ports, now) : undefined;
      }
    }
  } else if (job.phase !== 'cancelled') {
    throw new Refused(`Nothing is to be cancelled: ${described(job)}.`);
  }
  if (job.kind === 'reindex') {
    await ports.indexes.drop(job.to, job.alias);
  }
}

/**
 * Sends again what a job waits for, whose messages were lost or are in the dead-letter queue; those that may still come
 * do nothing by then. One that differs is compared again.
 *
 * @throws Refused where it is ended
 */
export async function resume(ports: JobPorts, job: Job): Promise<Job> {
  const { jobs } = ports;
  if (!occupies(job)) {
    throw new Refused(`Nothing is to be resumed: ${described(job)}.`);
  }
  if (job.phase === 'differs') {
    return compare(ports, job, newId());
  }
  for (const key of scanOf(job)) {
    const segment = await jobs.segment(key);
    if (segment && !segment.done) {
      await jobs.advance(segment, { position: segment.position, done: false, tally: segment.tally, by: newId() });
    }
  }
  const changed = await jobs.change(job, { changedAt: ports.now(), by: newId() });
  if (!changed) {
    throw new Refused(`The job has just gone on: ask for its status.`);
  }
  await kick(ports, changed);
  return changed;
}

/** Holds the index of a job against the table, from the beginning. */
export async function compare(ports: JobPorts, job: Job, by: string): Promise<Job> {
  const { jobs } = ports;
  const [before] = await ports.indexes.count([job.to]);
  const next = { ...job, phase: 'comparing', round: job.round + 1 } as const;
  await jobs.makeSegments(scanOf(next));
  const { phase, round } = next;
  const changed = await jobs.change(job, {
    phase,
    round,
    looks: 0,
    counts: { before },
    changedAt: ports.now(),
    by,
  });
  if (changed) {
    await kick(ports, changed);
  }
  return changed ?? job;
}
