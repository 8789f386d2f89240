import type { Tables } from './tables';
import { queryUpTo } from '../../core/dynamodb';

/** More shards than any count has. */
const SHARDS = 100;

/** The sum of a count's shards, which share a partition: one query, for one read unit. */
export async function sumOf(tables: Tables, pk: string, attribute = 'articlesCount'): Promise<number> {
  const { items } = await queryUpTo(
    tables.db,
    {
      TableName: tables.social,
      KeyConditionExpression: 'PK = :pk',
      ExpressionAttributeValues: { ':pk': pk },
    },
    SHARDS,
  );
  return items.reduce((sum, item) => sum + Number(item[attribute]), 0);
}
