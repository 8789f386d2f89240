import * as CreatePost from './create-post/contract';
import * as CreateTag from './create-tag/contract';
import * as CreateToken from './create-token/contract';
import * as DeleteMe from './delete-me/contract';
import * as DeletePost from './delete-post/contract';
import * as DeleteTag from './delete-tag/contract';
import * as DeleteToken from './delete-token/contract';
import * as GetAllowedUsers from './get-allowed-users/contract';
import * as GetMe from './get-me/contract';
import * as GetPost from './get-post/contract';
import * as GetPostTags from './get-post-tags/contract';
import * as GetPosts from './get-posts/contract';
import * as GetTag from './get-tag/contract';
import * as GetTagPosts from './get-tag-posts/contract';
import * as GetTags from './get-tags/contract';
import * as GetTokens from './get-tokens/contract';
import * as GetUserPosts from './get-user-posts/contract';
import * as RotateToken from './rotate-token/contract';
import * as UpdateAllowedUsers from './update-allowed-users/contract';
import * as UpdateMe from './update-me/contract';
import * as UpdatePost from './update-post/contract';
import * as UpdateTag from './update-tag/contract';
import { POSTS_ENDPOINTS } from '../../src/posts-api/contract';
import type { Contracts } from '../core/http/endpoint';

/** The schemas of every endpoint: one that is missing, or has too many or too few, does not compile. */
export const CONTRACTS = {
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
} satisfies Contracts<typeof POSTS_ENDPOINTS>;
