/**
 * The key design of SocialTable: the only place that spells a key. Repositories import from here; use cases do not.
 * The README's table of access patterns describes the same items.
 */

/** Shards of the global timeline and of every tag count; an article's shard follows from its id. */
export const TIMELINE_SHARDS = 4;
/** Shards of the tombstones; rows live for minutes, so the number may change between releases. */
export const TOMBSTONE_SHARDS = 2;
/** Shards of a followee's list of followers. */
export const FOLLOWER_SHARDS = 4;

/** Primary key of an item. */
export interface Key {
  readonly PK: string;
  readonly SK: string;
}

/** The shard of a UUID: its last byte is random in every version. */
function shardOf(id: string, count: number): number {
  return parseInt(id.slice(-2), 16) % count;
}

function shards(count: number): number[] {
  return Array.from({ length: count }, (_, shard) => shard);
}

/** Folds a name for uniqueness: `Zoë`, `ZOË` and the same in other Unicode forms are one name. */
export function fold(name: string): string {
  // Lower case may leave the normal form: once more, so that folding twice is folding once.
  return name.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/** Fits a partition key with room to spare, as it is and folded: some characters fold to eighteen, others to less. */
export const isKeyable = (name: string) =>
  name !== '' && Math.max(Buffer.byteLength(name), Buffer.byteLength(fold(name))) <= 1000;

export const ARTICLE_PREFIX = 'ARTICLE#';
export const FOLLOW_PREFIX = 'FOLLOW#';
export const FAVORITE_PREFIX = 'FAVORITE#';
export const COMMENT_PREFIX = 'COMMENT#';
export const TAG_PREFIX = 'TAG#';
/** Sorts right after every `ARTICLE#...` of its partition, so that one descending query reads it first. */
export const COUNT_SK = 'COUNT';

export const userPk = (userId: string) => `USER#${userId}`;
export const articlePk = (articleId: string) => `ARTICLE#${articleId}`;
export const tagPk = (tag: string) => `ARTICLE_TAG#${tag}`;

export const profileKey = (userId: string): Key => ({ PK: userPk(userId), SK: 'PROFILE' });
export const usernameKey = (username: string): Key => ({ PK: `USERNAME#${fold(username)}`, SK: 'GUARD' });

/** Follower to followee. */
export const followKey = (follower: string, followee: string): Key => ({
  PK: userPk(follower),
  SK: `${FOLLOW_PREFIX}${followee}`,
});
/** Followee to follower, written with the follow: what fan-out pages through. */
export const followerKey = (followee: string, follower: string): Key => ({
  PK: `FOLLOWERS#${followee}#${shardOf(follower, FOLLOWER_SHARDS)}`,
  SK: follower,
});
export const followerPks = (followee: string) =>
  shards(FOLLOWER_SHARDS).map((shard) => `FOLLOWERS#${followee}#${shard}`);

/** What lists show. It is in its author's partition: an article never changes its author. */
export const articleKey = (authorId: string, articleId: string): Key => ({
  PK: userPk(authorId),
  SK: `${ARTICLE_PREFIX}${articleId}`,
});
/** The body, with all that search needs: lists and counters never carry it. */
export const articleTextKey = (articleId: string): Key => ({ PK: articlePk(articleId), SK: 'TEXT' });
export const slugKey = (slug: string): Key => ({ PK: `SLUG#${slug}`, SK: 'GUARD' });

export const tagEdgeKey = (tag: string, articleId: string): Key => ({
  PK: tagPk(tag),
  SK: `${ARTICLE_PREFIX}${articleId}`,
});
export const timelineKey = (articleId: string): Key => ({
  PK: `TIMELINE#${shardOf(articleId, TIMELINE_SHARDS)}`,
  SK: `${ARTICLE_PREFIX}${articleId}`,
});
export const timelineCountKey = (articleId: string): Key => ({ PK: timelineKey(articleId).PK, SK: COUNT_SK });
export const timelinePks = () => shards(TIMELINE_SHARDS).map((shard) => `TIMELINE#${shard}`);

/** How many articles of one shard carry a tag; the shard is the article's, so that its deletion finds it again. */
export const tagCountKey = (tag: string, articleId: string): Key => ({
  PK: `TAGS#${shardOf(articleId, TIMELINE_SHARDS)}`,
  SK: `${TAG_PREFIX}${tag}`,
});
export const tagCountPks = () => shards(TIMELINE_SHARDS).map((shard) => `TAGS#${shard}`);

/** User to article; sorts by the article's time, because its id does. */
export const favoriteKey = (userId: string, articleId: string): Key => ({
  PK: userPk(userId),
  SK: `${FAVORITE_PREFIX}${articleId}`,
});
/** Article to user: what the clean-up of a deleted article pages through. */
export const favoritedByKey = (articleId: string, userId: string): Key => ({
  PK: articlePk(articleId),
  SK: `${FAVORITE_PREFIX}${userId}`,
});
/** Comment ids are positive safe integers: padded, they sort as numbers. */
export const commentKey = (articleId: string, commentId: number): Key => ({
  PK: articlePk(articleId),
  SK: `${COMMENT_PREFIX}${String(commentId).padStart(16, '0')}`,
});

/** Tells readers that are filled from the stream that an article is gone; read from `now - window`. */
export const tombstoneKey = (articleId: string, deletedAt: string): Key => ({
  PK: `RECENT#${shardOf(articleId, TOMBSTONE_SHARDS)}`,
  SK: `${deletedAt}#${articleId}`,
});
export const tombstonePks = () => shards(TOMBSTONE_SHARDS).map((shard) => `RECENT#${shard}`);

/** The id behind a sort key such as `ARTICLE#<id>`. */
export const idOf = (sk: string) => sk.slice(sk.indexOf('#') + 1);

/** Kinds of items, in `entityType`. */
export type EntityType =
  | 'Profile'
  | 'Username'
  | 'Follow'
  | 'Follower'
  | 'Article'
  | 'ArticleText'
  | 'Slug'
  | 'TagEdge'
  | 'TimelineEdge'
  | 'Favorite'
  | 'FavoritedBy'
  | 'Comment'
  | 'TagCount'
  | 'TimelineCount'
  | 'Tombstone';
