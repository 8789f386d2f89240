import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Context } from './context';
import { blobItem, isThere, versionOf } from './items';
import { blobKey } from './keys';
import { type Condition, deleteOf, isConditionFailure, type Item, putOf, watchAttempts } from '../../core/dynamodb';
import { ITEM_BYTES, itemSize } from '../../core/dynamodb/item-size';
import type { Blob, Deleted, Expected, UpsertedBlob } from '../domain/model';

/** DynamoDB compares with no more in one list, and no header of this API's own tags has as many. */
const LISTED = 100;

const seconds = (now: number) => Math.floor(now / 1000);

/** There in this moment, and of one of these versions. */
function expectedAt(now: number, { any, versions }: Expected): Condition {
  const listed = versions.slice(0, LISTED);
  const names = listed.map((_, index) => `:v${index}`);
  // No version at all is equal to the empty text.
  const one = any ? '' : ` AND version IN (${names.join(', ') || ':none'})`;
  const none = any || names.length > 0 ? {} : { ':none': '' };
  return {
    expression: `expiresAt > :now${one}`,
    values: {
      ':now': seconds(now),
      ...(any ? {} : Object.fromEntries(listed.map((version, index) => [`:v${index}`, version]))),
      ...none,
    },
  };
}

/** The item as it was, where a condition failed. @throws the error, where it is another */
function itemOf(error: unknown): Item | undefined {
  if (!isConditionFailure(error)) {
    throw error;
  }
  return error.Item && unmarshall(error.Item);
}

/**
 * Maps instead of objects, at whatever depth: the client looks at `constructor` to tell what an object is, which is a name
 * like any other in a blob.
 */
function toMaps(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(toMaps);
  }
  return typeof value === 'object' && value !== null
    ? new Map(Object.entries(value).map(([name, inner]) => [name, toMaps(inner)]))
    : value;
}

/** In one call: what was there before is told by the write. */
export async function upsertBlob(
  { db, table, now, newVersion }: Context,
  id: string,
  data: object,
  expected?: Expected,
): Promise<UpsertedBlob> {
  const [moment, version] = [now(), newVersion()];
  const item = blobItem(id, data, version, moment);
  const bytes = itemSize(item);
  if (bytes > ITEM_BYTES) {
    return { kind: 'too large', bytes, limit: ITEM_BYTES };
  }
  const put = putOf(table, { ...item, data: toMaps(data) }, expected && expectedAt(moment, expected));
  try {
    const { Attributes: before } = await db.send(new PutCommand({ ...put, ReturnValues: 'ALL_OLD' }));
    return { kind: 'written', created: !before || !isThere(before, moment), version };
  } catch (error) {
    const there = itemOf(error);
    // An answer that was lost is a condition that fails when the SDK asks again: no other write has this version.
    const isOwn = there !== undefined && versionOf(there) === version;
    return isOwn ? { kind: 'written', created: false, version } : { kind: 'other version' };
  }
}

/** A part of a blob that is there. */
async function read({ db, table, now }: Context, id: string, part: string): Promise<Item | undefined> {
  const { Item: item } = await db.send(
    new GetCommand({
      TableName: table,
      Key: blobKey(id),
      ConsistentRead: true,
      ProjectionExpression: `${part}, #version, #expiresAt`,
      ExpressionAttributeNames: {
        '#version': 'version',
        '#expiresAt': 'expiresAt',
        ...Object.fromEntries(part.split('.').map((name) => [name, name.slice(1)])),
      },
    }),
  );
  return item && isThere(item, now()) ? item : undefined;
}

export async function getBlob(context: Context, id: string): Promise<Blob | undefined> {
  const item = await read(context, id, '#data');
  return item && { data: item.data, version: versionOf(item) };
}

export async function getRawSegments(context: Context, id: string): Promise<unknown> {
  const item = await read(context, id, '#data.#segments');
  return (item?.data as { segments?: unknown } | undefined)?.segments;
}

export async function deleteBlob({ db, table, now }: Context, id: string, expected?: Expected): Promise<Deleted> {
  const moment = now();
  const isAsked = expectedAt(moment, expected ?? { any: true, versions: [] });
  const remove = new DeleteCommand(deleteOf(table, blobKey(id), isAsked));
  const attempts = watchAttempts(remove);
  try {
    await db.send(remove);
    return 'deleted';
  } catch (error) {
    const there = itemOf(error);
    if (there) {
      return isThere(there, moment) ? 'other version' : 'not there';
    }
    return attempts.mayHaveWritten ? 'deleted' : 'not there';
  }
}
