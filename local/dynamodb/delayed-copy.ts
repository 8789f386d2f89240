import { EngineClient } from './engine-client';
import { keyOf, TableInfo } from './model';
import { Cursor, StreamReader, StreamRecord } from './stream-reader';
import { Json } from '../aws/protocol';

/** Most members of a BatchWriteItem. */
const BATCH = 25;

/** How late some of a table's items are. */
export interface Delay {
  readonly ms: number;
  /** Whether an item, by the text of its key, is late by this much. */
  of(key: string): boolean;
}

/**
 * A second table that is behind the first by the asked lag. What is read from it shows rows too late, rows that are gone
 * and rows as they were.
 */
export class DelayedCopy {
  public readonly name: string;
  private readonly lanes: Lane[] = [];

  /**
   * @param purpose distinguishes several copies of a table
   * @param delays each item has one of them: changes of one item stay in order, those of two may change places
   */
  public constructor(
    purpose: string,
    private readonly client: EngineClient,
    private readonly table: TableInfo,
    private readonly reader: StreamReader,
    private readonly delays: readonly Delay[],
    private readonly log: (line: string) => void,
  ) {
    this.name = `${table.name.slice(0, 230)}.delayed-${purpose}`;
  }

  /** Makes the copy, from what the table holds in a data folder. */
  public async start(schema: Json): Promise<void> {
    await this.client.call('DeleteTable', { TableName: this.name }).catch(() => undefined);
    await this.client.call('CreateTable', { ...schema, TableName: this.name });
    const cursors = await Promise.all(this.delays.map(async () => this.reader.cursor('LATEST')));
    let start: unknown;
    do {
      const from = start === undefined ? {} : { ExclusiveStartKey: start };
      const page = await this.client.call('Scan', { TableName: this.table.name, ...from });
      for (const item of page.Items as readonly Json[]) {
        await this.client.call('PutItem', { TableName: this.name, Item: item });
      }
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    this.delays.forEach((delay, index) => {
      const lane = new Lane(delay, cursors[index], this.reader, async (records) => this.apply(records), this.log);
      this.lanes.push(lane);
      this.reader.onRecords(() => lane.wake());
    });
  }

  /** Resolves when the copy has everything that the reader has read. */
  public async settle(): Promise<void> {
    await Promise.all(this.lanes.map(async (lane) => lane.settle()));
  }

  public async close(): Promise<void> {
    await Promise.all(this.lanes.map(async (lane) => lane.close()));
  }

  /** @param records at most as many as a batch takes, of different items */
  private async apply(records: readonly StreamRecord[]): Promise<void> {
    const requests = records.map(({ event: { eventName, dynamodb } }) => {
      const image = dynamodb.NewImage as Json | undefined;
      return eventName === 'REMOVE' || image === undefined
        ? { DeleteRequest: { Key: keyOf(this.table, dynamodb.Keys as Json) } }
        : { PutRequest: { Item: image } };
    });
    const { UnprocessedItems } = await this.client.call('BatchWriteItem', { RequestItems: { [this.name]: requests } });
    if (Object.keys((UnprocessedItems ?? {}) as Json).length > 0) throw new Error('the engine left writes undone');
  }
}

/** Brings the changes of the items that share a delay into a copy, each when it is due. */
class Lane {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private closed = false;
  private readonly waiting: (() => void)[] = [];

  public constructor(
    private readonly delay: Delay,
    private readonly cursor: Cursor,
    private readonly reader: StreamReader,
    private readonly apply: (records: readonly StreamRecord[]) => Promise<void>,
    private readonly log: (line: string) => void,
  ) {}

  public async settle(): Promise<void> {
    if (this.caughtUp()) return;
    this.wake();
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  public async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.running;
    this.release();
  }

  public wake(): void {
    if (this.closed || this.running !== undefined) return;
    clearTimeout(this.timer);
    this.running = this.applyDue()
      .catch((error: unknown) => {
        if (!this.closed) this.log(`delayed copy: ${error instanceof Error ? error.message : String(error)}`);
      })
      .then(() => {
        this.running = undefined;
        if (this.caughtUp()) return this.release();
        const next = this.reader.from(this.cursor.position, 1)[0];
        this.timer = setTimeout(() => this.wake(), Math.max(1, next.seen + this.delay.ms - performance.now()));
        return undefined;
      });
  }

  private caughtUp(): boolean {
    return this.closed || this.cursor.position >= this.reader.end;
  }

  private release(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private async applyDue(): Promise<void> {
    while (!this.closed) {
      const { records, end } = this.nextDue();
      if (end === this.cursor.position) break;
      if (records.length > 0) await this.apply(records);
      this.cursor.position = end;
    }
    this.reader.release();
  }

  /** The last state of items that are due, and the place up to which that is all of them. */
  private nextDue(): { readonly records: readonly StreamRecord[]; readonly end: number } {
    const byKey = new Map<string, StreamRecord>();
    let end = this.cursor.position;
    for (const record of this.reader.from(end, 10 * BATCH)) {
      if (this.delay.of(record.key)) {
        if (record.seen + this.delay.ms > performance.now()) break;
        if (byKey.size === BATCH && !byKey.has(record.key)) break;
        byKey.set(record.key, record);
      }
      end++;
    }
    return { records: [...byKey.values()], end };
  }
}
