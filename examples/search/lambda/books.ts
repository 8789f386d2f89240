import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoDb } from '../../../lambda/core/aws-clients';
import { requireEnv } from '../../../lambda/core/env';

export interface Book {
  readonly isbn: string;
  readonly title: string;
  readonly author: string;
  readonly subjects: readonly string[];
  /** When it came out. */
  readonly year: number;
}

const table = () => requireEnv('TABLE_NAME');

const isRefused = (error: unknown) => error instanceof Error && error.name === 'ConditionalCheckFailedException';

/**
 * Puts a book at a version that is later than the one there. The version is the time, in ms: a book that was deleted may
 * come back, and a version that began anew would be earlier than its deletion.
 *
 * @returns false where a later one is there
 */
export async function putBook(book: Book, now: number): Promise<boolean> {
  try {
    await dynamoDb().send(
      new PutCommand({
        TableName: table(),
        Item: { ...book, version: now },
        ConditionExpression: 'attribute_not_exists(isbn) OR version < :now',
        ExpressionAttributeValues: { ':now': now },
      }),
    );
    return true;
  } catch (error) {
    if (isRefused(error)) {
      return false;
    }
    throw error;
  }
}

/** @returns false where there is none */
export async function deleteBook(isbn: string): Promise<boolean> {
  try {
    await dynamoDb().send(
      new DeleteCommand({ TableName: table(), Key: { isbn }, ConditionExpression: 'attribute_exists(isbn)' }),
    );
    return true;
  } catch (error) {
    if (isRefused(error)) {
      return false;
    }
    throw error;
  }
}
