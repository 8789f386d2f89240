import { DeleteCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Context } from './context';
import { isDeleting, isThere, toRecord, versionOf } from './items';
import { partitionOf, segmentRange, userKey } from './keys';
import { readUser } from './user';
import { Busy } from '../../core/busy';
import { batchWrite, deleteOf, isConditionFailure, updateOf } from '../../core/dynamodb';
import { CONTENTION, pause } from '../../core/retry';
import type { Deleted, Expected } from '../domain/model';
import { isExpected, tagOf } from '../domain/versions';

/** Versions that one call deletes: a hundred batches, which are done within the time of any function. */
export const ERASED_AT_ONCE = 2500;

/** Does it, unless the condition failed. */
async function unlessRefused(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (!isConditionFailure(error)) {
      throw error;
    }
    return false;
  }
}

/**
 * Deletes what is left of a profile that is marked: its versions, then the mark. Nobody writes it meanwhile, because a
 * write of a marked profile does this first. Whoever does the same beside this call may be done sooner, and the profile
 * made anew: so versions are only deleted where the mark is still there after they were read.
 *
 * @throws Busy where there is more than one call deletes
 */
export async function erase(context: Context, id: string): Promise<void> {
  const { db, table } = context;
  const [from, to] = segmentRange();
  let deleted = 0;
  for (;;) {
    const { Items: items = [], LastEvaluatedKey: more } = await db.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'PK = :pk AND SK BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':pk': partitionOf(id), ':from': from, ':to': to },
        ProjectionExpression: 'PK, SK',
        Limit: 500,
      }),
    );
    const user = items.length > 0 ? await readUser(context, id) : undefined;
    if (items.length > 0 && !(user && isDeleting(user))) {
      return;
    }
    await batchWrite(
      db,
      table,
      items.map(({ PK, SK }) => ({ DeleteRequest: { Key: { PK, SK } } })),
    );
    deleted += items.length;
    if (!more) {
      break;
    }
    if (deleted >= ERASED_AT_ONCE) {
      throw new Busy(`A profile has more than ${ERASED_AT_ONCE} versions to delete`);
    }
  }
  const marked = { expression: 'attribute_not_exists(PK) OR deleting = :true', values: { ':true': true } };
  await unlessRefused(db.send(new DeleteCommand(deleteOf(table, userKey(id), marked))));
}

/**
 * Marks the profile, from which moment it is not there, and deletes its versions. What is left of it where that was
 * interrupted, the next deletion or the next write of the profile deletes.
 */
export async function deleteProfile(context: Context, id: string, expected?: Expected): Promise<Deleted> {
  const { db, table, newVersion } = context;
  for (let attempt = 0; attempt < CONTENTION.attempts; attempt++) {
    const item = await readUser(context, id);
    if (!item || !(isDeleting(item) || isThere(item, context.now()))) {
      return 'not there';
    }
    if (!isDeleting(item) && !isExpected(expected, tagOf(toRecord(item, context.now())))) {
      return 'other version';
    }
    const before = { expression: 'version = :before', values: { ':before': versionOf(item) } };
    // Another version: a write that has read the profile before is refused, and looks again.
    const deleting = { set: { deleting: true, version: newVersion() } };
    const mark = new UpdateCommand(updateOf(table, userKey(id), deleting, before));
    if (isDeleting(item) || (await unlessRefused(db.send(mark)))) {
      await erase(context, id);
      return 'deleted';
    }
    await pause(attempt);
  }
  throw new Busy('A profile was written by others at every attempt');
}
