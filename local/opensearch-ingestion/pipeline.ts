import { PipelineConfig } from './config';
import { exportEvent, PipelineEvent, streamEvent } from './events';
import { SinkStats } from './sink';
import { VersionCounter } from './versions';
import { FaultSchedule } from '../aws/faults';
import { ReadingLoop } from '../reading-loop';
import { FollowedRecord, SourceTable, StreamFollower } from '../storage';

/** How far a pipeline has come; kept in a data folder. */
export interface Position {
  /** Milliseconds since 1970 when the pipeline began. */
  readonly startedAt: number;
  readonly exported: boolean;
  /** The last record that was written to the index, or dropped. */
  readonly sequenceNumber?: string;
}

/** What a pipeline is made with. */
export interface PipelineOptions {
  /** As CloudFormation knows it. */
  readonly name: string;
  readonly config: PipelineConfig;
  readonly table: SourceTable;
  readonly follower: StreamFollower;
  readonly sink: { write(events: readonly PipelineEvent[]): Promise<void> };
  readonly stats: SinkStats;
  readonly position: Position;
  /** How long changes are collected before they are written, in ms. */
  readonly collectMs: number;
  readonly faults: FaultSchedule;
  readonly save: (position: Position) => void;
  readonly log: (line: string) => void;
}

/** What the page shows of a pipeline. */
export interface Progress extends SinkStats {
  readonly name: string;
  readonly source: string;
  readonly index: string;
  readonly state: string;
  readonly exported: number;
  readonly changes: number;
  readonly dropped: number;
  readonly waiting: number;
  readonly behindMs: number;
  readonly lastError: string;
}

/** Records that are taken at a time. */
const BATCH = 1000;

/**
 * Changes from so long before the beginning are taken too: the clocks of the table and the pipeline may differ.
 * https://github.com/opensearch-project/data-prepper/blob/main/data-prepper-plugins/dynamodb-source/src/main/java/org/opensearch/dataprepper/plugins/source/dynamodb/stream/ShardConsumer.java
 * (STREAM_EVENT_OVERLAP_TIME)
 */
const OVERLAP_MS = 300_000;

/** Before what failed is done again. */
const PAUSE_MS = 500;

/** Raised where the pipeline ends in the middle of something, which is done again the next time. */
class Ended extends Error {}

/**
 * One pipeline: the table's items first, then what is written to it. Where it begins in the stream is, as in Data
 * Prepper, not what `start_position` says: the stream is read from its beginning, and changes from before the pipeline
 * began are left out.
 */
export class Pipeline extends ReadingLoop {
  /** One for each shard, as Data Prepper has. */
  private readonly versions = new Map<string, VersionCounter>();
  private readonly counts = { exported: 0, changes: 0, dropped: 0 };
  private position: Position;
  private lastError = '';

  public constructor(private readonly options: PipelineOptions) {
    super();
    this.position = options.position;
  }

  /** Items and changes that were handled. */
  public get completed(): number {
    return this.counts.exported + this.counts.changes;
  }

  public start(): void {
    this.options.follower.onRecords(() => this.wakeSignal.wake());
    this.begin();
  }

  public progress(): Progress {
    const { name, config, table, follower, stats } = this.options;
    const first = this.position.exported ? follower.next(1)[0] : undefined;
    return {
      name,
      source: table.arn.split('/').pop() ?? table.arn,
      index: config.index,
      state: !this.begun ? 'not started' : this.position.exported ? 'following' : 'exporting',
      ...this.counts,
      ...stats,
      waiting: follower.waiting,
      behindMs: first === undefined ? 0 : Math.max(0, Math.round(performance.now() - first.due)),
      lastError: this.lastError,
    };
  }

  /** What failed and is tried again, for a person. */
  public failed(reason: string): void {
    // Told once, however often it is tried.
    if (this.lastError !== reason && !this.ended) this.options.log(`pipeline ${this.options.name}: ${reason}`);
    this.lastError = reason;
  }

  /** Waits so long. @throws an Error where the pipeline ends */
  public async pause(ms: number): Promise<void> {
    if (ms > 0 && !this.ended) await this.wakeSignal.pause(ms);
    if (this.ended) throw new Ended();
  }

  protected caughtUp(): boolean {
    return this.position.exported && this.options.follower.waiting === 0;
  }

  protected async run(): Promise<void> {
    try {
      await this.exportAndFollow();
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
    }
  }

  private async exportAndFollow(): Promise<void> {
    while (!this.position.exported) await this.trying(async () => this.exportTable());
    for (;;) {
      if (this.caughtUp()) await this.untilMore();
      await this.pause(0);
      const records = this.due();
      if (typeof records === 'number') await this.wakeSignal.wait(records);
      else await this.trying(async () => this.take(records));
    }
  }

  /** What fails here is read again from where it began, by a reader that knows nothing of versions any more. */
  private async trying(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.lastError = '';
    } catch (error) {
      if (error instanceof Ended) throw error;
      this.failed(error instanceof Error ? error.message : String(error));
      this.versions.clear();
      await this.pause(PAUSE_MS);
    }
  }

  private async exportTable(): Promise<void> {
    const { table, sink, config } = this.options;
    Object.assign(this.counts, { exported: 0, dropped: 0 });
    if (config.export !== undefined) {
      for await (const items of table.pages()) {
        const events = this.process(items.map((item) => exportEvent(table, item)));
        await sink.write(events);
        this.counts.exported += items.length;
        this.counts.dropped += items.length - events.length;
      }
    }
    this.move({ ...this.position, exported: true });
  }

  /** The records that are to be taken now, or for how long there are none. */
  private due(): readonly FollowedRecord[] | number {
    const { follower, collectMs } = this.options;
    const now = performance.now();
    const records = follower.next(BATCH);
    const due = records.filter((record) => record.due <= now);
    const from = records[0]?.due ?? Infinity;
    const wait = due.length === BATCH ? 0 : from + collectMs - now;
    return wait > 0 ? wait : due;
  }

  private async take(records: readonly FollowedRecord[]): Promise<void> {
    const { faults, name, follower, sink } = this.options;
    const fault = faults.next(`osis:batch ${name}`, ['duplicate', 'reorder']);
    const changes = this.eventsOf(records);
    const events = this.process(changes);
    if (fault?.kind === 'reorder') {
      // Several workers write at a time: nothing keeps an order.
      const early = events.map(() => fault.random() < 0.5);
      await sink.write(events.filter((_, at) => early[at]));
      await sink.write(events.filter((_, at) => !early[at]));
    } else {
      await sink.write(events);
    }
    if (fault?.kind === 'duplicate') {
      // Another reader takes over, from a record that was done already.
      this.versions.clear();
      await sink.write(this.process(this.eventsOf(records)));
    }
    this.counts.changes += records.length;
    this.counts.dropped += changes.length - events.length;
    follower.advance(records.length);
    this.move({ ...this.position, sequenceNumber: records[records.length - 1].sequenceNumber });
  }

  private eventsOf(records: readonly FollowedRecord[]): PipelineEvent[] {
    const { table, config } = this.options;
    const from = this.position.startedAt - OVERLAP_MS;
    return records
      .filter(({ writtenAt }) => writtenAt * 1000 > from)
      .map((record) => streamEvent(table, record, config.viewOnRemove, this.counterOf(record).next(record.writtenAt)));
  }

  private counterOf({ shardId }: FollowedRecord): VersionCounter {
    const counter = this.versions.get(shardId) ?? new VersionCounter();
    this.versions.set(shardId, counter);
    return counter;
  }

  private process(events: readonly PipelineEvent[]): PipelineEvent[] {
    const { processors } = this.options.config;
    return events.flatMap((event) => {
      const through = processors.reduce<PipelineEvent | undefined>((left, process) => left && process(left), event);
      return through ?? [];
    });
  }

  private move(position: Position): void {
    this.position = position;
    this.options.save(position);
  }
}
