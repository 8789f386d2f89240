import { AwsError, Json } from '../aws/protocol';
import { BrowsedKey, BrowsedTable, ItemBrowser, ItemPage, ItemQuery, ItemQueryRefused } from '../item-browser';
import { EngineClient } from './engine-client';
import { TableInfo, Tables } from './model';
import { objects } from './table-shape';

/** Lets a person look through the tables, past IAM, lag and faults; nothing is written. */
export class TableBrowser implements ItemBrowser {
  public constructor(
    private readonly client: EngineClient,
    private readonly tables: Tables,
  ) {}

  public async list(): Promise<readonly BrowsedTable[]> {
    const listed = await Promise.all(this.tables.all().map(async (table) => this.describe(table)));
    return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  public async page(query: ItemQuery): Promise<ItemPage> {
    const info = this.tables.all().find(({ name }) => name === query.table);
    if (info === undefined) throw new ItemQueryRefused(`there is no table ${query.table}`);
    const table = await this.describe(info);
    const index = table.indexes.find(({ name }) => name === query.index);
    if (query.index !== undefined && index === undefined) {
      throw new ItemQueryRefused(`${table.name} has no index ${query.index}`);
    }
    const { partition } = query;
    const call = {
      TableName: table.name,
      Limit: query.limit,
      ...(index === undefined ? {} : { IndexName: index.name }),
      ...(query.start === undefined ? {} : { ExclusiveStartKey: readStart(query.start) }),
      ...(partition === undefined ? {} : conditionOf(query, partition, index ?? table.key, table.types)),
    };
    try {
      const { Items, LastEvaluatedKey } = await this.client.call(partition === undefined ? 'Scan' : 'Query', call);
      const next = LastEvaluatedKey === undefined ? {} : { next: writeStart(LastEvaluatedKey) };
      return { items: (Items as Json[]).map((item) => ordered(item, table)), ...next };
    } catch (error) {
      if (error instanceof AwsError && error.status < 500) throw new ItemQueryRefused(error.message);
      throw error;
    }
  }

  private async describe({ name, partitionKey, sortKey, indexes, ttlAttribute }: TableInfo): Promise<BrowsedTable> {
    const described = (await this.client.call('DescribeTable', { TableName: name })).Table as Json;
    const types = objects(described.AttributeDefinitions).map(
      ({ AttributeName, AttributeType }) => [String(AttributeName), String(AttributeType)] as const,
    );
    return {
      name,
      key: keyOf(partitionKey, sortKey),
      indexes: indexes.map((index) => ({
        name: index.name,
        local: index.local,
        ...keyOf(index.partitionKey, index.sortKey),
      })),
      types: Object.fromEntries(types),
      itemCount: Number(described.ItemCount ?? 0),
      ...(ttlAttribute === undefined ? {} : { ttlAttribute }),
    };
  }
}

function keyOf(partition: string, sort: string | undefined): BrowsedKey {
  return sort === undefined ? { partition } : { partition, sort };
}

function conditionOf(
  { sort, descending }: ItemQuery,
  partition: string,
  key: BrowsedKey,
  types: Readonly<Record<string, string>>,
): Json {
  const value = (name: string, text: string): Json => ({ [types[name] ?? 'S']: text });
  const names: Record<string, string> = { '#p': key.partition };
  const values: Record<string, Json> = { ':p': value(key.partition, partition) };
  let condition = '#p = :p';
  if (sort !== undefined) {
    if (key.sort === undefined) throw new ItemQueryRefused('there is no sort key');
    names['#s'] = key.sort;
    values[':s'] = value(key.sort, sort.value);
    const { comparison } = sort;
    condition += comparison === 'begins_with' ? ' AND begins_with(#s, :s)' : ` AND #s ${comparison} :s`;
  }
  return {
    KeyConditionExpression: condition,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ScanIndexForward: descending !== true,
  };
}

function writeStart(key: unknown): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

function readStart(text: string): Json {
  try {
    const key: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (typeof key === 'object' && key !== null && !Array.isArray(key)) return key as Json;
  } catch {
    // Told below.
  }
  throw new ItemQueryRefused('the page starts nowhere');
}

/** An item with its key first and the rest by name: engines give attributes in any order, a different one each time. */
function ordered(item: Json, { key }: BrowsedTable): Json {
  const rank = (name: string): string => (name === key.partition ? '0' : name === key.sort ? '1' : `2${name}`);
  return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1)));
}
