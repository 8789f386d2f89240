import { Engine } from './engine';
import { keyText, StreamViewType, TableInfo } from './model';
import { AwsError, Json } from '../aws/protocol';

/** A record of a table's stream, in Lambda's shape, with both images whatever the table's view type. */
export interface StreamRecord {
  readonly sequenceNumber: string;
  readonly shardId: string;
  /** `performance.now()` when this runner saw it. */
  readonly seen: number;
  /** Milliseconds since the epoch when this runner saw it. */
  readonly seenAt: number;
  /** Equal for records of one item. */
  readonly key: string;
  readonly event: StreamEvent;
}

/** A record as a function gets it. */
export interface StreamEvent extends Json {
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly dynamodb: Json;
}

/** A place in a stream: the records before it are done. */
export interface Cursor {
  position: number;
}

const PAGE = 1000;
const POLL_INTERVAL_MS = 250;

/**
 * Reads one table's stream from the engine, once for all of its consumers. It reads when a write went through the
 * endpoint, and now and then in case something else wrote.
 */
export class StreamReader {
  private readonly records: StreamRecord[] = [];
  private first = 0;
  private iterator: string | undefined;
  private shardId: string | undefined;
  private lastSequence: string | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private closed = false;
  private readonly cursors = new Set<Cursor>();
  private readonly listeners = new Set<() => void>();
  private readonly timer: NodeJS.Timeout;

  /**
   * @param expired tells whether the item was deleted by the runner's own TTL sweep
   * @param keepAll records are kept for consumers to come while this says so
   */
  public constructor(
    private readonly engine: Engine,
    private readonly table: TableInfo,
    private readonly engineStreamArn: string,
    private readonly region: string,
    private readonly expired: (key: string) => boolean,
    private readonly keepAll: () => boolean,
    private readonly log: (line: string) => void,
  ) {
    this.timer = setInterval(() => this.wake(), POLL_INTERVAL_MS);
    this.timer.unref();
  }

  /** One past the last record read. */
  public get end(): number {
    return this.first + this.records.length;
  }

  /** A consumer's place: the oldest record, the end as it is now, or after a sequence number. */
  public async cursor(from: 'TRIM_HORIZON' | 'LATEST' | { readonly after: string }): Promise<Cursor> {
    await this.settle();
    let position = from === 'LATEST' ? this.end : this.first;
    if (typeof from === 'object') {
      const index = this.records.findIndex(({ sequenceNumber }) => BigInt(sequenceNumber) > BigInt(from.after));
      position = index === -1 ? this.end : this.first + index;
    }
    const cursor = { position };
    this.cursors.add(cursor);
    return cursor;
  }

  /** The records from a position on. */
  public from(position: number, limit: number): readonly StreamRecord[] {
    const start = Math.max(0, position - this.first);
    return this.records.slice(start, start + limit);
  }

  /** Called after new records came. */
  public onRecords(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** Drops the records that every consumer is done with. */
  public release(): void {
    if (this.keepAll() || this.cursors.size === 0) return;
    const done = Math.min(...[...this.cursors].map(({ position }) => position));
    if (done > this.first) this.records.splice(0, done - this.first);
    this.first = Math.max(this.first, done);
  }

  /** Reads soon: something was written. */
  public wake(): void {
    if (this.closed) return;
    if (this.running !== undefined) {
      this.again = true;
      return;
    }
    this.running = this.readToEnd().finally(() => {
      this.running = undefined;
      if (this.again) {
        this.again = false;
        this.wake();
      }
    });
  }

  /** Resolves when everything written before this call was read. */
  public async settle(): Promise<void> {
    await this.running;
    this.wake();
    await this.running;
  }

  public async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    await this.running;
  }

  private async readToEnd(): Promise<void> {
    try {
      for (;;) {
        if (this.closed) return;
        this.iterator ??= await this.openIterator();
        if (this.iterator === undefined) return;
        const page = await this.engine.client.streams('GetRecords', { ShardIterator: this.iterator, Limit: PAGE });
        const records = (page.Records ?? []) as readonly Json[];
        this.iterator = typeof page.NextShardIterator === 'string' ? page.NextShardIterator : undefined;
        for (const record of records) this.append(record);
        if (records.length > 0) for (const listener of this.listeners) listener();
        // A closed shard has no next iterator: go on in its successor.
        if (this.iterator === undefined && (await this.nextShard())) continue;
        if (records.length === 0 || this.iterator === undefined) return;
      }
    } catch (error) {
      this.iterator = undefined;
      const code = error instanceof AwsError ? error.code : '';
      if (!this.closed && code !== 'ExpiredIteratorException') {
        this.log(`stream of ${this.table.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  private append(raw: Json): void {
    const dynamodb = raw.dynamodb as Json;
    const engineSequence = String(dynamodb.SequenceNumber);
    this.lastSequence = engineSequence;
    const key = keyText(this.table, dynamodb.Keys as Json);
    const removed = raw.eventName === 'REMOVE' && this.expired(key);
    const userIdentity = removed ? { type: 'Service', principalId: 'dynamodb.amazonaws.com' } : raw.userIdentity;
    const sequenceNumber = awsSequence(engineSequence);
    const seenAt = Date.now();
    const writtenAt = Math.min(this.writtenAt(dynamodb), Math.floor(seenAt / 1000));
    const event = {
      eventID: String(raw.eventID).replace(/-/g, '').padStart(32, '0'),
      eventName: raw.eventName as StreamEvent['eventName'],
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: this.region,
      dynamodb: { ...dynamodb, ApproximateCreationDateTime: writtenAt, SequenceNumber: sequenceNumber },
      eventSourceARN: this.table.streamArn,
      ...(userIdentity === undefined ? {} : { userIdentity }),
    };
    this.records.push({ sequenceNumber, shardId: this.shardId ?? '', seen: performance.now(), seenAt, key, event });
  }

  /** In whole seconds, as AWS has it. DynamoDB Local rounds the time to a minute: when it was seen is nearer. */
  private writtenAt({ ApproximateCreationDateTime: time }: Json): number {
    return this.engine.kind === 'dynoxide' && typeof time === 'number' ? Math.floor(time) : Infinity;
  }

  private async shards(): Promise<readonly string[]> {
    const found: string[] = [];
    let last: unknown;
    do {
      const start = last === undefined ? {} : { ExclusiveStartShardId: last };
      const page = await this.engine.client.streams('DescribeStream', { StreamArn: this.engineStreamArn, ...start });
      const description = page.StreamDescription as Json;
      for (const shard of (description.Shards ?? []) as readonly Json[]) found.push(String(shard.ShardId));
      last = description.LastEvaluatedShardId;
    } while (last !== undefined);
    return found;
  }

  private async openIterator(): Promise<string | undefined> {
    this.shardId ??= (await this.shards())[0];
    if (this.shardId === undefined) return undefined;
    const where =
      this.lastSequence === undefined
        ? { ShardIteratorType: 'TRIM_HORIZON' }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: this.lastSequence };
    const input = { StreamArn: this.engineStreamArn, ShardId: this.shardId, ...where };
    const { ShardIterator } = await this.engine.client.streams('GetShardIterator', input);
    return typeof ShardIterator === 'string' ? ShardIterator : undefined;
  }

  private async nextShard(): Promise<boolean> {
    const shards = await this.shards();
    const next = shards[shards.indexOf(this.shardId ?? '') + 1];
    if (next === undefined) return false;
    this.shardId = next;
    this.lastSequence = undefined;
    return true;
  }
}

/** dynoxide counts from 1: brought to AWS's 21 digits, so that text and number sort alike. */
function awsSequence(engineSequence: string): string {
  return engineSequence.length >= 21 && !engineSequence.startsWith('0')
    ? engineSequence
    : (BigInt(engineSequence) + 10n ** 20n).toString();
}

/** The event with the images that the table's stream is declared to have. */
export function viewOf(event: StreamEvent, viewType: StreamViewType): StreamEvent {
  const { NewImage, OldImage, ...rest } = event.dynamodb;
  const newImage =
    NewImage !== undefined && (viewType === 'NEW_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES') ? { NewImage } : {};
  const oldImage =
    OldImage !== undefined && (viewType === 'OLD_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES') ? { OldImage } : {};
  return { ...event, dynamodb: { ...rest, ...newImage, ...oldImage, StreamViewType: viewType } };
}
