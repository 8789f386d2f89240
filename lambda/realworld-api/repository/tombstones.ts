import type { Tables } from './tables';
import { queryUpTo } from '../../core/dynamodb';
import { tombstonePks } from '../../social-table/keys';

/** Rows read at most: beyond, an article that was deleted may be counted for as long as the stream is behind. */
const LIMIT = 10_000;

/** Articles deleted since a moment, in ms since 1970: rows of theirs that the stream has yet to remove do not count. */
export async function deletedSince(tables: Tables, since: number): Promise<Set<string>> {
  const shards = await Promise.all(
    tombstonePks(tables.shards).map((pk) =>
      queryUpTo(
        tables.db,
        {
          TableName: tables.social,
          KeyConditionExpression: 'PK = :pk AND SK >= :since',
          ExpressionAttributeValues: { ':pk': pk, ':since': new Date(since).toISOString() },
          ProjectionExpression: 'articleId',
          // Where there are too many, the newest count most: the stream has yet to come to them.
          ScanIndexForward: false,
        },
        LIMIT,
      ),
    ),
  );
  return new Set(shards.flatMap(({ items }) => items.map((item) => String(item.articleId))));
}
