import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { followedAmong } from './edges';
import { toComment, toProfile } from './items';
import type { Tables } from './tables';
import { batchGet, isConditionFailure, isContention, queryUpTo } from '../../core/dynamodb';
import { articlePk, COMMENT_PREFIX, commentKey, profileKey, slugKey } from '../../social-table/keys';
import type { ArticleRef, Comment, Profile, SlugRecord } from '../domain/model';

/** Commenters that a slug remembers: enough for most articles, and the record stays below 1 KB. */
const HINT_LIMIT = 15;
/** Comments that one answer carries at most, the newest. */
export const COMMENTS_LIMIT = 500;

/** Comments lie with their article, sorted by their ids, which sort by time. */
export class CommentRepository {
  public constructor(private readonly tables: Tables) {}

  /** @returns false where there is a comment of this id already */
  public async add(article: ArticleRef, comment: Comment): Promise<boolean> {
    try {
      await this.tables.db.send(
        new PutCommand({
          TableName: this.tables.social,
          Item: {
            ...commentKey(article.articleId, comment.commentId),
            entityType: 'Comment',
            articleId: article.articleId,
            articleAuthorId: article.authorId,
            ...comment,
          },
          ConditionExpression: 'attribute_not_exists(PK)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return true;
    } catch (error) {
      if (isConditionFailure(error)) {
        // Where the answer to a write was lost, the SDK writes again and meets its own.
        const stored = error.Item as Record<string, { S?: string } | undefined> | undefined;
        return (['authorId', 'createdAt', 'body'] as const).every((name) => stored?.[name]?.S === comment[name]);
      }
      throw error;
    }
  }

  /**
   * Lets the slug remember a commenter, so that their profile can be read beside the comments. Only a hint: where it
   * is refused or in somebody's way, the list takes one more call.
   */
  public async remember(record: SlugRecord, userId: string): Promise<void> {
    if (record.commenterIds.includes(userId) || record.commenterIds.length >= HINT_LIMIT) {
      return;
    }
    try {
      await this.tables.db.send(
        new UpdateCommand({
          TableName: this.tables.social,
          Key: { ...slugKey(record.slug) },
          UpdateExpression: 'ADD commenterIds :user',
          ConditionExpression:
            'articleId = :id AND (attribute_not_exists(commenterIds) OR size(commenterIds) < :limit)',
          ExpressionAttributeValues: {
            ':user': new Set([userId]),
            ':id': record.articleId,
            ':limit': HINT_LIMIT,
          },
        }),
      );
    } catch (error) {
      if (!isConditionFailure(error) && !isContention(error)) {
        throw error;
      }
    }
  }

  /** Newest first, with their authors and which of these the viewer follows. */
  public async list(record: SlugRecord, viewerId: string | undefined) {
    const [{ items }, hinted, follows] = await Promise.all([
      queryUpTo(
        this.tables.db,
        {
          TableName: this.tables.social,
          KeyConditionExpression: 'PK = :pk AND begins_with(SK, :prefix)',
          ExpressionAttributeValues: { ':pk': articlePk(record.articleId), ':prefix': COMMENT_PREFIX },
          ScanIndexForward: false,
        },
        COMMENTS_LIMIT,
      ),
      this.authors(record.commenterIds),
      this.follows(viewerId, record.commenterIds),
    ]);
    const comments = items.map(toComment);
    const unknown = [...new Set(comments.map((comment) => comment.authorId))].filter((id) => !hinted.has(id));
    const [others, moreFollows] = await Promise.all([this.authors(unknown), this.follows(viewerId, unknown)]);
    return {
      comments,
      authors: new Map<string, Profile>([...hinted, ...others]),
      following: new Set<string>([...follows, ...moreFollows]),
    };
  }

  /** @returns what stood in the way of its author's deleting it */
  public async delete(articleId: string, commentId: number, authorId: string): Promise<'done' | 'gone' | 'not-own'> {
    try {
      await this.tables.db.send(
        new DeleteCommand({
          TableName: this.tables.social,
          Key: { ...commentKey(articleId, commentId) },
          ConditionExpression: 'authorId = :author',
          ExpressionAttributeValues: { ':author': authorId },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return 'done';
    } catch (error) {
      if (isConditionFailure(error)) {
        if (error.Item) {
          return 'not-own';
        }
        // Tried again after a lost answer: the first try has deleted it.
        return (error.$metadata?.attempts ?? 1) > 1 ? 'done' : 'gone';
      }
      throw error;
    }
  }

  private async authors(userIds: readonly string[]): Promise<Map<string, Profile>> {
    const items = await batchGet(
      this.tables.db,
      userIds.map((id) => ({ table: this.tables.social, key: { ...profileKey(id) } })),
    );
    return new Map(items.flatMap((item) => (item ? [[String(item.userId), toProfile(item)] as const] : [])));
  }

  private async follows(viewerId: string | undefined, userIds: readonly string[]): Promise<Set<string>> {
    return viewerId === undefined ? new Set() : followedAmong(this.tables, viewerId, userIds);
  }
}
