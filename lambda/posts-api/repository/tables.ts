import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamoDb } from '../../core/aws-clients';
import { requireEnv } from '../../core/env';

/** The client and the name of the table of posts, tags and profiles. */
export interface Tables {
  readonly db: DynamoDBDocumentClient;
  readonly social: string;
}

/** The table of this function, from its environment. */
export const tables = (): Tables => ({ db: dynamoDb(), social: requireEnv('TABLE_NAME') });

/** The client and the name of the table of access tokens. */
export interface TokenTable {
  readonly db: DynamoDBDocumentClient;
  readonly accounts: string;
}

/** The table of access tokens, where this function has it. */
export const tokenTable = (): TokenTable => ({ db: dynamoDb(), accounts: requireEnv('ACCOUNTS_TABLE_NAME') });
