import { RealWorldEndpoint, VERIFY } from './shared-contract';

const SEARCH_WINDOWS = ['SEARCH_WINDOW_SECONDS', 'SEARCH_DELETED_WINDOW_SECONDS'] as const;

/** What a page of articles needs beside its rows. */
const BESIDE_ROWS = ['tombstone', 'changed', 'favorite', 'favoriteCount', 'follow'] as const;

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
