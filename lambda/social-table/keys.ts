/**
 * The key design of SocialTable: the only place that spells a key. Repositories import from here; use cases do not.
 * How partition keys begin is declared where grants are made from it too.
 */

import { FOLLOWER_SHARDS } from './shards';
import { SOCIAL_KEY_PREFIXES as PREFIX } from '../../src/social-table/key-prefixes';
import type { Key } from '../core/dynamodb/items';
import { fold } from '../core/folding';

/** Shards of the number of all articles on each partition of the timeline, and of each author's. A write takes any of them: the sum counts. */
export const TIMELINE_COUNT_SHARDS = 8;
export const AUTHOR_COUNT_SHARDS = 8;
/** Shards of an article's favorites, once it has any: the number is also in the article. */
export const FAVORITE_COUNT_SHARDS = 16;
/**
 * The shard of a UUID: its last byte is random in every version. What everybody writes (timeline, tag counts, tombstones,
 * changes) is spread over as many partitions as the table says, a power of two that may be raised later: what is read
 * from all shards is found wherever it was written, and what is found by its key was in one of a few.
 */
function shardOf(id: string, count: number): number {
  return parseInt(id.slice(-2), 16) % count;
}

/** The shards that an id has had since there was one, the numbers of shards being powers of two. */
function shardsSinceOne(id: string, count: number): number[] {
  const counts = Array.from({ length: Math.log2(count) + 1 }, (_, power) => 2 ** power);
  return [...new Set(counts.map((once) => shardOf(id, once)))];
}

/** The shard in which a tag is counted as long as nobody is in the way. */
export function homeOf(tag: string, count: number): number {
  return Buffer.from(tag).reduce((hash, byte) => (hash * 31 + byte) % 65_521, 7) % count;
}

/** More than any count has: 2^60. */
const TOP_LEVEL = 60;

/** Of a time as a sort key has it, until the year 2286. */
const TIME_DIGITS = 13;

const shardSk = (shard: number) => String(shard).padStart(2, '0');

function shards(count: number): number[] {
  return Array.from({ length: count }, (_, shard) => shard);
}

export const ARTICLE_PREFIX = 'ARTICLE#';
export const FOLLOW_PREFIX = 'FOLLOW#';
export const FAVORITE_PREFIX = 'FAVORITE#';
export const COMMENT_PREFIX = 'COMMENT#';
const TAG_PREFIX = 'TAG#';
export const TAG_RANK_PREFIX = 'RANK#';

/** Whom a user follows. */
export const followsPk = (follower: string) => `${PREFIX.follow}${follower}`;
/** Articles of an author. */
export const articlesPk = (authorId: string) => `${PREFIX.article}${authorId}`;
/** Articles that a user has favorited. */
export const favoritesPk = (userId: string) => `${PREFIX.favorite}${userId}`;
/** Users who have favorited an article. */
export const favoritedByPk = (articleId: string) => `${PREFIX.favoritedBy}${articleId}`;
export const commentsPk = (articleId: string) => `${PREFIX.comment}${articleId}`;
export const tagPk = (tag: string) => `${PREFIX.taggedArticle}${tag}`;
/** Articles of an author that carry a tag. Ids hold no `#`: where the tag begins is certain. */
export const authorTagPk = (authorId: string, tag: string) => `${PREFIX.authorTag}${authorId}#${tag}`;

export const profileKey = (userId: string): Key => ({ PK: `${PREFIX.profile}${userId}`, SK: 'PROFILE' });
export const usernameKey = (username: string): Key => ({ PK: `${PREFIX.username}${fold(username)}`, SK: 'GUARD' });

/** Follower to followee. */
export const followKey = (follower: string, followee: string): Key => ({
  PK: followsPk(follower),
  SK: `${FOLLOW_PREFIX}${followee}`,
});
/** Followee to follower, written with the follow: what fan-out pages through. */
export const followerKey = (followee: string, follower: string): Key => ({
  PK: `${PREFIX.follower}${followee}#${shardOf(follower, FOLLOWER_SHARDS)}`,
  SK: follower,
});
export const followerPks = (followee: string) =>
  shards(FOLLOWER_SHARDS).map((shard) => `${PREFIX.follower}${followee}#${shard}`);

/** Says that a user reads their feed. */
export const feedReaderKey = (userId: string): Key => ({ PK: `${PREFIX.feedReader}${userId}`, SK: 'READER' });

/** What lists show. It is among its author's articles: an article never changes its author. */
export const articleKey = (authorId: string, articleId: string): Key => ({
  PK: articlesPk(authorId),
  SK: `${ARTICLE_PREFIX}${articleId}`,
});
/** The body, with all that search needs: lists and counters never carry it. */
export const articleTextKey = (articleId: string): Key => ({
  PK: `${PREFIX.articleText}${articleId}`,
  SK: 'TEXT',
});
export const slugKey = (slug: string): Key => ({ PK: `${PREFIX.slug}${slug}`, SK: 'GUARD' });

export const tagEdgeKey = (tag: string, articleId: string): Key => ({
  PK: tagPk(tag),
  SK: `${ARTICLE_PREFIX}${articleId}`,
});
export const authorTagKey = (authorId: string, tag: string, articleId: string): Key => ({
  PK: authorTagPk(authorId, tag),
  SK: `${ARTICLE_PREFIX}${articleId}`,
});
const timelinePk = (shard: number) => `${PREFIX.timeline}${shard}`;
export const timelineKey = (articleId: string, count: number): Key => ({
  PK: timelinePk(shardOf(articleId, count)),
  SK: `${ARTICLE_PREFIX}${articleId}`,
});
/** Where an article's row may be, which was written when there were as many shards as now, or fewer. */
export const timelineKeys = (articleId: string, count: number): Key[] =>
  shardsSinceOne(articleId, count).map((shard) => ({ PK: timelinePk(shard), SK: `${ARTICLE_PREFIX}${articleId}` }));
export const timelinePks = (count: number) => shards(count).map(timelinePk);

/**
 * How many articles there are, and how many of an author. Shards of one count share a partition: one query reads them
 * all, for one unit, and writes of different shards do not conflict. The number of all lies beside the timeline, behind the
 * newest article: one query reads both from their end.
 */
const COUNT_PREFIX = 'COUNT#';
export const timelineCountKey = (articleId: string, count: number, shard: number): Key => ({
  PK: timelinePk(shardOf(articleId, count)),
  SK: `${COUNT_PREFIX}${shardSk(shard)}`,
});
/** Behind all articles and counts. */
export const TIMELINE_END = `${COUNT_PREFIX}~`;
export const authorCountPk = (authorId: string) => `${PREFIX.authorCount}${authorId}`;
export const authorCountKey = (authorId: string, shard: number): Key => ({
  PK: authorCountPk(authorId),
  SK: shardSk(shard),
});

/** How many articles carry a tag, as far as they are counted in one shard. */
export const tagCountKey = (tag: string, shard: number): Key => ({
  PK: `${PREFIX.tagCount}${shard}`,
  SK: `${TAG_PREFIX}${tag}`,
});
/**
 * A tag with a count of 2^level or so. It lies before all counts of the shard and the highest level lies first: one
 * query reads the most used tags, and then, where there are no more of these, the others.
 */
export const tagRankKey = (tag: string, shard: number, level: number): Key => ({
  PK: `${PREFIX.tagCount}${shard}`,
  SK: `${TAG_RANK_PREFIX}${String(TOP_LEVEL - level).padStart(2, '0')}#${tag}`,
});
/** The tag and the level of a row's sort key, which `tagRankKey` made. */
export function rankOf(sk: string): { tag: string; level: number } {
  const rest = sk.slice(TAG_RANK_PREFIX.length);
  return { tag: idOf(rest), level: TOP_LEVEL - Number(rest.slice(0, rest.indexOf('#'))) };
}
export const tagCountPks = (count: number) => shards(count).map((shard) => `${PREFIX.tagCount}${shard}`);

/** User to article; sorts by the article's time, because its id does. */
export const favoriteKey = (userId: string, articleId: string): Key => ({
  PK: favoritesPk(userId),
  SK: `${FAVORITE_PREFIX}${articleId}`,
});
/** Favorites of an article that many favorite at once; like the other counts, its shards share a partition. */
export const favoriteCountPk = (articleId: string) => `${PREFIX.favoriteCount}${articleId}`;
export const favoriteCountKey = (articleId: string, shard: number): Key => ({
  PK: favoriteCountPk(articleId),
  SK: shardSk(shard),
});
/** Article to user: what the clean-up of a deleted article pages through. */
export const favoritedByKey = (articleId: string, userId: string): Key => ({
  PK: favoritedByPk(articleId),
  SK: `${FAVORITE_PREFIX}${userId}`,
});
/** Comment ids are positive safe integers: padded, they sort as numbers. */
export const commentKey = (articleId: string, commentId: number): Key => ({
  PK: commentsPk(articleId),
  SK: `${COMMENT_PREFIX}${String(commentId).padStart(16, '0')}`,
});

/**
 * What happened lately shares the partition of its shard: changes, the last one at their end, and behind them deletions,
 * the last one first. So one range has the changes of the last seconds and the deletions of the last minutes.
 */
export const latelyPks = (count: number) => shards(count).map((shard) => `${PREFIX.tombstone}${shard}`);
const CHANGED_PREFIX = 'CHANGED#';
const TOMBSTONE_PREFIX = 'DELETED#';
/** Of a time in ms since 1970: as text it sorts as the number does. */
const ascending = (time: number) => String(Math.max(0, time)).padStart(TIME_DIGITS, '0');
const descending = (time: number) => ascending(10 ** TIME_DIGITS - 1 - time);
/** From the changes since a moment, in ms since 1970. */
export const changedFrom = (since: number) => `${CHANGED_PREFIX}${ascending(since)}`;
/** Behind the changes until a moment, in ms since 1970, and before all deletions. */
export const changedTo = (until: number) => `${changedFrom(until)}~`;
/** From the deletions until a moment, in ms since 1970: those of later ones lie before. */
export const deletedFrom = (until: number) => `${TOMBSTONE_PREFIX}${descending(until)}`;
/** Up to the deletions since a moment, in ms since 1970. */
export const deletedTo = (since: number) => `${TOMBSTONE_PREFIX}${descending(since)}~`;

/** Tells readers that are filled from the stream that an article is gone. */
export const tombstoneKey = (articleId: string, deletedAt: string, count: number): Key => ({
  PK: `${PREFIX.tombstone}${shardOf(articleId, count)}`,
  SK: `${TOMBSTONE_PREFIX}${descending(Date.parse(deletedAt))}#${articleId}`,
});
/** When it was, in ms since 1970. */
export const deletedAtOf = (sk: string) =>
  10 ** TIME_DIGITS - 1 - Number(sk.slice(TOMBSTONE_PREFIX.length, TOMBSTONE_PREFIX.length + TIME_DIGITS));
export const isTombstone = ({ SK }: { readonly SK?: unknown }) => String(SK).startsWith(TOMBSTONE_PREFIX);

/** Tells readers that are filled from the stream that an article was changed. */
export const recentUpdateKey = (articleId: string, updatedAt: string, count: number): Key => ({
  PK: `${PREFIX.recentUpdate}${shardOf(articleId, count)}`,
  SK: `${updatedAt}#${articleId}`,
});
export const recentUpdatePks = (count: number) => shards(count).map((shard) => `${PREFIX.recentUpdate}${shard}`);

/** Tells readers that read eventually consistent that an article, a profile or what a user follows was changed. */
export const changedKey = (id: string, at: string, count: number): Key => ({
  PK: `${PREFIX.changed}${shardOf(id, count)}`,
  SK: `${changedFrom(Date.parse(at))}#${id}`,
});
export const changedIdOf = (sk: string) => sk.slice(sk.lastIndexOf('#') + 1);
/** When it was, in ms since 1970. */
export const changedAtOf = (sk: string) => Number(sk.slice(CHANGED_PREFIX.length, sk.lastIndexOf('#')));

/** The id behind a sort key such as `ARTICLE#<id>`. */
export const idOf = (sk: string) => sk.slice(sk.indexOf('#') + 1);
