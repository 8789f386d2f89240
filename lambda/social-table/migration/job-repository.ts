import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type Job, type JobError, NOTHING, type Segment, type SegmentKey } from './job';
import type { JobStore } from './ports';
import { SOCIAL_KEY_PREFIXES } from '../../../src/social-table/key-prefixes';
import { type Condition, type Key, NOT_THERE } from '../../core/dynamodb';
import { JobItems } from '../../core/jobs/job-items';

/** What is known of segments when a migration is long over goes by itself. */
const KEPT_SECONDS = 90 * 24 * 3600;

const count = z.number();

const SORTS = z.record(
  z.string(),
  z.object({ count, examples: z.array(z.object({ PK: z.string(), SK: z.string() })) }),
);

const SEGMENT = z.object({
  jobId: z.string(),
  segment: count,
  turn: count,
  by: z.string(),
  attempt: z.string(),
  position: z.optional(z.string()),
  done: z.boolean(),
  tally: z.object({
    scanned: count,
    converted: count,
    skipped: count,
    failed: count,
    written: count,
    removed: count,
    kept: count,
    reread: count,
    kinds: SORTS,
    failures: SORTS,
    readUnits: count,
    writeUnits: count,
  }),
});

const JOB = z.object({
  id: z.string(),
  phase: z.enum(['running', 'done', 'cancelled']),
  dryRun: z.boolean(),
  segments: count,
  maxReadUnitsPerSecond: count,
  maxWriteUnitsPerSecond: count,
  items: count,
  startedAt: count,
  changedAt: count,
  lastError: z.optional(z.object({ name: z.string(), reason: z.optional(z.string()), at: count })),
  turn: count,
  by: z.string(),
});

/**
 * The state of the migrations of one name, in a partition of the table that is migrated. Its items have no `entityType`:
 * no reader of the stream takes them for anything.
 */
export class JobRepository implements JobStore {
  private readonly items: JobItems;
  private readonly pk: string;

  public constructor(
    db: DynamoDBDocumentClient,
    table: string,
    name: string,
    private readonly now: () => number,
  ) {
    this.items = new JobItems(db, table);
    this.pk = `${SOCIAL_KEY_PREFIXES.migration}${name}`;
  }

  public async current(): Promise<Job | undefined> {
    const item = await this.items.get(this.jobKey);
    return item && JOB.parse(item);
  }

  public async begin(job: Job): Promise<boolean> {
    const last = await this.current();
    if (last && last.id !== job.id && last.phase === 'running') {
      return false;
    }
    const condition: Condition = last
      ? { expression: 'id = :last AND turn = :turn', values: { ':last': last.id, ':turn': last.turn } }
      : NOT_THERE;
    const stored = await this.items.put({ ...this.jobKey, ...job }, condition);
    // An answer that was lost is a condition that fails when the SDK asks again.
    return stored || (await this.current())?.id === job.id;
  }

  public async change(
    { id, turn }: Pick<Job, 'id' | 'turn'>,
    changes: Partial<Omit<Job, 'id' | 'turn'>>,
  ): Promise<Job | undefined> {
    const stored = await this.items.update(
      this.jobKey,
      { ...changes, turn: turn + 1 },
      { expression: 'id = :ofId AND turn = :ofTurn', values: { ':ofId': id, ':ofTurn': turn } },
    );
    if (stored) {
      return JOB.parse(stored);
    }
    const now = await this.current();
    return now?.id === id && now.turn === turn + 1 && now.by === changes.by ? now : undefined;
  }

  public async noteError(jobId: string, lastError: JobError): Promise<void> {
    await this.items.update(this.jobKey, { lastError }, { expression: 'id = :ofId', values: { ':ofId': jobId } });
  }

  public async makeSegments(keys: readonly SegmentKey[]): Promise<void> {
    const fresh = { turn: 0, by: 'none', attempt: 'none', done: false, tally: NOTHING };
    await Promise.all(
      keys.map((key) => this.items.put({ ...this.segmentKey(key), ...key, ...fresh, ...this.expiry() }, NOT_THERE)),
    );
  }

  public async segment(key: SegmentKey): Promise<Segment | undefined> {
    const item = await this.items.get(this.segmentKey(key));
    return item && SEGMENT.parse(item);
  }

  public async segments(jobId: string): Promise<readonly Segment[]> {
    return (await this.items.below(this.pk, segmentPrefix(jobId))).map((item) => SEGMENT.parse(item));
  }

  public async advance(
    segment: Segment,
    { position, done, by, attempt, tally }: Parameters<JobStore['advance']>[1],
  ): Promise<Segment | undefined> {
    const changes = { position, done, by, attempt, tally, turn: segment.turn + 1, ...this.expiry() };
    const stored = await this.items.update(this.segmentKey(segment), changes, {
      expression: 'turn = :ofTurn',
      values: { ':ofTurn': segment.turn },
    });
    return stored && SEGMENT.parse(stored);
  }

  private get jobKey(): Key {
    return { PK: this.pk, SK: 'JOB' };
  }

  private segmentKey({ jobId, segment }: SegmentKey): Key {
    return { PK: this.pk, SK: `${segmentPrefix(jobId)}${String(segment).padStart(4, '0')}` };
  }

  private expiry() {
    return { expiresAt: Math.floor(this.now() / 1000) + KEPT_SECONDS };
  }
}

const segmentPrefix = (jobId: string) => `SEGMENT#${jobId}#`;
