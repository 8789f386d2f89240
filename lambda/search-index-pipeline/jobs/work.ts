import { takeBack } from './documents';
import { add, type Counts, isRunning, type Job, NOTHING, type Segment, type Tally } from './job';
import { compare, delayOf, kick, scanOf, turnOf } from './life';
import type { JobMessage, SegmentMessage } from './messages';
import type { WorkPorts } from './ports';
import { comparePage, copyPage } from './scan';
import { nameOf } from '../../core/jobs/turns';
import { open } from '../names';

/** How often the counts are looked at before a job differs, and the seconds between. */
const LOOKS = 6;
const LOOK_DELAY = 5;

/** Seconds before a segment goes on that has broken off. */
const BREAK = 30;

/**
 * Takes a job on by one message.
 *
 * Messages come more than once, late, and side by side. Each names a turn, of its job or of a segment: what it does is
 * stored if the turn is still the same, and counts only then. Documents may be written twice; their versions see to it.
 * The one that stored a turn sends what is next, and does so again when it comes again.
 */
export async function handleMessage(ports: WorkPorts, message: JobMessage): Promise<void> {
  const job = await ports.jobs.current();
  if (job?.id !== message.jobId || job.phase === 'cancelled') {
    return;
  }
  if (message.type === 'segment') {
    return workOnSegment(ports, job, message);
  }
  if (message.turn !== job.turn) {
    return job.by === ports.messageId && message.turn === job.turn - 1 ? kick(ports, job) : undefined;
  }
  switch (job.phase) {
    case 'preparing':
      return startCopying(ports, job);
    case 'copying':
    case 'comparing':
      return endScan(ports, job);
    case 'switching':
      return switchReaders(ports, job);
  }
}

async function startCopying(ports: WorkPorts, job: Job): Promise<void> {
  const delay = delayOf(ports, job);
  if (delay > 0) {
    return ports.send([turnOf(job)], delay);
  }
  const { jobs, messageId: by } = ports;
  // Whatever writers do not bring into it was in the table before, where the scan finds it.
  await ports.indexes.putAliases(job.to, open(job.to));
  const table = await ports.table.facts();
  await jobs.makeSegments(scanOf({ ...job, phase: 'copying', table }));
  const changed = await jobs.change(job, { phase: 'copying', table, changedAt: ports.now(), by });
  if (changed) {
    await ports.tell('copying begins', { job: job.id, kind: job.kind, index: job.to, segments: table.segments });
    await kick(ports, changed);
  }
}

async function workOnSegment(ports: WorkPorts, job: Job, message: SegmentMessage): Promise<void> {
  const { jobs, messageId: by } = ports;
  const segment = await jobs.segment(message);
  if (!segment || !isRunning(job)) {
    return;
  }
  if (segment.turn !== message.turn) {
    return segment.by === by && segment.turn === message.turn + 1 ? handOn(ports, job, segment, 0) : undefined;
  }
  if (segment.done || job.phase !== message.phase || job.round !== message.round) {
    return;
  }
  const { position, tally, broken } = await workOnPages(ports, job, segment);
  const progress = { position, done: position === undefined && !broken, tally: add(segment.tally, tally), by };
  const stored = (await jobs.advance(segment, progress)) ?? (await jobs.segment(segment));
  if (stored?.by === by && stored.turn === segment.turn + 1) {
    const { scanned, documents } = stored.tally;
    await ports.tell(stored.done ? 'segment is done' : 'segment goes on', {
      job: job.id,
      phase: segment.phase,
      segment: segment.segment,
      scanned,
      documents,
    });
    await handOn(ports, job, stored, broken ? BREAK : 0);
  }
}

/** Pages until time is short, or one fails after another was done. */
async function workOnPages(
  ports: WorkPorts,
  job: Job,
  { segment, phase, position: start }: Segment,
): Promise<{ readonly position?: string; readonly tally: Tally; readonly broken: boolean }> {
  let tally = NOTHING;
  let pages = 0;
  let position = start;
  const table = job.table!;
  do {
    try {
      const page = await ports.table.scan({ segment, table, source: job.source, position });
      tally = add(tally, await (phase === 'copying' ? copyPage : comparePage)(ports, job, page));
      position = page.next;
      pages++;
    } catch (error) {
      if (pages === 0) {
        throw error;
      }
      await ports.tell('segment breaks off', { job: job.id, phase, segment, error: nameOf(error) });
      return { position, tally, broken: true };
    }
  } while (position !== undefined && !ports.timeIsShort());
  return { position, tally, broken: false };
}

/** Sends on a segment that is not done; after the last that is, the job. */
async function handOn(ports: WorkPorts, job: Job, stored: Segment, delay: number): Promise<void> {
  const { jobId, phase, round, segment, turn } = stored;
  if (!stored.done) {
    return ports.send([{ type: 'segment', jobId, phase, round, segment, turn }], delay);
  }
  const now = await ports.jobs.current();
  if (now?.id === job.id && now.phase === phase && now.round === round && (await isScanned(ports, now))) {
    await ports.send([turnOf(now)]);
  }
}

/** The segments of the scan that a job is at. */
async function segmentsOf(ports: WorkPorts, job: Job): Promise<readonly Segment[]> {
  const keys = scanOf(job);
  const segments = keys.length === 0 ? [] : await ports.jobs.segments(keys[0]);
  return segments.filter(({ segment }) => segment < keys.length);
}

async function isScanned(ports: WorkPorts, job: Job): Promise<boolean> {
  const segments = await segmentsOf(ports, job);
  return segments.length === job.table?.segments && segments.every(({ done }) => done);
}

async function endScan(ports: WorkPorts, job: Job): Promise<void> {
  if (!(await isScanned(ports, job))) {
    return;
  }
  if (!(await settle(ports, job))) {
    return ports.send([turnOf(job)], BREAK);
  }
  if (job.phase === 'comparing') {
    return judge(ports, job);
  }
  await compare(ports, job, ports.messageId);
}

/** Takes back what attempts have written that were ended. @returns whether none is under way any more */
async function settle(ports: WorkPorts, job: Job): Promise<boolean> {
  const notes = await ports.jobs.allWritten(job.id);
  const ended = notes.filter(({ until }) => until < ports.now());
  for (const { attemptId, written } of ended) {
    await takeBack(ports, job, written);
    await ports.jobs.forgetWritten(job.id, attemptId);
  }
  return ended.length === notes.length;
}

/**
 * Whether the index is as the table. Item by item it is by now. Counts tell of documents that no item has: nothing is
 * counted at one moment while others write, so that the table's count has to lie between the index's before the
 * comparison and after it; or the index has as many as that of readers, which takes the same writes.
 */
async function judge(ports: WorkPorts, job: Job): Promise<void> {
  const { jobs, messageId: by } = ports;
  const total = (await segmentsOf(ports, job)).reduce((sum, { tally }) => add(sum, tally), NOTHING);
  const [after, from] = await ports.indexes.count(job.kind === 'reindex' ? [job.to, job.from] : [job.to]);
  const counts: Counts = { before: job.counts?.before ?? after, after, from };
  const equal = total.different === 0 && total.refused === 0 && total.tableSum === total.indexSum;
  const counted = isBetween(total.documents, counts.before, after) || from === after;
  const change = { counts, changedAt: ports.now(), by };
  if (equal && !counted && job.looks + 1 < LOOKS) {
    const changed = await jobs.change(job, { ...change, looks: job.looks + 1 });
    return changed && ports.send([turnOf(changed)], LOOK_DELAY);
  }
  if (equal) {
    await jobs.markComplete(job.to);
  }
  const phase = !equal || !counted ? 'differs' : job.kind === 'reindex' ? 'switching' : 'done';
  const changed = await jobs.change(job, { ...change, phase });
  if (changed) {
    await ports.tell(phase === 'differs' ? 'index differs from the table' : 'index is as the table', {
      job: job.id,
      index: job.to,
      documents: total.documents,
      repaired: total.repaired,
      refused: total.refused,
      different: total.different,
      ...counts,
    });
    await kick(ports, changed);
  }
}

const isBetween = (value: number, a: number, b: number) => Math.min(a, b) <= value && value <= Math.max(a, b);

async function switchReaders(ports: WorkPorts, job: Job): Promise<void> {
  await ports.indexes.lead(job.alias, job.to);
  const changed = await ports.jobs.change(job, { phase: 'done', changedAt: ports.now(), by: ports.messageId });
  if (changed) {
    await ports.tell('readers have the new index', { job: job.id, from: job.from, index: job.to });
  }
}
