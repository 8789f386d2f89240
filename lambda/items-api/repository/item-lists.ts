import { toItem } from './entities';
import { categoryPks, fromTimeKey, listPks, timeKey } from './keys';
import type { Tables } from './tables';
import { queryUpTo } from '../../core/dynamodb';
import { idBelow } from '../../core/ids';
import type { Item, ItemFilter } from '../domain/model';

interface Range {
  readonly expression: string;
  readonly values: Readonly<Record<string, string>>;
}

/**
 * The sort keys from a time on and below an id, as a condition; undefined where there are none: DynamoDB refuses a
 * BETWEEN whose bounds are the wrong way round.
 *
 * @param sk name of the attribute
 */
function rangeOf(sk: string, since: number | undefined, before: string | undefined): Range | undefined {
  const low = since === undefined ? undefined : fromTimeKey(since);
  // BETWEEN takes both of its bounds in: the highest is that of the id just below.
  const high = before === undefined ? undefined : timeKey(idBelow(before));
  if (low !== undefined && high !== undefined) {
    return low <= high
      ? { expression: ` AND ${sk} BETWEEN :low AND :high`, values: { ':low': low, ':high': high } }
      : undefined;
  }
  if (low !== undefined) {
    return { expression: ` AND ${sk} >= :low`, values: { ':low': low } };
  }
  return high === undefined
    ? { expression: '', values: {} }
    : { expression: ` AND ${sk} <= :high`, values: { ':high': high } };
}

/** Lists of items, read from the indexes: they are behind the table by as long as DynamoDB takes to bring them up to it. */
export class ItemListRepository {
  public constructor(private readonly tables: Tables) {}

  public async newest(
    { category, since }: ItemFilter,
    before: string | undefined,
    max: number,
  ): Promise<readonly Item[]> {
    const [index, pks] = category === undefined ? ['GSI2', listPks()] : ['GSI1', categoryPks(category)];
    const range = rangeOf(`${index}SK`, since, before);
    if (!range) {
      return [];
    }
    const lists = await Promise.all(
      pks.map((pk) =>
        queryUpTo(
          this.tables.db,
          {
            TableName: this.tables.items,
            IndexName: index,
            // An index has no other reads.
            ConsistentRead: false,
            KeyConditionExpression: `${index}PK = :pk${range.expression}`,
            ExpressionAttributeValues: { ':pk': pk, ...range.values },
            ScanIndexForward: false,
          },
          max,
        ),
      ),
    );
    const found = lists.flatMap(({ items }) => items.map(toItem));
    // Ids sort by time. A list that was cut off has `max` of its own, so the first `max` of all are right.
    return found.sort((one, other) => (one.id < other.id ? 1 : -1)).slice(0, max);
  }
}
