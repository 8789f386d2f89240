import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { FeedReaders } from './ports';
import {
  EXISTS,
  isConditionFailure,
  isContention,
  NOT_THERE,
  putOf,
  queryUpTo,
  transactWrite,
  TransactionRefused,
  updateOf,
  writesOn,
} from '../../core/dynamodb';
import { retry } from '../../core/retry';
import { FEED_READER } from '../../social-table/entities';
import { feedReaderKey, FOLLOW_PREFIX, followerKey, followKey, followsPk, idOf } from '../../social-table/keys';
import { feedPk } from '../keys';

/** What the repository works on. */
export interface ReaderTables {
  readonly db: DynamoDBDocumentClient;
  readonly social: string;
  readonly feed: string;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Who reads feeds, and which of their follows are dormant, in a SocialTable. */
export class ReadersRepository implements FeedReaders {
  public constructor(private readonly tables: ReaderTables) {}

  /** By its being there: DynamoDB tells of a mark that has expired as it deletes it. */
  public async isActive(userId: string): Promise<boolean> {
    const { Item } = await this.tables.db.send(
      new GetCommand({
        TableName: this.tables.social,
        Key: feedReaderKey(userId),
        ConsistentRead: true,
        ProjectionExpression: 'PK',
      }),
    );
    return Item !== undefined;
  }

  public async noteActivity(userId: string, expiresAt: number): Promise<void> {
    const item = FEED_READER.item([userId], { userId, expiresAt });
    await this.conditionally(new PutCommand(putOf(this.tables.social, item, NOT_THERE)));
  }

  public async follows(userId: string, after: string | undefined, max: number) {
    const { items, more } = await queryUpTo(
      this.tables.db,
      {
        TableName: this.tables.social,
        KeyConditionExpression: 'PK = :pk AND SK BETWEEN :after AND :end',
        ExpressionAttributeValues: {
          ':pk': followsPk(userId),
          ':after': `${FOLLOW_PREFIX}${after ?? ''}`,
          ':end': `${FOLLOW_PREFIX}~`,
        },
        ProjectionExpression: 'SK, dormant',
      },
      max,
    );
    const follows = items.map((item) => ({
      followee: idOf(String(item.SK)),
      dormant: item.dormant as string | undefined,
    }));
    return { follows: follows.filter(({ followee }) => followee !== after), more };
  }

  public async rowsByAuthor(userId: string): Promise<Map<string, string[]>> {
    const rows = new Map<string, string[]>();
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await this.tables.db.send(
        new QueryCommand({
          TableName: this.tables.feed,
          KeyConditionExpression: 'PK = :pk',
          ExpressionAttributeValues: { ':pk': feedPk(userId) },
          ProjectionExpression: 'SK, authorId',
          ConsistentRead: true,
          ExclusiveStartKey,
        }),
      );
      for (const { SK, authorId } of page.Items ?? []) {
        const known = rows.get(String(authorId));
        if (known) known.push(String(SK));
        else rows.set(String(authorId), [String(SK)]);
      }
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return rows;
  }

  public async putToRest(userId: string, followee: string, mark: string): Promise<void> {
    const { update } = writesOn(this.tables.social);
    try {
      await transactWrite(this.tables.db, {
        follow: update(
          followKey(userId, followee),
          { set: { dormant: mark }, remove: ['filledAt', 'restoredAt'] },
          { expression: 'attribute_exists(PK) AND attribute_not_exists(dormant)' },
        ),
        follower: update(followerKey(followee, userId), { set: { dormant: true } }, EXISTS),
      });
    } catch (error) {
      if (!(error instanceof TransactionRefused)) {
        throw error;
      }
    }
  }

  public async wake(userId: string, followee: string): Promise<void> {
    const key = followerKey(followee, userId);
    const changes = { set: { awakeSince: new Date(this.tables.now()).toISOString() }, remove: ['dormant'] };
    await this.conditionally(new UpdateCommand(updateOf(this.tables.social, key, changes, EXISTS)));
  }

  public endDormancy(userId: string, followee: string, mark: string, isFilled: boolean): Promise<boolean> {
    const at = this.tables.now();
    const changes = isFilled
      ? { set: { filledAt: at, restoredAt: at }, remove: ['dormant'] }
      : { set: { restoredAt: at }, remove: ['dormant', 'filledAt'] };
    return this.conditionally(
      new UpdateCommand(
        updateOf(this.tables.social, followKey(userId, followee), changes, {
          expression: 'dormant = :mark',
          values: { ':mark': mark },
        }),
      ),
    );
  }

  /** @returns false where the condition does not hold */
  private async conditionally(command: PutCommand | UpdateCommand): Promise<boolean> {
    try {
      await retry(() => this.tables.db.send(command as UpdateCommand), isContention);
      return true;
    } catch (error) {
      if (isConditionFailure(error)) {
        return false;
      }
      throw error;
    }
  }
}
