import {
  type AttributeValue,
  BatchWriteItemCommand,
  QueryCommand as WireQueryCommand,
  type QueryCommandInput as WireQueryInput,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { condition, isBelow, nameIn, type Placeholders, projected, update } from './expressions';
import type { Item, Key } from '../../../lambda/core/dynamodb';

/** Attributes of a table's key: the partition's and the one that sorts. */
export type KeyNames = readonly [partition: string, sort: string];

/** A change of one item, as a stream tells of it. */
export interface Change {
  readonly table: string;
  /** Whatever its attributes are called. */
  readonly key: Key;
  readonly before?: Item;
  readonly after?: Item;
}

/** How one call goes. */
export interface Circumstances {
  /** Items that a page of a query has at most: DynamoDB's pages end at 1 MB, wherever that is. */
  readonly pageSize: number;
  /** Refuses the call, or leaves some of a batch for later. */
  readonly fault?: 'throttled' | 'conflict' | 'unprocessed';
  /** How far an eventually consistent read is behind, in ms, item by item. */
  lag(): number;
  /** From 0 to 1: what a fault that is left to chance takes. */
  random(): number;
}

interface Version {
  readonly at: number;
  readonly item?: Item;
}

interface Row {
  readonly sk: string;
  /** Ascending; the last is what holds. */
  versions: Version[];
}

/** Rows of one partition, by their sort keys. */
type Partition = Row[];

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

interface Input {
  readonly TableName?: string;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly ConditionExpression?: string;
  readonly UpdateExpression?: string;
  readonly ProjectionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
  readonly ReturnValues?: string;
  readonly ConsistentRead?: boolean;
}

/** How long old states are kept for reads that are behind, in ms. */
const LONGEST_LAG = 10_000;

/** An error by the name that the SDK gives it. */
function refusal(name: string, fields: object = {}): Error {
  return Object.assign(new Error(`${name} of the simulation`), { name, ...fields });
}

const isWrite = (value: unknown): value is Item => typeof value === 'object' && value !== null;

/**
 * DynamoDB in memory: the commands of the document client that this library sends, applied one at a time, with streams
 * of what changes. Reads that do not ask for consistency may see any state of the last seconds, item by item.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html
 */
export class MemoryDynamoDb {
  private readonly tables = new Map<string, Map<string, Partition>>();

  /**
   * @param now milliseconds since 1970
   * @param changed told of each change once it holds
   * @param keys of tables whose keys are other than `PK` and `SK`
   */
  public constructor(
    private readonly now: () => number,
    private readonly changed: (changes: readonly Change[]) => void = () => undefined,
    private readonly keys: Readonly<Record<string, KeyNames>> = {},
  ) {}

  /** Does what a command of the document client asks for. @throws an error as the SDK throws it */
  public apply(command: object, how: Circumstances): object {
    const { input } = command as { input: Input };
    if (how.fault === 'throttled') throw refusal('ProvisionedThroughputExceededException');
    if (command instanceof GetCommand) return { Item: this.get(input, how) };
    if (command instanceof QueryCommand) return this.query(command.input, how);
    if (command instanceof WireQueryCommand) return this.wireQuery(command.input, how);
    if (command instanceof BatchGetCommand) return this.batchGet(command, how);
    if (command instanceof BatchWriteCommand) return this.batchWrite(command.input.RequestItems, (item) => item, how);
    if (command instanceof BatchWriteItemCommand) return this.batchWrite(command.input.RequestItems, plain, how);
    if (command instanceof TransactWriteCommand) return this.transact(command.input.TransactItems ?? [], how);
    if (how.fault === 'conflict') throw refusal('TransactionConflictException');
    const single =
      command instanceof PutCommand
        ? { Put: input }
        : command instanceof UpdateCommand
          ? { Update: input }
          : command instanceof DeleteCommand
            ? { Delete: input }
            : undefined;
    if (!single) throw new Error(`${command.constructor.name} is not known to the simulation`);
    const write = this.prepare(single as TransactItem);
    if (!write.holds) {
      const asked = (input as { ReturnValuesOnConditionCheckFailure?: string }).ReturnValuesOnConditionCheckFailure;
      throw refusal('ConditionalCheckFailedException', {
        Item: asked === 'ALL_OLD' && write.before ? wire(write.before) : undefined,
      });
    }
    this.commit([write]);
    return input.ReturnValues === 'ALL_NEW' ? { Attributes: write.after } : {};
  }

  /** What holds now, of a whole table. */
  public items(table: string): Item[] {
    const all: Item[] = [];
    for (const partition of this.tables.get(table)?.values() ?? []) {
      for (const { versions } of partition) {
        const { item } = versions[versions.length - 1];
        if (item) all.push(item);
      }
    }
    return all;
  }

  public put(table: string, item: Item): void {
    this.write(table, this.keyOf(table, item), item);
  }

  public remove(table: string, key: Key): void {
    this.write(table, key, undefined);
  }

  /** Removes some of the items that have expired, as DynamoDB does within days; a stream tells of it. */
  public expire(table: string, isRemoved: () => boolean): void {
    for (const item of this.items(table)) {
      if (Number(item.expiresAt) * 1000 <= this.now() && isRemoved()) {
        const key = this.keyOf(table, item);
        this.commit([{ holds: true, change: { table, key, before: item } }]);
      }
    }
  }

  private keyOf(table: string, item: Item): Key {
    const [partition, sort] = this.namesOf(table);
    const [PK, SK] = [item[partition], item[sort]];
    if (typeof PK !== 'string' || typeof SK !== 'string') throw refusal('ValidationException');
    return { PK, SK };
  }

  private namesOf(table: string): KeyNames {
    return this.keys[table] ?? PLAIN_KEY;
  }

  private get(input: Input, how: Circumstances): Item | undefined {
    const { PK, SK } = this.keyOf(input.TableName!, input.Key!);
    const row = this.find(input.TableName!, PK, SK);
    const item = row && this.seen(row, input.ConsistentRead === true, how);
    return item && project(item, input);
  }

  private query(input: QueryCommandInput, how: Circumstances): object {
    const given = placeholders(input as Input);
    const keys = condition(input.KeyConditionExpression!);
    const filter = input.FilterExpression === undefined ? undefined : condition(input.FilterExpression);
    checkUsed(given, [keys.used, filter?.used], input.ProjectionExpression);
    if (input.IndexName !== undefined) throw new Error('Indexes are not known to the simulation');
    const values = given.values;
    const [partitionName, sortName] = this.namesOf(input.TableName!);
    const [, named, owner] = /^(#?\w+) = (:\w+)/.exec(input.KeyConditionExpression!) ?? [];
    if (named === undefined || nameIn(named, given) !== partitionName) throw refusal('ValidationException');
    const pk = String(values[owner]);
    const partition = this.tables.get(input.TableName!)?.get(pk) ?? [];
    const forward = input.ScanIndexForward !== false;
    const start = input.ExclusiveStartKey && this.keyOf(input.TableName!, input.ExclusiveStartKey).SK;
    const most = Math.min(input.Limit ?? Infinity, how.pageSize);
    if (most < 1) throw refusal('ValidationException');
    const Items: Item[] = [];
    const answer = () =>
      input.Select === 'COUNT' ? { Count: Items.length, ScannedCount: scanned } : { Items, ScannedCount: scanned };
    const keyIn = (item: Item) => ({ [partitionName]: item[partitionName], [sortName]: item[sortName] });
    let scanned = 0;
    let last: Item | undefined;
    for (let step = 0; step < partition.length; step++) {
      const row = partition[forward ? step : partition.length - 1 - step];
      if (start !== undefined && !(forward ? isBelow(start, row.sk) : isBelow(row.sk, start))) continue;
      const item = this.seen(row, input.ConsistentRead === true, how);
      if (!item || !keys.run(item, given)) continue;
      if (scanned === most) return { ...answer(), LastEvaluatedKey: keyIn(last!) };
      scanned++;
      last = item;
      if (!filter || filter.run(item, given)) Items.push(project(item, input as Input));
    }
    // Whoever gets as many as they asked for is not told that there are no more.
    return scanned === most ? { ...answer(), LastEvaluatedKey: keyIn(last!) } : answer();
  }

  /** The same with values as they are sent, and so answered. */
  private wireQuery(input: WireQueryInput, how: Circumstances): object {
    const { ExpressionAttributeValues: values, ExclusiveStartKey: start, ...rest } = input;
    const answer = this.query(
      {
        ...(rest as QueryCommandInput),
        ExpressionAttributeValues: values && plain(values),
        ExclusiveStartKey: start && plain(start),
      },
      how,
    ) as { Items?: Item[]; LastEvaluatedKey?: Item };
    const { Items, LastEvaluatedKey } = answer;
    return { ...answer, Items: Items?.map(wire), LastEvaluatedKey: LastEvaluatedKey && wire(LastEvaluatedKey) };
  }

  private batchGet(command: BatchGetCommand, how: Circumstances): object {
    const Responses: Record<string, Item[]> = {};
    const UnprocessedKeys: Record<string, { Keys: Item[] }> = {};
    for (const [table, { Keys = [], ...rest }] of Object.entries(command.input.RequestItems ?? {})) {
      Responses[table] = [];
      for (const key of Keys) {
        if (how.fault === 'unprocessed' && how.random() < 0.5) {
          (UnprocessedKeys[table] ??= { ...rest, Keys: [] }).Keys.push(key);
        } else {
          const item = this.get({ ...(rest as Input), TableName: table, Key: key }, how);
          if (item) Responses[table].push(item);
        }
      }
    }
    return { Responses, UnprocessedKeys };
  }

  /** @param read what an item of a request holds, in plain values */
  private batchWrite<T extends object>(
    RequestItems: Record<string, Requested<T>[]> = {},
    read: (item: T) => Item,
    how: Circumstances,
  ): object {
    const UnprocessedItems: Record<string, object[]> = {};
    const requests = Object.entries(RequestItems);
    const count = requests.reduce((sum, [, writes]) => sum + writes.length, 0);
    if (count < 1 || count > 25) throw refusal('ValidationException');
    for (const [table, writes] of requests) {
      const seen = new Set<string>();
      for (const write of writes) {
        const put = write.PutRequest?.Item;
        const after = put && read(put);
        const { PK, SK } = this.keyOf(table, after ?? read(write.DeleteRequest!.Key!));
        if (seen.has(`${PK}\n${SK}`)) throw refusal('ValidationException');
        seen.add(`${PK}\n${SK}`);
        if (how.fault === 'unprocessed' && how.random() < 0.5) {
          (UnprocessedItems[table] ??= []).push(write);
        } else {
          const change = { table, key: { PK, SK }, before: this.current(table, PK, SK), after };
          this.commit([{ holds: true, change }]);
        }
      }
    }
    return { UnprocessedItems };
  }

  private transact(items: readonly TransactItem[], how: Circumstances): object {
    if (how.fault === 'conflict') {
      const hit = Math.floor(how.random() * items.length);
      const reasons = items.map((_, index) => ({ Code: index === hit ? 'TransactionConflict' : 'None' }));
      throw refusal('TransactionCanceledException', { CancellationReasons: reasons });
    }
    const writes = items.map((item) => this.prepare(item));
    const keys = new Set(writes.map(({ change }) => `${change?.table}\n${change?.key.PK}\n${change?.key.SK}`));
    if (keys.size < writes.length || writes.length > 100) throw refusal('ValidationException');
    if (writes.some(({ holds }) => !holds)) {
      const reasons = writes.map(({ holds, before }) =>
        holds ? { Code: 'None' } : { Code: 'ConditionalCheckFailed', Item: before && wire(before) },
      );
      throw refusal('TransactionCanceledException', { CancellationReasons: reasons });
    }
    this.commit(writes);
    return {};
  }

  private prepare(item: TransactItem): Prepared {
    const [kind, input] = Object.entries(item).find(([, one]) => isWrite(one)) as [string, Input];
    const table = input.TableName!;
    const key = this.keyOf(table, (input.Item ?? input.Key)!);
    const { PK, SK } = key;
    const before = this.current(table, PK, SK);
    const given = placeholders(input);
    const test = input.ConditionExpression === undefined ? undefined : condition(input.ConditionExpression);
    const changes = input.UpdateExpression === undefined ? undefined : update(input.UpdateExpression);
    checkUsed(given, [test?.used, changes?.used]);
    const holds = !test || test.run(before ?? {}, given);
    if (kind === 'ConditionCheck') return { holds, before, change: { table, key, before, after: before } };
    let after = input.Item;
    if (kind === 'Update') {
      after = { ...input.Key, ...before };
      for (const change of changes!.run) change(after, before ?? {}, given);
    }
    return { holds, before, after, change: { table, key, before, after } };
  }

  private commit(writes: readonly Prepared[]): void {
    const changes = writes.flatMap(({ change }) => (change && change.before !== change.after ? [change] : []));
    for (const { table, key, after } of changes) this.write(table, key, after);
    this.changed(changes);
  }

  private write(table: string, { PK, SK }: Key, item: Item | undefined): void {
    let partitions = this.tables.get(table);
    if (!partitions) this.tables.set(table, (partitions = new Map()));
    let partition = partitions.get(PK);
    if (!partition) partitions.set(PK, (partition = []));
    const place = placeOf(partition, SK);
    if (partition[place]?.sk !== SK) partition.splice(place, 0, { sk: SK, versions: [{ at: -Infinity }] });
    const row = partition[place];
    const horizon = this.now() - LONGEST_LAG;
    while (row.versions.length > 1 && row.versions[1].at <= horizon) row.versions.shift();
    row.versions.push({ at: this.now(), item });
  }

  private find(table: string, PK: string, SK: string): Row | undefined {
    const partition = this.tables.get(table)?.get(PK);
    const row = partition?.[placeOf(partition, SK)];
    return row?.sk === SK ? row : undefined;
  }

  private current(table: string, PK: string, SK: string): Item | undefined {
    const versions = this.find(table, PK, SK)?.versions;
    return versions?.[versions.length - 1].item;
  }

  private seen({ versions }: Row, consistent: boolean, how: Circumstances): Item | undefined {
    let place = versions.length - 1;
    if (!consistent && versions[place].at > this.now() - LONGEST_LAG) {
      const moment = this.now() - Math.min(LONGEST_LAG, how.lag());
      while (place > 0 && versions[place].at > moment) place--;
    }
    return versions[place].item;
  }
}

interface Requested<T> {
  readonly PutRequest?: { readonly Item?: T };
  readonly DeleteRequest?: { readonly Key?: T };
}

interface Prepared {
  readonly holds: boolean;
  readonly before?: Item;
  readonly after?: Item;
  readonly change?: Change;
}

/** Where a sort key is, or would be. */
function placeOf(partition: Partition, sk: string): number {
  let [low, high] = [0, partition.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isBelow(partition[middle].sk, sk)) low = middle + 1;
    else high = middle;
  }
  return low;
}

const PLAIN_KEY: KeyNames = ['PK', 'SK'];
const NONE = {};
const placeholders = (input: Input): Placeholders => ({
  names: input.ExpressionAttributeNames ?? NONE,
  values: input.ExpressionAttributeValues ?? NONE,
});

/** DynamoDB refuses placeholders that no expression names. */
function checkUsed(given: Placeholders, used: readonly (ReadonlySet<string> | undefined)[], projection = ''): void {
  const all = Object.keys(given.names).concat(
    Object.keys(given.values).filter((name) => given.values[name] !== undefined),
  );
  const unused = all.filter((name) => !used.some((some) => some?.has(name)) && !projection.includes(name));
  if (unused.length > 0) {
    throw refusal('ValidationException', { message: `${unused.join(', ')} unused in expressions` });
  }
}

function project(item: Item, input: Input): Item {
  if (input.ProjectionExpression === undefined) return { ...item };
  const found: Item = {};
  for (const name of projected(input.ProjectionExpression, placeholders(input))) {
    if (item[name] !== undefined) found[name] = item[name];
  }
  return found;
}

const plain = (item: Record<string, AttributeValue>): Item => unmarshall(item);

/** An item as it is sent: what errors and streams carry. */
export const wire = (item: Item) => marshall(item, { removeUndefinedValues: true });
