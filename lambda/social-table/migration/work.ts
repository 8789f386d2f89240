import { reasonOf } from './converter-function';
import { add, type Job, type Segment, type Tally } from './job';
import { handOn } from './life';
import type { SegmentMessage } from './messages';
import { workOnItems } from './page';
import type { WorkPorts } from './ports';
import { isOwn } from './verdicts';
import { MAX_PAUSE, Pace } from '../../core/jobs/pace';
import { nameOf } from '../../core/jobs/turns';

/** Seconds before a segment goes on that has broken off. */
const BREAK = 30;

/** What SQS delays a message at most, in seconds. */
const MAX_DELAY = 900;

/** Items of a page: at first, and at most. */
const PAGE = { first: 50, most: 500 };

/** A page is to read about as much as its segment may in so many seconds. */
const PAGE_SECONDS = 2;

/**
 * Takes a segment on by one message.
 *
 * Messages come more than once, late, and side by side. Each names a turn of its segment: what is done is stored page by
 * page if the turn is still the same, and counts only then. Items may be looked at twice: one that was converted is of
 * the version of now. The one that stored the last turn sends what is next, and does so again when it comes again.
 */
export async function handleMessage(ports: WorkPorts, message: SegmentMessage): Promise<void> {
  const { jobs, messageId } = ports;
  const job = await jobs.current();
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
  const lanes = (await ports.jobs.segments(job.id)).filter(({ done }) => !done).length;
  let limit = PAGE.first;
  let pace = new Pace(shareOf(job, lanes), ports.now);
  let segment = begun;
  for (
    let now: Job | undefined = job;
    now?.id === job.id && now.phase === 'running';
    now = await ports.jobs.current()
  ) {
    pace = new Pace(shareOf(now, lanes), ports.now, pace);
    let stored: Segment | undefined;
    try {
      const page = await workOnPage(ports, now, segment, pace, { limit, lanes });
      stored = await store(ports, segment, page);
      limit = page.limit;
    } catch (error) {
      if (segment === begun) {
        throw error;
      }
      const { jobId, segment: place } = segment;
      const reason = reasonOf(error);
      await ports.tell('segment breaks off', { job: jobId, segment: place, error: nameOf(error), reason });
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

/** Segments that are not done share what the table may give. */
const shareOf = (job: Job, lanes: number) => ({
  read: job.maxReadUnitsPerSecond / Math.max(1, lanes),
  write: job.maxWriteUnitsPerSecond / Math.max(1, lanes),
});

interface PageDone {
  readonly position?: string;
  readonly done: boolean;
  readonly tally: Tally;
  /** Items of the next page. */
  readonly limit: number;
}

async function workOnPage(
  ports: WorkPorts,
  job: Job,
  { segment, position, tally }: Segment,
  pace: Pace,
  { limit, lanes }: { readonly limit: number; readonly lanes: number },
): Promise<PageDone> {
  const page = await ports.table.scan({ segment, segments: job.segments, position, limit });
  pace.spend('read', page.units);
  const share = shareOf(job, lanes);
  const others = page.items.filter((item) => !isOwn(item));
  const worked = await workOnItems(ports, others, {
    dryRun: job.dryRun,
    pace,
    writeShare: share.write,
    before: tally,
  });
  const target = Math.floor((limit * share.read * PAGE_SECONDS) / Math.max(0.5, page.units));
  return {
    // A page that was broken off goes on after what was done of it. Nor is it relied upon that a scan goes on after an
    // item that is gone: those before it are read again, less what has been removed of them.
    position: worked.broken || !worked.remains ? (worked.remaining ?? position) : page.next,
    done: !worked.broken && page.next === undefined,
    tally: add(worked.tally, { readUnits: page.units }),
    limit: Math.max(1, Math.min(PAGE.most, 2 * limit, target)),
  };
}

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

async function tell(ports: WorkPorts, { jobId, segment, done, tally }: Segment): Promise<void> {
  const { scanned, converted, skipped, failed } = tally;
  await ports.tell(done ? 'segment is done' : 'segment goes on', {
    job: jobId,
    segment,
    scanned,
    converted,
    skipped,
    failed,
  });
}
