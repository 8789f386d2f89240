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
import type { Lately, LatelySince } from '../domain/settling';

/** Changes read at least of each shard, the newest: where there are more in so short a time, the others settle first. */
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
  const rows = shards.flat();
  return {
    changed: changedIn(rows),
    deleted: new Set(
      rows.flatMap((row) => (isTombstone(row) && row.articleId !== undefined ? [String(row.articleId)] : [])),
    ),
  };
}

/** Ids of articles and users that were changed since a moment, in ms since 1970: the newest of them. */
export async function changedSince(tables: Tables, since: number): Promise<Set<string>> {
  const shards = await Promise.all(latelyPks(tables.shards).map((pk) => changesOf(tables, pk, since)));
  return changedIn(shards.flat());
}

const changedIn = (rows: readonly Item[]) =>
  new Set(rows.flatMap((row) => (isTombstone(row) ? [] : [changedIdOf(String(row.SK))])));

async function changesOf(tables: Tables, pk: string, since: number): Promise<Item[]> {
  const range = { from: changedFrom(since), to: CHANGED_END };
  return (await queryUpTo(tables.db, queryOf(tables, pk, range), CHANGES)).items;
}

async function rowsOf(tables: Tables, pk: string, since: LatelySince): Promise<Item[]> {
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
  return rows;
}

/** Where there are too many, the newest deletions count most: the stream has yet to come to them. */
async function readApart(tables: Tables, pk: string, { changed, deleted }: LatelySince): Promise<Item[]> {
  const range = { from: DELETED_START, to: deletedTo(deleted) };
  const newest = queryUpTo(tables.db, { ...queryOf(tables, pk, range), ScanIndexForward: true }, DELETIONS);
  const [{ items }, changes] = await Promise.all([newest, changesOf(tables, pk, changed)]);
  return [...items, ...changes];
}
