import { toTag } from './items';
import type { Tables } from './tables';
import { batchGet, type Item } from '../../core/dynamodb';
import { ALLOWED_USER, POST_GRANTS } from '../../social-table/post-entities';
import { allowedUserKey, postGrantsKey, tagKey } from '../../social-table/post-keys';
import type { Post, PostContext, Tag } from '../domain/model';

/** Tags by their ids; without those that are not there. */
export async function readTags({ db, social }: Tables, tagIds: readonly string[]): Promise<ReadonlyMap<string, Tag>> {
  const items = await batchGet(
    db,
    tagIds.map((tagId) => ({ table: social, key: tagKey(tagId) })),
  );
  return tagsOf(items);
}

const tagsOf = (items: readonly (Item | undefined)[]) =>
  new Map(items.flatMap((item) => (item && toTag(item)) ?? []).map((tag) => [tag.tagId, tag]));

/** Where what lets the viewer see a post is kept; undefined where nothing but the post says so. */
function grantKeyOf({ postId, ownerId, accessType, grantsPending }: Post, viewerId: string) {
  if (accessType !== 'allowed_user' || ownerId === viewerId) {
    return undefined;
  }
  return grantsPending ? postGrantsKey(postId) : allowedUserKey(postId, viewerId);
}

/**
 * Whether the grant is one of the post as it was read.
 *
 * Items of one BatchGetItem are not read at one moment, so a grant that was read beside its post might have been taken
 * back in the very write that changed the post. It is read after the post, and carries the version of the post that it
 * came with: no later than that of the post, it held when the post was read.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html (isolation levels)
 * @returns undefined where the post has changed since
 */
function isGranted(post: Post, viewerId: string, item: Item | undefined): boolean | undefined {
  if (!item) {
    // The list is gone as soon as all grants are made.
    return post.grantsPending ? undefined : false;
  }
  const { postVersion = 0 } = ALLOWED_USER.read(item);
  if (postVersion > post.version) {
    return undefined;
  }
  return !post.grantsPending || POST_GRANTS.read(item).userIds.includes(viewerId);
}

/** What shows posts that were read, and says whether a viewer may see them: one BatchGetItem for all of it. */
export async function readContext(
  { db, social }: Tables,
  posts: readonly Post[],
  viewerId: string,
): Promise<PostContext> {
  const tagIds = [...new Set(posts.flatMap((post) => post.tagIds))];
  const asked = posts.flatMap((post) => {
    const key = grantKeyOf(post, viewerId);
    return key ? [{ post, key }] : [];
  });
  const keys = [...tagIds.map(tagKey), ...asked.map(({ key }) => key)];
  const items = await batchGet(
    db,
    keys.map((key) => ({ table: social, key })),
  );
  const granted = new Map(posts.map((post) => [post.postId, false]));
  asked.forEach(({ post }, index) => {
    const found = isGranted(post, viewerId, items[tagIds.length + index]);
    if (found === undefined) {
      granted.delete(post.postId);
    } else {
      granted.set(post.postId, found);
    }
  });
  return { tags: tagsOf(items.slice(0, tagIds.length)), granted };
}
