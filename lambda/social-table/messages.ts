import * as z from 'zod/mini';
import type { SocialEvent } from '../../src/social-table/social-event';

/**
 * The messages that consumers of the social table get: ids alone, so that a consumer reads the rest as it is by then.
 * They come at least once and in any order. The router makes them by these schemas, consumers read them by these, and
 * the JSON Schema for consumers elsewhere is made of them.
 */

export const id = z.string().check(z.minLength(1), z.maxLength(256));

const article = { articleId: id, authorId: id };
const tags = z.array(z.string());
const taggedArticle = { ...article, tagList: tags };
const comment = { ...article, articleAuthorId: id, commentId: z.number().check(z.int(), z.positive()) };
const follow = { follower: id, followee: id };
const favorite = { articleId: id, userId: id };

const message = <Type extends string, Fields extends z.core.$ZodShape>(type: Type, fields: Fields) =>
  z.object({ type: z.literal(type), ...fields });

export const SOCIAL_MESSAGES = {
  'article-created': message('article-created', taggedArticle),
  'article-updated': message('article-updated', { ...article, changedTags: tags }),
  'article-deleted': message('article-deleted', taggedArticle),
  'comment-created': message('comment-created', comment),
  'comment-deleted': message('comment-deleted', comment),
  followed: message('followed', follow),
  unfollowed: message('unfollowed', follow),
  'feed-reader-returned': message('feed-reader-returned', { userId: id }),
  'feed-reader-left': message('feed-reader-left', { userId: id }),
  favorited: message('favorited', favorite),
  unfavorited: message('unfavorited', favorite),
  'profile-created': message('profile-created', { userId: id }),
  'post-deleted': message('post-deleted', { postId: id, ownerId: id }),
  'post-grants-changed': message('post-grants-changed', { postId: id }),
  'tag-deleted': message('tag-deleted', { tagId: id, ownerId: id }),
  'user-deleted': message('user-deleted', { userId: id }),
} satisfies Record<`${SocialEvent}`, z.ZodMiniType>;

export type SocialMessageType = keyof typeof SOCIAL_MESSAGES;
export type SocialMessage<Type extends SocialMessageType = SocialMessageType> = z.infer<(typeof SOCIAL_MESSAGES)[Type]>;
