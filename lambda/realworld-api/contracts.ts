import * as CreateArticle from './create-article/contract';
import * as CreateArticleComment from './create-article-comment/contract';
import * as CreateArticleFavorite from './create-article-favorite/contract';
import * as CreateUser from './create-user/contract';
import * as DeleteArticle from './delete-article/contract';
import * as DeleteArticleComment from './delete-article-comment/contract';
import * as DeleteArticleFavorite from './delete-article-favorite/contract';
import * as FollowUserByUsername from './follow-user-by-username/contract';
import * as GetArticle from './get-article/contract';
import * as GetArticleComments from './get-article-comments/contract';
import * as GetArticles from './get-articles/contract';
import * as GetArticlesFeed from './get-articles-feed/contract';
import * as GetCurrentUser from './get-current-user/contract';
import * as GetHealth from './get-health/contract';
import * as GetProfileByUsername from './get-profile-by-username/contract';
import * as GetTags from './get-tags/contract';
import * as Login from './login/contract';
import * as SearchArticles from './search-articles/contract';
import * as UnfollowUserByUsername from './unfollow-user-by-username/contract';
import * as UpdateArticle from './update-article/contract';
import * as UpdateCurrentUser from './update-current-user/contract';
import { REALWORLD_ENDPOINTS } from '../../src/realworld-api/contract';
import type { Contracts } from '../core/http/endpoint';

/** The schemas of every endpoint: one that is missing, or has too many or too few, does not compile. */
export const CONTRACTS = {
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
} satisfies Contracts<typeof REALWORLD_ENDPOINTS>;
