import type { Turned } from '../../core/jobs/turns';

/** What a job takes of the tables' capacity at most, all segments together. */
export interface Rates {
  /** Read and write capacity units a second. */
  readonly maxReadUnitsPerSecond: number;
  readonly maxWriteUnitsPerSecond: number;
}

/**
 * `rebuild` folds every row of a view anew, from the first event on; `verify` compares every row with such a fold;
 * `erase` removes all rows of a view that the domain has no more.
 */
export type JobKind = 'rebuild' | 'verify' | 'erase';

/** Work on all of a view. There is one at a time of each view. */
export interface Job extends Turned, Rates {
  /** UUIDv7. */
  readonly id: string;
  readonly kind: JobKind;
  readonly view: string;
  /** Of the view's code when it began; 0 of one that has none any more. */
  readonly projectionVersion: number;
  readonly phase: 'running' | 'done' | 'cancelled';
  /** Parts of the table that are scanned side by side. */
  readonly segments: number;
  /** About so many items were in the table that is scanned when it began, as of some hours before. */
  readonly items: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly changedAt: number;
  /** The last error that a message ended with. */
  readonly lastError?: { readonly name: string; readonly at: number };
}

export interface SegmentKey {
  readonly view: string;
  readonly jobId: string;
  readonly segment: number;
}

export interface Segment extends SegmentKey, Turned {
  /** The attempt at the message that made the last change: only one of those under way at a time goes on. */
  readonly attempt: string;
  /** Where the scan goes on, as text; undefined at the beginning. */
  readonly position?: string;
  readonly done: boolean;
  readonly tally: Tally;
}

/** An aggregate, and what is wrong with its row: nothing of what it holds. */
export interface Example {
  readonly id: string;
  readonly reason: string;
}

/** What was done of a segment. */
export interface Tally {
  /** Items that the scan has passed. */
  readonly scanned: number;
  /** Aggregates that were looked at. */
  readonly aggregates: number;
  /** Rows that were written, as they were not what a fold gives. */
  readonly written: number;
  /** Rows whose last events are still to come from the stream: of the last minutes, or they are wrong. */
  readonly behind: number;
  /** Rows that are not what a fold gives. */
  readonly wrong: number;
  /** Aggregates of which the view cannot take an event. */
  readonly stuck: number;
  /** Items that were removed. */
  readonly erased: number;
  /** Some of those that are wrong or stuck. */
  readonly examples: readonly Example[];
  readonly readUnits: number;
  readonly writeUnits: number;
}

export const NOTHING: Tally = {
  scanned: 0,
  aggregates: 0,
  written: 0,
  behind: 0,
  wrong: 0,
  stuck: 0,
  erased: 0,
  examples: [],
  readUnits: 0,
  writeUnits: 0,
};

const EXAMPLES = 5;

export const add = (a: Tally, b: Partial<Tally>): Tally => ({
  scanned: a.scanned + (b.scanned ?? 0),
  aggregates: a.aggregates + (b.aggregates ?? 0),
  written: a.written + (b.written ?? 0),
  behind: a.behind + (b.behind ?? 0),
  wrong: a.wrong + (b.wrong ?? 0),
  stuck: a.stuck + (b.stuck ?? 0),
  erased: a.erased + (b.erased ?? 0),
  examples: [...a.examples, ...(b.examples ?? [])].slice(0, EXAMPLES),
  readUnits: a.readUnits + (b.readUnits ?? 0),
  writeUnits: a.writeUnits + (b.writeUnits ?? 0),
});

export const segmentsOf = ({ view, id, segments }: Job): SegmentKey[] =>
  Array.from({ length: segments }, (_, segment) => ({ view, jobId: id, segment }));
