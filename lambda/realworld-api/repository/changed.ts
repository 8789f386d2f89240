import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Tables } from './tables';
import { type Item, putOf, queryUpTo } from '../../core/dynamodb';
import { CHANGED } from '../../social-table/entities';
import { changedPks, idOf } from '../../social-table/keys';
import type { Changes } from '../domain/settling';

/** Changes read at most of each shard: some three units. */
const LIMIT = 100;
/** Readers look back seconds; after this a row may be removed by its expiry, in seconds. */
const ROW_LIFE = 600;

/**
 * A row that tells of a change of an article's card or a profile, for readers that read these eventually consistent. It
 * must be there when the change's request is answered; where it is without a change, a read costs half a unit more.
 *
 * @param at when it is written: ISO 8601
 */
export const changedRow = ({ shards }: Tables, id: string, at: string): Item =>
  CHANGED.item([id, at, shards], { expiresAt: Math.floor(Date.parse(at) / 1000) + ROW_LIFE });

export async function tellChanged(tables: Tables, id: string, at: string): Promise<void> {
  await tables.db.send(new PutCommand(putOf(tables.social, changedRow(tables, id, at))));
}

/** Where there are more changes than are read: who sees their own writes at once does so however many others write. */
const ANYTHING: Changes = { has: () => true };

/** Ids of articles and users that were changed since a moment, in ms since 1970. */
export async function changedSince(tables: Tables, since: number): Promise<Changes> {
  const rows = await Promise.all(
    changedPks(tables.shards).map((pk) =>
      queryUpTo(
        tables.db,
        {
          TableName: tables.social,
          KeyConditionExpression: 'PK = :pk AND SK >= :since',
          ExpressionAttributeValues: { ':pk': pk, ':since': new Date(since).toISOString() },
        },
        LIMIT,
      ),
    ),
  );
  if (rows.some(({ more }) => more)) {
    return ANYTHING;
  }
  return new Set(rows.flatMap(({ items }) => items.map(({ SK }) => idOf(String(SK)))));
}
