import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import type { StoredEvent } from '../domain/events';
import { eventOf } from '../repository/event-items';

/** What a batch of the stream has. */
export interface ReadRecords {
  /** Each with the record that it came with. */
  readonly events: ReadonlyMap<StoredEvent, DynamoDBRecord>;
  /** Records that say that they are events of these aggregates, and of which nothing can be made. */
  readonly unreadable: readonly DynamoDBRecord[];
}

/** Reads events of one kind of aggregate; what else is in the table is none of the projector's business. */
export function readRecords(records: readonly DynamoDBRecord[], aggregateType: string): ReadRecords {
  const events = new Map<StoredEvent, DynamoDBRecord>();
  const unreadable: DynamoDBRecord[] = [];
  for (const record of records) {
    const image = record.dynamodb?.NewImage;
    // Events are inserted, and never changed.
    if (record.eventName !== 'INSERT' || image?.kind?.S !== 'event' || image.aggregateType?.S !== aggregateType) {
      continue;
    }
    try {
      events.set(eventOf(unmarshall(image as Record<string, AttributeValue>)), record);
    } catch {
      unreadable.push(record);
    }
  }
  return { events, unreadable };
}
