import { type DynamoDBDocumentClient, PutCommand, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { eventOf, snapshotItem, snapshotOf } from './event-items';
import { afterVersion, aggregatePk } from './keys';
import { type Meter, Metered } from './metered';
import { type Item, isConditionFailure } from '../../core/dynamodb';
import type { StoredEvent } from '../domain/events';
import type { EventsPage, EventStore, History, Snapshot } from '../domain/ports';

export interface EventStoreOptions {
  readonly db: DynamoDBDocumentClient;
  readonly table: string;
  /** The kind of aggregates. */
  readonly aggregateType: string;
  readonly meter?: Meter;
}

/** Events and snapshots of one kind of aggregates, in the event table. It appends nothing: AppSync does. */
export class DynamoEventStore implements EventStore {
  private readonly metered: Metered;

  public constructor(private readonly options: EventStoreOptions) {
    this.metered = new Metered(options.meter);
  }

  /** One read where the snapshots are not far behind: newest first, until one is met. */
  public async history(
    id: string,
    { every, upTo, likely, isUsable }: Parameters<EventStore['history']>[1],
  ): Promise<History> {
    const events: StoredEvent[] = [];
    let start: Item | undefined;
    do {
      const page = await this.query({
        KeyConditionExpression: upTo === undefined ? 'PK = :pk' : 'PK = :pk AND SK <= :last',
        ExpressionAttributeValues: {
          ':pk': this.pk(id),
          ...(upTo === undefined ? {} : { ':last': afterVersion(upTo) }),
        },
        ScanIndexForward: false,
        // The events since the last snapshot, that snapshot, and one for a snapshot that is still to be taken.
        Limit: (start || likely === undefined ? every : likely % every) + 2,
        ExclusiveStartKey: start,
      });
      for (const item of page.items) {
        const snapshot = item.kind === 'snapshot' ? snapshotOf(item) : undefined;
        if (snapshot && isUsable(snapshot)) {
          return { snapshot, events: events.reverse() };
        }
        if (item.kind !== 'snapshot') {
          events.push(eventOf(item));
        }
      }
      start = page.next;
    } while (start);
    return { events: events.reverse() };
  }

  public async events(id: string, { after, limit }: Parameters<EventStore['events']>[1]): Promise<EventsPage> {
    const page = await this.query({
      KeyConditionExpression: 'PK = :pk AND SK > :after',
      ExpressionAttributeValues: { ':pk': this.pk(id), ':after': afterVersion(after) },
      Limit: limit,
    });
    return {
      events: page.items.filter(({ kind }) => kind !== 'snapshot').map(eventOf),
      more: page.next !== undefined,
    };
  }

  public async putSnapshot(id: string, snapshot: Snapshot): Promise<void> {
    const { db, table, aggregateType } = this.options;
    try {
      const { ConsumedCapacity } = await db.send(
        new PutCommand({
          TableName: table,
          Item: snapshotItem(aggregateType, id, snapshot),
          ConditionExpression: 'attribute_not_exists(PK) OR schemaVersion <> :own',
          ExpressionAttributeValues: { ':own': snapshot.schemaVersion },
          ...this.metered.wanted,
        }),
      );
      this.metered.note('write', ConsumedCapacity);
    } catch (error) {
      if (!isConditionFailure(error)) {
        throw error;
      }
    }
  }

  private pk(id: string): string {
    return aggregatePk(this.options.aggregateType, id);
  }

  private async query(input: Partial<QueryCommandInput>): Promise<{ items: Item[]; next?: Item }> {
    const { db, table } = this.options;
    const { Items, LastEvaluatedKey, ConsumedCapacity } = await db.send(
      new QueryCommand({ TableName: table, ConsistentRead: true, ...this.metered.wanted, ...input }),
    );
    this.metered.note('read', ConsumedCapacity);
    return { items: Items ?? [], next: LastEvaluatedKey };
  }
}
