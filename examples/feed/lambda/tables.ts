import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { BY_FOLLOWER } from '../contract';

/** A post. Its id is a UUIDv7: it sorts by time, and is the time in feeds. */
export interface Post {
  readonly id: string;
  readonly author: string;
  readonly text: string;
}

export const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const [posts, follows] = [process.env.POSTS_TABLE_NAME ?? '', process.env.FOLLOWS_TABLE_NAME ?? ''];

export async function putPost(post: Post): Promise<void> {
  // No condition: the SDK sends it again where an answer is lost, and the id is nobody else's.
  await client.send(new PutCommand({ TableName: posts, Item: post }));
}

export async function deletePost(author: string, id: string): Promise<void> {
  await client.send(new DeleteCommand({ TableName: posts, Key: { author, id } }));
}

export async function putFollow(follower: string, followee: string): Promise<void> {
  await client.send(new PutCommand({ TableName: follows, Item: { followee, follower } }));
}

export async function deleteFollow(follower: string, followee: string): Promise<void> {
  await client.send(new DeleteCommand({ TableName: follows, Key: { followee, follower } }));
}

/** Whom a user follows. */
export async function followsOf(follower: string): Promise<string[]> {
  const followees: string[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: follows,
        IndexName: BY_FOLLOWER,
        KeyConditionExpression: 'follower = :follower',
        ExpressionAttributeValues: { ':follower': follower },
        ProjectionExpression: 'followee',
        ExclusiveStartKey,
      }),
    );
    followees.push(...Items.map(({ followee }) => String(followee)));
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return followees;
}

/** Up to 100 posts, in this order; undefined for each that is gone. */
export async function postsOf(items: readonly { readonly id: string; readonly authorId: string }[]) {
  const found = new Map<string, Post>();
  let Keys: Record<string, unknown>[] = items.map(({ id, authorId }) => ({ author: authorId, id }));
  while (Keys.length > 0) {
    const { Responses = {}, UnprocessedKeys } = await client.send(
      new BatchGetCommand({ RequestItems: { [posts]: { Keys } } }),
    );
    (Responses[posts] ?? []).forEach((post) => found.set(String(post.id), post as Post));
    Keys = UnprocessedKeys?.[posts]?.Keys ?? [];
  }
  return items.map(({ id }) => found.get(id));
}
