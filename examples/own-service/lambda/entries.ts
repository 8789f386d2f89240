import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { IfMatch } from 'cdk-social-backend/http';
import { PARTITION } from '../contract';

/** An entry. Ids sort by time. `createdAt` is ISO 8601 in UTC, `version` is counted up with each write. */
export interface Entry {
  readonly id: string;
  readonly name: string;
  readonly message: string;
  readonly createdAt: string;
  readonly version: number;
}

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const TableName = process.env.TABLE_NAME;
const keyOf = (id: string) => ({ PK: PARTITION, SK: id });

/** Ids as they are made. DynamoDB refuses some that are none, such as very long ones: what is none is not there. */
const isId = (id: string) => /^\d{17}-[0-9a-f-]{36}$/.test(id);

const entryOf = ({ SK, name, message, createdAt, version }: Record<string, unknown>): Entry =>
  ({ id: SK, name, message, createdAt, version }) as Entry;

export async function putEntry({ id, ...entry }: Entry): Promise<void> {
  const Item = { ...keyOf(id), ...entry };
  await client.send(new PutCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(PK)' }));
}

export async function getEntry(id: string): Promise<Entry | undefined> {
  if (!isId(id)) {
    return undefined;
  }
  const { Item } = await client.send(new GetCommand({ TableName, Key: keyOf(id), ConsistentRead: true }));
  return Item && entryOf(Item);
}

/** The newest entries, or those before one: `next` is the last, where there are more. */
export async function listEntries(limit: number, before?: string) {
  const { Items = [], LastEvaluatedKey } = await client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: before === undefined ? 'PK = :p' : 'PK = :p AND SK < :before',
      ExpressionAttributeValues: { ':p': PARTITION, ...(before === undefined ? {} : { ':before': before }) },
      ScanIndexForward: false,
      Limit: limit,
    }),
  );
  return { entries: Items.map(entryOf), next: LastEvaluatedKey?.SK as string | undefined };
}

/** Writes an entry anew, if it has one of the versions that were asked for; else says why not. */
export async function updateEntry(
  id: string,
  { name, message }: Pick<Entry, 'name' | 'message'>,
  asked: IfMatch | undefined,
): Promise<Entry | 'gone' | 'other-version'> {
  if (!isId(id)) {
    return 'gone';
  }
  const versions = asked && !asked.any ? asked.versions.map(Number).filter(Number.isSafeInteger) : undefined;
  if (versions?.length === 0) {
    return (await getEntry(id)) ? 'other-version' : 'gone';
  }
  const names = versions?.map((_, index) => `:v${index}`);
  try {
    const { Attributes } = await client.send(
      new UpdateCommand({
        TableName,
        Key: keyOf(id),
        UpdateExpression: 'SET #name = :name, message = :message ADD version :one',
        ConditionExpression: `attribute_exists(PK)${names ? ` AND version IN (${names.join(', ')})` : ''}`,
        ExpressionAttributeNames: { '#name': 'name' },
        ExpressionAttributeValues: {
          ':name': name,
          ':message': message,
          ':one': 1,
          ...Object.fromEntries((versions ?? []).map((version, index) => [`:v${index}`, version])),
        },
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return entryOf(Attributes ?? {});
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      return error.Item ? 'other-version' : 'gone';
    }
    throw error;
  }
}

/** @returns whether it was there */
export async function deleteEntry(id: string): Promise<boolean> {
  if (!isId(id)) {
    return false;
  }
  const { Attributes } = await client.send(new DeleteCommand({ TableName, Key: keyOf(id), ReturnValues: 'ALL_OLD' }));
  return Attributes !== undefined;
}
