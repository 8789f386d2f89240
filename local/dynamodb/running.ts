import { EventSource } from '../mapping';
import { PageSection, RunningService, ServiceRun } from '../service';
import { SourceTable } from '../storage';
import { ResourceProvider } from '../types';
import { DynamoDbApi } from './api';
import { Conflicts } from './conflicts';
import { DelayedCopy } from './delayed-copy';
import { Engine, startEngine } from './engine';
import { streamSource } from './event-source';
import { TableBrowser } from './item-browser';
import { IndexInfo, TableInfo, Tables } from './model';
import { ReadSources } from './reads';
import { readDelays, ReplicaTurns } from './replicas';
import { sourceTable } from './source-table';
import { StreamReader } from './stream-reader';
import { StreamsApi } from './streams-api';
import { CreatedTable, TableProvider } from './table-provider';
import { TtlSweeper } from './ttl';

/** Items of a table that `/_local` shows at most. */
const INSPECTED_ITEMS = 200;

/** An item with its key first and the rest by name: engines give attributes in any order, a different one each time. */
function ordered(item: Record<string, unknown>): Record<string, unknown> {
  const rank = (name: string): string => (name === 'PK' ? '0' : name === 'SK' ? '1' : `2${name}`);
  return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1)));
}

/** The engine with everything around it. */
export class RunningDynamoDb implements RunningService {
  /** @param conflictHoldMs how long a transaction holds its items beyond the engine's call */
  public static async start(run: ServiceRun, conflictHoldMs: number): Promise<RunningDynamoDb> {
    const engine = await startEngine({ wanted: run.engine, dataDir: run.dataDir });
    return new RunningDynamoDb(run, engine, conflictHoldMs);
  }

  public readonly apis: RunningService['apis'];
  public readonly providers: readonly ResourceProvider[];
  public readonly items: RunningService['items'];
  private readonly sweeper: TtlSweeper;
  private readonly tables = new Tables();
  private readonly readers = new Map<string, StreamReader>();
  private readonly copies = new Map<string, DelayedCopy>();
  private readonly engineStreams = new Map<string, string>();
  private isDeployed = false;

  private constructor(
    private readonly run: ServiceRun,
    private readonly engine: Engine,
    conflictHoldMs: number,
  ) {
    const turns = new ReplicaTurns();
    const sources: ReadSources = {
      ofIndexes: ({ name }) => this.copies.get(`gsi ${name}`)?.name ?? name,
      ofEventualReads: ({ name }, place) => {
        const copy = this.copies.get(`reads ${name}`);
        return copy === undefined || turns.isUpToDate(place()) ? name : copy.name;
      },
    };
    this.apis = [
      new DynamoDbApi(
        engine.client,
        this.tables,
        new Conflicts(conflictHoldMs),
        run.faults,
        sources,
        this.written,
        run,
      ),
      new StreamsApi(engine.client, this.tables, (streamArn) => {
        const table = this.tables.byStreamArn(streamArn);
        return table === undefined ? undefined : this.engineStreams.get(table.name);
      }),
    ];
    this.items = new TableBrowser(engine.client, this.tables);
    this.sweeper = new TtlSweeper(engine.client, this.written, (line) => run.log(line));
    const made = async (table: CreatedTable): Promise<void> => this.made(table);
    this.providers = [new TableProvider(engine, run.names, run, (indexes) => this.copiesOf(indexes).length > 0, made)];
  }

  /** Which engine runs. */
  public get detail(): string {
    return this.engine.kind;
  }

  public eventSource(arn: string): EventSource | undefined {
    const table = this.tables.byStreamArn(arn);
    if (table?.streamViewType === undefined) return undefined;
    const { faults, log } = this.run;
    const lagMs = this.run.lagOf('stream');
    return streamSource({ viewType: table.streamViewType, lagMs, reader: this.readerOf(table), faults, log });
  }

  public sourceTable(arn: string): SourceTable | undefined {
    const table = this.tables.all().find((candidate) => candidate.arn === arn);
    if (table === undefined) return undefined;
    return sourceTable(table, this.engine.client, () => this.readerOf(table), this.run.lagOf('stream'));
  }

  /** From now on records that every consumer is done with may be forgotten. */
  public deployed(): void {
    this.isDeployed = true;
  }

  /** Resolves when everything written so far was read from the streams and is in the delayed copies. */
  public async settle(): Promise<void> {
    await Promise.all([...this.readers.values()].map(async (reader) => reader.settle()));
    await Promise.all([...this.copies.values()].map(async (copy) => copy.settle()));
  }

  /** Deletes what is expired now, in place of some seconds later; returns how many items. */
  public async sweep(): Promise<number> {
    const counts = await Promise.all(
      this.tables.all().map(async (table) => (table.ttlAttribute === undefined ? 0 : this.sweeper.sweep(table))),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** The tables with their first items. */
  public async inspect(): Promise<readonly PageSection[]> {
    const entries = await Promise.all(
      this.tables.all().map(async ({ name }) => {
        const page = await this.engine.client.call('Scan', { TableName: name, Limit: INSPECTED_ITEMS });
        return { name, items: (page.Items as Record<string, unknown>[]).map(ordered) };
      }),
    );
    return [{ key: 'tables', title: 'Tables', entries }];
  }

  public async close(): Promise<void> {
    await this.sweeper.close();
    await Promise.all([...this.copies.values()].map(async (copy) => copy.close()));
    await Promise.all([...this.readers.values()].map(async (reader) => reader.close()));
    await this.engine.close();
  }

  private readonly written = (table: string): void => this.readers.get(table)?.wake();

  private readerOf(table: TableInfo): StreamReader {
    const existing = this.readers.get(table.name);
    if (existing !== undefined) return existing;
    const { region, log } = this.run;
    const engineStream = this.engineStreams.get(table.name) ?? '';
    const reader = new StreamReader(
      this.engine,
      table,
      engineStream,
      region,
      this.sweeper.wasExpired,
      () => !this.isDeployed,
      log,
    );
    this.readers.set(table.name, reader);
    return reader;
  }

  private async made({ table, schema, engineStreamArn }: CreatedTable): Promise<void> {
    this.tables.add(table);
    if (engineStreamArn !== undefined) this.engineStreams.set(table.name, engineStreamArn);
    this.sweeper.add(table);
    for (const purpose of this.copiesOf(table.indexes)) {
      const { client } = this.engine;
      const lagMs = this.run.lagOf(purpose);
      const delays = purpose === 'reads' ? readDelays(lagMs) : [{ ms: lagMs, of: () => true }];
      const copy = new DelayedCopy(purpose, client, table, this.readerOf(table), delays, (line) => this.run.log(line));
      await copy.start(schema);
      this.copies.set(`${purpose} ${table.name}`, copy);
    }
  }

  /** What a table with these indexes needs copies for that are behind. */
  private copiesOf(indexes: readonly IndexInfo[]): readonly ('gsi' | 'reads')[] {
    const hasGlobal = indexes.some(({ local }) => !local);
    return (['gsi', 'reads'] as const).filter(
      (purpose) => this.run.lagOf(purpose) > 0 && (purpose === 'reads' || hasGlobal),
    );
  }
}
