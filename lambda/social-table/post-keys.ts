/** Keys of posts, their tags and their readers in a SocialTable: like `keys.ts`, the only place that spells them. */

import { SOCIAL_KEY_PREFIXES as PREFIX } from '../../src/social-table/key-prefixes';
import type { Key } from '../core/dynamodb/items';

/** Shards of the list of all public posts, and of that of all public tags; an entry's shard follows from its id. */
const PUBLIC_SHARDS = 4;

/** The shard of a UUID: its last byte is random in every version. */
const shardOf = (id: string) => parseInt(id.slice(-2), 16) % PUBLIC_SHARDS;
const sharded = (prefix: string) => Array.from({ length: PUBLIC_SHARDS }, (_, shard) => `${prefix}${shard}`);

/** Begins the sort key of an edge to a post; ids are UUIDv7, so that edges sort by the time of the post. */
export const POST_PREFIX = 'POST#';
export const TAG_PREFIX = 'TAG#';
export const ALLOWED_USER_PREFIX = 'ALLOWED_USER#';

/** A post with all that belongs to it alone: content, grants, tags. */
export const postPk = (postId: string) => `${PREFIX.post}${postId}`;
export const userPostsPk = (userId: string) => `${PREFIX.userPost}${userId}`;
export const sharedPostsPk = (userId: string) => `${PREFIX.sharedPost}${userId}`;
export const taggedPostsPk = (tagId: string) => `${PREFIX.taggedPost}${tagId}`;
export const publicPostPks = () => sharded(PREFIX.publicPost);
export const userTagsPk = (userId: string) => `${PREFIX.userTag}${userId}`;
export const publicTagPks = () => sharded(PREFIX.publicTag);

const toPost = (PK: string, postId: string): Key => ({ PK, SK: `${POST_PREFIX}${postId}` });
const toTag = (PK: string, tagId: string): Key => ({ PK, SK: `${TAG_PREFIX}${tagId}` });

/** What lists show of a post, and what says who may see it. */
export const postKey = (postId: string): Key => ({ PK: postPk(postId), SK: 'DETAILS' });
export const postContentKey = (postId: string): Key => ({ PK: postPk(postId), SK: 'CONTENT' });
/** While a change of grants is worked off: the list that holds. */
export const postGrantsKey = (postId: string): Key => ({ PK: postPk(postId), SK: 'GRANTS' });
export const allowedUserKey = (postId: string, userId: string): Key => ({
  PK: postPk(postId),
  SK: `${ALLOWED_USER_PREFIX}${userId}`,
});
export const postTagKey = (postId: string, tagId: string): Key => toTag(postPk(postId), tagId);

export const userPostKey = (userId: string, postId: string): Key => toPost(userPostsPk(userId), postId);
export const publicPostKey = (postId: string): Key => toPost(`${PREFIX.publicPost}${shardOf(postId)}`, postId);
/** User to a post that they are allowed to see: written with the grant. */
export const sharedPostKey = (userId: string, postId: string): Key => toPost(sharedPostsPk(userId), postId);
/** Tag to post: what lists of a tag and its deletion page through. */
export const taggedPostKey = (tagId: string, postId: string): Key => toPost(taggedPostsPk(tagId), postId);

/** A tag that has an owner; not the words that articles carry. */
export const tagKey = (tagId: string): Key => ({ PK: `${PREFIX.tag}${tagId}`, SK: 'DETAILS' });
export const userTagKey = (userId: string, tagId: string): Key => toTag(userTagsPk(userId), tagId);
export const publicTagKey = (tagId: string): Key => toTag(`${PREFIX.publicTag}${shardOf(tagId)}`, tagId);

/** Says that a user is gone, until nothing of theirs can be under way any more. */
export const deletedUserKey = (userId: string): Key => ({ PK: `${PREFIX.deletedUser}${userId}`, SK: 'DELETED' });
