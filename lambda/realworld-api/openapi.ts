import * as z from 'zod/mini';
import { articleUpdate, filters, login, newArticle, newComment, page, registration, userUpdate } from './validation';

/**
 * The API's documents: OpenAPI 3.1, with request bodies and parameters from the very schemas that validate them.
 */

const profile = z.object({
  username: z.string(),
  bio: z.nullable(z.string()),
  image: z.nullable(z.string()),
  following: z.boolean(),
});
const user = z.object({
  email: z.string(),
  token: z.string(),
  username: z.string(),
  bio: z.nullable(z.string()),
  image: z.nullable(z.string()),
});
const articleRow = z.object({
  slug: z.string(),
  title: z.string(),
  description: z.string(),
  tagList: z.array(z.string()),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  favorited: z.boolean(),
  favoritesCount: z.int(),
  author: profile,
});
const article = z.extend(articleRow, { body: z.string() });
const comment = z.object({
  id: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  body: z.string(),
  author: profile,
});

/** Answers by name; each becomes a component. */
const RESPONSES = {
  User: z.object({ user }),
  Profile: z.object({ profile }),
  Article: z.object({ article }),
  Articles: z.object({ articles: z.array(articleRow), articlesCount: z.int() }),
  Comment: z.object({ comment }),
  Comments: z.object({ comments: z.array(comment) }),
  Tags: z.object({ tags: z.array(z.string()) }),
  Health: z.object({ status: z.literal('ok') }),
  Errors: z.object({ errors: z.record(z.string(), z.array(z.string())) }),
};

const BODIES = {
  Registration: registration(1),
  Login: login,
  UserUpdate: userUpdate,
  NewArticle: newArticle,
  ArticleUpdate: articleUpdate,
  NewComment: newComment,
};

/** What the explorer fills in: each works as it stands. */
const EXAMPLES: Readonly<Record<keyof typeof BODIES, unknown>> = {
  Registration: { user: { username: 'jane', email: 'jane@example.com', password: 'correct horse' } },
  Login: { user: { email: 'jane@example.com', password: 'correct horse' } },
  UserUpdate: { user: { bio: 'I work at example.com', image: null } },
  NewArticle: {
    article: {
      title: 'How to train your dragon',
      description: 'Ever wonder how?',
      body: 'Carefully.',
      tagList: ['dragons'],
    },
  },
  ArticleUpdate: { article: { title: 'Did you train your dragon?' } },
  NewComment: { comment: { body: 'Thank you so much!' } },
};

const ERRORS: Readonly<Record<number, string>> = {
  401: 'The token is missing or not good, or the credentials are wrong',
  403: "It is somebody else's",
  404: 'There is no such thing',
  409: 'The e-mail or the user name has already been taken',
  422: 'The request is not valid; the errors name its fields',
  429: 'Too many requests, or too many failed attempts to sign in',
};

interface Operation {
  readonly id: string;
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly auth: 'none' | 'optional' | 'required';
  readonly body?: keyof typeof BODIES;
  readonly query?: readonly ('filters' | 'page')[];
  readonly success: readonly [status: number, response?: keyof typeof RESPONSES];
  readonly errors?: readonly number[];
}

const USERS = 'User and Authentication';

const OPERATIONS: readonly Operation[] = [
  {
    id: 'Login',
    method: 'post',
    path: '/users/login',
    tag: USERS,
    summary: 'Sign in',
    auth: 'none',
    body: 'Login',
    success: [200, 'User'],
    errors: [401, 422, 429],
  },
  {
    id: 'CreateUser',
    method: 'post',
    path: '/users',
    tag: USERS,
    summary: 'Register',
    auth: 'none',
    body: 'Registration',
    success: [201, 'User'],
    errors: [409, 422],
  },
  {
    id: 'GetCurrentUser',
    method: 'get',
    path: '/user',
    tag: USERS,
    summary: 'Get the current user',
    auth: 'required',
    success: [200, 'User'],
  },
  {
    id: 'UpdateCurrentUser',
    method: 'put',
    path: '/user',
    tag: USERS,
    summary: 'Change the current user',
    auth: 'required',
    body: 'UserUpdate',
    success: [200, 'User'],
    errors: [409, 422],
  },
  {
    id: 'GetProfileByUsername',
    method: 'get',
    path: '/profiles/{username}',
    tag: 'Profile',
    summary: 'Get a profile',
    auth: 'optional',
    success: [200, 'Profile'],
    errors: [404],
  },
  {
    id: 'FollowUserByUsername',
    method: 'post',
    path: '/profiles/{username}/follow',
    tag: 'Profile',
    summary: 'Follow a user',
    auth: 'required',
    success: [200, 'Profile'],
    errors: [404],
  },
  {
    id: 'UnfollowUserByUsername',
    method: 'delete',
    path: '/profiles/{username}/follow',
    tag: 'Profile',
    summary: 'Stop following a user',
    auth: 'required',
    success: [200, 'Profile'],
    errors: [404],
  },
  {
    id: 'GetArticles',
    method: 'get',
    path: '/articles',
    tag: 'Articles',
    summary: 'List articles, newest first',
    auth: 'optional',
    query: ['filters', 'page'],
    success: [200, 'Articles'],
    errors: [422],
  },
  {
    id: 'GetArticlesFeed',
    method: 'get',
    path: '/articles/feed',
    tag: 'Articles',
    summary: 'List articles of those whom the current user follows',
    auth: 'required',
    query: ['page'],
    success: [200, 'Articles'],
    errors: [422],
  },
  {
    id: 'CreateArticle',
    method: 'post',
    path: '/articles',
    tag: 'Articles',
    summary: 'Create an article',
    auth: 'required',
    body: 'NewArticle',
    success: [201, 'Article'],
    errors: [422],
  },
  {
    id: 'GetArticle',
    method: 'get',
    path: '/articles/{slug}',
    tag: 'Articles',
    summary: 'Get an article',
    auth: 'optional',
    success: [200, 'Article'],
    errors: [404],
  },
  {
    id: 'UpdateArticle',
    method: 'put',
    path: '/articles/{slug}',
    tag: 'Articles',
    summary: 'Change an article',
    auth: 'required',
    body: 'ArticleUpdate',
    success: [200, 'Article'],
    errors: [403, 404, 422],
  },
  {
    id: 'DeleteArticle',
    method: 'delete',
    path: '/articles/{slug}',
    tag: 'Articles',
    summary: 'Delete an article',
    auth: 'required',
    success: [204],
    errors: [403, 404],
  },
  {
    id: 'CreateArticleFavorite',
    method: 'post',
    path: '/articles/{slug}/favorite',
    tag: 'Favorites',
    summary: 'Favorite an article',
    auth: 'required',
    success: [200, 'Article'],
    errors: [404],
  },
  {
    id: 'DeleteArticleFavorite',
    method: 'delete',
    path: '/articles/{slug}/favorite',
    tag: 'Favorites',
    summary: 'Take a favorite back',
    auth: 'required',
    success: [200, 'Article'],
    errors: [404],
  },
  {
    id: 'GetArticleComments',
    method: 'get',
    path: '/articles/{slug}/comments',
    tag: 'Comments',
    summary: 'List the comments of an article, newest first',
    auth: 'optional',
    success: [200, 'Comments'],
    errors: [404],
  },
  {
    id: 'CreateArticleComment',
    method: 'post',
    path: '/articles/{slug}/comments',
    tag: 'Comments',
    summary: 'Comment on an article',
    auth: 'required',
    body: 'NewComment',
    success: [201, 'Comment'],
    errors: [404, 422],
  },
  {
    id: 'DeleteArticleComment',
    method: 'delete',
    path: '/articles/{slug}/comments/{id}',
    tag: 'Comments',
    summary: 'Delete a comment',
    auth: 'required',
    success: [204],
    errors: [403, 404],
  },
  {
    id: 'GetTags',
    method: 'get',
    path: '/tags',
    tag: 'Tags',
    summary: 'List the tags in use, the most used first',
    auth: 'none',
    success: [200, 'Tags'],
  },
  {
    id: 'GetHealth',
    method: 'get',
    path: '/health',
    tag: 'Health',
    summary: 'Say that the API answers',
    auth: 'none',
    success: [200, 'Health'],
  },
];

type Json = Record<string, unknown>;

function jsonSchema(schema: z.ZodMiniType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io }) as Json;
  return rest;
}

const schemaRef = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const jsonContent = (name: string) => ({ 'application/json': { schema: schemaRef(name) } });

function queryParameters(operation: Operation): Json[] {
  const describe: Readonly<Record<string, Json>> = {
    tag: { description: 'Only with this tag', schema: { type: 'string' } },
    author: { description: 'Only by this user', schema: { type: 'string' } },
    favorited: { description: 'Only those that this user has favorited', schema: { type: 'string' } },
    limit: { description: 'How many', schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 } },
    offset: { description: 'How many to pass over first', schema: { type: 'integer', minimum: 0, maximum: 10_000 } },
  };
  const names = (operation.query ?? []).flatMap((set) => Object.keys(set === 'filters' ? filters.shape : page.shape));
  return names.map((name) => ({ name, in: 'query', required: false, ...describe[name] }));
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: name === 'id' ? 'integer' : 'string' },
  }));
}

function operationDocument(operation: Operation): Json {
  const [status, response] = operation.success;
  const errors = [...(operation.auth === 'none' ? [] : [401]), ...(operation.errors ?? [])].sort();
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    parameters: [...pathParameters(operation.path), ...queryParameters(operation)],
    ...(operation.auth === 'none' ? {} : { security: [...(operation.auth === 'optional' ? [{}] : []), { Token: [] }] }),
    ...(operation.body
      ? {
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: schemaRef(operation.body), example: EXAMPLES[operation.body] },
            },
          },
        }
      : {}),
    responses: {
      [status]: { description: 'Success', ...(response ? { content: jsonContent(response) } : {}) },
      ...Object.fromEntries(
        errors.map((code) => [code, { description: ERRORS[code], content: jsonContent('Errors') }]),
      ),
    },
  };
}

/** The whole document. Its server is relative, so that it fits wherever it is served. */
export function openApiDocument(): Json {
  const paths: Record<string, Json> = {};
  for (const operation of OPERATIONS) {
    (paths[operation.path] ??= {})[operation.method] = operationDocument(operation);
  }
  const schemas = [
    ...Object.entries(BODIES).map(([name, schema]) => [name, jsonSchema(schema, 'input')] as const),
    ...Object.entries(RESPONSES).map(([name, schema]) => [name, jsonSchema(schema, 'output')] as const),
  ];
  return {
    openapi: '3.1.0',
    info: {
      title: 'RealWorld API',
      version: '2.0.0',
      description: 'Users, profiles, articles, comments, favorites and tags: the RealWorld (Conduit) API.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api' }],
    tags: [...new Set(OPERATIONS.map((operation) => operation.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(schemas),
      securitySchemes: {
        Token: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'The word `Token`, a space, and the token that registering or signing in has given.',
        },
      },
    },
  };
}
