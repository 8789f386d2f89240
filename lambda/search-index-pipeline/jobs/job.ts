import type { Turned } from '../../core/jobs/turns';
import type { IndexBody } from '../index-body';
import type { DocumentSource } from '../source';

/**
 * What a job is at. `preparing`: the new index is announced to writers. `copying`: items go into it.
 * `comparing`: it is held against the table. `switching`: readers are turned to it. Ended: `done`; `differs`, where an
 * operator decides; `cancelled`.
 */
export type Phase = 'preparing' | 'copying' | 'comparing' | 'switching' | 'done' | 'differs' | 'cancelled';

/** Phases that go by segments of the table. */
export type ScanPhase = 'copying' | 'comparing';

/** Loading a table into an index: into the one that is there (`backfill`), or into a new one (`reindex`). */
export interface Job extends Turned {
  /** UUIDv7. */
  readonly id: string;
  readonly kind: 'backfill' | 'reindex';
  readonly alias: string;
  readonly phase: Phase;
  /** The index that readers had when it began; of a backfill the same as `to`. */
  readonly from: string;
  readonly to: string;
  /** Of the new index. */
  readonly body: IndexBody;
  readonly source: DocumentSource;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly changedAt: number;
  /** Until then some writer may not know that the new index is announced. */
  readonly readyAt: number;
  /** Known when copying begins. */
  readonly table?: TableFacts;
  /** How often it was compared: segments of an earlier comparison count no more. */
  readonly round: number;
  /** How often counts were looked at in this round. */
  readonly looks: number;
  readonly counts?: Counts;
  /** The last error that a message ended with: its name, no message. */
  readonly lastError?: { readonly name: string; readonly at: number };
}

/** Parts of a table that are scanned side by side, and what DynamoDB says of it. */
export interface TableFacts {
  readonly segments: number;
  /** Names of its key attributes. */
  readonly keys: readonly string[];
  /** About so many items, as of some hours ago. */
  readonly items: number;
}

/** Documents, as the index counts them. */
export interface Counts {
  /** When the comparison began. */
  readonly before: number;
  /** When it had ended. */
  readonly after?: number;
  /** In the index that readers had, at that moment. */
  readonly from?: number;
}

/** What was done of a segment. All are numbers of items. */
export interface Tally {
  /** Read, of whatever kind. */
  readonly scanned: number;
  /** Documents among them. */
  readonly documents: number;
  /** Written, and found gone from the table right after. */
  readonly gone: number;
  /** Which cannot be documents. */
  readonly unreadable: number;
  /** Which the index will never take. */
  readonly refused: number;
  /** Found missing or older by the comparison, and written by it. */
  readonly repaired: number;
  /** Which are otherwise in the index, and stay so. */
  readonly different: number;
  /** Sums, modulo 2^64, of a hash of each document's id and version: as the table has them, and as the index. */
  readonly tableSum: string;
  readonly indexSum: string;
}

export const NOTHING: Tally = {
  scanned: 0,
  documents: 0,
  gone: 0,
  unreadable: 0,
  refused: 0,
  repaired: 0,
  different: 0,
  tableSum: '0',
  indexSum: '0',
};

const MODULUS = 2n ** 64n;

export const sum64 = (a: string, b: string | bigint): string => String((BigInt(a) + BigInt(b)) % MODULUS);

export function add(a: Tally, b: Partial<Tally>): Tally {
  return {
    scanned: a.scanned + (b.scanned ?? 0),
    documents: a.documents + (b.documents ?? 0),
    gone: a.gone + (b.gone ?? 0),
    unreadable: a.unreadable + (b.unreadable ?? 0),
    refused: a.refused + (b.refused ?? 0),
    repaired: a.repaired + (b.repaired ?? 0),
    different: a.different + (b.different ?? 0),
    tableSum: sum64(a.tableSum, b.tableSum ?? '0'),
    indexSum: sum64(a.indexSum, b.indexSum ?? '0'),
  };
}

/** One part of the table in one scan of it. */
export interface SegmentKey {
  readonly jobId: string;
  readonly phase: ScanPhase;
  readonly round: number;
  readonly segment: number;
}

export interface Segment extends SegmentKey, Turned {
  /** Where the scan goes on, as the table's repository writes it; undefined at the beginning. */
  readonly position?: string;
  readonly done: boolean;
  readonly tally: Tally;
}

/** What was written and not yet looked for again in the table: the item's key, and its document. */
export interface Written {
  readonly key: string;
  readonly id: string;
  /** Of the document. */
  readonly version: number;
}

const RUNNING: readonly Phase[] = ['preparing', 'copying', 'comparing', 'switching'];

/** Whether another must wait: a job that `differs` still has its index, which is written. */
export const occupies = ({ phase }: Pick<Job, 'phase'>): boolean => RUNNING.includes(phase) || phase === 'differs';

export const isRunning = ({ phase }: Pick<Job, 'phase'>): boolean => RUNNING.includes(phase);
