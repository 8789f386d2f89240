import { FaultSchedule } from '../aws/faults';
import { PhysicalNames } from '../aws/names';
import { AwsService } from '../aws/protocol';
import { ResourceProvider, RunContext } from '../types';
import { Conflicts } from './conflicts';
import { DelayedCopy } from './delayed-copy';
import { Engine, startEngine } from './engine';
import { TableInfo, Tables } from './model';
import { DynamoDbService } from './service';
import { StreamReader } from './stream-reader';
import { StreamsService } from './streams-service';
import { MadeTable, TableProvider } from './table-provider';
import { TtlSweeper } from './ttl';

/** Items of a table that `/_local` shows at most. */
const INSPECTED_ITEMS = 200;

/** The engine with everything around it. */
/** An item with its key first and the rest by name: engines give attributes in any order, a different one each time. */
function ordered(item: Record<string, unknown>): Record<string, unknown> {
  const rank = (name: string): string => (name === 'PK' ? '0' : name === 'SK' ? '1' : `2${name}`);
  return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1)));
}

export class DynamoDbBackend {
  /** Starts the engine; the runner owns it until `close`. */
  public static async start(
    context: RunContext,
    faults: FaultSchedule,
    names: PhysicalNames,
    conflictHoldMs: number,
  ): Promise<DynamoDbBackend> {
    const engine = await startEngine({ wanted: context.dynamodb, dataDir: context.dataDir });
    return new DynamoDbBackend(context, engine, faults, names, conflictHoldMs);
  }

  public readonly services: readonly AwsService[];
  public readonly provider: ResourceProvider;
  /** Sweeps expired items; public so that a test need not wait for it. */
  public readonly sweeper: TtlSweeper;
  private readonly tables = new Tables();
  private readonly readers = new Map<string, StreamReader>();
  private readonly copies = new Map<string, DelayedCopy>();
  private readonly engineStreams = new Map<string, string>();
  private deployed = false;

  private constructor(
    private readonly context: RunContext,
    private readonly engine: Engine,
    faults: FaultSchedule,
    names: PhysicalNames,
    conflictHoldMs: number,
  ) {
    const hooks = {
      written: this.written,
      indexTable: (table: TableInfo): string => this.copies.get(table.name)?.name ?? table.name,
    };
    this.services = [
      new DynamoDbService(engine.client, this.tables, new Conflicts(conflictHoldMs), faults, hooks, context),
      new StreamsService(engine.client, this.tables, (streamArn) => {
        const table = this.tables.byStreamArn(streamArn);
        return table === undefined ? undefined : this.engineStreams.get(table.name);
      }),
    ];
    this.sweeper = new TtlSweeper(engine.client, this.written, context.log);
    this.provider = new TableProvider(engine, names, context, context.lag.gsi > 0, async (made) => this.made(made));
  }

  /** Which engine runs. */
  public get kind(): Engine['kind'] {
    return this.engine.kind;
  }

  /** The reader of a stream and the table it belongs to; undefined for no stream of this app. */
  public stream(streamArn: string): { readonly table: TableInfo; readonly reader: StreamReader } | undefined {
    const table = this.tables.byStreamArn(streamArn);
    return table === undefined ? undefined : { table, reader: this.readerOf(table) };
  }

  /** From now on records that every consumer is done with may be forgotten. */
  public allDeployed(): void {
    this.deployed = true;
  }

  /** Resolves when everything written so far was read from the streams and is in the delayed copies. */
  public async settle(): Promise<void> {
    await Promise.all([...this.readers.values()].map(async (reader) => reader.settle()));
    await Promise.all([...this.copies.values()].map(async (copy) => copy.settle()));
  }

  /** Deletes what is expired now, in every table; returns how many items. */
  public async sweep(): Promise<number> {
    const counts = await Promise.all(
      this.tables.all().map(async (table) => (table.ttlAttribute === undefined ? 0 : this.sweeper.sweep(table))),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** The tables with their first items. */
  public async inspect(): Promise<{ name: string; items: unknown[] }[]> {
    return Promise.all(
      this.tables.all().map(async ({ name }) => {
        const page = await this.engine.client.call('Scan', { TableName: name, Limit: INSPECTED_ITEMS });
        return { name, items: (page.Items as Record<string, unknown>[]).map(ordered) };
      }),
    );
  }

  public async close(): Promise<void> {
    await this.sweeper.close();
    await Promise.all([...this.copies.values()].map(async (copy) => copy.close()));
    await Promise.all([...this.readers.values()].map(async (reader) => reader.close()));
    await this.engine.close();
  }

  private readonly written = (table: string): void => this.readers.get(table)?.poke();

  private readerOf(table: TableInfo): StreamReader {
    const existing = this.readers.get(table.name);
    if (existing !== undefined) return existing;
    const { region, log } = this.context;
    const engineStream = this.engineStreams.get(table.name) ?? '';
    const reader = new StreamReader(
      this.engine,
      table,
      engineStream,
      region,
      this.sweeper.wasExpired,
      () => !this.deployed,
      log,
    );
    this.readers.set(table.name, reader);
    return reader;
  }

  private async made({ table, schema, engineStreamArn }: MadeTable): Promise<void> {
    this.tables.add(table);
    if (engineStreamArn !== undefined) this.engineStreams.set(table.name, engineStreamArn);
    this.sweeper.add(table);
    if (this.context.lag.gsi > 0 && table.indexes.some(({ local }) => !local)) {
      const { client } = this.engine;
      const copy = new DelayedCopy(client, table, this.readerOf(table), this.context.lag.gsi, this.context.log);
      await copy.start(schema);
      this.copies.set(table.name, copy);
    }
  }
}
