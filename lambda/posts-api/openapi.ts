import { CONTRACTS } from './contracts';
import { LIMITS } from './domain/limits';
import * as answers from './schemas/answers';
import * as input from './schemas/input';
import { POSTS_ENDPOINTS } from '../../src/posts-api/contract';
import { openApiDocument } from '../core/openapi/document';

type Schema = Parameters<typeof openApiDocument>[2]['errors'];

const POST_ID = '019a2f61-7c1e-7d35-9a4b-2f5f0c8f7b10';
const TAG_ID = '019a2f60-11aa-7b02-8c3d-5e6f7a8b9c0d';
const USER_ID = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

/** The API documents of the posts API: OpenAPI 3.1. */
export const document = openApiDocument(POSTS_ENDPOINTS, CONTRACTS, {
  title: 'Posts API',
  version: '1.0.0',
  description: 'Posts with access levels, tags and personal access tokens. Users sign in with Amazon Cognito.',
  // Beside the documents, which are below the path of the stage.
  basePath: '../v1',
  errors: answers.errorAnswer,
  invalidStatus: 400,
  statuses: {
    400: 'The request is not valid; the fields say why',
    401: 'The token is missing or not good',
    403: "It is somebody else's, or the access token may not do this",
    404: 'There is no such thing, or the caller may not see it',
    409: 'There are too many already',
    413: 'The request is too large',
    429: 'Too many requests',
  },
  security: {
    Bearer: {
      type: 'http',
      scheme: 'bearer',
      description: "An access token of the user pool, or one of this API's own (`POST /me/tokens`).",
    },
  },
  components: {
    NewPost: input.newPost,
    PostChanges: input.postChanges,
    NewAllowedUsers: input.newAllowedUsers,
    NewTag: input.newTag,
    TagChanges: input.tagChanges,
    ProfileChanges: input.profileChanges,
    NewToken: input.newToken,
    Post: answers.postAnswer,
    PostSummary: answers.postSummary,
    Posts: answers.postsAnswer,
    PostTags: answers.postTagsAnswer,
    AllowedUsersPage: answers.allowedUsersAnswer,
    AllowedUsers: answers.allowedUsersSet,
    Tag: answers.tagAnswer,
    Tags: answers.tagsAnswer,
    Me: answers.meAnswer,
    Token: answers.tokenAnswer,
    Tokens: answers.tokensAnswer,
    Error: answers.errorAnswer,
  },
  examples: {
    NewPost: { name: 'Release notes', content: 'Everything is new.', tags: [], access_type: 'public' },
    PostChanges: { access_type: 'allowed_user', allowed_users: [USER_ID] },
    NewAllowedUsers: { allowed_users: [USER_ID] },
    NewTag: { name: 'releases', access_type: 'public' },
    TagChanges: { access_type: 'private' },
    ProfileChanges: { display_name: 'Jane', bio: null },
    NewToken: { name: 'Command line', scopes: ['read:posts'] },
    Post: {
      post_id: POST_ID,
      user_id: USER_ID,
      name: 'Release notes',
      access_type: 'public',
      tags: [{ tag_id: TAG_ID, name: 'releases' }],
      created_at: '2026-11-22T01:15:25.944Z',
      updated_at: '2026-11-22T01:15:25.944Z',
      content: 'Everything is new.',
    },
    Error: {
      error: {
        code: 'invalid_request',
        message: 'The request is not valid',
        fields: { access_type: ['must be one of private, public, allowed_user'] },
      },
    },
  },
  notes: {
    GetMe: 'The e-mail is read from the user pool, where it is changed.',
    DeleteMe: 'Posts, tags, grants and access tokens go too, and the user in the user pool. It cannot be undone.',
    CreateToken: 'The token is in this answer and never shown again: only its SHA-256 is kept.',
    CreatePost: 'Tags must be public or own. Only a post with `allowed_user` has allowed users.',
    GetPosts: 'Newest first, without their content. `all` is what is public, own and shared, each once.',
    UpdatePost: 'Tags and allowed users that are given take the place of those before.',
    UpdateAllowedUsers: 'Only of a post with `allowed_user`. The list takes the place of the one before.',
    DeleteTag: 'It goes from all posts that carry it, those of others included.',
  },
  meanings: new Map<Schema, string>([
    [answers.postsAnswer.shape.next_cursor, 'For `cursor` of the next page; null on the last page'],
    [answers.tokenAnswer.shape.token, 'The token. Keep it: it is shown this once'],
  ]),
  overrides: new Map<Schema, Readonly<Record<string, unknown>>>([
    [
      input.limit,
      {
        type: 'integer',
        minimum: 1,
        maximum: LIMITS.pageSize,
        default: LIMITS.defaultPageSize,
        description: 'How many',
      },
    ],
    [input.cursor, { type: 'string', description: 'The `next_cursor` of the page before' }],
    [
      input.postScope,
      {
        type: 'string',
        enum: ['public', 'mine', 'shared', 'all'],
        default: 'public',
        description: "All that are public, the caller's own, those shared with the caller, or all of these",
      },
    ],
    [
      input.tagScope,
      {
        type: 'string',
        enum: ['all', 'mine', 'public'],
        default: 'all',
        description: "Own and public tags, the caller's own, or those that are public",
      },
    ],
    [input.tagFilter, { type: 'string', format: 'uuid', description: 'Only with this tag' }],
  ]),
});
