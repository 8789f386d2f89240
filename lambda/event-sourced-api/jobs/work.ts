import { add, type Job, type Segment } from './job';
import { handOn } from './life';
import type { SegmentMessage } from './messages';
import { type PageDone, workOnPage } from './page';
import type { WorkPorts } from './ports';
import { MAX_PAUSE, Pace } from '../../core/jobs/pace';
import { nameOf } from '../../core/jobs/turns';

/** Seconds before a segment goes on that has broken off. */
const BREAK = 30;

/** What SQS delays a message at most, in seconds. */
const MAX_DELAY = 900;

/** Items that the scan of a page passes. */
const PAGE = 200;

/**
 * Takes a segment on by one message.
 *
 * Messages come more than once, late, and side by side. Each names a turn of its segment: what is done is stored page by
 * page if the turn is still the same, and counts only then. Rows may be looked at twice: a second time they are as they
 * should be. The one that stored the last turn sends what is next, and does so again when it comes again.
 */
export async function handleMessage(ports: WorkPorts, message: SegmentMessage): Promise<void> {
  const { jobs, messageId } = ports;
  const job = await jobs.current(message.view);
  const segment = await jobs.segment(message);
  if (job?.id !== message.jobId || job.phase !== 'running' || !segment) {
    return;
  }
  if (segment.turn !== message.turn) {
    return segment.by === messageId && segment.turn > message.turn ? handOn(ports, segment) : undefined;
  }
  await workOnSegment(ports, job, segment);
}

/** Page by page, until time is short, one fails after another was done, or somebody else goes on. */
async function workOnSegment(ports: WorkPorts, job: Job, begun: Segment): Promise<void> {
  const { jobs } = ports;
  const lanes = (await jobs.segments(job)).filter(({ done }) => !done).length;
  let pace = new Pace(shareOf(job, lanes), ports.now);
  let segment = begun;
  for (
    let now: Job | undefined = job;
    now?.id === job.id && now.phase === 'running';
    now = await jobs.current(job.view)
  ) {
    pace = new Pace(shareOf(now, lanes), ports.now, pace);
    let stored: Segment | undefined;
    try {
      const { segment: number, position } = segment;
      const part = { segment: number, segments: now.segments, position, limit: PAGE };
      stored = await store(ports, segment, await workOnPage(ports, now, part, pace));
    } catch (error) {
      if (segment === begun) {
        throw error;
      }
      await ports.tell('segment breaks off', { ...placeOf(segment), error: nameOf(error) });
      return handOn(ports, segment, BREAK);
    }
    if (!stored) {
      return;
    }
    segment = stored;
    if (segment.done || ports.timeIsShort() || pace.waitMs > MAX_PAUSE) {
      await tell(ports, segment);
      return handOn(ports, segment, Math.min(MAX_DELAY, Math.ceil(pace.waitMs / 1000)));
    }
    await ports.pause(pace.waitMs);
  }
}

const placeOf = ({ view, jobId, segment }: Segment) => ({ view, job: jobId, segment });

/** Segments that are not done share what the tables may give. */
const shareOf = (job: Job, lanes: number) => ({
  read: job.maxReadUnitsPerSecond / Math.max(1, lanes),
  write: job.maxWriteUnitsPerSecond / Math.max(1, lanes),
});

/** @returns the segment as it is then; undefined where another goes on with it */
async function store(
  ports: WorkPorts,
  segment: Segment,
  { position, done, tally }: PageDone,
): Promise<Segment | undefined> {
  const { jobs, messageId: by, attemptId: attempt } = ports;
  const progress = { position, done, by, attempt, tally: add(segment.tally, tally) };
  const stored = (await jobs.advance(segment, progress)) ?? (await jobs.segment(segment));
  // An answer that was lost is a turn that is another when the SDK asks again.
  return stored?.attempt === attempt && stored.turn === segment.turn + 1 ? stored : undefined;
}

async function tell(ports: WorkPorts, segment: Segment): Promise<void> {
  const { aggregates, written, wrong, stuck, erased } = segment.tally;
  const counts = { aggregates, written, wrong, stuck, erased };
  await ports.tell(segment.done ? 'segment is done' : 'segment goes on', { ...placeOf(segment), ...counts });
}
