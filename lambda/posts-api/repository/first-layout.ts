import type { Tables } from './tables';
import { type Item, type Key, queryUpTo, relatedOf, Unconvertible, upToDate } from '../../core/dynamodb';
import { VERSIONED_KINDS } from '../../social-table/post-converters';

/**
 * Posts, tags and profiles that the table's migration has yet to come to, as they are after it: they are found by their
 * ids. Lists are found by edges, which the migration makes.
 */

/** Whether an item is of the layout that had no kinds yet. */
export const isOfFirstLayout = ({ entityType }: Item): boolean => entityType === undefined;

const keyOf = ({ PK, SK }: Item): Key => ({ PK: String(PK), SK: String(SK) });

/** More than belong to one item. */
const ALL = 10_000;

/** What items become, by key; nothing where no converter makes sense of them. */
function converted(items: readonly Item[]): (key: Key) => Item | undefined {
  try {
    return upToDate(VERSIONED_KINDS, items);
  } catch (error) {
    if (error instanceof Unconvertible) {
      return () => undefined;
    }
    throw error;
  }
}

/** An item of now, whichever it was; undefined where no converter makes sense of it. */
export const currentItem = (item: Item): Item | undefined =>
  isOfFirstLayout(item) ? converted([item])(keyOf(item)) : item;

/** What an item of the first layout becomes, by key; what a converter needs to see besides is read. */
export async function becomes({ db, social }: Tables, item: Item): Promise<(key: Key) => Item | undefined> {
  const wanted = relatedOf(VERSIONED_KINDS, item);
  const related = wanted && {
    TableName: social,
    KeyConditionExpression: 'PK = :pk AND begins_with(SK, :prefix)',
    ExpressionAttributeValues: { ':pk': wanted.pk, ':prefix': wanted.prefix },
  };
  return converted([item, ...(related ? (await queryUpTo(db, related, ALL)).items : [])]);
}
