import { splitAtRandom, requestItems } from './batches';
import { ConsumedUnits } from './capacity';
import { partitionKeyValue } from './expressions';
import { keyText, TableInfo, Tables } from './model';
import { FaultSchedule } from '../aws/faults';
import { AwsAnswer, Json } from '../aws/protocol';

/** A good answer of the engine. */
export interface EngineResult extends ConsumedUnits {
  readonly body: Json;
}

/** Calls the engine with an input, and trims the answer to what the client's own input asks for. */
export type Forward = (operation: string, engineInput: Json, clientInput: Json) => Promise<EngineResult>;

/** Which table of the engine answers: the table itself, or a copy that is behind it. */
export interface ReadSources {
  /** For queries and scans of a global secondary index. */
  ofIndexes(table: TableInfo): string;
  /**
   * For reads of the table that do not ask for consistency.
   *
   * @param place gives the text of what is read, an item or a partition
   */
  ofEventualReads(table: TableInfo, place: () => string): string;
}

/** Reads, from where they are to be answered; the client sees the names of its own tables. */
export class Reads {
  public constructor(
    private readonly tables: Tables,
    private readonly sources: ReadSources,
    private readonly faults: FaultSchedule,
    private readonly forward: Forward,
  ) {}

  public async getItem(input: Json): Promise<AwsAnswer> {
    const table = this.tables.get(input.TableName);
    const source = this.sourceOf(table, input, () => keyText(table, (input.Key ?? {}) as Json));
    return this.from(source, table, 'GetItem', input);
  }

  /** Query and Scan. */
  public async collection(operation: string, input: Json): Promise<AwsAnswer> {
    const table = this.tables.get(input.TableName);
    const isGlobal = table.indexes.some(({ name, local }) => name === input.IndexName && !local);
    const place = (): string =>
      operation === 'Query' ? `${table.name} ${partitionKeyValue(input, table.partitionKey)}` : table.name;
    const source = isGlobal ? this.sources.ofIndexes(table) : this.sourceOf(table, input, place);
    return this.from(source, table, operation, input);
  }

  public async batchGet(input: Json): Promise<AwsAnswer> {
    const fault = this.faults.next('dynamodb:BatchGetItem unprocessed', ['partialBatch']);
    const engineItems: Record<string, Json> = {};
    const names = new Map<string, string>();
    const left: Record<string, Json> = {};
    for (const [name, value] of Object.entries(requestItems(input))) {
      const request = value as Json;
      const keys = request.Keys as readonly Json[];
      const [now, later] = fault === undefined ? [keys, []] : splitAtRandom(keys, fault);
      const table = this.tables.get(name);
      if (fault === undefined && keys.length === 0) engineItems[name] = request;
      for (const [source, its] of this.bySource(table, request, now)) {
        names.set(source, name);
        engineItems[source] = { ...request, Keys: its };
      }
      if (later.length > 0) left[name] = { ...request, Keys: later };
    }
    if (fault !== undefined && Object.keys(engineItems).length === 0) {
      return { body: { Responses: {}, UnprocessedKeys: left } };
    }
    const answer = renamed(await this.forward('BatchGetItem', { ...input, RequestItems: engineItems }, input), names);
    return fault === undefined ? answer : { ...answer, body: { ...answer.body, UnprocessedKeys: left } };
  }

  /** Each item is a read of its own: some of a batch may be behind, and others not. */
  private bySource(table: TableInfo, request: Json, keys: readonly Json[]): ReadonlyMap<string, readonly Json[]> {
    // A key that is there twice stays together, since the engine is to refuse it.
    const ofKey = new Map<string, string>();
    const bySource = new Map<string, Json[]>();
    for (const key of keys) {
      const text = keyText(table, key);
      const source = ofKey.get(text) ?? this.sourceOf(table, request, () => text);
      ofKey.set(text, source);
      bySource.set(source, [...(bySource.get(source) ?? []), key]);
    }
    return bySource;
  }

  private sourceOf(table: TableInfo, request: Json, place: () => string): string {
    return request.ConsistentRead === true ? table.name : this.sources.ofEventualReads(table, place);
  }

  private async from(source: string, table: TableInfo, operation: string, input: Json): Promise<AwsAnswer> {
    return renamed(
      await this.forward(operation, { ...input, TableName: source }, input),
      new Map([[source, table.name]]),
    );
  }
}

/** The answer with the names of tables in the place of those of their copies; what both gave is put together. */
function renamed({ body, readUnits }: EngineResult, names: ReadonlyMap<string, string>): EngineResult {
  const nameOf = (source: string): string => names.get(source) ?? source;
  const merged = <T>(record: Readonly<Record<string, T>>, add: (one: T, other: T) => T): Record<string, T> => {
    const byName: Record<string, T> = {};
    for (const [source, value] of Object.entries(record)) {
      const name = nameOf(source);
      byName[name] = name in byName ? add(byName[name], value) : value;
    }
    return byName;
  };
  const items = (one: readonly Json[], other: readonly Json[]): readonly Json[] => [...one, ...other];
  const requests = (one: KeysRequest, other: KeysRequest): KeysRequest => ({
    ...one,
    Keys: [...one.Keys, ...other.Keys],
  });
  const { ConsumedCapacity, Responses, UnprocessedKeys } = body;
  return {
    ...(readUnits === undefined ? {} : { readUnits: merged(readUnits, (one, other) => one + other) }),
    body: {
      ...body,
      ...(Responses === undefined ? {} : { Responses: merged(Responses as Record<string, readonly Json[]>, items) }),
      ...(UnprocessedKeys === undefined
        ? {}
        : { UnprocessedKeys: merged(UnprocessedKeys as Record<string, KeysRequest>, requests) }),
      ...(ConsumedCapacity === undefined
        ? {}
        : {
            ConsumedCapacity: Array.isArray(ConsumedCapacity)
              ? addedUp((ConsumedCapacity as readonly Json[]).map((entry) => named(entry, nameOf)))
              : named(ConsumedCapacity as Json, nameOf),
          }),
    },
  };
}

/** The keys that are asked of one table. */
type KeysRequest = Json & { readonly Keys: readonly Json[] };

function named(capacity: Json, nameOf: (source: string) => string): Json {
  return { ...capacity, TableName: nameOf(String(capacity.TableName)) };
}

/** One entry a table. */
function addedUp(capacities: readonly Json[]): readonly Json[] {
  const byTable = new Map<unknown, Json>();
  for (const entry of capacities) byTable.set(entry.TableName, sum(byTable.get(entry.TableName) ?? {}, entry));
  return [...byTable.values()];
}

/** The numbers of both, added up at every depth. */
function sum(one: Json, other: Json): Json {
  const entries = Object.entries(other).map(([name, value]) => {
    const before = one[name];
    if (typeof value === 'number') return [name, value + (typeof before === 'number' ? before : 0)];
    if (typeof value === 'object' && value !== null) return [name, sum((before ?? {}) as Json, value as Json)];
    return [name, value];
  });
  return { ...one, ...(Object.fromEntries(entries) as Json) };
}
