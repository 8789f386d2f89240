import { type Condition, type NamedWrites, type TableWrites, type Write, writesOn } from '../../core/dynamodb';
import { ALLOWED_USER, POST_GRANTS, POST_TAG, SHARED_POST, TAGGED_POST } from '../../social-table/post-entities';
import { allowedUserKey, postTagKey, sharedPostKey, taggedPostKey, tagKey } from '../../social-table/post-keys';
import type { Post } from '../domain/model';

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const TRANSACTION_ITEMS = 100;

const named = (entries: readonly (readonly [string, Write])[]): NamedWrites => Object.fromEntries(entries);

/** Whether writes fit one transaction. */
export const fit = (writes: NamedWrites) =>
  Object.values(writes).filter((write) => write !== undefined).length <= TRANSACTION_ITEMS;

/** Of a post that is still as it was read: every write moves the version. */
export const isUnchanged = ({ version }: Post): Condition => ({
  expression: 'version = :version',
  values: { ':version': version },
});

/** What one list has and the other has not. */
export const without = (list: readonly string[], other: readonly string[]): string[] => {
  const known = new Set(other);
  return list.filter((element) => !known.has(element));
};

/** Writes of a post's edges and grants, in both directions: two items each. */
export class PostWrites {
  public readonly table: TableWrites;

  public constructor(table: string) {
    this.table = writesOn(table);
  }

  /** Each with the check that the tag is there and may be used: no edge can come after the clean-up of its tag. */
  public addTags({ postId, ownerId }: Pick<Post, 'postId' | 'ownerId'>, tagIds: readonly string[]): NamedWrites {
    const { put, check } = this.table;
    return named(
      tagIds.flatMap((tagId) => [
        [
          `tag ${tagId}`,
          check(tagKey(tagId), {
            expression: 'attribute_exists(PK) AND (accessType = :public OR ownerId = :owner)',
            values: { ':public': 'public', ':owner': ownerId },
          }),
        ],
        [`tag of post ${tagId}`, put(POST_TAG.item([postId, tagId], {}))],
        [`post of tag ${tagId}`, put(TAGGED_POST.item([tagId, postId], {}))],
      ]),
    );
  }

  public dropTags(postId: string, tagIds: readonly string[]): NamedWrites {
    const { remove } = this.table;
    return named(
      tagIds.flatMap((tagId) => [
        [`tag of post ${tagId}`, remove(postTagKey(postId, tagId))],
        [`post of tag ${tagId}`, remove(taggedPostKey(tagId, postId))],
      ]),
    );
  }

  /** @param postVersion of the post from this write on */
  public grant(postId: string, userIds: readonly string[], postVersion: number): NamedWrites {
    const { put } = this.table;
    return named(
      userIds.flatMap((userId) => [
        [`grant ${userId}`, put(ALLOWED_USER.item([postId, userId], { postVersion }))],
        [`shared post ${userId}`, put(SHARED_POST.item([userId, postId], {}))],
      ]),
    );
  }

  public revoke(postId: string, userIds: readonly string[]): NamedWrites {
    const { remove } = this.table;
    return named(
      userIds.flatMap((userId) => [
        [`grant ${userId}`, remove(allowedUserKey(postId, userId))],
        [`shared post ${userId}`, remove(sharedPostKey(userId, postId))],
      ]),
    );
  }

  /** The list that says from now on who may see the post, until it is worked off. */
  public wantGrants(postId: string, userIds: readonly string[], postVersion: number): NamedWrites {
    return { wanted: this.table.put(POST_GRANTS.item([postId], { postId, userIds, postVersion })) };
  }
}
