import { QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Context } from './context';
import { isThere, toRecord, toSegment } from './items';
import { partitionOf, segmentKey, segmentRange } from './keys';
import { readUser } from './user';
import { batchGet, type Item, queryUpTo } from '../../core/dynamodb';
import type { Position, Profile, ProfileRecord, Segment, TimeRange, Versions } from '../domain/model';
import { isHistoryCheaper, oldestLive } from '../domain/versions';

/** Versions of segments, newest first, of those that have not expired. */
function versionsQuery(
  { table, now }: Context,
  id: string,
  [from, to]: readonly [string, string],
  attributes?: readonly string[],
): QueryCommandInput {
  const names = attributes && Object.fromEntries(attributes.map((name) => [`#${name}`, name]));
  return {
    TableName: table,
    ConsistentRead: true,
    ScanIndexForward: false,
    KeyConditionExpression: 'PK = :pk AND SK BETWEEN :from AND :to',
    FilterExpression: 'expiresAt > :now',
    ExpressionAttributeValues: {
      ':pk': partitionOf(id),
      ':from': from,
      ':to': to,
      ':now': Math.floor(now() / 1000),
    },
    ProjectionExpression: names && Object.keys(names).join(', '),
    ExpressionAttributeNames: names,
  };
}

export async function getRecord(context: Context, id: string): Promise<ProfileRecord | undefined> {
  const item = await readUser(context, id);
  return item && isThere(item, context.now()) ? toRecord(item, context.now()) : undefined;
}

/** The latest version of each type: the profile says which those are, so that no other needs to be read. */
async function latestItems(context: Context, record: ProfileRecord): Promise<readonly (Item | undefined)[]> {
  const keys = [...record.latest].map(([type, { at }]) => segmentKey(record.id, type, at));
  if (keys.length === 0) {
    return [];
  }
  if (isHistoryCheaper(record)) {
    const { items } = await queryUpTo(
      context.db,
      versionsQuery(context, record.id, segmentRange()),
      Number.MAX_SAFE_INTEGER,
    );
    const bySortKey = new Map(items.map((item) => [String(item.SK), item]));
    return keys.map(({ SK }) => bySortKey.get(SK));
  }
  return batchGet(
    context.db,
    keys.map((key) => ({ table: context.table, key })),
  );
}

const byType = (one: Segment, other: Segment) => (one.type < other.type ? -1 : 1);

/**
 * A profile as one write has left it: which versions are the latest is in one item, and versions never change. Where some
 * are gone meanwhile they have expired, or the profile is being deleted, and then all of it is gone.
 */
export async function getProfile(context: Context, id: string): Promise<Profile | undefined> {
  const record = await getRecord(context, id);
  if (!record) {
    return undefined;
  }
  const items = await latestItems(context, record);
  if (items.includes(undefined) && (await getRecord(context, id))?.version !== record.version) {
    return getProfile(context, id);
  }
  const there = items.filter((item): item is Item => item !== undefined && isThere(item, context.now()));
  return { ...record, segments: there.map(toSegment).sort(byType) };
}

/** The latest version in a range of time, as an item. */
export async function latestItem(
  context: Context,
  id: string,
  type: string,
  { from = 0, to }: TimeRange = {},
  attributes?: readonly string[],
): Promise<Item | undefined> {
  // What has expired is not read, however much of it DynamoDB has not deleted yet.
  const first = Math.max(from, oldestLive(context.now()));
  // DynamoDB refuses a BETWEEN whose bounds are the wrong way round.
  if (to !== undefined && to < first) {
    return undefined;
  }
  const range = segmentRange(type, first, to);
  const { items } = await queryUpTo(context.db, versionsQuery(context, id, range, attributes), 1);
  return items[0];
}

/** Versions that are read at once after a page of which all have expired. */
const SKIPPED = 1000;

/** A page of versions: it ends where DynamoDB's does, at 1 MB. */
export async function getVersions(
  context: Context,
  id: string,
  { limit, after }: { limit: number; after?: Position },
  type?: string,
): Promise<Versions> {
  const oldest = oldestLive(context.now());
  // A page may be asked for when all that it would have has expired; DynamoDB refuses a start out of the range.
  if (type !== undefined && after && after.at <= oldest) {
    return { segments: [] };
  }
  const range = type === undefined ? segmentRange() : segmentRange(type, oldest);
  const segments: Segment[] = [];
  let start = after && segmentKey(id, after.type, after.at);
  let size = limit;
  do {
    const { Items: items = [], LastEvaluatedKey: more } = await context.db.send(
      new QueryCommand({ ...versionsQuery(context, id, range), Limit: size, ExclusiveStartKey: start }),
    );
    segments.push(...items.map(toSegment));
    start = more as typeof start;
    size = SKIPPED;
    // Expired ones fill pages too: none is told of that has nothing else.
  } while (start && segments.length === 0);
  const shown = segments.slice(0, limit);
  const last = shown[shown.length - 1];
  const isMore = start !== undefined || segments.length > limit;
  return { segments: shown, next: isMore && last ? { type: last.type, at: last.at } : undefined };
}
