import type { DynamoDBRecord } from 'aws-lambda';

/**
 * From where on the stream must be read again; undefined where nothing must. Sequence numbers are decimal and longer
 * than a double is exact.
 */
export function lowestSequenceNumber(records: readonly DynamoDBRecord[]): string | undefined {
  return records
    .map((record) => record.dynamodb?.SequenceNumber ?? '0')
    .reduce<string | undefined>(
      (lowest, next) => (lowest === undefined || BigInt(next) < BigInt(lowest) ? next : lowest),
      undefined,
    );
}

/** Where a record that cannot be used is found again: its keys and place, and nothing of what it holds. */
export const placeOf = (record: DynamoDBRecord) => ({
  eventId: record.eventID,
  eventName: record.eventName,
  streamArn: record.eventSourceARN,
  sequenceNumber: record.dynamodb?.SequenceNumber,
  keys: record.dynamodb?.Keys,
});
