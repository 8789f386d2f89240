import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Tables } from './tables';
import { batchGet, batchWrite, type Key } from '../../core/dynamodb';
import { idOf } from '../../social-table/keys';
import {
  ALLOWED_USER_PREFIX,
  postKey,
  postPk,
  sharedPostKey,
  TAG_PREFIX,
  taggedPostKey,
} from '../../social-table/post-keys';
import type { PostCleanUpStore } from '../domain/grants';

/** Items removed with one pass, each with its edge. */
const PAGE = 100;

/** The edge from elsewhere that goes with an item of a post. */
function edgeOf(postId: string, { SK }: Key): Key | undefined {
  const id = idOf(SK);
  if (SK.startsWith(ALLOWED_USER_PREFIX)) {
    return sharedPostKey(id, postId);
  }
  return SK.startsWith(TAG_PREFIX) ? taggedPostKey(id, postId) : undefined;
}

/** Removes what a deleted post leaves behind. Every read is consistent. */
export class PostCleanUpRepository implements PostCleanUpStore {
  public constructor(private readonly tables: Tables) {}

  public async exists(postId: string): Promise<boolean> {
    const [post] = await batchGet(this.tables.db, [{ table: this.tables.social, key: postKey(postId) }]);
    return post !== undefined;
  }

  public async removePage(postId: string): Promise<boolean> {
    const { Items = [], LastEvaluatedKey } = await this.tables.db.send(
      new QueryCommand({
        TableName: this.tables.social,
        KeyConditionExpression: 'PK = :pk',
        ExpressionAttributeValues: { ':pk': postPk(postId) },
        ProjectionExpression: 'PK, SK',
        ConsistentRead: true,
        Limit: PAGE,
      }),
    );
    const keys = Items.map((item): Key => ({ PK: String(item.PK), SK: String(item.SK) }));
    // What finds an edge goes after it, so that a pass that breaks off is found again.
    await this.remove(keys.flatMap((key) => edgeOf(postId, key) ?? []));
    await this.remove(keys);
    return LastEvaluatedKey !== undefined;
  }

  private remove(keys: readonly Key[]): Promise<void> {
    return batchWrite(
      this.tables.db,
      this.tables.social,
      keys.map((key) => ({ DeleteRequest: { Key: key } })),
    );
  }
}
