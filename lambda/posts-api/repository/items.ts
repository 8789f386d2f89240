import { currentItem, isOfFirstLayout } from './first-layout';
import type { Item } from '../../core/dynamodb';
import { POST, TAG } from '../../social-table/post-entities';
import type { Post, Tag } from '../domain/model';

/** From items to the nouns of the rules. */

/** @returns undefined for a post that has yet to be migrated: its tags are not in it */
export function toPost(item: Item): Post | undefined {
  if (isOfFirstLayout(item)) {
    return undefined;
  }
  const { postId, ownerId, name, accessType, tagIds, grantsPending, createdAt, updatedAt, version } = POST.read(item);
  return { postId, ownerId, name, accessType, tagIds, grantsPending, createdAt, updatedAt, version };
}

/** @returns undefined where no converter makes sense of it */
export function toTag(item: Item): Tag | undefined {
  const current = currentItem(item);
  if (!current) {
    return undefined;
  }
  const { tagId, ownerId, name, accessType, createdAt, updatedAt, version } = TAG.read(current);
  const tag = { tagId, ownerId, name, accessType, createdAt, updatedAt, version };
  return isOfFirstLayout(item) ? { ...tag, isUnmigrated: true } : tag;
}
