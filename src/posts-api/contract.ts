import type { AccountItemKind } from '../core/account-key-prefixes';
import type { EndpointFacts, ItemRights } from '../core/endpoint';
import type { SocialItemKind } from '../social-table/key-prefixes';

/**
 * Answers that the gateway may keep for a time, where its cache is on.
 *
 * @internal
 */
export type PostsCache = 'me' | 'post' | 'posts' | 'tag' | 'tags';

/**
 * Facts about an endpoint of the posts API.
 *
 * @internal
 */
export interface PostsEndpoint extends EndpointFacts {
  /** Who may call it: a user, a token with the scope `read:posts`, one with `write:posts`; or a user alone. */
  readonly access: 'read' | 'write' | 'user';
  readonly social?: ItemRights<SocialItemKind>;
  readonly accounts?: ItemRights<AccountItemKind>;
  /** Actions on the user pool. */
  readonly cognito?: readonly ('AdminDeleteUser' | 'AdminGetUser')[];
  /** Which time to live its answers have. */
  readonly cache?: PostsCache;
  /** Names in its query. */
  readonly query?: readonly string[];
}

const ME = 'Me';
const TOKENS = 'Access tokens';
const POSTS = 'Posts';
const TAGS = 'Tags';

const PAGE = ['limit', 'cursor'] as const;

/** @internal */
export const GetMe = {
  method: 'GET',
  path: '/me',
  summary: 'Get the profile of the caller',
  tag: ME,
  auth: 'required',
  access: 'read',
  success: 200,
  errors: [403, 404],
  social: { GetItem: ['profile'], PutItem: ['profile'], ConditionCheckItem: ['deletedUser'] },
  cognito: ['AdminGetUser'],
  cache: 'me',
} as const satisfies PostsEndpoint;

/** @internal */
export const UpdateMe = {
  method: 'PUT',
  path: '/me',
  summary: 'Change the profile of the caller',
  tag: ME,
  auth: 'required',
  access: 'user',
  input: ['body'],
  success: 200,
  errors: [403, 404],
  social: { UpdateItem: ['profile'], PutItem: ['profile'], ConditionCheckItem: ['deletedUser'] },
  cognito: ['AdminGetUser'],
} as const satisfies PostsEndpoint;

/** @internal */
export const DeleteMe = {
  method: 'DELETE',
  path: '/me',
  summary: 'Delete the caller and all that is theirs',
  tag: ME,
  auth: 'required',
  access: 'user',
  success: 204,
  errors: [403],
  social: { PutItem: ['deletedUser'], DeleteItem: ['profile'] },
  accounts: { Query: ['accessToken'], BatchWriteItem: ['accessToken'] },
  cognito: ['AdminGetUser', 'AdminDeleteUser'],
} as const satisfies PostsEndpoint;

/** @internal */
export const CreateToken = {
  method: 'POST',
  path: '/me/tokens',
  summary: 'Make an access token',
  tag: TOKENS,
  auth: 'required',
  access: 'user',
  input: ['body'],
  success: 201,
  errors: [403, 409],
  social: { ConditionCheckItem: ['deletedUser'] },
  // Those that are over go with a new one.
  accounts: { Query: ['accessToken'], PutItem: ['accessToken'], DeleteItem: ['accessToken'] },
} as const satisfies PostsEndpoint;

/** @internal */
export const GetTokens = {
  method: 'GET',
  path: '/me/tokens',
  summary: "List the caller's access tokens, without their secrets",
  tag: TOKENS,
  auth: 'required',
  access: 'user',
  input: ['query'],
  query: PAGE,
  success: 200,
  errors: [403],
  accounts: { Query: ['accessToken'] },
} as const satisfies PostsEndpoint;

/** @internal */
export const DeleteToken = {
  method: 'DELETE',
  path: '/me/tokens/{tokenId}',
  summary: 'Revoke an access token',
  tag: TOKENS,
  auth: 'required',
  access: 'user',
  success: 204,
  errors: [403, 404],
  accounts: { DeleteItem: ['accessToken'] },
} as const satisfies PostsEndpoint;

/** @internal */
export const RotateToken = {
  method: 'POST',
  path: '/me/tokens/{tokenId}/rotate',
  summary: 'Give an access token a new secret, from which on the old one is no good',
  tag: TOKENS,
  auth: 'required',
  access: 'user',
  success: 200,
  errors: [403, 404, 409],
  accounts: { UpdateItem: ['accessToken'], GetItem: ['accessToken'] },
} as const satisfies PostsEndpoint;

/** What a write of a post may touch beside the post itself. */
const POST_EDGES = ['post', 'userPost', 'publicPost', 'sharedPost', 'taggedPost'] as const;

/** @internal */
export const CreatePost = {
  method: 'POST',
  path: '/posts',
  summary: 'Publish a post',
  tag: POSTS,
  auth: 'required',
  access: 'write',
  input: ['body'],
  success: 201,
  errors: [403, 413],
  social: { PutItem: POST_EDGES, ConditionCheckItem: ['deletedUser', 'tag'], BatchGetItem: ['tag'] },
} as const satisfies PostsEndpoint;

/** @internal */
export const GetPosts = {
  method: 'GET',
  path: '/posts',
  summary: 'List posts: all that are public, or those of a scope',
  tag: POSTS,
  auth: 'required',
  access: 'read',
  input: ['query'],
  query: ['scope', 'tag', ...PAGE],
  success: 200,
  errors: [403, 404],
  social: {
    Query: ['publicPost', 'userPost', 'sharedPost', 'taggedPost'],
    BatchGetItem: ['post', 'tag'],
  },
  cache: 'posts',
} as const satisfies PostsEndpoint;

/** @internal */
export const GetPost = {
  method: 'GET',
  path: '/posts/{postId}',
  summary: 'Get a post',
  tag: POSTS,
  auth: 'required',
  access: 'read',
  success: 200,
  errors: [403, 404],
  social: { BatchGetItem: ['post', 'tag'], Query: ['post'] },
  cache: 'post',
} as const satisfies PostsEndpoint;

/** @internal */
export const UpdatePost = {
  method: 'PUT',
  path: '/posts/{postId}',
  summary: 'Change a post; what is left out stays',
  tag: POSTS,
  auth: 'required',
  access: 'write',
  input: ['body'],
  success: 200,
  errors: [403, 404, 413],
  social: {
    BatchGetItem: ['post', 'tag'],
    Query: ['post'],
    UpdateItem: ['post'],
    PutItem: ['post', 'publicPost', 'sharedPost', 'taggedPost'],
    DeleteItem: ['post', 'publicPost', 'sharedPost', 'taggedPost'],
    ConditionCheckItem: ['tag'],
  },
} as const satisfies PostsEndpoint;

/** @internal */
export const DeletePost = {
  method: 'DELETE',
  path: '/posts/{postId}',
  summary: 'Delete a post',
  tag: POSTS,
  auth: 'required',
  access: 'write',
  success: 204,
  errors: [403, 404],
  social: { BatchGetItem: ['post'], Query: ['post'], DeleteItem: ['post', 'userPost', 'publicPost', 'taggedPost'] },
} as const satisfies PostsEndpoint;

/** @internal */
export const GetPostTags = {
  method: 'GET',
  path: '/posts/{postId}/tags',
  summary: 'List the tags of a post',
  tag: POSTS,
  auth: 'required',
  access: 'read',
  success: 200,
  errors: [403, 404],
  social: { BatchGetItem: ['post', 'tag'], Query: ['post'] },
  cache: 'tags',
} as const satisfies PostsEndpoint;

/** @internal */
export const GetAllowedUsers = {
  method: 'GET',
  path: '/posts/{postId}/allowed-users',
  summary: 'List who may see a post of the caller',
  tag: POSTS,
  auth: 'required',
  access: 'read',
  input: ['query'],
  query: PAGE,
  success: 200,
  errors: [403, 404],
  social: { BatchGetItem: ['post'], Query: ['post'] },
} as const satisfies PostsEndpoint;

/** @internal */
export const UpdateAllowedUsers = {
  method: 'PUT',
  path: '/posts/{postId}/allowed-users',
  summary: 'Say anew who may see a post of the caller',
  tag: POSTS,
  auth: 'required',
  access: 'write',
  input: ['body'],
  success: 200,
  errors: [403, 404],
  social: {
    BatchGetItem: ['post'],
    Query: ['post'],
    UpdateItem: ['post'],
    PutItem: ['post', 'sharedPost'],
    DeleteItem: ['post', 'sharedPost'],
  },
} as const satisfies PostsEndpoint;

/** @internal */
export const GetUserPosts = {
  method: 'GET',
  path: '/users/{userId}/posts',
  summary: 'List the posts of a user that the caller may see',
  tag: POSTS,
  auth: 'required',
  access: 'read',
  input: ['query'],
  query: PAGE,
  success: 200,
  errors: [403],
  social: { Query: ['userPost'], BatchGetItem: ['post', 'tag'] },
  cache: 'posts',
} as const satisfies PostsEndpoint;

/** @internal */
export const CreateTag = {
  method: 'POST',
  path: '/tags',
  summary: 'Make a tag',
  tag: TAGS,
  auth: 'required',
  access: 'write',
  input: ['body'],
  success: 201,
  errors: [403],
  social: { PutItem: ['tag', 'userTag', 'publicTag'], ConditionCheckItem: ['deletedUser'] },
} as const satisfies PostsEndpoint;

/** @internal */
export const GetTags = {
  method: 'GET',
  path: '/tags',
  summary: "List tags: those that are public and the caller's own",
  tag: TAGS,
  auth: 'required',
  access: 'read',
  input: ['query'],
  query: ['scope', ...PAGE],
  success: 200,
  errors: [403],
  social: { Query: ['userTag', 'publicTag'], BatchGetItem: ['tag'] },
  cache: 'tags',
} as const satisfies PostsEndpoint;

/** @internal */
export const GetTag = {
  method: 'GET',
  path: '/tags/{tagId}',
  summary: 'Get a tag',
  tag: TAGS,
  auth: 'required',
  access: 'read',
  success: 200,
  errors: [403, 404],
  social: { GetItem: ['tag'] },
  cache: 'tag',
} as const satisfies PostsEndpoint;

/** @internal */
export const UpdateTag = {
  method: 'PUT',
  path: '/tags/{tagId}',
  summary: 'Change a tag; what is left out stays',
  tag: TAGS,
  auth: 'required',
  access: 'write',
  input: ['body'],
  success: 200,
  errors: [403, 404],
  social: { GetItem: ['tag'], UpdateItem: ['tag'], PutItem: ['publicTag'], DeleteItem: ['publicTag'] },
} as const satisfies PostsEndpoint;

/** @internal */
export const DeleteTag = {
  method: 'DELETE',
  path: '/tags/{tagId}',
  summary: 'Delete a tag, and take it off all posts',
  tag: TAGS,
  auth: 'required',
  access: 'write',
  success: 204,
  errors: [403, 404],
  social: { GetItem: ['tag'], DeleteItem: ['tag', 'userTag', 'publicTag'] },
} as const satisfies PostsEndpoint;

/** @internal */
export const GetTagPosts = {
  method: 'GET',
  path: '/tags/{tagId}/posts',
  summary: 'List the posts with a tag that the caller may see',
  tag: TAGS,
  auth: 'required',
  access: 'read',
  input: ['query'],
  query: PAGE,
  success: 200,
  errors: [403, 404],
  social: { Query: ['taggedPost'], BatchGetItem: ['post', 'tag'] },
  cache: 'posts',
} as const satisfies PostsEndpoint;

/**
 * Every endpoint by the name of its operation.
 *
 * @internal
 */
export const POSTS_ENDPOINTS = {
  GetMe,
  UpdateMe,
  DeleteMe,
  CreateToken,
  GetTokens,
  DeleteToken,
  RotateToken,
  CreatePost,
  GetPosts,
  GetPost,
  UpdatePost,
  DeletePost,
  GetPostTags,
  GetAllowedUsers,
  UpdateAllowedUsers,
  GetUserPosts,
  CreateTag,
  GetTags,
  GetTag,
  UpdateTag,
  DeleteTag,
  GetTagPosts,
} as const;

/**
 * Functions beside those of endpoints, and what each may do.
 *
 * @internal
 */
export const POSTS_HELPERS = {
  Authorizer: {
    social: { BatchGetItem: ['deletedUser'] },
    accounts: { BatchGetItem: ['accessToken'], UpdateItem: ['accessToken'] },
  },
  PostConfirmation: { social: { PutItem: ['profile'] } },
  CleanUp: {
    social: {
      BatchGetItem: ['post', 'tag', 'deletedUser'],
      GetItem: ['tag'],
      Query: ['post', 'taggedPost', 'userPost', 'userTag', 'sharedPost'],
      PutItem: ['post', 'sharedPost'],
      UpdateItem: ['post'],
      DeleteItem: ['post', 'sharedPost', 'taggedPost', 'userPost', 'publicPost', 'tag', 'userTag', 'publicTag'],
      ConditionCheckItem: ['post'],
      BatchWriteItem: ['post', 'sharedPost', 'taggedPost', 'userPost', 'userTag'],
    },
    accounts: { Query: ['accessToken'], BatchWriteItem: ['accessToken'] },
    cognito: ['AdminGetUser', 'AdminDeleteUser'],
  },
} as const satisfies Readonly<
  Record<'Authorizer' | 'PostConfirmation' | 'CleanUp', Pick<PostsEndpoint, 'social' | 'accounts' | 'cognito'>>
>;
