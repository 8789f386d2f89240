import { type AttributeValue, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { cancellationReasons } from '../../lambda/core/dynamodb';
import type { AppendedItem } from '../../lambda/event-sourced-api/repository/event-items';

type Wire = Record<string, AttributeValue>;

/** What the template that appends comes to: the item that was there where a condition failed, by its place. */
export type Appended =
  | { readonly outcome: 'written' }
  | { readonly outcome: 'refused'; readonly guard?: Wire; readonly codes: readonly (string | undefined)[] };

/** Appends as the template does: all of a command or nothing, each item only if it is not there. */
export async function append(
  db: DynamoDBDocumentClient,
  table: string,
  items: readonly AppendedItem[],
): Promise<Appended> {
  try {
    await db.send(
      new TransactWriteItemsCommand({
        TransactItems: items.map(({ key, attributeValues }) => ({
          Put: {
            TableName: table,
            Item: { ...attributeValues, ...key },
            ConditionExpression: 'attribute_not_exists(PK)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        })),
      }),
    );
    return { outcome: 'written' };
  } catch (error) {
    const reasons = cancellationReasons(error);
    if (!reasons) throw error;
    return { outcome: 'refused', guard: reasons[0].Item, codes: reasons.map(({ Code }) => Code) };
  }
}

let sequence = 0;

/** An item as the stream tells of it when it is inserted. */
export function insertRecord(item: Wire): DynamoDBRecord {
  const number = ++sequence;
  return {
    eventID: `record-${number}`,
    eventName: 'INSERT',
    eventSourceARN: 'arn:aws:dynamodb:eu-west-1:111111111111:table/events/stream/s',
    dynamodb: {
      Keys: { PK: item.PK, SK: item.SK },
      NewImage: item,
      SequenceNumber: String(1_000_000_000_000_000_000_000n + BigInt(number)),
    } as DynamoDBRecord['dynamodb'],
  };
}

/** The records of what a command has appended. */
export const recordsOf = (items: readonly AppendedItem[]): DynamoDBRecord[] =>
  items.map(({ key, attributeValues }) => insertRecord({ ...attributeValues, ...key }));
