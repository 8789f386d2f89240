import { splitAtRandom, requestItems } from './batches';
import { ConsumedUnits } from './capacity';
import { TableInfo, Tables } from './model';
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
  /** For reads of the table that do not ask for consistency. */
  ofEventualReads(table: TableInfo): string;
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
    return this.from(this.sourceOf(table, input), table, 'GetItem', input);
  }

  /** Query and Scan. */
  public async collection(operation: string, input: Json): Promise<AwsAnswer> {
    const table = this.tables.get(input.TableName);
    const isGlobal = table.indexes.some(({ name, local }) => name === input.IndexName && !local);
    const source = isGlobal ? this.sources.ofIndexes(table) : this.sourceOf(table, input);
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
      const source = this.sourceOf(this.tables.get(name), request);
      names.set(source, name);
      if (fault === undefined || now.length > 0) engineItems[source] = { ...request, Keys: now };
      if (later.length > 0) left[name] = { ...request, Keys: later };
    }
    if (fault !== undefined && Object.keys(engineItems).length === 0) {
      return { body: { Responses: {}, UnprocessedKeys: left } };
    }
    const answer = renamed(await this.forward('BatchGetItem', { ...input, RequestItems: engineItems }, input), names);
    return fault === undefined ? answer : { ...answer, body: { ...answer.body, UnprocessedKeys: left } };
  }

  private sourceOf(table: TableInfo, request: Json): string {
    return request.ConsistentRead === true ? table.name : this.sources.ofEventualReads(table);
  }

  private async from(source: string, table: TableInfo, operation: string, input: Json): Promise<AwsAnswer> {
    return renamed(
      await this.forward(operation, { ...input, TableName: source }, input),
      new Map([[source, table.name]]),
    );
  }
}

/** The answer with the names of tables in the place of those of their copies. */
function renamed({ body, readUnits }: EngineResult, names: ReadonlyMap<string, string>): EngineResult {
  const nameOf = (source: string): string => names.get(source) ?? source;
  const keys = <T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
    Object.fromEntries(Object.entries(record).map(([source, value]) => [nameOf(source), value]));
  const capacity = (entry: Json): Json => ({ ...entry, TableName: nameOf(String(entry.TableName)) });
  const { ConsumedCapacity, Responses, UnprocessedKeys } = body;
  return {
    ...(readUnits === undefined ? {} : { readUnits: keys(readUnits) }),
    body: {
      ...body,
      ...(Responses === undefined ? {} : { Responses: keys(Responses as Json) }),
      ...(UnprocessedKeys === undefined ? {} : { UnprocessedKeys: keys(UnprocessedKeys as Json) }),
      ...(ConsumedCapacity === undefined
        ? {}
        : {
            ConsumedCapacity: Array.isArray(ConsumedCapacity)
              ? (ConsumedCapacity as readonly Json[]).map(capacity)
              : capacity(ConsumedCapacity as Json),
          }),
    },
  };
}
