import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamoDb } from '../../core/aws-clients';
import { requireEnv } from '../../core/env';

/** The client, and the name of the table. */
export interface Tables {
  readonly db: DynamoDBDocumentClient;
  readonly items: string;
}

/** The table of this function, from its environment. */
export const tables = (): Tables => ({ db: dynamoDb(), items: requireEnv('TABLE_NAME') });
