import type { Tables } from './tables';
import { type Item, queryUpTo } from '../../core/dynamodb';

/** More shards than any count has. */
const SHARDS = 100;

/** The sum of some shards. Where it is said nothing of, or no number, there is nothing to add. */
export const totalOf = (shards: readonly Item[], attribute = 'articlesCount'): number =>
  shards.reduce((sum, shard) => sum + (Number(shard[attribute]) || 0), 0);

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
  return totalOf(items, attribute);
}
