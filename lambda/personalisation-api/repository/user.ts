import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Context } from './context';
import { userKey } from './keys';
import type { Item } from '../../core/dynamodb';

/** The profile as it is kept: also one that has expired, or is being deleted. */
export async function readUser({ db, table }: Context, id: string): Promise<Item | undefined> {
  const { Item: item } = await db.send(new GetCommand({ TableName: table, Key: userKey(id), ConsistentRead: true }));
  return item;
}
