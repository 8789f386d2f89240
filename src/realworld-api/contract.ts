import type { AccountItemKind } from '../core/account-key-prefixes';
import type { EndpointFacts, ItemRights } from '../core/endpoint';
import type { SocialItemKind } from '../social-table/key-prefixes';

/**
 * A setting of the construct that an endpoint's function gets as an environment variable.
 *
 * @internal
 */
export type RealWorldSetting =
  | 'FEED_TABLE_NAME'
  | 'FEED_READ_CAP'
  | 'FEED_TTL_SECONDS'
  | 'OVERLAY_WINDOW_SECONDS'
  | 'CLEAN_UP_WINDOW_SECONDS'
  | 'ITEM_CACHE_TTL_SECONDS'
  | 'SEARCH_WINDOW_SECONDS'
  | 'SEARCH_DELETED_WINDOW_SECONDS'
  | 'RECENT_UPDATES'
  | 'PASSWORD_MINIMUM_LENGTH'
  | 'TOKEN_LIFETIME_SECONDS';

/**
 * Facts about an endpoint of the RealWorld API.
 *
 * @internal
 */
export interface RealWorldEndpoint extends EndpointFacts {
  readonly social?: ItemRights<SocialItemKind>;
  readonly accounts?: ItemRights<AccountItemKind>;
  /** Hashes passwords and reads the private key that signs tokens. */
  readonly signs?: true;
  readonly readsFeed?: true;
  readonly settings?: readonly RealWorldSetting[];
  /** What it is with a search index; without this, the same. */
  readonly search?: WithSearch;
}

/**
 * What an endpoint is where a search index is composed in.
 *
 * @internal
 */
export interface WithSearch {
  /** There is no such endpoint without an index; or its function has other code with one: `get-tags-by-search`. */
  readonly code?: 'only' | 'other';
  /** Rights beside the others. */
  readonly social?: ItemRights<SocialItemKind>;
  /** Settings beside the others. */
  readonly settings?: readonly RealWorldSetting[];
}

/**
 * What a function logs when the table answers instead of the search index; a metric counts these lines.
 *
 * @internal
 */
export const SEARCH_FALLBACK = 'search index did not answer';

const SEARCH_WINDOWS = ['SEARCH_WINDOW_SECONDS', 'SEARCH_DELETED_WINDOW_SECONDS'] as const;

const USERS = 'User and Authentication';

/** What a page of articles needs beside its rows. */
const BESIDE_ROWS = ['tombstone', 'changed', 'favorite', 'favoriteCount', 'follow'] as const;

/** Public keys, to verify tokens. */
const VERIFY = { BatchGetItem: ['jwks'] } as const;

/** @internal */
export const Login = {
  method: 'POST',
  path: '/users/login',
  summary: 'Sign in',
  tag: USERS,
  auth: 'none',
  input: ['body'],
  success: 200,
  errors: [401, 429],
  social: { BatchGetItem: ['profile'] },
  accounts: {
    BatchGetItem: ['email', 'signIn', 'account', 'password'],
    UpdateItem: ['signIn'],
    DeleteItem: ['signIn'],
  },
  signs: true,
  settings: ['TOKEN_LIFETIME_SECONDS'],
} as const satisfies RealWorldEndpoint;

/** @internal */
export const CreateUser = {
  method: 'POST',
  path: '/users',
  summary: 'Register',
  tag: USERS,
  auth: 'none',
  input: ['body'],
  success: 201,
  errors: [409],
  social: { PutItem: ['profile', 'username'] },
  accounts: { PutItem: ['email', 'account', 'password'] },
  signs: true,
  settings: ['PASSWORD_MINIMUM_LENGTH', 'TOKEN_LIFETIME_SECONDS'],
} as const satisfies RealWorldEndpoint;

/** @internal */
export const GetCurrentUser = {
  method: 'GET',
  path: '/user',
  summary: 'Get the current user',
  tag: USERS,
  auth: 'required',
  success: 200,
  social: { BatchGetItem: ['profile'] },
  accounts: { BatchGetItem: ['jwks', 'account'] },
} as const satisfies RealWorldEndpoint;

/** @internal */
export const UpdateCurrentUser = {
  method: 'PUT',
  path: '/user',
  summary: 'Change the current user',
  tag: USERS,
  auth: 'required',
  input: ['body'],
  success: 200,
  errors: [409],
  social: {
    BatchGetItem: ['profile'],
    UpdateItem: ['profile'],
    PutItem: ['username', 'changed'],
    DeleteItem: ['username'],
  },
  accounts: {
    BatchGetItem: ['jwks', 'account'],
    UpdateItem: ['account'],
    PutItem: ['email', 'password'],
    DeleteItem: ['email'],
  },
  signs: true,
  settings: ['TOKEN_LIFETIME_SECONDS'],
} as const satisfies RealWorldEndpoint;

/** @internal */
export const GetProfileByUsername = {
  method: 'GET',
  path: '/profiles/{username}',
  summary: 'Get a profile',
  tag: 'Profile',
  auth: 'optional',
  success: 200,
  errors: [404],
  social: { BatchGetItem: ['profile', 'username', 'follow'] },
  accounts: VERIFY,
} as const satisfies RealWorldEndpoint;

/** @internal */
export const FollowUserByUsername = {
  method: 'POST',
  path: '/profiles/{username}/follow',
  summary: 'Follow a user',
  tag: 'Profile',
  auth: 'required',
  success: 200,
  errors: [404],
  social: { BatchGetItem: ['profile', 'username'], PutItem: ['follow', 'follower', 'changed'] },
  accounts: VERIFY,
} as const satisfies RealWorldEndpoint;

/** @internal */
export const UnfollowUserByUsername = {
  method: 'DELETE',
  path: '/profiles/{username}/follow',
  summary: 'Stop following a user',
  tag: 'Profile',
  auth: 'required',
  success: 200,
  errors: [404],
  social: {
    BatchGetItem: ['profile', 'username'],
    DeleteItem: ['follow', 'follower'],
    PutItem: ['changed'],
  },
  accounts: VERIFY,
} as const satisfies RealWorldEndpoint;

/** @internal */
export const GetArticles = {
  method: 'GET',
  path: '/articles',
  summary: 'List articles, newest first',
  tag: 'Articles',
  auth: 'optional',
  input: ['query'],
  success: 200,
  social: {
    BatchGetItem: ['profile', 'username', 'article', 'taggedArticle', 'tagCount', 'favorite', 'follow'],
    Query: ['article', 'taggedArticle', 'authorTag', 'timeline', 'timelineCount', 'authorCount', ...BESIDE_ROWS],
  },
  accounts: VERIFY,
  settings: ['CLEAN_UP_WINDOW_SECONDS', 'ITEM_CACHE_TTL_SECONDS'],
  search: {
    code: 'other',
    social: { BatchGetItem: ['articleText'], Query: ['recentUpdate'] },
    settings: SEARCH_WINDOWS,
  },
} as const satisfies RealWorldEndpoint;

/** @internal */
export const SearchArticles = {
  method: 'GET',
  path: '/search',
  summary: 'Find articles by their words, the best first',
  tag: 'Articles',
  auth: 'optional',
  input: ['query'],
  success: 200,
  social: {
    BatchGetItem: ['profile', 'username', 'article', 'articleText', 'favorite', 'follow'],
    Query: ['timeline', 'timelineCount', 'recentUpdate', ...BESIDE_ROWS],
  },
  accounts: VERIFY,
  settings: ['ITEM_CACHE_TTL_SECONDS'],
  search: { code: 'only', settings: SEARCH_WINDOWS },
} as const satisfies RealWorldEndpoint;

/** @internal */
export const GetArticlesFeed = {
  method: 'GET',
  path: '/articles/feed',
  summary: 'List articles of those whom the current user follows',
  tag: 'Articles',
  auth: 'required',
  input: ['query'],
  success: 200,
  social: {
    BatchGetItem: ['profile', 'article', 'favorite'],
    Query: ['timeline', ...BESIDE_ROWS],
  },
  accounts: VERIFY,
  readsFeed: true,
  settings: [
    'FEED_TABLE_NAME',
    'FEED_READ_CAP',
    'FEED_TTL_SECONDS',
    'OVERLAY_WINDOW_SECONDS',
    'ITEM_CACHE_TTL_SECONDS',
  ],
} as const satisfies RealWorldEndpoint;

/** @internal */
export const CreateArticle = {
  method: 'POST',
  path: '/articles',
  summary: 'Create an article',
  tag: 'Articles',
  auth: 'required',
  input: ['body'],
  success: 201,
  social: {
    BatchGetItem: ['profile', 'follow'],
    PutItem: ['article', 'articleText', 'slug', 'timeline', 'taggedArticle'],
    UpdateItem: ['timelineCount', 'authorCount', 'tagCount'],
    DeleteItem: ['tagCount'],
  },
  accounts: VERIFY,
} as const satisfies RealWorldEndpoint;

/** @internal */
export const GetArticle = {
  method: 'GET',
  path: '/articles/{slug}',
  summary: 'Get an article',
  tag: 'Articles',
  auth: 'optional',
  success: 200,
  errors: [404],
  social: {
    BatchGetItem: ['profile', 'slug', 'article', 'articleText', 'favorite', 'follow'],
    Query: ['favoriteCount', 'changed'],
  },
  accounts: VERIFY,
} as const satisfies RealWorldEndpoint;

/** @internal */
export const UpdateArticle = {
  method: 'PUT',
  path: '/articles/{slug}',
  summary: 'Change an article',
  tag: 'Articles',
  auth: 'required',
  input: ['body'],
  success: 200,
  errors: [403, 404],
  social: {
    BatchGetItem: ['profile', 'slug', 'article', 'articleText', 'favorite', 'follow', 'tagCount'],
    Query: ['favoriteCount'],
    UpdateItem: ['article', 'articleText', 'slug', 'tagCount'],
    PutItem: ['slug', 'taggedArticle', 'authorTag', 'changed'],
    DeleteItem: ['slug', 'taggedArticle', 'authorTag', 'tagCount'],
  },
  accounts: VERIFY,
  search: { social: { PutItem: ['recentUpdate'] }, settings: ['RECENT_UPDATES'] },
} as const satisfies RealWorldEndpoint;

/** @internal */
export const DeleteArticle = {
  method: 'DELETE',
  path: '/articles/{slug}',
  summary: 'Delete an article',
  tag: 'Articles',
  auth: 'required',
  success: 204,
  errors: [403, 404],
  social: {
    BatchGetItem: ['profile', 'slug'],
    DeleteItem: ['article', 'slug', 'favoriteCount', 'tagCount'],
    UpdateItem: ['timelineCount', 'authorCount', 'tagCount'],
    PutItem: ['tombstone'],
  },
  accounts: VERIFY,
} as const satisfies RealWorldEndpoint;

/** @internal */
export const CreateArticleFavorite = {
  method: 'POST',
  path: '/articles/{slug}/favorite',
  summary: 'Favorite an article',
  tag: 'Favorites',
  auth: 'required',
  success: 200,
  errors: [404],
  social: {
    BatchGetItem: ['profile', 'slug', 'article', 'articleText', 'follow'],
    Query: ['favoriteCount'],
    PutItem: ['favorite', 'favoritedBy', 'changed'],
    UpdateItem: ['article', 'favoriteCount'],
  },
  accounts: VERIFY,
} as const satisfies RealWorldEndpoint;

/** @internal */
export const DeleteArticleFavorite = {
  method: 'DELETE',
  path: '/articles/{slug}/favorite',
  summary: 'Take a favorite back',
  tag: 'Favorites',
  auth: 'required',
  success: 200,
  errors: [404],
  social: {
    BatchGetItem: ['profile', 'slug', 'article', 'articleText', 'follow'],
    Query: ['favoriteCount'],
    PutItem: ['changed'],
    DeleteItem: ['favorite'],
    UpdateItem: ['article', 'favoriteCount'],
  },
  accounts: VERIFY,
} as const satisfies RealWorldEndpoint;

/** @internal */
export const GetArticleComments = {
  method: 'GET',
  path: '/articles/{slug}/comments',
  summary: 'List the comments of an article, newest first',
  tag: 'Comments',
  auth: 'optional',
  success: 200,
  errors: [404],
  social: { BatchGetItem: ['profile', 'slug', 'follow'], Query: ['comment', 'follow', 'changed'] },
  accounts: VERIFY,
  settings: ['ITEM_CACHE_TTL_SECONDS'],
} as const satisfies RealWorldEndpoint;

/** @internal */
export const CreateArticleComment = {
  method: 'POST',
  path: '/articles/{slug}/comments',
  summary: 'Comment on an article',
  tag: 'Comments',
  auth: 'required',
  input: ['body'],
  success: 201,
  errors: [404],
  social: { BatchGetItem: ['profile', 'slug', 'follow'], PutItem: ['comment'], UpdateItem: ['slug'] },
  accounts: VERIFY,
} as const satisfies RealWorldEndpoint;

/** @internal */
export const DeleteArticleComment = {
  method: 'DELETE',
  path: '/articles/{slug}/comments/{id}',
  summary: 'Delete a comment',
  tag: 'Comments',
  auth: 'required',
  success: 204,
  errors: [403, 404],
  social: { BatchGetItem: ['profile', 'slug'], DeleteItem: ['comment'] },
  accounts: VERIFY,
} as const satisfies RealWorldEndpoint;

/** @internal */
export const GetTags = {
  method: 'GET',
  path: '/tags',
  summary: 'List the tags in use, the most used first',
  tag: 'Tags',
  auth: 'none',
  success: 200,
  social: { Query: ['tagCount'] },
  search: {
    code: 'other',
    social: { Query: ['timeline', 'recentUpdate', 'tombstone'] },
    settings: SEARCH_WINDOWS,
  },
} as const satisfies RealWorldEndpoint;

/** @internal */
export const GetHealth = {
  method: 'GET',
  path: '/health',
  summary: 'Say that the API answers',
  tag: 'Health',
  auth: 'none',
  success: 200,
} as const satisfies RealWorldEndpoint;

/**
 * Every endpoint of the RealWorld API, below `/api`. Names are the operation ids of its public contract. A function takes
 * its own alone, so that its bundle has no other.
 *
 * @internal
 */
export const REALWORLD_ENDPOINTS = {
  Login,
  CreateUser,
  GetCurrentUser,
  UpdateCurrentUser,
  GetProfileByUsername,
  FollowUserByUsername,
  UnfollowUserByUsername,
  GetArticles,
  SearchArticles,
  GetArticlesFeed,
  CreateArticle,
  GetArticle,
  UpdateArticle,
  DeleteArticle,
  CreateArticleFavorite,
  DeleteArticleFavorite,
  GetArticleComments,
  CreateArticleComment,
  DeleteArticleComment,
  GetTags,
  GetHealth,
};
