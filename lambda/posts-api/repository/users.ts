import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { newestIds } from './edges';
import { currentItem } from './first-layout';
import type { Tables } from './tables';
import {
  batchGet,
  batchWrite,
  EXISTS,
  isConditionFailure,
  isContention,
  type Item,
  type Key,
  NOT_THERE,
  putOf,
  transactWrite,
  TransactionRefused,
  updateOf,
  writesOn,
} from '../../core/dynamodb';
import { retry } from '../../core/retry';
import { idOf, profileKey } from '../../social-table/keys';
import { DELETED_USER, USER_PROFILE } from '../../social-table/post-entities';
import {
  allowedUserKey,
  deletedUserKey,
  POST_PREFIX,
  sharedPostsPk,
  TAG_PREFIX,
  userPostKey,
  userPostsPk,
  userTagKey,
  userTagsPk,
} from '../../social-table/post-keys';
import { LIMITS } from '../domain/limits';
import type { ProfileChanges, ProfileStore } from '../domain/me';
import type { Principal, Profile } from '../domain/model';
import type { UserRemains } from '../domain/users';

/**
 * How long it is remembered that a user is gone, in seconds: longer than any access token of theirs lives, so that none is
 * good again where the clean-up could not do its work.
 */
const REMEMBERED = (LIMITS.tokenDays + 30) * 24 * 3600;

/** Posts or tags that are deleted side by side, each in a transaction of its own. */
const SIDE_BY_SIDE = 10;
/** Grants removed with one pass, each with its edge. */
const PAGE = 100;

function toProfile(item: Item): Profile {
  // Of the first layout as well: it becomes a profile whatever it holds, but for its times.
  const { displayName, bio, createdAt, updatedAt } = USER_PROFILE.read(currentItem(item) ?? item);
  return { displayName, bio, createdAt, updatedAt };
}

const newProfile = (userId: string, now: string) =>
  USER_PROFILE.item([userId], { userId, createdAt: now, updatedAt: now, version: 1 });

/** Profiles, and what says that a user is gone. */
export class UserRepository implements ProfileStore {
  public constructor(private readonly tables: Tables) {}

  public async find(userId: string): Promise<Profile | undefined> {
    const { Item: item } = await this.tables.db.send(
      new GetCommand({ TableName: this.tables.social, Key: profileKey(userId), ConsistentRead: true }),
    );
    return item && toProfile(item);
  }

  public async make(userId: string, now: string): Promise<Profile | undefined> {
    const { put, check } = writesOn(this.tables.social);
    const profile = newProfile(userId, now);
    try {
      await transactWrite(this.tables.db, {
        user: check(deletedUserKey(userId), NOT_THERE),
        profile: put(profile, NOT_THERE),
      });
      return toProfile(profile);
    } catch (error) {
      if (!(error instanceof TransactionRefused)) {
        throw error;
      }
      const found = error.failed('user') ? undefined : error.item('profile');
      return found && toProfile(found);
    }
  }

  /**
   * Makes the profile of somebody who has just signed up, unless there is one.
   *
   * @param within ms after which it is given up
   */
  public async welcome(userId: string, now: string, within: number): Promise<void> {
    const put = new PutCommand(putOf(this.tables.social, newProfile(userId, now), NOT_THERE));
    try {
      await this.tables.db.send(put, { abortSignal: AbortSignal.timeout(within) });
    } catch (error) {
      if (!isConditionFailure(error)) {
        throw error;
      }
    }
  }

  public async update(userId: string, changes: ProfileChanges, now: string): Promise<Profile | undefined> {
    const { displayName, bio } = changes;
    const update = updateOf(
      this.tables.social,
      profileKey(userId),
      {
        set: { displayName: displayName ?? undefined, bio: bio ?? undefined, updatedAt: now },
        remove: Object.entries({ displayName, bio }).flatMap(([name, value]) => (value === null ? [name] : [])),
        add: { version: 1 },
      },
      EXISTS,
    );
    try {
      const send = () => this.tables.db.send(new UpdateCommand({ ...update, ReturnValues: 'ALL_NEW' }));
      const { Attributes = {} } = await retry(send, isContention);
      return toProfile(Attributes);
    } catch (error) {
      if (isConditionFailure(error)) {
        return undefined;
      }
      throw error;
    }
  }

  /** @param now in ms since 1970 */
  public async delete({ userId, username }: Principal, now: number): Promise<void> {
    const { put, remove } = writesOn(this.tables.social);
    const expiresAt = Math.ceil(now / 1000) + REMEMBERED;
    await transactWrite(this.tables.db, {
      gone: put(DELETED_USER.item([userId], { userId, username, expiresAt })),
      profile: remove(profileKey(userId)),
    });
  }
}

/** What is left of a user who is gone. Every read is consistent. */
export class UserRemainsRepository implements UserRemains {
  public constructor(private readonly tables: Tables) {}

  public async deletedUsername(userId: string): Promise<string | undefined> {
    const [item] = await batchGet(this.tables.db, [{ table: this.tables.social, key: deletedUserKey(userId) }]);
    return item && DELETED_USER.read(item).username;
  }

  public async posts(userId: string): Promise<readonly string[]> {
    return (await newestIds(this.tables, [userPostsPk(userId)], POST_PREFIX, undefined, SIDE_BY_SIDE)).ids;
  }

  public async tags(userId: string): Promise<readonly string[]> {
    return (await newestIds(this.tables, [userTagsPk(userId)], TAG_PREFIX, undefined, SIDE_BY_SIDE)).ids;
  }

  public disown(userId: string, what: { readonly postId: string } | { readonly tagId: string }): Promise<void> {
    return this.remove(['postId' in what ? userPostKey(userId, what.postId) : userTagKey(userId, what.tagId)]);
  }

  public async removeGrants(userId: string): Promise<boolean> {
    const { Items = [], LastEvaluatedKey } = await this.tables.db.send(
      new QueryCommand({
        TableName: this.tables.social,
        KeyConditionExpression: 'PK = :pk',
        ExpressionAttributeValues: { ':pk': sharedPostsPk(userId) },
        ProjectionExpression: 'PK, SK',
        ConsistentRead: true,
        Limit: PAGE,
      }),
    );
    const edges = Items.map(({ PK, SK }) => ({ PK, SK }) as Key);
    // What finds a grant goes after it, so that a pass that breaks off is found again.
    await this.remove(edges.map(({ SK }) => allowedUserKey(idOf(SK), userId)));
    await this.remove(edges);
    return LastEvaluatedKey !== undefined;
  }

  private remove(keys: readonly Key[]): Promise<void> {
    return batchWrite(
      this.tables.db,
      this.tables.social,
      keys.map((key) => ({ DeleteRequest: { Key: key } })),
    );
  }
}
