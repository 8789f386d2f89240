import type { Job, JobError, Segment, SegmentKey } from './job';
import type { SegmentMessage } from './messages';
import type { WireItem } from '../../core/dynamodb/wire';

/** State of the migrations of one name. Every read is consistent, every change conditional. */
export interface JobStore {
  /** The one that runs, or the last that did. */
  current(): Promise<Job | undefined>;
  /** Puts a job in the place of the last. @returns false where another runs */
  begin(job: Job): Promise<boolean>;
  /** Changes the job if it is still at this turn. @returns the job as it is then; undefined where it is at another turn */
  change(job: Pick<Job, 'id' | 'turn'>, changes: Partial<Omit<Job, 'id' | 'turn'>>): Promise<Job | undefined>;
  /** Notes an error, whatever the turn. */
  noteError(jobId: string, error: JobError): Promise<void>;
  /** Makes segments that are not there yet. */
  makeSegments(keys: readonly SegmentKey[]): Promise<void>;
  segment(key: SegmentKey): Promise<Segment | undefined>;
  segments(jobId: string): Promise<readonly Segment[]>;
  /** Stores how far a segment is, if it is still at this turn. @returns the segment as it is then; else undefined */
  advance(
    segment: Segment,
    progress: Pick<Segment, 'position' | 'done' | 'by' | 'attempt' | 'tally'>,
  ): Promise<Segment | undefined>;
}

/** What becomes of an item. */
export type Verdict =
  | { readonly outcome: 'current' }
  | {
      readonly outcome: 'convert';
      /** Read units that this took. @default 0 */
      readonly units?: number;
      /** Of which sort, for the counts: `Post 1 to 2`. */
      readonly sort: string;
      /** What is in its place afterwards. One with its own key replaces it; without, it is removed. */
      readonly items: readonly WireItem[];
    }
  | { readonly outcome: 'fail'; readonly reason: string };

/** Says what becomes of items, in their order. */
export type Converter = (items: readonly WireItem[]) => Promise<readonly Verdict[]>;

export interface Page {
  readonly items: readonly WireItem[];
  /** Where the next one begins, as text; undefined after the last. */
  readonly next?: string;
  /** Read units. */
  readonly units: number;
}

/** What became of a write. */
export interface Written {
  /** Nothing is written where the item was not as it had been read, or DynamoDB takes no such items. */
  readonly outcome: 'done' | 'changed' | 'refused';
  /** Items that were to be put beside it and were there already. */
  readonly kept: number;
  /** Write units. */
  readonly units: number;
}

/** The table that is migrated. Every read is consistent. */
export interface MigratedTable {
  /** About how many items it has. */
  count(): Promise<number>;
  scan(part: {
    readonly segment: number;
    readonly segments: number;
    readonly position?: string;
    /** Items at most. */
    readonly limit: number;
  }): Promise<Page>;
  /** An item as it is now. */
  read(item: WireItem): Promise<{ readonly item?: WireItem; readonly units: number }>;
  /** Items of a partition whose sort keys begin so. */
  query(pk: string, prefix: string): Promise<{ readonly items: readonly WireItem[]; readonly units: number }>;
  /** Puts items in the place of one, all or none, if that is as it was read. */
  replace(before: WireItem, after: readonly WireItem[]): Promise<Written>;
}

/** What commands take. */
export interface CommandPorts {
  readonly jobs: JobStore;
  readonly table: Pick<MigratedTable, 'count'>;
  send(messages: readonly SegmentMessage[], delaySeconds?: number): Promise<void>;
  /** Milliseconds since 1970. */
  now(): number;
}

/** What working on a segment takes. */
export interface WorkPorts extends CommandPorts {
  readonly table: MigratedTable;
  readonly convert: Converter;
  /** The message that is worked on, by which one that comes again is known. */
  readonly messageId: string;
  /** One attempt at it: there may be others at the same time. */
  readonly attemptId: string;
  /** Puts descriptions of items that failed into their queue; throws where it does not take them. */
  bury(bodies: readonly string[]): Promise<void>;
  /** Waits so long, in ms. */
  pause(ms: number): Promise<void>;
  /** Should this message hand on what is left? */
  timeIsShort(): boolean;
  /** One line of the log. */
  tell(what: string, fields: Readonly<Record<string, string | number | undefined>>): Promise<void>;
}
