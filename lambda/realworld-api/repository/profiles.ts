import { readCached } from './cached';
import { changedRow, tellChanged } from './changed';
import { toProfile } from './items';
import type { Tables } from './tables';
import {
  batchGet,
  EXISTS,
  type NamedWrites,
  NOT_THERE,
  transactWrite,
  TransactionRefused,
  writesOn,
} from '../../core/dynamodb';
import { FOLLOW, FOLLOWER } from '../../social-table/entities';
import { followerKey, followKey, profileKey } from '../../social-table/keys';
import type { Profile } from '../domain/model';
import type { Unsettled } from '../domain/settling';

/** A follow may be written so long after the time that it says, where calls are slow or tried again. */
const WRITING_MS = 5_000;
const writtenBy = (at: string) => new Date(Date.parse(at) + WRITING_MS).toISOString();

/** Profiles and who follows whom. A follow is two edges, written together: one for each side's questions. */
export class ProfileRepository {
  public constructor(private readonly tables: Tables) {}

  public async get(userId: string): Promise<Profile | undefined> {
    const [item] = await batchGet(this.tables.db, [{ table: this.tables.social, key: profileKey(userId) }]);
    return item && toProfile(item);
  }

  /** Profiles by user id, eventually consistent but for what is unsettled; those that are not there are left out. */
  public async getMany(userIds: readonly string[], { changed, viewer }: Unsettled): Promise<Map<string, Profile>> {
    const { social } = this.tables;
    const isViewer = (userId: string) => userId === viewer?.userId;
    const others = userIds.filter((userId) => !isViewer(userId));
    const items = await readCached(
      this.tables,
      others.map((userId) => ({ id: userId, table: social, key: profileKey(userId) })),
      changed,
    );
    const found = [
      ...items.flatMap((item) => (item ? [toProfile(item)] : [])),
      ...(viewer && userIds.some(isViewer) ? [viewer] : []),
    ];
    return new Map(found.map((profile) => [profile.userId, profile]));
  }

  /** A profile, and whether the viewer follows it. */
  public async read(userId: string, viewerId?: string): Promise<{ profile: Profile; following: boolean } | undefined> {
    const { db, social } = this.tables;
    const [profile, follow] = await batchGet(db, [
      { table: social, key: profileKey(userId) },
      ...(viewerId === undefined ? [] : [{ table: social, key: followKey(viewerId, userId) }]),
    ]);
    return profile && { profile: toProfile(profile), following: follow !== undefined };
  }

  public tell(id: string, at: string): Promise<void> {
    return tellChanged(this.tables, id, at);
  }

  /** Idempotent: a follow that is there keeps its time. */
  public async follow(follower: string, followee: string, createdAt: string): Promise<void> {
    const { put } = writesOn(this.tables.social);
    await this.once(follower, createdAt, {
      follow: put(FOLLOW.item([follower, followee], { createdAt }), NOT_THERE),
      follower: put(FOLLOWER.item([followee, follower], { createdAt })),
    });
  }

  /** Idempotent. @param at when it is done: ISO 8601 */
  public async unfollow(follower: string, followee: string, at: string): Promise<void> {
    const { remove } = writesOn(this.tables.social);
    await this.once(follower, at, {
      follow: remove(followKey(follower, followee), EXISTS),
      follower: remove(followerKey(followee, follower)),
    });
  }

  /**
   * With them the follower is told as changed: their own reads of whom they follow are eventually consistent but for
   * the next moments. A refusal means that the edges are as they should be already.
   */
  private async once(follower: string, at: string, writes: NamedWrites): Promise<void> {
    try {
      const told = writesOn(this.tables.social).put(changedRow(this.tables, follower, writtenBy(at)));
      await transactWrite(this.tables.db, { ...writes, told });
    } catch (error) {
      if (!(error instanceof TransactionRefused)) {
        throw error;
      }
    }
  }
}
