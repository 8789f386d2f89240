import type { Key } from '../core/dynamodb/items';

/** Keys of the feed table. Rows of articles sort by time, because ids do. */

/** A user's feed: a row an article. */
export const feedPk = (userId: string) => `USER#${userId}`;
export const feedKey = (userId: string, articleId: string): Key => ({ PK: feedPk(userId), SK: articleId });

/** An author's own articles, as small as rows of a feed: what readers lay over the feeds of new followers. */
export const authoredPk = (authorId: string) => `AUTHOR#${authorId}`;
export const authoredKey = (authorId: string, articleId: string): Key => ({
  PK: authoredPk(authorId),
  SK: articleId,
});

/** Says that rows of an author may be on their way out of a feed. */
export const removalsPk = (follower: string) => `REMOVALS#${follower}`;
export const removalKey = (follower: string, authorId: string): Key => ({ PK: removalsPk(follower), SK: authorId });
