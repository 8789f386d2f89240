import type { Job, Segment, SegmentKey } from './job';
import type { SegmentMessage } from './messages';
import type { Domain } from '../domain/domain';
import type { EventStore, ListedViewStore } from '../domain/ports';

/** State of the jobs of views. Every read is consistent, every change conditional. */
export interface JobStore {
  /** The one of a view that runs, or the last that did. */
  current(view: string): Promise<Job | undefined>;
  /** Puts a job in the place of the last of its view. @returns false where another runs */
  begin(job: Job): Promise<boolean>;
  /** Changes the job if it is still at this turn. @returns the job as it is then; undefined where it is at another turn */
  change(
    job: Pick<Job, 'view' | 'id' | 'turn'>,
    changes: Partial<Omit<Job, 'view' | 'id' | 'turn'>>,
  ): Promise<Job | undefined>;
  /** Notes an error, whatever the turn. */
  noteError(job: Pick<Job, 'view' | 'id'>, error: NonNullable<Job['lastError']>): Promise<void>;
  /** Makes segments that are not there yet. */
  makeSegments(keys: readonly SegmentKey[]): Promise<void>;
  segment(key: SegmentKey): Promise<Segment | undefined>;
  segments(job: Pick<Job, 'view' | 'id'>): Promise<readonly Segment[]>;
  /** Stores how far a segment is, if it is still at this turn. @returns the segment as it is then; else undefined */
  advance(
    segment: Segment,
    progress: Pick<Segment, 'position' | 'done' | 'by' | 'attempt' | 'tally'>,
  ): Promise<Segment | undefined>;
  /** Since when, and by which version of its code, a view has all that there is; undefined where nobody has seen to it. */
  completion(view: string): Promise<Completion | undefined>;
  complete(view: string, completion: Completion | undefined): Promise<void>;
}

export interface Completion {
  readonly projectionVersion: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A part of a table that is looked at. */
export interface Part {
  readonly segment: number;
  readonly segments: number;
  readonly position?: string;
  /** Items at most that the scan passes. */
  readonly limit: number;
}

export interface Page<Found> {
  readonly found: readonly Found[];
  /** Items that the scan has passed. */
  readonly scanned: number;
  /** Where the next one begins; undefined after the last. */
  readonly next?: string;
}

/** An aggregate that a scan has found, and where a scan goes on that has looked at it. */
export interface FoundAggregate {
  readonly id: string;
  readonly position: string;
}

/** All that there is, part by part. Reads are consistent: what was there before is found for certain. */
export interface Scans {
  /** About how many items the events, or the views, are. */
  count(of: 'events' | 'views'): Promise<number>;
  aggregates(part: Part): Promise<Page<FoundAggregate>>;
  /** Removes what it finds. Its position is that of an item that is still there. */
  eraseRows(view: string, part: Part): Promise<Page<never> & { readonly erased: number }>;
}

/** What commands on jobs take. */
export interface JobCommandPorts {
  readonly domain: Domain;
  readonly jobs: JobStore;
  readonly scans: Pick<Scans, 'count'>;
  send(messages: readonly SegmentMessage[], delaySeconds?: number): Promise<void>;
  /** Milliseconds since 1970. */
  now(): number;
}

/** What working on a segment takes. */
export interface WorkPorts extends JobCommandPorts {
  readonly scans: Scans;
  readonly events: EventStore;
  readonly views: ListedViewStore;
  /** The message that is worked on, by which one that comes again is known. */
  readonly messageId: string;
  /** One attempt at it: there may be others at the same time. */
  readonly attemptId: string;
  /** Capacity that was consumed since this was asked last. */
  spent(): { readonly read: number; readonly write: number };
  /** Waits so long, in ms. */
  pause(ms: number): Promise<void>;
  /** Should this message hand on what is left? */
  timeIsShort(): boolean;
  /** One line of the log. */
  tell(what: string, fields: Readonly<Record<string, string | number | undefined>>): Promise<void>;
}
