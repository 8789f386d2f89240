import { FaultSchedule } from '../aws/faults';
import { failedIds, Mapping, MappingRequest } from '../mapping';
import { ReadingLoop } from '../reading-loop';
import { InvocationResult } from '../types';
import { StreamViewType } from './model';
import { Cursor, StreamReader, StreamRecord, viewOf } from './stream-reader';

/** How a DynamoDB stream is delivered, beside what every mapping says. */
export interface StreamSettings {
  readonly viewType: StreamViewType;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  /** A mapping sees a record this much later than it was written. */
  readonly lagMs: number;
  readonly bisect: boolean;
  /** Infinite when undefined. */
  readonly maximumRetries?: number;
  readonly maximumAgeMs?: number;
}

/** Lambda waits longer between tries; here a test should not. */
const BACKOFF_MS: readonly [first: number, most: number] = [100, 1000];
/** Lambda's payload limit. */
const PAYLOAD_BYTES = 6 * 1024 * 1024;
const SCAN = 1000;

/** Delivers a stream to a function in order, one batch at a time. */
export class StreamMapping extends ReadingLoop implements Mapping {
  public readonly stats = { delivered: 0, failed: 0 };
  private cursor: Cursor | undefined;

  public constructor(
    private readonly request: MappingRequest,
    private readonly stream: StreamSettings,
    private readonly reader: StreamReader,
    private readonly faults: FaultSchedule,
    private readonly log: (line: string) => void,
  ) {
    super();
  }

  /** Takes the place from which it will read; what is written from now on is not missed. */
  public async prepare(): Promise<void> {
    const { checkpoint } = this.request;
    const { startingPosition } = this.stream;
    this.cursor = await this.reader.cursor(checkpoint === undefined ? startingPosition : { after: checkpoint });
  }

  public async start(): Promise<void> {
    this.reader.onRecords(() => this.wakeSignal.wake());
    // What was written during the deployment is there for the first batch.
    await this.reader.settle();
    this.begin();
  }

  protected caughtUp(): boolean {
    return this.cursor !== undefined && this.cursor.position >= this.reader.end;
  }

  protected async run(): Promise<void> {
    const cursor = this.cursor;
    while (cursor !== undefined && !this.ended) {
      if (this.caughtUp()) {
        await this.untilMore();
        continue;
      }
      const { batch, scanned, wait } = this.gather(cursor.position);
      if (wait > 0) {
        await this.wakeSignal.wait(wait);
        continue;
      }
      if (batch.length > 0) await this.deliverWithFaults(batch);
      // Closed in the middle of a batch: it is delivered again the next time.
      if (this.ended) return;
      cursor.position += scanned.length;
      this.request.saveCheckpoint(scanned[scanned.length - 1].sequenceNumber);
      this.reader.release();
    }
  }

  /** The next batch, the records it covers with those that the filter drops, and how long to wait for it. */
  private gather(position: number): {
    readonly batch: readonly StreamRecord[];
    readonly scanned: readonly StreamRecord[];
    readonly wait: number;
  } {
    const { batchSize, windowMs, filter } = this.request.settings;
    const { lagMs, viewType } = this.stream;
    const now = performance.now();
    const batch: StreamRecord[] = [];
    const scanned: StreamRecord[] = [];
    let bytes = 0;
    let full = false;
    let later = 0;
    for (const record of this.reader.from(position, SCAN)) {
      if (record.seen + lagMs > now) {
        later = record.seen + lagMs - now;
        break;
      }
      const event = viewOf(record.event, viewType);
      if (filter(event)) {
        bytes += windowMs > 0 || batch.length > 0 ? Buffer.byteLength(JSON.stringify(event)) : 0;
        full = batch.length === batchSize || (batch.length > 0 && bytes > PAYLOAD_BYTES);
        if (full) break;
        batch.push({ ...record, event });
      }
      scanned.push(record);
    }
    if (scanned.length === 0) return { batch, scanned, wait: Math.max(1, later) };
    const windowLeft =
      batch.length === 0 || full || batch.length === batchSize ? 0 : batch[0].seen + lagMs + windowMs - now;
    return { batch, scanned, wait: Math.max(0, windowLeft) };
  }

  /** Two shards are two orders: a fault delivers some of the items of a batch before the others, or all of it twice. */
  private async deliverWithFaults(batch: readonly StreamRecord[]): Promise<void> {
    const fault = this.faults.next(`stream:deliver ${this.request.settings.id}`, ['duplicate', 'reorder']);
    if (fault?.kind === 'reorder') {
      const early = new Map<string, boolean>();
      for (const { key } of batch) if (!early.has(key)) early.set(key, fault.random() < 0.5);
      const parts = [batch.filter(({ key }) => early.get(key)), batch.filter(({ key }) => early.get(key) !== true)];
      for (const part of parts.reverse()) if (part.length > 0) await this.deliver(part);
      return;
    }
    await this.deliver(batch);
    if (fault?.kind === 'duplicate') await this.deliver(batch);
  }

  private async deliver(batch: readonly StreamRecord[]): Promise<void> {
    let pending = batch;
    let tries = 0;
    while (pending.length > 0 && !this.ended) {
      pending = this.discardExpired(pending, tries);
      if (pending.length === 0) return;
      const result = await this.invokeWith(pending);
      const left = this.leftAfter(pending, result);
      this.stats.delivered += pending.length - left.length;
      if (left.length === 0) return;
      this.stats.failed++;
      tries = left.length < pending.length ? 1 : tries + 1;
      if (this.stream.bisect && left.length === pending.length && left.length > 1) {
        // Halving is not counted as a try.
        const middle = Math.ceil(left.length / 2);
        await this.deliver(left.slice(0, middle));
        await this.deliver(left.slice(middle));
        return;
      }
      pending = left;
      if (this.stream.maximumRetries !== undefined && tries > this.stream.maximumRetries) {
        this.discard(pending, 'RetryAttemptsExhausted', tries, result);
        return;
      }
      await this.wakeSignal.pause(Math.min(BACKOFF_MS[1], BACKOFF_MS[0] * 2 ** Math.min(tries - 1, 10)));
    }
  }

  private async invokeWith(records: readonly StreamRecord[]): Promise<InvocationResult> {
    try {
      return await this.request.invoke({ Records: records.map(({ event }) => event) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!this.ended) this.log(`event source of ${this.request.settings.functionArn}: ${message}`);
      return { invocationId: '', payload: { errorMessage: message }, functionError: 'Unhandled' };
    }
  }

  /** The records to be tried again. */
  private leftAfter(records: readonly StreamRecord[], result: InvocationResult): readonly StreamRecord[] {
    if (result.functionError !== undefined) return records;
    if (!this.request.settings.reportFailures) return [];
    const failed = failedIds(
      result.payload,
      records.map(({ sequenceNumber }) => sequenceNumber),
    );
    if (failed === 'all') return records;
    const first = records.findIndex(({ sequenceNumber }) => failed.includes(sequenceNumber));
    return first === -1 ? [] : records.slice(first);
  }

  private discardExpired(records: readonly StreamRecord[], tries: number): readonly StreamRecord[] {
    const { maximumAgeMs } = this.stream;
    if (maximumAgeMs === undefined) return records;
    const oldest = Date.now() - maximumAgeMs;
    const expired = records.filter(({ seenAt }) => seenAt < oldest);
    if (expired.length > 0) this.discard(expired, 'RecordAgeExceeded', tries);
    return records.filter((record) => !expired.includes(record));
  }

  private discard(records: readonly StreamRecord[], condition: string, tries: number, result?: InvocationResult): void {
    const [first, last] = [records[0], records[records.length - 1]];
    const time = (record: StreamRecord): string => new Date(record.seenAt).toISOString();
    this.request.discard({
      requestContext: {
        requestId: result?.invocationId ?? '',
        functionArn: this.request.settings.functionArn,
        condition,
        approximateInvokeCount: tries,
      },
      ...(result?.functionError === undefined
        ? {}
        : { responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: result.functionError } }),
      version: '1.0',
      timestamp: new Date().toISOString(),
      DDBStreamBatchInfo: {
        shardId: first.shardId,
        startSequenceNumber: first.sequenceNumber,
        endSequenceNumber: last.sequenceNumber,
        approximateArrivalOfFirstRecord: time(first),
        approximateArrivalOfLastRecord: time(last),
        batchSize: records.length,
        streamArn: this.request.settings.sourceArn,
      },
    });
  }
}
