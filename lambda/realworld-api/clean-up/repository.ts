import { DeleteCommand, type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { ChildItemKind, CleanUpStore } from './use-case';
import { batchGet, batchWrite, deleteOf, type Key } from '../../core/dynamodb';
import { settleAuthorTags } from '../../social-table/author-tags';
import {
  articleKey,
  articleTextKey,
  authorTagKey,
  COMMENT_PREFIX,
  commentKey,
  commentsPk,
  FAVORITE_PREFIX,
  favoritedByPk,
  favoriteKey,
  idOf,
  tagEdgeKey,
  timelineKeys,
} from '../../social-table/keys';
import { removeEmptyTagCounts } from '../../social-table/tag-counts';

/** Items removed with one pass: four batches of comments, eight of favorites, which are two items each. */
const PAGE = 100;

/** The only part of the clean-up that knows keys. Every read is consistent. */
export class CleanUpRepository implements CleanUpStore {
  public constructor(
    private readonly db: DynamoDBDocumentClient,
    private readonly table: string,
    private readonly shards: number,
  ) {}

  public async articleExists(authorId: string, articleId: string): Promise<boolean> {
    const [article] = await batchGet(this.db, [{ table: this.table, key: articleKey(authorId, articleId) }]);
    return article !== undefined;
  }

  public settleAuthorTags(authorId: string, articleId: string, tags: readonly string[]): Promise<void> {
    return settleAuthorTags(this.db, this.table, { authorId, articleId }, tags);
  }

  /** Those of the timeline one by one: counts lie beside them, and a right to batches would be one to put counts. */
  public async removeEdges(authorId: string, articleId: string, tagList: readonly string[]): Promise<void> {
    const tags = [...new Set(tagList)];
    await Promise.all([
      this.remove([
        articleTextKey(articleId),
        ...tags.flatMap((tag) => [tagEdgeKey(tag, articleId), authorTagKey(authorId, tag, articleId)]),
      ]),
      ...timelineKeys(articleId, this.shards).map((key) => this.db.send(new DeleteCommand(deleteOf(this.table, key)))),
    ]);
  }

  public removeEmptyTags(tagList: readonly string[]): Promise<void> {
    return removeEmptyTagCounts(this.db, this.table, tagList, this.shards);
  }

  public async removePage(articleId: string, kind: ChildItemKind): Promise<boolean> {
    const answer = await this.db.send(
      new QueryCommand({
        TableName: this.table,
        KeyConditionExpression: 'PK = :pk AND begins_with(SK, :prefix)',
        ExpressionAttributeValues: {
          ':pk': kind === 'comments' ? commentsPk(articleId) : favoritedByPk(articleId),
          ':prefix': kind === 'comments' ? COMMENT_PREFIX : FAVORITE_PREFIX,
        },
        ProjectionExpression: 'PK, SK',
        ConsistentRead: true,
        Limit: PAGE,
      }),
    );
    const keys = (answer.Items ?? []).map((item): Key => ({ PK: String(item.PK), SK: String(item.SK) }));
    // The user's own edge first: what finds it goes last, so that a pass that breaks off is found again.
    if (kind === 'favorites') {
      await this.remove(keys.map((key) => favoriteKey(idOf(key.SK), articleId)));
    }
    await this.remove(keys);
    return keys.length > 0;
  }

  public removeComment(articleId: string, commentId: number): Promise<void> {
    return this.remove([commentKey(articleId, commentId)]);
  }

  private remove(keys: readonly Key[]): Promise<void> {
    return batchWrite(
      this.db,
      this.table,
      keys.map((key) => ({ DeleteRequest: { Key: key } })),
    );
  }
}
