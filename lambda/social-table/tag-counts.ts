import { DeleteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { tagCountKey } from './keys';
import { isConditionFailure, isContention } from '../core/dynamodb';
import { retry } from '../core/retry';

/**
 * Removes the counts of those of these tags that no article of the shard has any more. A count that somebody takes up
 * again at the same moment stays: its number decides, in the write.
 */
export async function removeEmptyTagCounts(
  db: DynamoDBDocumentClient,
  table: string,
  articleId: string,
  tags: readonly string[],
): Promise<void> {
  const remove = async (tag: string) => {
    try {
      await retry(
        () =>
          db.send(
            new DeleteCommand({
              TableName: table,
              Key: tagCountKey(tag, articleId),
              ConditionExpression: 'articlesCount <= :none',
              ExpressionAttributeValues: { ':none': 0 },
            }),
          ),
        isContention,
      );
    } catch (error) {
      if (!isConditionFailure(error)) {
        throw error;
      }
    }
  };
  await Promise.all([...new Set(tags)].map(remove));
}
