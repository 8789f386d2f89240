import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { followedAmong } from './edges';
import { toComment } from './items';
import { changedSince } from './lately';
import { ProfileRepository } from './profiles';
import type { Tables } from './tables';
import {
  deleteOf,
  isConditionFailure,
  isContention,
  NOT_THERE,
  putOf,
  queryUpTo,
  watchAttempts,
} from '../../core/dynamodb';
import { COMMENT } from '../../social-table/entities';
import { COMMENT_PREFIX, commentKey, commentsPk, slugKey } from '../../social-table/keys';
import type { ArticleRef, Comment, Profile, SlugRecord } from '../domain/model';
import type { Changes, Unsettled } from '../domain/settling';

/** Commenters that a slug remembers: enough for most articles, and the record stays below 1 KB. */
const HINT_LIMIT = 15;
/** Comments that one answer carries at most, the newest. */
export const COMMENTS_LIMIT = 500;

/** Comments lie with their article, sorted by their ids, which sort by time. */
export class CommentRepository {
  private readonly profiles: ProfileRepository;

  public constructor(private readonly tables: Tables) {
    this.profiles = new ProfileRepository(tables);
  }

  /** @returns false where there is a comment of this id already */
  public async add(article: ArticleRef, comment: Comment): Promise<boolean> {
    try {
      const { articleId, authorId: articleAuthorId } = article;
      const item = COMMENT.item([articleId, comment.commentId], { articleId, articleAuthorId, ...comment });
      await this.tables.db.send(new PutCommand(putOf(this.tables.social, item, NOT_THERE)));
      return true;
    } catch (error) {
      if (isConditionFailure(error)) {
        // Where the answer to a write was lost, the SDK writes again and meets its own.
        const stored = error.Item && toComment(unmarshall(error.Item));
        return (['authorId', 'createdAt', 'body'] as const).every((name) => stored?.[name] === comment[name]);
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
          Key: slugKey(record.slug),
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

  public changedSince(since: number): Promise<Changes> {
    return changedSince(this.tables, since);
  }

  /** Newest first, with their authors and which of these the viewer follows. */
  public async list(record: SlugRecord, unsettled: Unsettled) {
    const [{ items }, hinted, follows] = await Promise.all([
      queryUpTo(
        this.tables.db,
        {
          TableName: this.tables.social,
          KeyConditionExpression: 'PK = :pk AND begins_with(SK, :prefix)',
          ExpressionAttributeValues: { ':pk': commentsPk(record.articleId), ':prefix': COMMENT_PREFIX },
          ScanIndexForward: false,
        },
        COMMENTS_LIMIT,
      ),
      this.profiles.getMany(record.commenterIds, unsettled),
      this.follows(unsettled, record.commenterIds),
    ]);
    const comments = items.map(toComment);
    const unknown = [...new Set(comments.map((comment) => comment.authorId))].filter((id) => !hinted.has(id));
    const [others, moreFollows] = await Promise.all([
      this.profiles.getMany(unknown, unsettled),
      this.follows(unsettled, unknown),
    ]);
    return {
      comments,
      authors: new Map<string, Profile>([...hinted, ...others]),
      following: new Set<string>([...follows, ...moreFollows]),
    };
  }

  /** @returns what stood in the way of its author's deleting it */
  public async delete(articleId: string, commentId: number, authorId: string): Promise<'done' | 'gone' | 'not-own'> {
    const remove = new DeleteCommand(
      deleteOf(this.tables.social, commentKey(articleId, commentId), {
        expression: 'authorId = :author',
        values: { ':author': authorId },
      }),
    );
    const attempts = watchAttempts(remove);
    try {
      await this.tables.db.send(remove);
      return 'done';
    } catch (error) {
      if (isConditionFailure(error)) {
        if (error.Item) {
          return 'not-own';
        }
        // It may have been there until an attempt whose answer was lost: gone it is, as was asked.
        return attempts.mayHaveWritten ? 'done' : 'gone';
      }
      throw error;
    }
  }

  private async follows({ viewer, changed }: Unsettled, userIds: readonly string[]): Promise<Set<string>> {
    return viewer
      ? followedAmong(this.tables, viewer.userId, userIds, { consistent: changed.has(viewer.userId) })
      : new Set();
  }
}
