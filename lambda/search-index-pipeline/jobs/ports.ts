import type { BulkItem } from '../bulk';
import type { Blueprint, IndexBody } from '../index-body';
import type { IndexAliases } from '../names';
import type { DocumentSource, Image } from '../source';
import type { Job, Segment, SegmentKey, TableFacts, Tally, Written } from './job';
import type { JobMessage } from './messages';

/** State of the jobs of one alias. Every read is consistent, every change conditional. */
export interface JobStore {
  /** The one that runs, or the last that did. */
  current(): Promise<Job | undefined>;
  /** Puts a job in the place of the last. @returns false where another is not ended */
  begin(job: Job): Promise<boolean>;
  /** Changes the job if it is still at this turn. @returns the job as it is then; undefined where it is at another turn */
  change(job: Pick<Job, 'id' | 'turn'>, changes: Partial<Omit<Job, 'id' | 'turn'>>): Promise<Job | undefined>;
  /** Notes an error, whatever the turn. */
  noteError(jobId: string, name: string, at: number): Promise<void>;
  /** Makes segments that are not there yet. */
  makeSegments(keys: readonly SegmentKey[]): Promise<void>;
  segment(key: SegmentKey): Promise<Segment | undefined>;
  segments(job: Pick<SegmentKey, 'jobId' | 'phase' | 'round'>): Promise<readonly Segment[]>;
  /** Stores how far a segment is, if it is still at this turn. @returns the segment as it is then; else undefined */
  advance(
    segment: Segment,
    progress: Pick<Segment, 'position' | 'done' | 'by'> & { readonly tally: Tally },
  ): Promise<Segment | undefined>;
  /** Notes what an attempt is about to write, in the place of what it noted before. */
  noteWritten(jobId: string, note: Note): Promise<void>;
  forgetWritten(jobId: string, attemptId: string): Promise<void>;
  /** What attempts have noted and not forgotten. */
  allWritten(jobId: string): Promise<readonly Note[]>;
  /** Whether an index has all that was in the table before it took writes. */
  isComplete(index: string): Promise<boolean>;
  markComplete(index: string): Promise<void>;
  forgetIndex(index: string): Promise<void>;
  /** What the last deployment asked for. */
  wanted(): Promise<Required<Blueprint> | undefined>;
  putWanted(blueprint: Required<Blueprint>): Promise<void>;
}

/** What an attempt was about to write. */
export interface Note {
  readonly attemptId: string;
  /** When nothing of it can arrive any more, in ms since 1970. */
  readonly until: number;
  readonly written: readonly Written[];
}

/** An item, and its key as text. */
export interface Found {
  readonly key: string;
  readonly image: Image;
}

export interface Page {
  /** Those that may be documents. */
  readonly found: readonly Found[];
  /** Of whatever kind. */
  readonly scanned: number;
  /** Where the next one begins; undefined after the last. */
  readonly next?: string;
}

/** The table whose items are documents. Every read is consistent. */
export interface SourceTable {
  facts(): Promise<TableFacts>;
  scan(part: {
    readonly segment: number;
    readonly table: TableFacts;
    readonly source: DocumentSource;
    readonly position?: string;
  }): Promise<Page>;
  /** Items by key, at most 100; those that are gone are left out. */
  read(keys: readonly string[], table: TableFacts, source: DocumentSource): Promise<readonly Found[]>;
}

/** What jobs do with indexes. */
export interface JobIndexes {
  read(index: string): Promise<Required<IndexBody> | undefined>;
  create(index: string, body: IndexBody, aliases: IndexAliases): Promise<void>;
  putAliases(index: string, aliases: IndexAliases): Promise<void>;
  bulk(index: string, body: string): Promise<readonly BulkItem[]>;
  versions(index: string, ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
  count(indexes: readonly string[]): Promise<number[]>;
  lead(alias: string, index: string): Promise<void>;
  drop(index: string, alias: string): Promise<void>;
}

/** What beginning and ending a job takes. */
export interface JobPorts {
  readonly jobs: JobStore;
  readonly indexes: JobIndexes;
  send(messages: readonly JobMessage[], delaySeconds?: number): Promise<void>;
  /** Milliseconds since 1970. */
  now(): number;
}

/** What working on a job takes. */
export interface WorkPorts extends JobPorts {
  readonly table: SourceTable;
  /** The message that is worked on, by which one that comes again is known. */
  readonly messageId: string;
  /** One attempt at it: there may be others at the same time. */
  readonly attemptId: string;
  /** When the attempt is broken off at the latest, in ms since 1970. */
  readonly endsAt: number;
  /** Puts messages into the dead-letter queue of the pipeline; throws where it does not take them. */
  bury(bodies: readonly string[]): Promise<void>;
  pause(ms: number): Promise<void>;
  /** Should this message hand on what is left? */
  timeIsShort(): boolean;
  /** One line of the log. */
  tell(what: string, fields: Readonly<Record<string, string | number | undefined>>): Promise<void>;
}
