import {
  type Job,
  NOTHING,
  occupies,
  type Segment,
  type SegmentKey,
} from '../../lambda/search-index-pipeline/jobs/job';
import type { JobStore, Note } from '../../lambda/search-index-pipeline/jobs/ports';

const textOf = ({ jobId, phase, round, segment }: SegmentKey) => `${jobId} ${phase} ${round} ${segment}`;

/** The state of jobs in memory, as `JobRepository` has it of DynamoDB. */
export class MemoryJobStore implements JobStore {
  public job: Job | undefined;
  public readonly all = new Map<string, Segment>();
  public readonly notes = new Map<string, Note & { readonly jobId: string }>();
  public readonly complete = new Set<string>();
  private blueprint: Awaited<ReturnType<JobStore['wanted']>>;

  public async current() {
    return this.job;
  }

  public async begin(job: Job) {
    if (this.job && this.job.id !== job.id && occupies(this.job)) return false;
    this.job = job;
    return true;
  }

  public async change({ id, turn }: Pick<Job, 'id' | 'turn'>, changes: Partial<Job>) {
    if (this.job?.id !== id || this.job.turn !== turn) return undefined;
    this.job = { ...this.job, ...changes, turn: turn + 1 };
    return this.job;
  }

  public async noteError(jobId: string, name: string, at: number) {
    if (this.job?.id === jobId) this.job = { ...this.job, lastError: { name, at } };
  }

  public async makeSegments(keys: readonly SegmentKey[]) {
    for (const key of keys.filter((one) => !this.all.has(textOf(one)))) {
      this.all.set(textOf(key), { ...key, turn: 0, by: 'none', done: false, tally: NOTHING });
    }
  }

  public async segment(key: SegmentKey) {
    return this.all.get(textOf(key));
  }

  public async segments({ jobId, phase, round }: Pick<SegmentKey, 'jobId' | 'phase' | 'round'>) {
    return [...this.all.values()].filter((one) => one.jobId === jobId && one.phase === phase && one.round === round);
  }

  public async advance(segment: Segment, progress: Pick<Segment, 'position' | 'done' | 'by' | 'tally'>) {
    const now = this.all.get(textOf(segment));
    if (now?.turn !== segment.turn) return undefined;
    const next = { ...now, ...progress, turn: segment.turn + 1 };
    this.all.set(textOf(segment), next);
    return next;
  }

  public async noteWritten(jobId: string, note: Note) {
    this.notes.set(`${jobId} ${note.attemptId}`, { jobId, ...note });
  }

  public async forgetWritten(jobId: string, attemptId: string) {
    this.notes.delete(`${jobId} ${attemptId}`);
  }

  public async allWritten(jobId: string) {
    return [...this.notes.values()].filter((note) => note.jobId === jobId);
  }

  public async isComplete(index: string) {
    return this.complete.has(index);
  }

  public async markComplete(index: string) {
    this.complete.add(index);
  }

  public async forgetIndex(index: string) {
    this.complete.delete(index);
  }

  public async wanted() {
    return this.blueprint;
  }

  public async putWanted(blueprint: NonNullable<typeof this.blueprint>) {
    this.blueprint = blueprint;
  }
}
