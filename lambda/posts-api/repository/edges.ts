import type { Tables } from './tables';
import { queryUpTo } from '../../core/dynamodb';
import type { Ids } from '../domain/paging';

/**
 * The newest ids that any of some partitions has an edge to, each once: their edges are read side by side and merged.
 * Ids sort by time, and nothing else lies in these partitions.
 *
 * @param prefix begins the sort keys of these edges
 * @param before only ids below it
 */
export async function newestIds(
  tables: Tables,
  pks: readonly string[],
  prefix: string,
  before: string | undefined,
  max: number,
): Promise<Ids> {
  const lists = await Promise.all(
    pks.map((pk) =>
      queryUpTo(
        tables.db,
        {
          TableName: tables.social,
          KeyConditionExpression: before === undefined ? 'PK = :pk' : 'PK = :pk AND SK < :before',
          ExpressionAttributeValues: { ':pk': pk, ':before': before === undefined ? undefined : `${prefix}${before}` },
          ProjectionExpression: 'SK',
          ScanIndexForward: false,
        },
        max,
      ),
    ),
  );
  const found = lists.flatMap(({ items }) => items.map(({ SK }) => String(SK).slice(prefix.length)));
  const ids = [...new Set(found)].sort().reverse();
  // A list that was cut off may hide ids below its last: it has `max` of its own, so the first `max` are right.
  return { ids: ids.slice(0, max), more: ids.length > max || lists.some(({ more }) => more) };
}
