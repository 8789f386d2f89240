import {
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
} from './article-contract';
import { RealWorldEndpoint } from './shared-contract';
import {
  Login,
  CreateUser,
  GetCurrentUser,
  UpdateCurrentUser,
  GetProfileByUsername,
  FollowUserByUsername,
  UnfollowUserByUsername,
} from './user-contract';

export * from './article-contract';
export * from './shared-contract';
export * from './user-contract';

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
