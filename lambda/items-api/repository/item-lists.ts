import { toItem } from './entities';
import { categoryPks, fromTimeKey, listPks, timeKey } from './keys';
import type { Tables } from './tables';
import { type Item as Stored, queryUpTo } from '../../core/dynamodb';
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

type Rows = Awaited<ReturnType<typeof queryUpTo>>;

const idOf = ({ id }: Stored) => String(id);

/** Ids sort by time: newest first. */
const merged = (lists: readonly Rows[]) =>
  lists.flatMap(({ items }) => items).sort((one, other) => (idOf(one) < idOf(other) ? 1 : -1));

/** Lists of items, read from the indexes: they are behind the table by as long as DynamoDB takes to bring them up to it. */
export class ItemListRepository {
  public constructor(private readonly tables: Tables) {}

  /**
   * The partitions of a list are asked side by side, each for twice its share. One that has more than that of the
   * newest is asked again: its rows may go on where the others end.
   */
  public async newest(filter: ItemFilter, before: string | undefined, max: number): Promise<readonly Item[]> {
    const pks = filter.category === undefined ? listPks() : categoryPks(filter.category);
    const first = Math.min(max, 2 * Math.ceil(max / pks.length));
    const lists = await Promise.all(pks.map((pk) => this.rows(filter, pk, before, first)));
    const lowest = merged(lists)[max - 1];
    const rest = await Promise.all(
      lists.flatMap(({ items, more }, shard) => {
        const last = items[items.length - 1];
        return more && (!lowest || idOf(last) > idOf(lowest))
          ? [this.rows(filter, pks[shard], idOf(last), max - items.length)]
          : [];
      }),
    );
    return merged([...lists, ...rest])
      .slice(0, max)
      .map(toItem);
  }

  private async rows(
    { category, since }: ItemFilter,
    pk: string,
    before: string | undefined,
    max: number,
  ): Promise<Rows> {
    const index = category === undefined ? 'GSI2' : 'GSI1';
    const range = rangeOf(`${index}SK`, since, before);
    if (!range) {
      return { items: [], more: false };
    }
    return queryUpTo(
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
    );
  }
}
