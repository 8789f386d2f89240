import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';

/**
 * DynamoDB throttles when more than two processes read one shard of a stream:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Limits.html
 */
const MAX_STREAM_READERS = 2;

/** What the readers of a table's stream are called, whichever construct came to the table. */
const readers = new WeakMap<dynamodb.ITable, readonly string[]>();

/**
 * Takes one of the two places for readers of a table's stream.
 *
 * @param reader name for error messages
 * @param path what the user knows the table by
 * @returns what is wrong where both places are taken
 * @internal
 */
export function takeStreamReader(table: dynamodb.ITable, reader: string, path: string): string | undefined {
  const known = readers.get(table) ?? [];
  if (known.length >= MAX_STREAM_READERS) {
    return (
      `A DynamoDB stream takes at most ${MAX_STREAM_READERS} readers; ${path} is read by ` +
      `${known.join(' and ')} already, got one more: ${reader}`
    );
  }
  readers.set(table, [...known, reader]);
  return undefined;
}
