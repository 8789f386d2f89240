import { QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { KnownLately } from './lately-memory';
import type { Tables } from './tables';
import { type Item, queryUpTo } from '../../core/dynamodb';
import {
  changedAtOf,
  changedFrom,
  changedIdOf,
  changedTo,
  deletedAtOf,
  deletedFrom,
  deletedTo,
  isTombstone,
  latelyPks,
} from '../../social-table/keys';
import { ChangeLog, type Changes, type Lately, type LatelySince, toldUntil } from '../domain/settling';

/** Changes read at most of each shard, of which some 35 are a unit: fewer than what is saved by knowing of them. */
const CHANGES = 300;
/** So many deletions are read before the changes; more are read apart, the newest first. */
const DELETIONS_BEFORE = 1_000;
/** Deletions read at most: beyond, an article that was deleted may be counted for as long as the stream is behind. */
const DELETIONS = 10_000;

interface Range {
  readonly from: string;
  readonly to: string;
}

/** What is read. Times are in ms since 1970. */
interface Asked extends LatelySince {
  /** No change says a later time, unless it is of somebody who may tell of changes and says what is not so. */
  readonly until: number;
}

interface Found {
  readonly rows: readonly Item[];
  /** That there are more changes than were read, or deletions. */
  readonly more: { readonly changes: boolean; readonly deletions?: boolean };
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
  const { deletions, ...all } = await recall(tables, since, rowsOf);
  return { changed: changeLog(all, since.changed), deleted: new Set(deletions.keys()) };
}

/**
 * What changed since a moment, in ms since 1970. Deletions are not read: users are not deleted, articles may be.
 *
 * @param max read of each shard: where there are more, anything may have changed
 */
export async function changedSince(tables: Tables, since: number, max = CHANGES): Promise<Changes> {
  const read = (of: Tables, pk: string, asked: Asked) => changesOf(of, pk, asked, max);
  return changeLog(await recall(tables, { changed: since, deleted: -Infinity }, read), since);
}

const changeLog = ({ changes, known }: Pick<KnownLately, 'changes' | 'known'>, since: number) =>
  new ChangeLog(changes, known, since);

/** Reads what has happened since what is remembered; what is kept in memory is good while the changes since are known. */
async function recall(
  tables: Tables,
  since: LatelySince,
  read: (of: Tables, pk: string, asked: Asked) => Promise<Found>,
): Promise<KnownLately> {
  const { cache } = tables;
  const wanted = { ...since, changed: since.changed - (cache?.ttlMs ?? 0) };
  const moment = cache?.moment();
  const memory = cache?.lately.recall(wanted);
  const unread = memory?.unread ?? wanted;
  const asked = { ...unread, until: Math.max(toldUntil(since.changed), unread.changed) };
  const found = knownIn(await Promise.all(latelyPks(tables.shards).map((pk) => read(tables, pk, asked))), asked);
  return memory && moment ? memory.add(found, moment) : found;
}

/**
 * A change from further ahead than clocks differ. It is passed over: nobody who writes one by the clock would leave it, and
 * whoever may write changes could otherwise keep everybody from reading what is behind, for as long as the row is there.
 * It is read once its time has come, and then it is a change as any other.
 *
 * A tombstone is not passed over, however far ahead it is: to know of a deletion costs nothing, and without it an article
 * that is gone would count. It takes a right that whoever tells of changes does not have.
 */
const isAhead = (row: Item, until: number) => !isTombstone(row) && String(row.SK) > changedTo(until);

/** What some shards tell, and from when on that is all: of one that was cut off, behind the oldest change that was read. */
function knownIn(shards: readonly Found[], { until, ...from }: Asked): KnownLately {
  const changes = new Map<string, number>();
  const deletions = new Map<string, number>();
  let { changed, deleted } = from;
  const change = (id: string, at: number) => changes.set(id, Math.max(changes.get(id) ?? 0, at));
  for (const { rows, more } of shards) {
    let oldest = Infinity;
    for (const row of rows.filter((one) => !isAhead(one, until))) {
      const sk = String(row.SK);
      if (!isTombstone(row)) {
        // A row whose time cannot be read may be of any: what it names has changed.
        const at = changedAtOf(sk) || until;
        change(changedIdOf(sk), at);
        oldest = Math.min(oldest, at);
      } else if (row.articleId !== undefined) {
        deletions.set(String(row.articleId), deletedAtOf(sk));
      } else if (deletedAtOf(sk) <= until) {
        // Put over a tombstone by somebody who may put changes alone: it says no more than that, of what the key names.
        change(changedIdOf(sk), deletedAtOf(sk));
      }
    }
    changed = more.changes ? Math.max(changed, oldest + 1) : changed;
    deleted = more.deletions ? Infinity : deleted;
  }
  return { changes, deletions, known: { changed, deleted } };
}

async function changesOf(tables: Tables, pk: string, { changed, until }: Asked, max = CHANGES): Promise<Found> {
  const range = { from: changedFrom(changed), to: changedTo(until) };
  const { items, more } = await queryUpTo(tables.db, queryOf(tables, pk, range), max);
  return { rows: items, more: { changes: more } };
}

async function rowsOf(tables: Tables, pk: string, asked: Asked): Promise<Found> {
  const query = queryOf(tables, pk, { from: changedFrom(asked.changed), to: deletedTo(asked.deleted) });
  const rows: Item[] = [];
  let cursor: QueryCommandInput['ExclusiveStartKey'];
  let deletions = 0;
  do {
    const Limit = (deletions < rows.length ? CHANGES : CHANGES + deletions) - (rows.length - deletions);
    const page = await tables.db.send(
      new QueryCommand({ ...query, ConsistentRead: true, Limit, ExclusiveStartKey: cursor }),
    );
    rows.push(...(page.Items ?? []));
    cursor = page.LastEvaluatedKey;
    deletions = rows.filter(isTombstone).length;
    if (cursor && deletions > DELETIONS_BEFORE) {
      return readApart(tables, pk, asked);
    }
    if (cursor && rows.some((row) => isAhead(row, asked.until))) {
      // All deletions lie before it.
      const changes = await changesOf(tables, pk, asked);
      return { ...changes, rows: [...rows.filter(isTombstone), ...changes.rows] };
    }
  } while (cursor && rows.length - deletions < CHANGES);
  return { rows, more: { changes: cursor !== undefined } };
}

/**
 * Where there are too many, the newest deletions count most: the stream has yet to come to them. Those from ahead of all
 * clocks are not looked for among so many: rows of somebody who may put changes could lie there without end.
 */
async function readApart(tables: Tables, pk: string, asked: Asked): Promise<Found> {
  const range = { from: deletedFrom(asked.until), to: deletedTo(asked.deleted) };
  const newest = queryUpTo(tables.db, { ...queryOf(tables, pk, range), ScanIndexForward: true }, DELETIONS);
  const [deletions, changes] = await Promise.all([newest, changesOf(tables, pk, asked)]);
  const more = { ...changes.more, deletions: deletions.more };
  return { rows: [...deletions.items, ...changes.rows], more };
}
