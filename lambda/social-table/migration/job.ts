import type { Key } from '../../core/dynamodb/items';
import type { Turned } from '../../core/jobs/turns';

/** What a migration takes of the table's capacity at most, all segments together. */
export interface Rates {
  /** Read and write capacity units a second. */
  readonly maxReadUnitsPerSecond: number;
  readonly maxWriteUnitsPerSecond: number;
}

/** Bringing all items of a table to the schema versions of now; or, as a dry run, saying what that would change. */
export interface Job extends Turned, Rates {
  /** UUIDv7. */
  readonly id: string;
  readonly phase: 'running' | 'done' | 'cancelled';
  readonly dryRun: boolean;
  /** Parts of the table that are scanned side by side. */
  readonly segments: number;
  /** About so many items were in the table when it began, as of some hours before. */
  readonly items: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly changedAt: number;
  /** The last error that a message ended with. */
  readonly lastError?: JobError;
}

/** An error by its name; its message only where it is known to hold nothing of what items hold. */
export interface JobError {
  readonly name: string;
  readonly reason?: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface SegmentKey {
  readonly jobId: string;
  readonly segment: number;
}

export interface Segment extends SegmentKey, Turned {
  /** The attempt at that message: only one of those that are under way at a time goes on. */
  readonly attempt: string;
  /** The key after which the scan goes on, as text; undefined at the beginning. */
  readonly position?: string;
  readonly done: boolean;
  readonly tally: Tally;
}

/** Items of one sort, and where some of them are: their keys, and nothing of what they hold. */
export interface Found {
  readonly count: number;
  readonly examples: readonly Key[];
}

/** By what they are: `Post 1 to 2`, or why they failed. */
export type Sorts = Readonly<Record<string, Found>>;

/** What was done of a segment. All but the last two are numbers of items. */
export interface Tally {
  /** Read, without those of migrations themselves. */
  readonly scanned: number;
  /** Of them those brought to the version of now; of a dry run, those that would be. */
  readonly converted: number;
  /** Those that need nothing. */
  readonly skipped: number;
  /** Those that no converter makes sense of; they stay as they are. */
  readonly failed: number;
  /** Put for those converted, themselves or others. */
  readonly written: number;
  /** Converted ones that are no more. */
  readonly removed: number;
  /** What would have been put beside one that was converted, and was there already. */
  readonly kept: number;
  /** Read again, because somebody had changed them. */
  readonly reread: number;
  readonly kinds: Sorts;
  readonly failures: Sorts;
  /** Capacity that scanning and converting have consumed. */
  readonly readUnits: number;
  readonly writeUnits: number;
}

export const NOTHING: Tally = {
  scanned: 0,
  converted: 0,
  skipped: 0,
  failed: 0,
  written: 0,
  removed: 0,
  kept: 0,
  reread: 0,
  kinds: {},
  failures: {},
  readUnits: 0,
  writeUnits: 0,
};

const EXAMPLES = 3;
/** Sorts that are told apart: what a converter of somebody else names must not outgrow an item. */
const SORTS = 30;
const OTHERS = 'others';

function addSorts(a: Sorts, b: Sorts): Sorts {
  const sum: Record<string, Found> = { ...a };
  for (const [name, { count, examples }] of Object.entries(b)) {
    const place = Object.hasOwn(sum, name) || Object.keys(sum).length < SORTS ? name : OTHERS;
    const there = sum[place] ?? { count: 0, examples: [] };
    sum[place] = { count: there.count + count, examples: [...there.examples, ...examples].slice(0, EXAMPLES) };
  }
  return sum;
}

export function add(a: Tally, b: Partial<Tally>): Tally {
  return {
    scanned: a.scanned + (b.scanned ?? 0),
    converted: a.converted + (b.converted ?? 0),
    skipped: a.skipped + (b.skipped ?? 0),
    failed: a.failed + (b.failed ?? 0),
    written: a.written + (b.written ?? 0),
    removed: a.removed + (b.removed ?? 0),
    kept: a.kept + (b.kept ?? 0),
    reread: a.reread + (b.reread ?? 0),
    kinds: addSorts(a.kinds, b.kinds ?? {}),
    failures: addSorts(a.failures, b.failures ?? {}),
    readUnits: a.readUnits + (b.readUnits ?? 0),
    writeUnits: a.writeUnits + (b.writeUnits ?? 0),
  };
}

export const segmentsOf = ({ id, segments }: Job): SegmentKey[] =>
  Array.from({ length: segments }, (_, segment) => ({ jobId: id, segment }));
