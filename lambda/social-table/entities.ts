import {
  articleKey,
  articleTextKey,
  authorCountKey,
  authorTagKey,
  changedKey,
  commentKey,
  favoriteCountKey,
  favoritedByKey,
  favoriteKey,
  feedReaderKey,
  followerKey,
  followKey,
  profileKey,
  recentUpdateKey,
  slugKey,
  tagCountKey,
  tagEdgeKey,
  tagRankKey,
  timelineCountKey,
  timelineKey,
  tombstoneKey,
  usernameKey,
} from './keys';
import { entity } from '../core/dynamodb/entity';

/** The kinds of items in a SocialTable and what each holds. Times are ISO 8601 with milliseconds, UTC. */

interface Versioned {
  /** Moves by one with every write. */
  readonly version: number;
}

export interface ProfileItem extends Versioned {
  readonly userId: string;
  readonly username: string;
  readonly bio?: string;
  readonly image?: string;
  /** Generation of the user's tokens. */
  readonly tokenVersion: number;
  /** The one token of an earlier generation that is good all the same. */
  readonly keptTokenId?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}
export const PROFILE = entity<ProfileItem>()('Profile', profileKey);
/** Makes a user name unique. */
export const USERNAME = entity<{ readonly userId: string }>()('Username', usernameKey);

export interface FollowItem {
  readonly createdAt: string;
  /**
   * When the follower's feed had all of the followee's older articles, in epoch milliseconds; absent until then. A
   * number, because every read of a feed reads all of its follows, which a text would make longer by a sixth.
   */
  readonly filledAt?: number;
  /**
   * New articles of the followee may not come into the follower's feed, who has not read it for long. A text of its own
   * each time that this begins. It is there whenever the other edge says so.
   */
  readonly dormant?: string;
  /** When that ended last, in epoch milliseconds. */
  readonly restoredAt?: number;
}
export const FOLLOW = entity<FollowItem>()('Follow', followKey);
export interface FollowerItem {
  readonly createdAt: string;
  /** The follower has not read their feed for long: new articles do not come into it. */
  readonly dormant?: true;
  /** When that ended last: what lists followers tells by it who was among them. */
  readonly awakeSince?: string;
}
export const FOLLOWER = entity<FollowerItem>()('Follower', followerKey);

export interface FeedReaderItem {
  readonly userId: string;
  /** Epoch seconds. Until it is gone, its user's feed is filled. */
  readonly expiresAt: number;
}
export const FEED_READER = entity<FeedReaderItem>()('FeedReader', feedReaderKey);

export interface ArticleItem extends Versioned {
  readonly articleId: string;
  readonly authorId: string;
  readonly slug: string;
  readonly title: string;
  readonly description: string;
  readonly tagList: readonly string[];
  /** Those counted here; more are on shards where there are any. */
  readonly favoritesCount: number;
  /** On how many shards favorites are counted from now on. */
  readonly favoriteShards?: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}
/** What lists show of an article. */
export const ARTICLE = entity<ArticleItem>()('Article', articleKey);

export interface ArticleTextItem extends Versioned {
  readonly articleId: string;
  readonly authorId: string;
  readonly title: string;
  readonly description: string;
  readonly tagList: readonly string[];
  readonly body: string;
}
/** The whole source of the search index, because ingestion sees one item at a time. */
export const ARTICLE_TEXT = entity<ArticleTextItem>()('ArticleText', articleTextKey);

export interface SlugItem {
  readonly articleId: string;
  readonly authorId: string;
  /** The slug without its suffix. */
  readonly slugBase: string;
  readonly tagList: readonly string[];
  /** The first commenters: a hint whose profiles to read along with the comments. */
  readonly commenterIds?: ReadonlySet<string>;
}
/** Makes a slug unique, and leads to its article. */
export const SLUG = entity<SlugItem>()('Slug', slugKey);

export const TAGGED_ARTICLE = entity<{ readonly authorId: string }>()('TagEdge', tagEdgeKey);
/** Follows from the stream for a new article, and is in the transaction of a change of tags. */
export const AUTHOR_TAGGED_ARTICLE = entity<object>()('AuthorTagEdge', authorTagKey);
/** With what readers of a search index want to know of an article before the index has it. */
export interface TimelineItem {
  readonly authorId: string;
  readonly tagList: readonly string[];
  /** Characters of its body. */
  readonly bodyLength: number;
}
/** As the article was made: changes are told by other rows. */
export const TIMELINE_ARTICLE = entity<TimelineItem>()('TimelineEdge', timelineKey);
export const TIMELINE_COUNT = entity<{ readonly articlesCount: number }>()('TimelineCount', timelineCountKey);
export const AUTHOR_COUNT = entity<{ readonly articlesCount: number }>()('AuthorCount', authorCountKey);
export interface TagCountItem {
  readonly articlesCount: number;
  /** Up to here and down to here it may be counted without a look at the tag's rank. */
  readonly risesAt: number;
  readonly fallsAt?: number;
}
export const TAG_COUNT = entity<TagCountItem>()('TagCount', tagCountKey);
export const TAG_RANK = entity<object>()('TagRank', tagRankKey);

export const FAVORITE = entity<{ readonly authorId: string; readonly createdAt: string }>()('Favorite', favoriteKey);
export const FAVORITE_COUNT = entity<{ readonly favoritesCount: number }>()('FavoriteCount', favoriteCountKey);
export interface FavoritedByItem {
  /** Where its article was found to be gone. Epoch seconds. */
  readonly expiresAt?: number;
}
/** What the favorites of a deleted article are found by; it stays when one is taken back. */
export const FAVORITED_BY = entity<FavoritedByItem>()('FavoritedBy', favoritedByKey);

export interface CommentItem {
  readonly articleId: string;
  readonly articleAuthorId: string;
  readonly commentId: number;
  readonly authorId: string;
  readonly body: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}
export const COMMENT = entity<CommentItem>()('Comment', commentKey);

export interface TombstoneItem {
  readonly articleId: string;
  readonly authorId: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}
export const TOMBSTONE = entity<TombstoneItem>()('Tombstone', tombstoneKey);

/** Written with a change of an article where a search index is composed in. */
export interface RecentUpdateItem {
  readonly articleId: string;
  readonly authorId: string;
  /** Since the change. */
  readonly tagList: readonly string[];
  /** Characters of its body, where that was changed. */
  readonly bodyLength?: number;
  /** Epoch seconds. */
  readonly expiresAt: number;
}
export const RECENT_UPDATE = entity<RecentUpdateItem>()('RecentUpdate', recentUpdateKey);

/** Written with what changes an article's card or a profile: by its id, as its key says. */
export interface ChangedItem {
  /** Epoch seconds. */
  readonly expiresAt: number;
}
export const CHANGED = entity<ChangedItem>()('Changed', changedKey);
