import type { Tables } from './tables';
import { batchGet, type Consistency, queryUpTo } from '../../core/dynamodb';
import { FAVORITE_PREFIX, favoritesPk, FOLLOW_PREFIX, followsPk, idOf } from '../../social-table/keys';

/** Edges read at once before asking for the rest one by one: about 5 read units. */
const RANGE_LIMIT = 150;

/**
 * Which of some ids a partition has an edge to. Edges of one kind lie side by side, sorted by id: one range over the
 * lowest to the highest id costs a unit for every 4 KB, where asking for each costs a unit for each. What lies beyond
 * a long range's first page is asked for one by one.
 */
async function edgesAmong(
  tables: Tables,
  pk: string,
  prefix: string,
  ids: readonly string[],
  { consistent = true }: Consistency = {},
): Promise<Set<string>> {
  if (ids.length === 0) {
    return new Set();
  }
  const sorted = [...new Set(ids)].sort();
  const { items, more } = await queryUpTo(
    tables.db,
    {
      TableName: tables.social,
      KeyConditionExpression: 'PK = :pk AND SK BETWEEN :low AND :high',
      ExpressionAttributeValues: {
        ':pk': pk,
        ':low': `${prefix}${sorted[0]}`,
        ':high': `${prefix}${sorted[sorted.length - 1]}`,
      },
      ProjectionExpression: 'SK',
      ConsistentRead: consistent,
    },
    RANGE_LIMIT,
  );
  const found = new Set(items.map((item) => idOf(String(item.SK))));
  if (more) {
    const last = idOf(String(items[items.length - 1].SK));
    const rest = sorted.filter((id) => id > last);
    const edges = await batchGet(
      tables.db,
      rest.map((id) => ({ table: tables.social, key: { PK: pk, SK: `${prefix}${id}` } })),
      { consistent },
    );
    rest.filter((_, index) => edges[index]).forEach((id) => found.add(id));
  }
  return new Set(sorted.filter((id) => found.has(id)));
}

/** Which of these articles the user has favorited. */
export const favoritedAmong = (tables: Tables, userId: string, articleIds: readonly string[], read?: Consistency) =>
  edgesAmong(tables, favoritesPk(userId), FAVORITE_PREFIX, articleIds, read);

/** Which of these users the user follows. */
export const followedAmong = (tables: Tables, userId: string, userIds: readonly string[], read?: Consistency) =>
  edgesAmong(tables, followsPk(userId), FOLLOW_PREFIX, userIds, read);
