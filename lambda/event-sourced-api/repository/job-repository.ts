import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { jobKey } from './keys';
import { type Condition, type Key, NOT_THERE } from '../../core/dynamodb';
import { JobItems } from '../../core/jobs/job-items';
import { type Job, NOTHING, type Segment, type SegmentKey } from '../jobs/job';
import type { Completion, JobStore } from '../jobs/ports';

const count = z.number();

const SEGMENT = z.object({
  view: z.string(),
  jobId: z.string(),
  segment: count,
  turn: count,
  by: z.string(),
  attempt: z.string(),
  position: z.optional(z.string()),
  done: z.boolean(),
  tally: z.object({
    scanned: count,
    aggregates: count,
    written: count,
    behind: count,
    wrong: count,
    stuck: count,
    erased: count,
    examples: z.array(z.object({ id: z.string(), reason: z.string() })),
    readUnits: count,
    writeUnits: count,
  }),
});

const JOB = z.object({
  id: z.string(),
  kind: z.enum(['rebuild', 'verify', 'erase']),
  view: z.string(),
  projectionVersion: count,
  phase: z.enum(['running', 'done', 'cancelled']),
  segments: count,
  maxReadUnitsPerSecond: count,
  maxWriteUnitsPerSecond: count,
  items: count,
  startedAt: count,
  changedAt: count,
  lastError: z.optional(z.object({ name: z.string(), at: count })),
  turn: count,
  by: z.string(),
});

const COMPLETION = z.object({ projectionVersion: count, at: count });

/** The state of the jobs of views, in the read-model table: a partition a view, with the last job and its segments. */
export class JobRepository implements JobStore {
  private readonly items: JobItems;

  public constructor(db: DynamoDBDocumentClient, table: string) {
    this.items = new JobItems(db, table);
  }

  public async current(view: string): Promise<Job | undefined> {
    const item = await this.items.get(jobKey(view));
    return item && JOB.parse(item);
  }

  public async begin(job: Job): Promise<boolean> {
    const last = await this.current(job.view);
    if (last && last.id !== job.id && last.phase === 'running') {
      return false;
    }
    const condition: Condition = last
      ? { expression: 'id = :last AND turn = :turn', values: { ':last': last.id, ':turn': last.turn } }
      : NOT_THERE;
    const stored = await this.items.put({ ...jobKey(job.view), ...job }, condition);
    if (stored && last) {
      // Nobody asks for more than the last job's.
      await Promise.all((await this.segments(last)).map((segment) => this.items.remove(segmentKey(segment))));
    }
    // An answer that was lost is a condition that fails when the SDK asks again.
    return stored || (await this.current(job.view))?.id === job.id;
  }

  public async change(
    { view, id, turn }: Pick<Job, 'view' | 'id' | 'turn'>,
    changes: Partial<Omit<Job, 'view' | 'id' | 'turn'>>,
  ): Promise<Job | undefined> {
    const stored = await this.items.update(
      jobKey(view),
      { ...changes, turn: turn + 1 },
      { expression: 'id = :ofId AND turn = :ofTurn', values: { ':ofId': id, ':ofTurn': turn } },
    );
    if (stored) {
      return JOB.parse(stored);
    }
    const now = await this.current(view);
    return now?.id === id && now.turn === turn + 1 && now.by === changes.by ? now : undefined;
  }

  public async noteError(
    { view, id }: Pick<Job, 'view' | 'id'>,
    lastError: NonNullable<Job['lastError']>,
  ): Promise<void> {
    await this.items.update(jobKey(view), { lastError }, { expression: 'id = :ofId', values: { ':ofId': id } });
  }

  public async makeSegments(keys: readonly SegmentKey[]): Promise<void> {
    const fresh = { turn: 0, by: 'none', attempt: 'none', done: false, tally: NOTHING };
    await Promise.all(keys.map((key) => this.items.put({ ...segmentKey(key), ...key, ...fresh }, NOT_THERE)));
  }

  public async segment(key: SegmentKey): Promise<Segment | undefined> {
    const item = await this.items.get(segmentKey(key));
    return item && SEGMENT.parse(item);
  }

  public async segments({ view, id }: Pick<Job, 'view' | 'id'>): Promise<readonly Segment[]> {
    return (await this.items.below(jobKey(view).PK, segmentPrefix(id))).map((item) => SEGMENT.parse(item));
  }

  public async advance(
    segment: Segment,
    { position, done, by, attempt, tally }: Parameters<JobStore['advance']>[1],
  ): Promise<Segment | undefined> {
    const changes = { position, done, by, attempt, tally, turn: segment.turn + 1 };
    const stored = await this.items.update(segmentKey(segment), changes, {
      expression: 'turn = :ofTurn',
      values: { ':ofTurn': segment.turn },
    });
    return stored && SEGMENT.parse(stored);
  }

  public async completion(view: string): Promise<Completion | undefined> {
    const item = await this.items.get(completionKey(view));
    return item && COMPLETION.parse(item);
  }

  public async complete(view: string, completion: Completion | undefined): Promise<void> {
    if (completion) {
      await this.items.put({ ...completionKey(view), ...completion });
    } else {
      await this.items.remove(completionKey(view));
    }
  }
}

const segmentPrefix = (jobId: string) => `SEGMENT#${jobId}#`;

const segmentKey = ({ view, jobId, segment }: SegmentKey): Key => ({
  PK: jobKey(view).PK,
  SK: `${segmentPrefix(jobId)}${String(segment).padStart(4, '0')}`,
});

const completionKey = (view: string): Key => ({ PK: jobKey(view).PK, SK: 'COMPLETE' });
