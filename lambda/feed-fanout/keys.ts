import type { Key } from '../core/dynamodb/items';

/** Keys of the feed table: a partition a user, a row an article, sorted by time because ids are. */

export const feedPk = (userId: string) => `USER#${userId}`;
export const feedKey = (userId: string, articleId: string): Key => ({ PK: feedPk(userId), SK: articleId });
