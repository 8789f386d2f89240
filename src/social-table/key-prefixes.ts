/**
 * How the partition keys of each kind of item in a SocialTable begin. Keys are made from these, and grants name them:
 * kinds whose writers differ have prefixes of their own, so that a function that may write one kind cannot write
 * another; or what the rows of one of them may hold is bounded.
 *
 * @internal
 */
export const SOCIAL_KEY_PREFIXES = {
  profile: 'USER#',
  username: 'USERNAME#',
  follow: 'FOLLOWS#',
  follower: 'FOLLOWERS#',
  feedReader: 'FEED_READERS#',
  article: 'AUTHOR#',
  articleText: 'ARTICLE#',
  slug: 'SLUG#',
  taggedArticle: 'ARTICLE_TAG#',
  authorTag: 'AUTHOR_TAG#',
  timeline: 'TIMELINE#',
  timelineCount: 'TIMELINE#',
  authorCount: 'AUTHOR_COUNT#',
  favorite: 'FAVORITES#',
  favoriteCount: 'FAVORITE_COUNT#',
  favoritedBy: 'FAVORITED_BY#',
  comment: 'COMMENTS#',
  tagCount: 'TAGS#',
  tombstone: 'RECENT#',
  changed: 'RECENT#',
  recentUpdate: 'RECENT_UPDATES#',
  post: 'POST#',
  userPost: 'USER_POSTS#',
  publicPost: 'PUBLIC_POSTS#',
  sharedPost: 'SHARED_POSTS#',
  taggedPost: 'TAG_POSTS#',
  tag: 'TAG#',
  userTag: 'USER_TAGS#',
  publicTag: 'PUBLIC_TAGS#',
  deletedUser: 'DELETED_USER#',
  migration: 'MIGRATION#',
} as const;

/** @internal */
export type SocialItemKind = keyof typeof SOCIAL_KEY_PREFIXES;

/**
 * What rows of a kind hold, where others lie in its partitions that say more: grants to put or update it name these
 * attributes, so that who may tell of a change cannot say that an article is deleted, which takes the article's id,
 * who may count an article cannot say whose it is, and who may list one puts no count.
 *
 * @internal
 */
export const SOCIAL_BOUND_ATTRIBUTES: Readonly<Partial<Record<SocialItemKind, readonly string[]>>> = {
  changed: ['PK', 'SK', 'entityType', 'expiresAt'],
  timeline: ['PK', 'SK', 'entityType', 'authorId', 'tagList', 'bodyLength'],
  timelineCount: ['PK', 'SK', 'entityType', 'articlesCount'],
};
