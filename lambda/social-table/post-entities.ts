import { profileKey } from './keys';
import {
  allowedUserKey,
  deletedUserKey,
  postContentKey,
  postGrantsKey,
  postKey,
  postTagKey,
  publicPostKey,
  publicTagKey,
  sharedPostKey,
  taggedPostKey,
  tagKey,
  userPostKey,
  userTagKey,
} from './post-keys';
import { entity } from '../core/dynamodb/entity';

/** The kinds of items of posts, and what each holds. Times are ISO 8601 with milliseconds, UTC. */

/** Of what `POST` holds; items of a lower one are read and migrated by converters. */
export const POST_SCHEMA_VERSION = 2;

export interface PostItem {
  readonly postId: string;
  readonly ownerId: string;
  readonly name: string;
  readonly accessType: 'private' | 'public' | 'allowed_user';
  /** In the order of the author. */
  readonly tagIds: readonly string[];
  /** There while grants are being made what the item `PostGrants` says: until then, that list holds. */
  readonly grantsPending?: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Moves by one with every write. */
  readonly version: number;
  /** The version that came with the content: a content of another one was read a moment before, or after. */
  readonly contentVersion?: number;
  readonly schemaVersion: number;
}
/** Written in one transaction with the post, which had this version from then on. */
interface OfPost {
  readonly postVersion?: number;
}
/** What lists show of a post, and what every look at it is authorised by. */
export const POST = entity<PostItem>()('Post', postKey);
/** Apart, because lists never read it. */
export const POST_CONTENT = entity<OfPost & { readonly content: string }>()('PostContent', postContentKey);
/** Who is to see a post: there while `grantsPending`. */
export const POST_GRANTS = entity<OfPost & { readonly postId: string; readonly userIds: readonly string[] }>()(
  'PostGrants',
  postGrantsKey,
);
export const ALLOWED_USER = entity<OfPost>()('AllowedUser', allowedUserKey);
export const POST_TAG = entity<object>()('PostTag', postTagKey);

export const USER_POST = entity<object>()('UserPost', userPostKey);
/** There while the post is public. */
export const PUBLIC_POST = entity<object>()('PublicPost', publicPostKey);
export const SHARED_POST = entity<object>()('SharedPost', sharedPostKey);
export const TAGGED_POST = entity<object>()('TaggedPost', taggedPostKey);

export interface TagItem {
  readonly tagId: string;
  readonly ownerId: string;
  readonly name: string;
  readonly accessType: 'private' | 'public';
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Moves by one with every write. */
  readonly version: number;
}
export const TAG = entity<TagItem>()('Tag', tagKey);
export const USER_TAG = entity<object>()('UserTag', userTagKey);
/** There while the tag is public. */
export const PUBLIC_TAG = entity<object>()('PublicTag', publicTagKey);

export interface UserProfileItem {
  readonly userId: string;
  readonly displayName?: string;
  readonly bio?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Moves by one with every write. */
  readonly version: number;
}
/** A user who signs in with Cognito. E-mails stay there: what is streamed is also exported and indexed. */
export const USER_PROFILE = entity<UserProfileItem>()('UserProfile', profileKey);

export interface DeletedUserItem {
  readonly userId: string;
  /** In the user pool. */
  readonly username: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}
export const DELETED_USER = entity<DeletedUserItem>()('DeletedUser', deletedUserKey);
