import { add, type Job, NOTHING, type Segment, segmentsOf } from './job';
import type { SegmentMessage } from './messages';
import type { JobCommandPorts } from './ports';

const messageOf = ({ view, jobId, segment, turn }: Segment): SegmentMessage => ({
  ...{ type: 'segment', view, jobId, segment, turn },
});

/** The segments of a job, those that were not made among them made. */
async function allSegments({ jobs }: JobCommandPorts, job: Job): Promise<readonly Segment[]> {
  const there = await jobs.segments(job);
  if (there.length === job.segments) {
    return there;
  }
  await jobs.makeSegments(segmentsOf(job));
  return jobs.segments(job);
}

/** Sends what a job that runs waits for; ends one that waits for nothing. */
export async function kick(ports: JobCommandPorts, job: Job): Promise<void> {
  const left = (await allSegments(ports, job)).filter(({ done }) => !done);
  if (left.length > 0) {
    await ports.send(left.map(messageOf));
  } else {
    await end(ports, job);
  }
}

/** Goes on with a segment in its next message; after the last segment, ends the job. */
export async function handOn(ports: JobCommandPorts, segment: Segment, delaySeconds = 0): Promise<void> {
  if (!segment.done) {
    return ports.send([messageOf(segment)], delaySeconds);
  }
  const job = await ports.jobs.current(segment.view);
  if (job?.id === segment.jobId && (await ports.jobs.segments(job)).every(({ done }) => done)) {
    await end(ports, job);
  }
}

/** Whoever changes the job meanwhile may be in the way: rates, another that ends it. */
async function end(ports: JobCommandPorts, job: Job): Promise<void> {
  const { jobs, now } = ports;
  // Before the job is done, so that whoever sees that it is sees this too.
  await noteCompletion(ports, job);
  for (let at: Job | undefined = job; at?.id === job.id && at.phase === 'running'; at = await jobs.current(job.view)) {
    if (await jobs.change(at, { phase: 'done', changedAt: now(), by: 'end' })) {
      return;
    }
  }
}

async function noteCompletion({ jobs, now }: JobCommandPorts, job: Job): Promise<void> {
  const { view, projectionVersion, kind } = job;
  const { wrong, stuck, behind } = (await jobs.segments(job)).reduce((sum, { tally }) => add(sum, tally), NOTHING);
  if (kind === 'erase' || wrong + stuck > 0) {
    await jobs.complete(view, undefined);
  } else if (behind === 0) {
    await jobs.complete(view, { projectionVersion, at: now() });
  }
  // Rows that are behind say nothing: neither that the view has all, nor that it has not what it had.
}
