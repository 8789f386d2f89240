import { QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Tables } from './tables';
import { type Item, queryUpTo } from '../../core/dynamodb';
import {
  CHANGED_END,
  changedFrom,
  changedIdOf,
  DELETED_START,
  deletedTo,
  isTombstone,
  latelyPks,
} from '../../social-table/keys';
import type { Changes, Lately, LatelySince } from '../domain/settling';

/** Changes read at least of each shard: some three units. Where there are more, anything may have changed. */
const CHANGES = 100;
/** Rows asked for at first, so that some deletions do not take another call. */
const FIRST = 150;
/** So many deletions are read before the changes; more are read apart, the newest first. */
const DELETIONS_BEFORE = 1_000;
/** Deletions read at most: beyond, an article that was deleted may be counted for as long as the stream is behind. */
const DELETIONS = 10_000;

interface Range {
  readonly from: string;
  readonly to: string;
}

interface Found {
  readonly rows: readonly Item[];
  /** That there are more changes than were read. */
  readonly more: boolean;
}

/** So that who sees their own writes at once does so however many others write. */
const ANYTHING: Changes = { has: () => true };

const queryOf = ({ social }: Tables, pk: string, { from, to }: Range) => ({
  TableName: social,
  KeyConditionExpression: 'PK = :pk AND SK BETWEEN :from AND :to',
  ExpressionAttributeValues: { ':pk': pk, ':from': from, ':to': to },
  // A tombstone is what names an article beside its key: who may put changes may not put that.
  ProjectionExpression: 'SK, articleId',
  ScanIndexForward: false,
});

/**
 * What changed and was deleted since two moments, for one unit where that is nothing: one range of each shard, read from
 * its end. It has the deletions first, then the changes, the newest first.
 */
export async function latelySince(tables: Tables, since: LatelySince): Promise<Lately> {
  const shards = await Promise.all(latelyPks(tables.shards).map((pk) => rowsOf(tables, pk, since)));
  const rows = shards.flatMap((shard) => shard.rows);
  return {
    changed: changedIn(shards),
    deleted: new Set(
      rows.flatMap((row) => (isTombstone(row) && row.articleId !== undefined ? [String(row.articleId)] : [])),
    ),
  };
}

/** Ids of articles and users that were changed since a moment, in ms since 1970. */
export async function changedSince(tables: Tables, since: number): Promise<Changes> {
  return changedIn(await Promise.all(latelyPks(tables.shards).map((pk) => changesOf(tables, pk, since))));
}

const changedIn = (shards: readonly Found[]): Changes =>
  shards.some(({ more }) => more)
    ? ANYTHING
    : new Set(
        shards.flatMap(({ rows }) => rows.flatMap((row) => (isTombstone(row) ? [] : [changedIdOf(String(row.SK))]))),
      );

async function changesOf(tables: Tables, pk: string, since: number): Promise<Found> {
  const range = { from: changedFrom(since), to: CHANGED_END };
  const { items, more } = await queryUpTo(tables.db, queryOf(tables, pk, range), CHANGES);
  return { rows: items, more };
}

async function rowsOf(tables: Tables, pk: string, since: LatelySince): Promise<Found> {
  const query = queryOf(tables, pk, { from: changedFrom(since.changed), to: deletedTo(since.deleted) });
  const rows: Item[] = [];
  let cursor: QueryCommandInput['ExclusiveStartKey'];
  let deletions = 0;
  do {
    const Limit = (deletions < rows.length ? CHANGES : FIRST + deletions) - (rows.length - deletions);
    const page = await tables.db.send(
      new QueryCommand({ ...query, ConsistentRead: true, Limit, ExclusiveStartKey: cursor }),
    );
    rows.push(...(page.Items ?? []));
    cursor = page.LastEvaluatedKey;
    deletions = rows.filter(isTombstone).length;
    if (cursor && deletions > DELETIONS_BEFORE) {
      return readApart(tables, pk, since);
    }
  } while (cursor && rows.length - deletions < CHANGES);
  return { rows, more: cursor !== undefined };
}

/** Where there are too many, the newest deletions count most: the stream has yet to come to them. */
async function readApart(tables: Tables, pk: string, { changed, deleted }: LatelySince): Promise<Found> {
  const range = { from: DELETED_START, to: deletedTo(deleted) };
  const newest = queryUpTo(tables.db, { ...queryOf(tables, pk, range), ScanIndexForward: true }, DELETIONS);
  const [{ items }, changes] = await Promise.all([newest, changesOf(tables, pk, changed)]);
  return { rows: [...items, ...changes.rows], more: changes.more };
}
