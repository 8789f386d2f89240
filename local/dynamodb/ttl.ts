import { EngineClient } from './engine-client';
import { keyOf, keyText, TableInfo } from './model';
import { AwsError, Json } from '../aws/protocol';

const SWEEP_INTERVAL_MS = 5000;
const FIVE_YEARS_S = 5 * 365 * 86400;
const CACHE_LIMIT = 10_000;

/** Deletes expired items, some seconds late as a service would be late by minutes or days. */
export class TtlSweeper {
  private readonly deleted = new Set<string>();
  private readonly timers: NodeJS.Timeout[] = [];
  private closed = false;
  private running: Promise<void> = Promise.resolve();

  public constructor(
    private readonly client: EngineClient,
    private readonly written: (table: string) => void,
    private readonly log: (line: string) => void,
  ) {}

  /** Begins to sweep a table that has a TTL attribute. */
  public add(table: TableInfo): void {
    if (table.ttlAttribute === undefined) return;
    this.plan(table, SWEEP_INTERVAL_MS);
  }

  /** Whether a stream's REMOVE of this key was a TTL deletion; answers once. */
  public readonly wasExpired = (key: string): boolean => this.deleted.delete(key);

  /** Deletes what is expired now; returns how many items. */
  public async sweep(table: TableInfo): Promise<number> {
    const ttl = table.ttlAttribute ?? '';
    const now = Math.floor(Date.now() / 1000);
    const names = { '#ttl': ttl };
    const values = { ':now': { N: `${now}` }, ':old': { N: `${now - FIVE_YEARS_S}` }, ':n': { S: 'N' } };
    const condition = 'attribute_type(#ttl, :n) AND #ttl < :now AND #ttl > :old';
    let count = 0;
    let start: unknown;
    do {
      const page = await this.client.call('Scan', {
        TableName: table.name,
        FilterExpression: condition,
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: values,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      });
      for (const item of page.Items as readonly Json[]) {
        const key = keyText(table, item);
        this.remember(key);
        try {
          await this.client.call('DeleteItem', {
            TableName: table.name,
            Key: keyOf(table, item),
            ConditionExpression: condition,
            ExpressionAttributeNames: names,
            ExpressionAttributeValues: values,
          });
          count++;
        } catch (error) {
          this.deleted.delete(key);
          if (!(error instanceof AwsError) || error.code !== 'ConditionalCheckFailedException') throw error;
        }
      }
      start = page.LastEvaluatedKey;
    } while (start !== undefined && !this.closed);
    if (count > 0) this.written(table.name);
    return count;
  }

  public async close(): Promise<void> {
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
    await this.running;
  }

  private remember(key: string): void {
    this.deleted.add(key);
    if (this.deleted.size > CACHE_LIMIT) this.deleted.delete([...this.deleted][0]);
  }

  private plan(table: TableInfo, delay: number): void {
    if (this.closed) return;
    const timer = setTimeout(() => {
      this.timers.splice(this.timers.indexOf(timer), 1);
      const start = performance.now();
      this.running = this.sweep(table)
        .catch((error: unknown) => {
          if (!this.closed) this.log(`ttl of ${table.name}: ${error instanceof Error ? error.message : String(error)}`);
        })
        // A big table is scanned less often, so that sweeping stays a small part of the engine's time.
        .then(() => this.plan(table, Math.max(SWEEP_INTERVAL_MS, 50 * (performance.now() - start))));
    }, delay);
    timer.unref();
    this.timers.push(timer);
  }
}
