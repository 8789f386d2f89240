import {
  type ConsumedCapacity,
  DeleteItemCommand,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { MigratedTable, Page, Written } from './ports';
import { cancellationReasons, isConditionFailure, isContention } from '../../core/dynamodb';
import { keyFrom, keyText, type WireItem } from '../../core/dynamodb/wire';
import { retry } from '../../core/retry';

const unitsOf = (consumed: ConsumedCapacity | readonly ConsumedCapacity[] | undefined): number =>
  [consumed ?? []].flat().reduce((sum, { CapacityUnits }) => sum + (CapacityUnits ?? 0), 0);

/**
 * That an item is what was read: each of its attributes. Whoever does not count versions changes some attribute that is
 * there already, be it the time of the change.
 */
function unchanged(item: WireItem) {
  const names = Object.keys(item);
  return {
    ConditionExpression: names.map((_, n) => `#n${n} = :v${n}`).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, n) => [`#n${n}`, name])),
    ExpressionAttributeValues: Object.fromEntries(names.map((name, n) => [`:v${n}`, item[name]])),
  };
}

const keyOf = ({ PK, SK }: WireItem): WireItem => ({ PK, SK });

/** What a write of these costs at least where it was refused, and DynamoDB says nothing: two units an item. */
const refusedUnits = (items: number) => (items === 1 ? 1 : 2 * items);

/** The table that is migrated. Items are as DynamoDB has them, so that what no converter touches stays what it is. */
export class TableRepository implements MigratedTable {
  public constructor(
    private readonly db: DynamoDBDocumentClient,
    private readonly table: string,
  ) {}

  public async count(): Promise<number> {
    const { Table: table } = await this.db.send(new DescribeTableCommand({ TableName: this.table }));
    return table?.ItemCount ?? 0;
  }

  public async scan({ segment, segments, position, limit }: Parameters<MigratedTable['scan']>[0]): Promise<Page> {
    const answer = await this.db.send(
      new ScanCommand({
        TableName: this.table,
        // What was written before the migration is found for certain.
        ConsistentRead: true,
        Segment: segment,
        TotalSegments: segments,
        Limit: limit,
        ExclusiveStartKey: position === undefined ? undefined : keyFrom(position),
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    return {
      items: answer.Items ?? [],
      next: answer.LastEvaluatedKey && keyText(answer.LastEvaluatedKey),
      units: unitsOf(answer.ConsumedCapacity),
    };
  }

  public async read(item: WireItem): Promise<{ readonly item?: WireItem; readonly units: number }> {
    const answer = await this.db.send(
      new GetItemCommand({
        TableName: this.table,
        Key: keyOf(item),
        ConsistentRead: true,
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    return { item: answer.Item, units: unitsOf(answer.ConsumedCapacity) };
  }

  public async query(
    pk: string,
    prefix: string,
  ): Promise<{ readonly items: readonly WireItem[]; readonly units: number }> {
    const items: WireItem[] = [];
    let units = 0;
    let start: WireItem | undefined;
    do {
      const page = await this.db.send(
        new QueryCommand({
          TableName: this.table,
          KeyConditionExpression: 'PK = :pk AND begins_with(SK, :prefix)',
          ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: prefix } },
          ConsistentRead: true,
          ExclusiveStartKey: start,
          ReturnConsumedCapacity: 'TOTAL',
        }),
      );
      items.push(...(page.Items ?? []));
      units += unitsOf(page.ConsumedCapacity);
      start = page.LastEvaluatedKey;
    } while (start);
    return { items, units };
  }

  public async replace(before: WireItem, after: readonly WireItem[]): Promise<Written> {
    const text = keyText(keyOf(before));
    const own = after.find((item) => keyText(keyOf(item)) === text);
    const others = after.filter((item) => item !== own);
    try {
      return await (others.length === 0 ? this.one(before, own) : this.several(before, own, others));
    } catch (error) {
      if (isRefusal(error)) {
        return { outcome: 'refused', kept: 0, units: 0 };
      }
      throw error;
    }
  }

  /** Without a transaction, which costs twice as much. */
  private async one(before: WireItem, own: WireItem | undefined): Promise<Written> {
    const common = { TableName: this.table, ...unchanged(before), ReturnConsumedCapacity: 'TOTAL' } as const;
    const write = async () =>
      own
        ? this.db.send(new PutItemCommand({ ...common, Item: own }))
        : this.db.send(new DeleteItemCommand({ ...common, Key: keyOf(before) }));
    try {
      const { ConsumedCapacity: consumed } = await retry(write, isContention);
      return { outcome: 'done', kept: 0, units: unitsOf(consumed) };
    } catch (error) {
      if (isConditionFailure(error)) {
        return { outcome: 'changed', kept: 0, units: refusedUnits(1) };
      }
      throw error;
    }
  }

  /** Others that are there already stay as they are: whoever has written them knows more than was read here. */
  private async several(before: WireItem, own: WireItem | undefined, others: readonly WireItem[]): Promise<Written> {
    const condition = { TableName: this.table, ...unchanged(before) };
    const main: TransactWriteItem = own
      ? { Put: { ...condition, Item: own } }
      : { Delete: { ...condition, Key: keyOf(before) } };
    const puts = others.map((item): TransactWriteItem => ({
      Put: { TableName: this.table, Item: item, ConditionExpression: 'attribute_not_exists(PK)' },
    }));
    const write = async () =>
      this.db.send(new TransactWriteItemsCommand({ TransactItems: [main, ...puts], ReturnConsumedCapacity: 'TOTAL' }));
    try {
      const { ConsumedCapacity: consumed } = await retry(write, isContention);
      return { outcome: 'done', kept: 0, units: unitsOf(consumed) };
    } catch (error) {
      const failed = (cancellationReasons(error) ?? []).map(({ Code }) => Code === 'ConditionalCheckFailed');
      if (!failed.includes(true)) {
        throw error;
      }
      const units = refusedUnits(failed.length);
      if (failed[0]) {
        return { outcome: 'changed', kept: 0, units };
      }
      const absent = others.filter((_, n) => !failed[n + 1]);
      const rest = await (absent.length === 0 ? this.one(before, own) : this.several(before, own, absent));
      return { ...rest, kept: rest.kept + others.length - absent.length, units: rest.units + units };
    }
  }
}

/** DynamoDB takes no such items, whoever asks and how often: too large, most likely. */
const isRefusal = (error: unknown): boolean =>
  (error instanceof Error && error.name === 'ValidationException') ||
  (cancellationReasons(error) ?? []).some(({ Code }) => Code === 'ValidationError');
