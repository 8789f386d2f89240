import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { FeedReaders } from './ports';
import {
  EXISTS,
  isConditionFailure,
  isContention,
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
  public async activeUntil(userId: string): Promise<number | undefined> {
    const { Item } = await this.tables.db.send(
      new GetCommand({
        TableName: this.tables.social,
        Key: feedReaderKey(userId),
        ConsistentRead: true,
        ProjectionExpression: 'expiresAt',
      }),
    );
    return Item && FEED_READER.read(Item).expiresAt;
  }

  public async noteActivity(userId: string, expiresAt: number): Promise<void> {
    const Item = FEED_READER.item([userId], { userId, expiresAt });
    await this.tables.db.send(new PutCommand({ TableName: this.tables.social, Item }));
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

  public async newestRows(userId: string, max: number): Promise<Set<string>> {
    const { items } = await queryUpTo(
      this.tables.db,
      {
        TableName: this.tables.feed,
        KeyConditionExpression: 'PK = :pk',
        ExpressionAttributeValues: { ':pk': feedPk(userId) },
        ProjectionExpression: 'SK',
        ScanIndexForward: false,
      },
      max,
    );
    return new Set(items.map(({ SK }) => String(SK)));
  }

  public async putToRest(userId: string, followee: string, mark: string): Promise<void> {
    const { update } = writesOn(this.tables.social);
    try {
      await transactWrite(this.tables.db, {
        // Where it is dormant already, its mark becomes another: what was begun to end it must not end this.
        follow: update(
          followKey(userId, followee),
          { set: { dormant: mark }, remove: ['filledAt', 'restoredAt'] },
          EXISTS,
        ),
        follower: update(
          followerKey(followee, userId),
          { set: { dormant: true } },
          { expression: 'attribute_exists(PK) AND attribute_not_exists(dormant)' },
        ),
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
  private async conditionally(command: UpdateCommand): Promise<boolean> {
    try {
      await retry(() => this.tables.db.send(command), isContention);
      return true;
    } catch (error) {
      if (isConditionFailure(error)) {
        return false;
      }
      throw error;
    }
  }
}
