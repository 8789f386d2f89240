import { type Job, type Segment, segmentsOf } from './job';
import type { SegmentMessage } from './messages';
import type { CommandPorts } from './ports';

const messageOf = ({ jobId, segment, turn }: Segment): SegmentMessage => ({ type: 'segment', jobId, segment, turn });

/** The segments of a job, those that were not made among them made. */
async function allSegments({ jobs }: CommandPorts, job: Job): Promise<readonly Segment[]> {
  const there = await jobs.segments(job.id);
  if (there.length === job.segments) {
    return there;
  }
  await jobs.makeSegments(segmentsOf(job));
  return jobs.segments(job.id);
}

/** Sends what a job that runs waits for; ends one that waits for nothing. */
export async function kick(ports: CommandPorts, job: Job): Promise<void> {
  const left = (await allSegments(ports, job)).filter(({ done }) => !done);
  if (left.length > 0) {
    await ports.send(left.map(messageOf));
  } else {
    await end(ports, job);
  }
}

/** Goes on with a segment in its next message; after the last segment, ends the job. */
export async function handOn(ports: CommandPorts, segment: Segment, delaySeconds = 0): Promise<void> {
  if (!segment.done) {
    return ports.send([messageOf(segment)], delaySeconds);
  }
  const job = await ports.jobs.current();
  if (job?.id === segment.jobId && (await ports.jobs.segments(job.id)).every(({ done }) => done)) {
    await end(ports, job);
  }
}

/** Whoever changes the job meanwhile may be in the way: rates, another that ends it. */
async function end(ports: CommandPorts, job: Job): Promise<void> {
  const { jobs, now } = ports;
  for (let at: Job | undefined = job; at?.id === job.id && at.phase === 'running'; at = await jobs.current()) {
    if (await jobs.change(at, { phase: 'done', changedAt: now(), by: 'end' })) {
      return;
    }
  }
}
