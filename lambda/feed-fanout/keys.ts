import { FEED_KEY_PREFIXES as PREFIX } from '../../src/feed-fanout/key-prefixes';
import type { Key } from '../core/dynamodb/items';

/** Keys of the feed table. Rows of articles sort by time, because ids do. */

/** A user's feed: a row an article. */
export const feedPk = (userId: string) => `${PREFIX.feed}${userId}`;
export const feedKey = (userId: string, articleId: string): Key => ({ PK: feedPk(userId), SK: articleId });

/** An author's own articles, as small as rows of a feed: what readers lay over the feeds of their followers. */
export const authoredPk = (authorId: string) => `${PREFIX.authored}${authorId}`;
export const authoredKey = (authorId: string, articleId: string): Key => ({
  PK: authoredPk(authorId),
  SK: articleId,
});

/** The authors of whom some articles are in nobody's feed: one list for all readers. */
export const pulledPk = () => `${PREFIX.pulled}0`;
export const pulledKey = (authorId: string): Key => ({ PK: pulledPk(), SK: authorId });

/** Says that rows of an author may be on their way out of a feed. */
export const removalsPk = (follower: string) => `${PREFIX.removals}${follower}`;
export const removalKey = (follower: string, authorId: string): Key => ({ PK: removalsPk(follower), SK: authorId });
