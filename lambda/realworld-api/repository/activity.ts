import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Tables } from './tables';
import { logWarning } from '../../core/logger';
import { isMarkDue, isReturnOver, markExpiry } from '../../feed-fanout/timing';
import { FEED_READER } from '../../social-table/entities';
import { feedReaderKey } from '../../social-table/keys';
import type { Mark } from '../domain/feed';

/** Marks of those who read their feeds: while one is there, its user's feed is filled. No page fails for one. */
export class ActivityRepository {
  /** @param activeSeconds how long somebody who does not read their feed counts as active */
  public constructor(
    private readonly tables: Pick<Tables, 'db' | 'social'>,
    private readonly activeSeconds: number,
  ) {}

  /** Not read consistently: at worst one is written twice. One that cannot be read is left to the next page. */
  public async markOf(userId: string, now: number): Promise<Mark> {
    try {
      const { Item } = await this.tables.db.send(
        new GetCommand({
          TableName: this.tables.social,
          Key: feedReaderKey(userId),
          ConsistentRead: false,
          ProjectionExpression: 'expiresAt',
        }),
      );
      if (!Item) {
        return 'none';
      }
      const { expiresAt } = FEED_READER.read(Item);
      const isDue = isMarkDue(expiresAt, now, this.activeSeconds);
      return isDue ? 'due' : isReturnOver(expiresAt, now, this.activeSeconds) ? 'old' : 'young';
    } catch (error) {
      await logWarning('activity was not read', error);
      return 'young';
    }
  }

  /**
   * Writes it, anew where the stream is to tell of it as of a first one. Where that fails, the next read does: no page is
   * worse for it. Where it was only taken away, its user counts as one who has left, until that read.
   */
  public async note(userId: string, now: number, anew: boolean): Promise<void> {
    const expiresAt = markExpiry(now, this.activeSeconds);
    const { db, social: TableName } = this.tables;
    try {
      if (anew) {
        await db.send(new DeleteCommand({ TableName, Key: feedReaderKey(userId) }));
      }
      await db.send(new PutCommand({ TableName, Item: FEED_READER.item([userId], { userId, expiresAt }) }));
    } catch (error) {
      await logWarning('activity was not noted', error);
    }
  }
}
