/**
 * What happened to the social graph, as told to the consumers of a `SocialTable`'s stream. Every message is JSON with
 * `type` (the value below) and the ids listed here; `assets/social-table/messages.schema.json` of this package is their
 * JSON Schema. Messages come at least once and in any order.
 */
export enum SocialEvent {
  /** `articleId`, `authorId`, `tagList`. */
  ARTICLE_CREATED = 'article-created',
  /**
   * Title, description, tags or body changed, not a counter: `articleId`, `authorId`, `changedTags` (those that it got
   * and those that it lost).
   */
  ARTICLE_UPDATED = 'article-updated',
  /** `articleId`, `authorId`, `tagList` as it was. */
  ARTICLE_DELETED = 'article-deleted',
  /** `articleId`, `articleAuthorId`, `authorId`, `commentId` (a number). */
  COMMENT_CREATED = 'comment-created',
  /** `articleId`, `articleAuthorId`, `authorId`, `commentId` (a number). */
  COMMENT_DELETED = 'comment-deleted',
  /** `follower`, `followee`. */
  FOLLOWED = 'followed',
  /** `follower`, `followee`. */
  UNFOLLOWED = 'unfollowed',
  /** Somebody reads their feed, or begins to follow, who has not done so for a FeedFanout's `activeWithin`: `userId`. */
  FEED_READER_RETURNED = 'feed-reader-returned',
  /** Somebody has not read their feed for that long: `userId`. */
  FEED_READER_LEFT = 'feed-reader-left',
  /** `articleId`, `userId`. */
  FAVORITED = 'favorited',
  /** `articleId`, `userId`. */
  UNFAVORITED = 'unfavorited',
  /** `userId`. */
  PROFILE_CREATED = 'profile-created',
  /** `postId`, `ownerId`. */
  POST_DELETED = 'post-deleted',
  /** Who may see a post has changed by more than one transaction holds: `postId`. */
  POST_GRANTS_CHANGED = 'post-grants-changed',
  /** `tagId`, `ownerId`. */
  TAG_DELETED = 'tag-deleted',
  /** `userId`. */
  USER_DELETED = 'user-deleted',
}
