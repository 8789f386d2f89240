import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Tables } from './tables';
import { type Item, putOf, queryUpTo } from '../../core/dynamodb';
import { CHANGED } from '../../social-table/entities';
import { changedPks, idOf } from '../../social-table/keys';

/** Changes read at most of each shard, the newest: where there are more in so short a time, the others settle first. */
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

/** Ids of articles and users that were changed since a moment, in ms since 1970: the newest of them. */
export async function changedSince(tables: Tables, since: number): Promise<Set<string>> {
  const rows = await Promise.all(
    changedPks(tables.shards).map((pk) =>
      queryUpTo(
        tables.db,
        {
          TableName: tables.social,
          KeyConditionExpression: 'PK = :pk AND SK >= :since',
          ExpressionAttributeValues: { ':pk': pk, ':since': new Date(since).toISOString() },
          ScanIndexForward: false,
        },
        LIMIT,
      ),
    ),
  );
  return new Set(rows.flatMap(({ items }) => items.map(({ SK }) => idOf(String(SK)))));
}
