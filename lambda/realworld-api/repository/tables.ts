import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ItemCache } from './item-cache';
import { dynamoDb } from '../../core/aws-clients';
import { requireEnv } from '../../core/env';
import { writeShards } from '../../social-table/shards';

/** The client and the names of the tables that a function may use. */
export interface Tables {
  readonly db: DynamoDBDocumentClient;
  readonly social: string;
  /** Credentials and public keys. */
  readonly accounts: string;
  /** Rows of feeds; only the feed's function has it. */
  readonly feed?: string;
  /** On how many partitions the social table spreads what everybody writes. */
  readonly shards: number;
  /** What the function keeps of articles and profiles; left out, they are read for each request. */
  readonly cache?: ItemCache;
  /** Whether changes of articles are told to readers of a search index. @default false */
  readonly tellsUpdates?: boolean;
}

/** The tables of this function, from its environment. */
export function tables(): Tables {
  return {
    db: dynamoDb(),
    social: requireEnv('TABLE_NAME'),
    accounts: requireEnv('ACCOUNTS_TABLE_NAME'),
    feed: process.env.FEED_TABLE_NAME,
    shards: writeShards(),
    tellsUpdates: process.env.RECENT_UPDATES === 'true',
  };
}
