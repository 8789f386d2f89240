import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** The client, the table and what every write needs. */
export interface Context {
  readonly db: DynamoDBDocumentClient;
  readonly table: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A version that nothing else has. */
  readonly newVersion: () => string;
}
