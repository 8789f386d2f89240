import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type Job, occupies, type Segment, type SegmentKey, type Tally, NOTHING } from './job';
import type { JobStore, Note } from './ports';
import { type Condition, NOT_THERE } from '../../core/dynamodb';
import { JobItems } from '../../core/jobs/job-items';
import type { Blueprint } from '../index-body';
import { DOCUMENT_SOURCE } from '../source';

/** What is known of segments when a job is long over goes by itself. */
const KEPT_SECONDS = 90 * 24 * 3600;

const CURRENT = { PK: 'JOB', SK: 'CURRENT' };
const WANTED = { PK: 'WANTED', SK: 'WANTED' };
const indexKey = (index: string) => ({ PK: `INDEX#${index}`, SK: 'COMPLETE' });
const jobPk = (jobId: string) => `JOB#${jobId}`;
const noteKey = (jobId: string, attemptId: string) => ({ PK: jobPk(jobId), SK: `NOTE#${attemptId}` });
const scanPrefix = ({ phase, round }: Pick<SegmentKey, 'phase' | 'round'>) => `SEGMENT#${phase}#${round}#`;
const segmentKey = (key: SegmentKey) => ({
  PK: jobPk(key.jobId),
  SK: `${scanPrefix(key)}${String(key.segment).padStart(4, '0')}`,
});

const count = z.number();

const SEGMENT = z.object({
  jobId: z.string(),
  phase: z.enum(['copying', 'comparing']),
  round: count,
  segment: count,
  turn: count,
  by: z.string(),
  position: z.optional(z.string()),
  done: z.boolean(),
  tally: z.object({
    scanned: count,
    documents: count,
    gone: count,
    unreadable: count,
    refused: count,
    repaired: count,
    different: count,
    tableSum: z.string(),
    indexSum: z.string(),
  }),
});

/** Bodies are texts: a mapping may have what DynamoDB has no type for. */
const JOB = z.object({
  id: z.string(),
  kind: z.enum(['backfill', 'reindex']),
  alias: z.string(),
  phase: z.enum(['preparing', 'copying', 'comparing', 'switching', 'done', 'differs', 'cancelled']),
  from: z.string(),
  to: z.string(),
  body: z.string(),
  source: DOCUMENT_SOURCE,
  startedAt: count,
  changedAt: count,
  readyAt: count,
  table: z.optional(z.object({ segments: count, keys: z.array(z.string()), items: count })),
  round: count,
  looks: count,
  counts: z.optional(z.object({ before: count, after: z.optional(count), from: z.optional(count) })),
  lastError: z.optional(z.object({ name: z.string(), at: count })),
  turn: count,
  by: z.string(),
});

const NOTE = z.object({
  attemptId: z.string(),
  until: count,
  written: z.array(z.object({ key: z.string(), id: z.string(), version: count })),
});

const BLUEPRINT = z.object({ body: z.string(), source: DOCUMENT_SOURCE });

function readJob(item: unknown): Job {
  const { body, ...job } = JOB.parse(item);
  return { ...job, body: JSON.parse(body) as Job['body'] };
}

const toItem = ({ body, ...job }: Job) => ({ ...CURRENT, ...job, body: JSON.stringify(body) });

/** The table of a pipeline's jobs, and the only part that knows its keys. */
export class JobRepository implements JobStore {
  private readonly items: JobItems;

  public constructor(
    db: DynamoDBDocumentClient,
    table: string,
    private readonly now: () => number,
  ) {
    this.items = new JobItems(db, table);
  }

  public async current(): Promise<Job | undefined> {
    const item = await this.items.get(CURRENT);
    return item && readJob(item);
  }

  public async begin(job: Job): Promise<boolean> {
    const last = await this.current();
    if (last && last.id !== job.id && occupies(last)) {
      return false;
    }
    const condition: Condition = last
      ? { expression: 'id = :last AND turn = :turn', values: { ':last': last.id, ':turn': last.turn } }
      : NOT_THERE;
    const stored = await this.items.put(toItem(job), condition);
    // An answer that was lost is a condition that fails when the SDK asks again.
    return stored || (await this.current())?.id === job.id;
  }

  public async change(
    { id, turn }: Pick<Job, 'id' | 'turn'>,
    changes: Partial<Omit<Job, 'id' | 'turn'>>,
  ): Promise<Job | undefined> {
    const { body, ...others } = changes;
    const set = { ...others, ...(body ? { body: JSON.stringify(body) } : {}), turn: turn + 1 };
    const stored = await this.items.update(CURRENT, set, {
      expression: 'id = :ofId AND turn = :ofTurn',
      values: { ':ofId': id, ':ofTurn': turn },
    });
    if (stored) {
      return readJob(stored);
    }
    const now = await this.current();
    return now?.id === id && now.turn === turn + 1 && now.by === changes.by ? now : undefined;
  }

  public async noteError(jobId: string, name: string, at: number): Promise<void> {
    await this.items.update(
      CURRENT,
      { lastError: { name, at } },
      { expression: 'id = :ofId', values: { ':ofId': jobId } },
    );
  }

  public async makeSegments(keys: readonly SegmentKey[]): Promise<void> {
    await Promise.all(
      keys.map((key) =>
        this.items.put(
          { ...segmentKey(key), ...key, turn: 0, by: 'none', done: false, tally: NOTHING, ...this.expiry() },
          NOT_THERE,
        ),
      ),
    );
  }

  public async segment(key: SegmentKey): Promise<Segment | undefined> {
    const item = await this.items.get(segmentKey(key));
    return item && SEGMENT.parse(item);
  }

  public async segments(scan: Pick<SegmentKey, 'jobId' | 'phase' | 'round'>): Promise<readonly Segment[]> {
    return (await this.items.below(jobPk(scan.jobId), scanPrefix(scan))).map((item) => SEGMENT.parse(item));
  }

  public async advance(
    segment: Segment,
    progress: Pick<Segment, 'position' | 'done' | 'by'> & { readonly tally: Tally },
  ): Promise<Segment | undefined> {
    const { position, done, by, tally } = progress;
    const set = { position, done, by, tally, turn: segment.turn + 1, ...this.expiry() };
    const stored = await this.items.update(segmentKey(segment), set, {
      expression: 'turn = :ofTurn',
      values: { ':ofTurn': segment.turn },
    });
    return stored && SEGMENT.parse(stored);
  }

  public async noteWritten(jobId: string, note: Note): Promise<void> {
    await this.items.put({ ...noteKey(jobId, note.attemptId), ...note, ...this.expiry() });
  }

  public async forgetWritten(jobId: string, attemptId: string): Promise<void> {
    await this.items.remove(noteKey(jobId, attemptId));
  }

  public async allWritten(jobId: string): Promise<readonly Note[]> {
    return (await this.items.below(jobPk(jobId), 'NOTE#')).map((item) => NOTE.parse(item));
  }

  public async isComplete(index: string): Promise<boolean> {
    return (await this.items.get(indexKey(index))) !== undefined;
  }

  public async markComplete(index: string): Promise<void> {
    await this.items.put({ ...indexKey(index), at: this.now() });
  }

  public async forgetIndex(index: string): Promise<void> {
    await this.items.remove(indexKey(index));
  }

  public async wanted(): Promise<Required<Blueprint> | undefined> {
    const item = await this.items.get(WANTED);
    if (!item) {
      return undefined;
    }
    const { body, source } = BLUEPRINT.parse(item);
    return { body: JSON.parse(body) as Blueprint['body'], source };
  }

  public async putWanted({ body, source }: Required<Blueprint>): Promise<void> {
    await this.items.put({ ...WANTED, body: JSON.stringify(body), source });
  }

  private expiry() {
    return { expiresAt: Math.floor(this.now() / 1000) + KEPT_SECONDS };
  }
}
