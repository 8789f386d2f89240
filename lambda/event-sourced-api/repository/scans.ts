import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, ScanCommand, type ScanCommandInput } from '@aws-sdk/lib-dynamodb';
import { aggregatePk, eventKey, viewPrefix } from './keys';
import { type Meter, Metered } from './metered';
import { batchWrite, type Item } from '../../core/dynamodb';
import type { FoundAggregate, Page, Part, Scans } from '../jobs/ports';

export interface ScanOptions {
  readonly db: DynamoDBDocumentClient;
  readonly eventTable: string;
  readonly readModelTable: string;
  /** The kind of aggregates. */
  readonly aggregateType: string;
  readonly meter?: Meter;
}

const positionOf = ({ PK, SK }: Item): string => JSON.stringify({ PK, SK });

/** Every aggregate that there is, by its first event; and every row of a view. */
export class TableScans implements Scans {
  private readonly metered: Metered;

  public constructor(private readonly options: ScanOptions) {
    this.metered = new Metered(options.meter);
  }

  public async count(of: 'events' | 'views'): Promise<number> {
    const { db, eventTable, readModelTable } = this.options;
    const answer = await db.send(
      new DescribeTableCommand({ TableName: of === 'events' ? eventTable : readModelTable }),
    );
    return answer.Table?.ItemCount ?? 0;
  }

  public async aggregates(part: Part): Promise<Page<FoundAggregate>> {
    const { eventTable, aggregateType } = this.options;
    const prefix = aggregatePk(aggregateType, '');
    const { items, scanned, next } = await this.scan(eventTable, part, {
      FilterExpression: 'SK = :first AND begins_with(PK, :prefix)',
      ExpressionAttributeValues: { ':first': eventKey(aggregateType, '', 1).SK, ':prefix': prefix },
    });
    const found = items.map((key) => ({ id: String(key.PK).slice(prefix.length), position: positionOf(key) }));
    return { found, scanned, next: next && positionOf(next) };
  }

  public async eraseRows(view: string, part: Part): Promise<Page<never> & { readonly erased: number }> {
    const { db, readModelTable } = this.options;
    const prefix = viewPrefix(view);
    const { items, scanned, next } = await this.scan(readModelTable, part, {});
    const own = items.filter(({ PK }) => String(PK).startsWith(prefix));
    await batchWrite(
      db,
      readModelTable,
      own.map(({ PK, SK }) => ({ DeleteRequest: { Key: { PK, SK } } })),
    );
    // Its items are not read: a unit each is the least.
    this.metered.note('write', { CapacityUnits: own.length });
    // It is not relied upon that a scan goes on after an item that is gone.
    const kept = items.filter((item) => !own.includes(item));
    const last = kept.at(-1);
    return {
      ...{ found: [], scanned, erased: own.length },
      next: next && (last ? positionOf(last) : (part.position ?? FROM_THE_BEGINNING)),
    };
  }

  private async scan(table: string, { segment, segments, position, limit }: Part, input: Partial<ScanCommandInput>) {
    const { Items, ScannedCount, LastEvaluatedKey, ConsumedCapacity } = await this.options.db.send(
      new ScanCommand({
        TableName: table,
        // What was written before the job is found for certain.
        ConsistentRead: true,
        Segment: segment,
        TotalSegments: segments,
        Limit: limit,
        ExclusiveStartKey:
          position === undefined || position === FROM_THE_BEGINNING ? undefined : (JSON.parse(position) as Item),
        ProjectionExpression: 'PK, SK',
        ...input,
        ...this.metered.wanted,
      }),
    );
    this.metered.note('read', ConsumedCapacity);
    return { items: Items ?? [], scanned: ScannedCount ?? 0, next: LastEvaluatedKey };
  }
}

/** A position before all: nothing of the segment was kept yet. */
const FROM_THE_BEGINNING = 'beginning';
