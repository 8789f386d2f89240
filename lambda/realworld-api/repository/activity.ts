import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Tables } from './tables';
import { logWarning } from '../../core/logger';
import { isMarkDue, markExpiry } from '../../feed-fanout/timing';
import { FEED_READER } from '../../social-table/entities';
import { feedReaderKey } from '../../social-table/keys';

/** Marks of those who read their feeds: while one is there, its user's feed is filled. */
export class ActivityRepository {
  /** @param activeSeconds how long somebody who does not read their feed counts as active */
  public constructor(
    private readonly tables: Pick<Tables, 'db' | 'social'>,
    private readonly activeSeconds: number,
  ) {}

  /** Is it time to write one? Not read consistently: at worst one is written twice. */
  public async isDue(userId: string, now: number): Promise<boolean> {
    const { Item } = await this.tables.db.send(
      new GetCommand({
        TableName: this.tables.social,
        Key: feedReaderKey(userId),
        ConsistentRead: false,
        ProjectionExpression: 'expiresAt',
      }),
    );
    return isMarkDue(Item && FEED_READER.read(Item).expiresAt, now, this.activeSeconds);
  }

  /** Writes it. Where that fails, the next read does: no page is worse for it. */
  public async note(userId: string, now: number): Promise<void> {
    const expiresAt = markExpiry(now, this.activeSeconds);
    try {
      await this.tables.db.send(
        new PutCommand({ TableName: this.tables.social, Item: FEED_READER.item([userId], { userId, expiresAt }) }),
      );
    } catch (error) {
      await logWarning('activity was not noted', error);
    }
  }
}
