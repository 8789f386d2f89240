import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';

/** Actions on items, and the partitions on which they are allowed. */
export type KeyGrant = readonly [actions: readonly string[], leadingKeys: readonly string[]];

/**
 * One endpoint: one route, one function, and the rights which that function needs and no others.
 *
 * @internal
 */
export interface Endpoint {
  /** Construct id of the function; its code is the same name in kebab case. */
  readonly id: string;
  readonly method: HttpMethod;
  readonly path: string;
  readonly description: string;
  readonly social?: readonly KeyGrant[];
  readonly accounts?: readonly KeyGrant[];
  /** May read the private key. */
  readonly signs?: boolean;
  /** Reads the feed table. */
  readonly readsFeed?: boolean;
}

const GET = ['dynamodb:BatchGetItem'];
const QUERY = ['dynamodb:Query'];
const PUT = ['dynamodb:PutItem'];
const UPDATE = ['dynamodb:UpdateItem'];
const DELETE = ['dynamodb:DeleteItem'];

/** Public keys, to verify tokens. */
const VERIFY: readonly KeyGrant[] = [[GET, ['JWKS']]];

const favorite = (write: readonly string[]): readonly KeyGrant[] => [
  [GET, ['USER#*', 'SLUG#*', 'ARTICLE#*']],
  [write, ['USER#*', 'ARTICLE#*']],
  [UPDATE, ['USER#*']],
];
const follow = (write: readonly string[]): readonly KeyGrant[] => [
  [GET, ['USER#*', 'USERNAME#*']],
  [write, ['USER#*', 'FOLLOWERS#*']],
];

/**
 * Every endpoint of the RealWorld API. `/api` is put before the paths.
 *
 * @internal
 */
export const ENDPOINTS: readonly Endpoint[] = [
  {
    id: 'RegisterUser',
    method: HttpMethod.POST,
    path: '/users',
    description: 'Registers a user',
    social: [[PUT, ['USER#*', 'USERNAME#*']]],
    accounts: [[PUT, ['EMAIL#*', 'ACCOUNT#*', 'PASSWORD#*']]],
    signs: true,
  },
  {
    id: 'LoginUser',
    method: HttpMethod.POST,
    path: '/users/login',
    description: 'Signs a user in',
    social: [[GET, ['USER#*']]],
    accounts: [
      [GET, ['EMAIL#*', 'SIGNIN#*', 'ACCOUNT#*', 'PASSWORD#*']],
      [[...UPDATE, ...DELETE], ['SIGNIN#*']],
    ],
    signs: true,
  },
  {
    id: 'GetCurrentUser',
    method: HttpMethod.GET,
    path: '/user',
    description: 'Gets the current user',
    social: [[GET, ['USER#*']]],
    accounts: [[GET, ['JWKS', 'ACCOUNT#*']]],
  },
  {
    id: 'UpdateUser',
    method: HttpMethod.PUT,
    path: '/user',
    description: 'Updates the current user',
    social: [
      [GET, ['USER#*']],
      [UPDATE, ['USER#*']],
      [[...PUT, ...DELETE], ['USERNAME#*']],
    ],
    accounts: [
      [GET, ['JWKS', 'ACCOUNT#*']],
      [UPDATE, ['ACCOUNT#*']],
      [PUT, ['EMAIL#*', 'PASSWORD#*']],
      [DELETE, ['EMAIL#*']],
    ],
    signs: true,
  },
  {
    id: 'GetProfile',
    method: HttpMethod.GET,
    path: '/profiles/{username}',
    description: 'Gets a profile',
    social: [[GET, ['USER#*', 'USERNAME#*']]],
    accounts: VERIFY,
  },
  {
    id: 'FollowUser',
    method: HttpMethod.POST,
    path: '/profiles/{username}/follow',
    description: 'Follows a user',
    social: follow(PUT),
    accounts: VERIFY,
  },
  {
    id: 'UnfollowUser',
    method: HttpMethod.DELETE,
    path: '/profiles/{username}/follow',
    description: 'Unfollows a user',
    social: follow(DELETE),
    accounts: VERIFY,
  },
  {
    id: 'ListArticles',
    method: HttpMethod.GET,
    path: '/articles',
    description: 'Lists articles, all or by tag, author or who favorited them',
    social: [
      [GET, ['USER#*', 'USERNAME#*', 'ARTICLE_TAG#*', 'TAGS#*']],
      [QUERY, ['USER#*', 'ARTICLE_TAG#*', 'TIMELINE#*', 'RECENT#*']],
    ],
    accounts: VERIFY,
  },
  {
    id: 'GetFeed',
    method: HttpMethod.GET,
    path: '/articles/feed',
    description: 'Lists articles of those whom the current user follows',
    social: [
      [GET, ['USER#*']],
      [QUERY, ['USER#*', 'TIMELINE#*', 'RECENT#*']],
    ],
    accounts: VERIFY,
    readsFeed: true,
  },
  {
    id: 'CreateArticle',
    method: HttpMethod.POST,
    path: '/articles',
    description: 'Creates an article',
    social: [
      [GET, ['USER#*']],
      [PUT, ['USER#*', 'SLUG#*', 'ARTICLE#*', 'TIMELINE#*', 'ARTICLE_TAG#*']],
      [UPDATE, ['USER#*', 'TIMELINE#*', 'TAGS#*']],
    ],
    accounts: VERIFY,
  },
  {
    id: 'GetArticle',
    method: HttpMethod.GET,
    path: '/articles/{slug}',
    description: 'Gets an article',
    social: [[GET, ['USER#*', 'SLUG#*', 'ARTICLE#*']]],
    accounts: VERIFY,
  },
  {
    id: 'UpdateArticle',
    method: HttpMethod.PUT,
    path: '/articles/{slug}',
    description: 'Updates an article',
    social: [
      [GET, ['USER#*', 'SLUG#*', 'ARTICLE#*']],
      [UPDATE, ['USER#*', 'SLUG#*', 'ARTICLE#*', 'TAGS#*']],
      [
        [...PUT, ...DELETE],
        ['SLUG#*', 'ARTICLE_TAG#*'],
      ],
      [DELETE, ['TAGS#*']],
    ],
    accounts: VERIFY,
  },
  {
    id: 'DeleteArticle',
    method: HttpMethod.DELETE,
    path: '/articles/{slug}',
    description: 'Deletes an article',
    social: [
      [GET, ['USER#*', 'SLUG#*']],
      [DELETE, ['USER#*', 'SLUG#*']],
      [UPDATE, ['USER#*', 'TIMELINE#*', 'TAGS#*']],
      [PUT, ['RECENT#*']],
    ],
    accounts: VERIFY,
  },
  {
    id: 'FavoriteArticle',
    method: HttpMethod.POST,
    path: '/articles/{slug}/favorite',
    description: 'Favorites an article',
    social: favorite(PUT),
    accounts: VERIFY,
  },
  {
    id: 'UnfavoriteArticle',
    method: HttpMethod.DELETE,
    path: '/articles/{slug}/favorite',
    description: 'Unfavorites an article',
    social: favorite(DELETE),
    accounts: VERIFY,
  },
  {
    id: 'ListComments',
    method: HttpMethod.GET,
    path: '/articles/{slug}/comments',
    description: 'Lists the comments of an article',
    social: [
      [GET, ['USER#*', 'SLUG#*']],
      [QUERY, ['USER#*', 'ARTICLE#*']],
    ],
    accounts: VERIFY,
  },
  {
    id: 'AddComment',
    method: HttpMethod.POST,
    path: '/articles/{slug}/comments',
    description: 'Adds a comment to an article',
    social: [
      [GET, ['USER#*', 'SLUG#*']],
      [PUT, ['ARTICLE#*']],
      [UPDATE, ['SLUG#*']],
    ],
    accounts: VERIFY,
  },
  {
    id: 'DeleteComment',
    method: HttpMethod.DELETE,
    path: '/articles/{slug}/comments/{id}',
    description: 'Deletes a comment',
    social: [
      [GET, ['USER#*', 'SLUG#*']],
      [DELETE, ['ARTICLE#*']],
    ],
    accounts: VERIFY,
  },
  {
    id: 'GetTags',
    method: HttpMethod.GET,
    path: '/tags',
    description: 'Lists the tags in use',
    social: [[QUERY, ['TAGS#*']]],
  },
  { id: 'Health', method: HttpMethod.GET, path: '/health', description: 'Says that the API answers' },
];
