import {
  BatchGetItemCommand,
  DescribeTableCommand,
  type KeysAndAttributes,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { TableFacts } from './job';
import type { Found, Page, SourceTable } from './ports';
import { Busy } from '../../core/busy';
import { keyFrom, keyText, type WireItem, withTextBytes } from '../../core/dynamodb/wire';
import { pause } from '../../core/retry';
import type { DocumentSource, Image } from '../source';

/** Items that a page reads at most, of whatever kind: it is written before the next is read. */
const PAGE_ITEMS = 1000;

/** A segment has about so many bytes; there are 4 at least, and 64 at most. */
const SEGMENT_BYTES = 256 * 1024 * 1024;
const SEGMENTS = { least: 4, most: 64 };

/** How often items that BatchGetItem left out are asked for again. */
const ATTEMPTS = 8;

/** The attributes that are read: keys, and what documents are made of. */
function projectionOf({ keys }: TableFacts, source: DocumentSource) {
  const { entityTypeAttribute: type, idAttributes, versionAttribute, fields } = source;
  const names = [
    ...new Set([...keys, ...idAttributes, versionAttribute, ...fields, ...(type === undefined ? [] : [type])]),
  ];
  return {
    ProjectionExpression: names.map((_, n) => `#n${n}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, n) => [`#n${n}`, name])),
  };
}

/** Only items that may be documents come over the network. They are read, and charged, all the same. */
function filterOf({ entityTypes, entityTypeAttribute }: DocumentSource, names: Readonly<Record<string, string>>) {
  if (!entityTypes || entityTypeAttribute === undefined) {
    return {};
  }
  const placeholder = Object.keys(names).find((name) => names[name] === entityTypeAttribute);
  return {
    FilterExpression: `${placeholder} IN (${entityTypes.map((_, n) => `:t${n}`).join(', ')})`,
    ExpressionAttributeValues: Object.fromEntries(entityTypes.map((type, n) => [`:t${n}`, { S: type }])),
  };
}

/** The table whose items are documents. */
export class TableRepository implements SourceTable {
  public constructor(
    private readonly db: DynamoDBDocumentClient,
    private readonly tableName: string,
  ) {}

  public async facts(): Promise<TableFacts> {
    const { Table: table } = await this.db.send(new DescribeTableCommand({ TableName: this.tableName }));
    const keys = (table?.KeySchema ?? []).map(({ AttributeName }) => AttributeName ?? '');
    const segments = Math.ceil((table?.TableSizeBytes ?? 0) / SEGMENT_BYTES);
    return {
      keys,
      items: table?.ItemCount ?? 0,
      segments: Math.min(SEGMENTS.most, Math.max(SEGMENTS.least, segments)),
    };
  }

  public async scan({ segment, table, source, position }: Parameters<SourceTable['scan']>[0]): Promise<Page> {
    const projection = projectionOf(table, source);
    const { Items, ScannedCount, LastEvaluatedKey } = await this.db.send(
      new ScanCommand({
        TableName: this.tableName,
        ConsistentRead: true,
        Segment: segment,
        TotalSegments: table.segments,
        Limit: PAGE_ITEMS,
        ...projection,
        ...filterOf(source, projection.ExpressionAttributeNames),
        ExclusiveStartKey: position === undefined ? undefined : keyFrom(position),
      }),
    );
    return {
      found: (Items ?? []).map((item) => this.found(item, table)),
      scanned: ScannedCount ?? 0,
      next: LastEvaluatedKey && keyText(LastEvaluatedKey),
    };
  }

  public async read(keys: readonly string[], table: TableFacts, source: DocumentSource): Promise<readonly Found[]> {
    const found: Found[] = [];
    let left: KeysAndAttributes | undefined = {
      Keys: keys.map(keyFrom),
      ConsistentRead: true,
      ...projectionOf(table, source),
    };
    for (let attempt = 0; left; attempt++) {
      if (attempt === ATTEMPTS) {
        throw new Busy('DynamoDB left items out');
      }
      if (attempt > 0) {
        await pause(attempt);
      }
      const asked: KeysAndAttributes = left;
      const { Responses, UnprocessedKeys } = await this.db.send(
        new BatchGetItemCommand({ RequestItems: { [this.tableName]: asked } }),
      );
      found.push(...(Responses?.[this.tableName] ?? []).map((item) => this.found(item, table)));
      left = UnprocessedKeys?.[this.tableName];
    }
    return found;
  }

  private found(item: WireItem, { keys }: TableFacts): Found {
    return {
      key: keyText(Object.fromEntries(keys.map((name) => [name, item[name]]))),
      image: withTextBytes(item) as Image,
    };
  }
}
