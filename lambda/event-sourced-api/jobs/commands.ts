import { add, type Job, type JobKind, NOTHING, type Rates, type Segment, segmentsOf } from './job';
import { kick } from './life';
import type { JobCommandPorts } from './ports';
import { newId } from '../../core/ids';
import { Refused } from '../../core/jobs/turns';
import type { Domain } from '../domain/domain';
import { RESERVED_VIEW } from '../domain/domain-checks';

/** What an operator may ask for of a view. */
export type JobCommand =
  | ({ readonly command: JobKind; readonly view: string } & Partial<Rates>)
  | { readonly command: 'resume' | 'cancel'; readonly view: string }
  | ({ readonly command: 'rate'; readonly view: string } & Partial<Rates>)
  | { readonly command: 'status'; readonly view?: string };

/** What a job is where its command does not say otherwise. */
export interface Settings extends Rates {
  readonly segments: number;
}

/** Does what an operator asks for. @returns the state after it @throws Refused */
export async function runJobCommand(ports: JobCommandPorts, settings: Settings, command: JobCommand): Promise<object> {
  switch (command.command) {
    case 'status':
      return status(ports, command.view);
    case 'resume':
      await resume(ports, command.view);
      break;
    case 'cancel':
      await changeRunning(ports, command.view, 'cancelled', () => ({ phase: 'cancelled' }));
      break;
    case 'rate':
      await changeRunning(ports, command.view, 'given other rates', () => ratesOf(command));
      break;
    default:
      await start(ports, settings, command);
  }
  return viewStatus(ports, command.view);
}

/** The rates that are given. */
const ratesOf = ({ maxReadUnitsPerSecond, maxWriteUnitsPerSecond }: Partial<Rates>): Partial<Rates> => ({
  ...(maxReadUnitsPerSecond === undefined ? {} : { maxReadUnitsPerSecond }),
  ...(maxWriteUnitsPerSecond === undefined ? {} : { maxWriteUnitsPerSecond }),
});

async function start(
  ports: JobCommandPorts,
  settings: Settings,
  command: Extract<JobCommand, { command: JobKind }>,
): Promise<void> {
  const { domain, jobs, scans } = ports;
  const { command: kind, view } = command;
  if (view === RESERVED_VIEW) {
    throw new Refused(`${RESERVED_VIEW} is no view: the state of jobs is kept under that name`);
  }
  const known = domain.views.get(view);
  if (kind === 'erase' ? known : !known) {
    throw known
      ? new Refused(`The view ${view} is one of the domain: it is erased once the domain has it no more`)
      : noView(domain, view);
  }
  const now = ports.now();
  const job: Job = {
    ...{ id: newId(), kind, view, projectionVersion: known?.version ?? 0, phase: 'running', ...settings },
    ...ratesOf(command),
    items: await scans.count(kind === 'erase' ? 'views' : 'events'),
    ...{ startedAt: now, changedAt: now, turn: 0, by: newId() },
  };
  if (!(await jobs.begin(job))) {
    const other = await jobs.current(view);
    throw new Refused(
      `One job of a view at a time: ${other?.kind ?? 'another'} ${other?.id ?? ''} runs. Wait for it, or cancel it.`,
    );
  }
  await kick(ports, job);
}

/** A view that is misspelt, most of the time. */
function noView({ views }: Domain, view: string): Refused {
  const names = [...views.keys()].join(', ');
  return new Refused(`The domain has no view ${view}, it has: ${names === '' ? 'none' : names}`);
}

/** Sends again what was lost, or is in the dead-letter queue; what may still come does nothing by then. */
async function resume(ports: JobCommandPorts, view: string): Promise<void> {
  const { jobs } = ports;
  const job = await running(ports, view, 'resumed');
  for (const key of segmentsOf(job)) {
    const segment = await jobs.segment(key);
    if (segment && !segment.done) {
      const { position, done, tally } = segment;
      await jobs.advance(segment, { position, done, tally, by: newId(), attempt: newId() });
    }
  }
  await kick(ports, job);
}

async function running({ jobs }: JobCommandPorts, view: string, what: string): Promise<Job> {
  const job = await jobs.current(view);
  if (job?.phase !== 'running') {
    const why = job ? `its ${job.kind} ${job.id} is ${job.phase}` : 'there was no job of it';
    throw new Refused(`Nothing of the view ${view} is to be ${what}: ${why}.`);
  }
  return job;
}

/** Changes the job that runs, whoever else changes it meanwhile. */
async function changeRunning(
  ports: JobCommandPorts,
  view: string,
  what: string,
  changes: () => Partial<Job>,
): Promise<void> {
  for (;;) {
    const job = await running(ports, view, what);
    if (await ports.jobs.change(job, { ...changes(), changedAt: ports.now(), by: newId() })) {
      return;
    }
  }
}

/** Of one view, or of all that the domain has. */
async function status(ports: JobCommandPorts, view: string | undefined): Promise<object> {
  const views = view === undefined ? [...ports.domain.views.keys()] : [view];
  return { views: await Promise.all(views.map((name) => viewStatus(ports, name))) };
}

const time = (ms: number) => new Date(ms).toISOString();

/**
 * The state of a view and of its last job, as JSON. A view is complete where a rebuild, or a comparison, has seen to all
 * of it, by the version of its code that runs: then it can take the place of another.
 *
 * @throws Refused where the domain has no such view, and there was no job of it: one that was erased has its job
 */
async function viewStatus(ports: JobCommandPorts, view: string): Promise<object> {
  const { domain, jobs } = ports;
  const [job, completion] = await Promise.all([jobs.current(view), jobs.completion(view)]);
  if (!domain.views.has(view) && !job && !completion) {
    throw noView(domain, view);
  }
  const projectionVersion = domain.views.get(view)?.version;
  const isComplete = completion !== undefined && completion.projectionVersion === projectionVersion;
  return {
    view,
    projectionVersion,
    complete: isComplete,
    completeSince: isComplete ? time(completion.at) : undefined,
    job: job && (await jobStatus(ports, job)),
  };
}

async function jobStatus(ports: JobCommandPorts, job: Job): Promise<object> {
  const { id, kind, phase, projectionVersion, startedAt, changedAt, lastError } = job;
  const { maxReadUnitsPerSecond, maxWriteUnitsPerSecond } = job;
  const segments = await ports.jobs.segments(job);
  const tally = segments.reduce((sum, segment) => add(sum, segment.tally), NOTHING);
  return {
    ...{ id, kind, phase, projectionVersion, maxReadUnitsPerSecond, maxWriteUnitsPerSecond },
    startedAt: time(startedAt),
    changedAt: time(changedAt),
    ...estimated(job, segments, tally.scanned, ports.now()),
    ...tally,
    readUnits: Math.ceil(tally.readUnits),
    writeUnits: Math.ceil(tally.writeUnits),
    segments: segments.map(({ segment, done, tally: { scanned, aggregates } }) => ({
      ...{ segment, done, scanned, aggregates },
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
