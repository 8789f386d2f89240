import type { Item } from '../../core/dynamodb';
import { POST, TAG } from '../../social-table/post-entities';
import type { Post, Tag } from '../domain/model';

/** From items to the nouns of the rules. */

export function toPost(item: Item): Post {
  const { postId, ownerId, name, accessType, tagIds, grantsPending, createdAt, updatedAt, version } = POST.read(item);
  return { postId, ownerId, name, accessType, tagIds, grantsPending, createdAt, updatedAt, version };
}

export function toTag(item: Item): Tag {
  const { tagId, ownerId, name, accessType, createdAt, updatedAt, version } = TAG.read(item);
  return { tagId, ownerId, name, accessType, createdAt, updatedAt, version };
}
