import { EngineClient } from './engine-client';
import { keyOf, TableInfo } from './model';
import { Cursor, StreamReader, StreamRecord } from './stream-reader';
import { Json } from '../aws/protocol';

/**
 * A second table that is behind the first by the asked lag. What is read from it shows rows too late, rows that are gone
 * and rows as they were.
 */
export class DelayedCopy {
  public readonly name: string;
  private cursor: Cursor | undefined;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private closed = false;
  private readonly waiting: (() => void)[] = [];

  /** @param purpose distinguishes several copies of a table */
  public constructor(
    purpose: string,
    private readonly client: EngineClient,
    private readonly table: TableInfo,
    private readonly reader: StreamReader,
    private readonly lagMs: number,
    private readonly log: (line: string) => void,
  ) {
    this.name = `${table.name.slice(0, 230)}.delayed-${purpose}`;
  }

  /** Makes the copy, from what the table holds in a data folder. */
  public async start(schema: Json): Promise<void> {
    await this.client.call('DeleteTable', { TableName: this.name }).catch(() => undefined);
    await this.client.call('CreateTable', { ...schema, TableName: this.name });
    this.cursor = await this.reader.cursor('LATEST');
    let start: unknown;
    do {
      const from = start === undefined ? {} : { ExclusiveStartKey: start };
      const page = await this.client.call('Scan', { TableName: this.table.name, ...from });
      for (const item of page.Items as readonly Json[]) {
        await this.client.call('PutItem', { TableName: this.name, Item: item });
      }
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    this.reader.onRecords(() => this.wake());
  }

  /** Resolves when the copy has everything that the reader has read. */
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

  private caughtUp(): boolean {
    return this.closed || this.cursor === undefined || this.cursor.position >= this.reader.end;
  }

  private release(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private wake(): void {
    if (this.closed || this.running !== undefined) return;
    clearTimeout(this.timer);
    this.running = this.apply()
      .catch((error: unknown) => {
        if (!this.closed) {
          this.log(`delayed copy of ${this.table.name}: ${error instanceof Error ? error.message : String(error)}`);
        }
      })
      .then(() => {
        this.running = undefined;
        if (this.caughtUp()) return this.release();
        const next = this.reader.from((this.cursor as Cursor).position, 1)[0];
        const wait = Math.max(1, next.seen + this.lagMs - performance.now());
        this.timer = setTimeout(() => this.wake(), wait);
        return undefined;
      });
  }

  private async apply(): Promise<void> {
    const cursor = this.cursor;
    while (cursor !== undefined && !this.closed) {
      const record = this.reader.from(cursor.position, 1)[0] as StreamRecord | undefined;
      if (record === undefined || record.seen + this.lagMs > performance.now()) break;
      const image = record.event.dynamodb.NewImage as Json | undefined;
      if (record.event.eventName === 'REMOVE' || image === undefined) {
        const key = keyOf(this.table, record.event.dynamodb.Keys as Json);
        await this.client.call('DeleteItem', { TableName: this.name, Key: key });
      } else {
        await this.client.call('PutItem', { TableName: this.name, Item: image });
      }
      cursor.position++;
    }
    this.reader.release();
  }
}
