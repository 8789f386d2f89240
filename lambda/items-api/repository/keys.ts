/** Keys of the items table: the only place that spells them. */

import { ITEMS_KEY_PREFIXES as PREFIX } from '../../../src/items-api/key-prefixes';
import type { Key } from '../../core/dynamodb/items';
import { fold } from '../../core/folding';
import { timeOfId } from '../../core/ids';

/**
 * Partitions of an index over which the items of a category are spread, and those over which all items are. New items
 * are the busiest, and sort at one end: in one partition they would share its thousand writes a second, which no split
 * of it could help. A list asks all of them side by side.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-sharding.html
 */
const SHARDS = 4;

/** The shard of a UUID: its last byte is random in every version. */
const shardOf = (id: string) => parseInt(id.slice(-2), 16) % SHARDS;
const sharded = (begin: string) => Array.from({ length: SHARDS }, (_, shard) => `${begin}${shard}`);

/** Whatever the case of its letters. A shard follows, so that no category is the beginning of another. */
const categoryPrefix = (category: string) => `${PREFIX.item}${fold(category)}#`;

export const itemKey = (id: string): Key => ({ PK: `${PREFIX.item}${id}`, SK: 'ITEM' });
export const userKey = (id: string): Key => ({ PK: `${PREFIX.user}${id}`, SK: 'USER' });
export const emailKey = (email: string): Key => ({ PK: `${PREFIX.email}${fold(email)}`, SK: 'EMAIL' });

/** Sorts by time, and within one millisecond by id: no two are one. */
const TIME_PREFIX = 'ITEM#';
export const timeKey = (id: string) => `${TIME_PREFIX}${new Date(timeOfId(id)).toISOString()}#${id}`;
/** Sorts before all that are of this time or later. @param time milliseconds since 1970 */
export const fromTimeKey = (time: number) => `${TIME_PREFIX}${new Date(time).toISOString()}`;

/** Where GSI1 has an item: only there if it has a category. */
export const categoryIndexKey = (id: string, category: string) => ({
  GSI1PK: `${categoryPrefix(category)}${shardOf(id)}`,
  GSI1SK: timeKey(id),
});
/** Where GSI2 has an item. */
export const listIndexKey = (id: string) => ({ GSI2PK: `${PREFIX.itemList}${shardOf(id)}`, GSI2SK: timeKey(id) });

export const categoryPks = (category: string) => sharded(categoryPrefix(category));
export const listPks = () => sharded(PREFIX.itemList);

/** Where GSI1 has a user. */
export const emailIndexKey = (email: string, createdAt: string) => ({
  GSI1PK: emailIndexPk(email),
  GSI1SK: `${PREFIX.user}${createdAt}`,
});
export const emailIndexPk = (email: string) => `${PREFIX.user}${fold(email)}`;
