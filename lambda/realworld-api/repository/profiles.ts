import { toProfile } from './items';
import type { Tables } from './tables';
import { batchGet, transactWrite, TransactionRefused } from '../../core/dynamodb';
import { followerKey, followKey, profileKey } from '../../social-table/keys';
import type { Profile } from '../domain/model';

/** Profiles and who follows whom. A follow is two edges, written together: one for each side's questions. */
export class ProfileRepository {
  public constructor(private readonly tables: Tables) {}

  /** A profile, and whether the viewer follows it. */
  public async read(userId: string, viewerId?: string): Promise<{ profile: Profile; following: boolean } | undefined> {
    const { db, social } = this.tables;
    const [profile, follow] = await batchGet(db, [
      { table: social, key: { ...profileKey(userId) } },
      ...(viewerId === undefined ? [] : [{ table: social, key: { ...followKey(viewerId, userId) } }]),
    ]);
    return profile && { profile: toProfile(profile), following: follow !== undefined };
  }

  /** Idempotent: a follow that is there keeps its time. */
  public async follow(follower: string, followee: string, createdAt: string): Promise<void> {
    const TableName = this.tables.social;
    await this.once([
      {
        Put: {
          TableName,
          Item: { ...followKey(follower, followee), entityType: 'Follow', createdAt },
          ConditionExpression: 'attribute_not_exists(PK)',
        },
      },
      { Put: { TableName, Item: { ...followerKey(followee, follower), entityType: 'Follower', createdAt } } },
    ]);
  }

  /** Idempotent. */
  public async unfollow(follower: string, followee: string): Promise<void> {
    const TableName = this.tables.social;
    await this.once([
      {
        Delete: {
          TableName,
          Key: { ...followKey(follower, followee) },
          ConditionExpression: 'attribute_exists(PK)',
        },
      },
      { Delete: { TableName, Key: { ...followerKey(followee, follower) } } },
    ]);
  }

  /** A refusal means that the edges are as they should be already. */
  private async once(writes: Parameters<typeof transactWrite>[1]): Promise<void> {
    try {
      await transactWrite(this.tables.db, writes);
    } catch (error) {
      if (!(error instanceof TransactionRefused)) {
        throw error;
      }
    }
  }
}
