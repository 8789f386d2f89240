import type * as z from 'zod/mini';
import { CONTRACTS } from './contracts';
import { LIMITS, TAGS_SHOWN, TEXTS_READ } from './domain/limits';
import { FRAGMENTS, WEIGHTS } from './domain/words';
import * as answers from './schemas/answers';
import * as input from './schemas/input';
import * as lists from './schemas/lists';
import * as users from './schemas/users';
import { REALWORLD_ENDPOINTS } from '../../src/realworld-api/contract';
import { openApiDocument } from '../core/openapi/document';

const searchAnswer = answers.searchAnswer.shape;

/** What `q=train dragon` finds, the first of two pages of one. */
const SEARCH_EXAMPLE: z.infer<typeof answers.searchAnswer> = {
  articles: [
    {
      slug: 'how-to-train-your-dragon',
      title: 'How to train your dragon',
      description: 'Ever wonder how?',
      tagList: ['dragons', 'training'],
      createdAt: '2026-11-22T01:15:25.944Z',
      updatedAt: '2026-11-22T01:15:25.944Z',
      favorited: false,
      favoritesCount: 0,
      author: { username: 'jane', bio: null, image: null, following: false },
      highlights: {
        title: 'How to <em>train</em> your <em>dragon</em>',
        body: ['Feed it first: no hungry <em>dragon</em> learns. Then be patient &amp; careful.'],
      },
    },
  ],
  articlesCount: 2,
  tags: [
    { tag: 'training', count: 2 },
    { tag: 'cats', count: 1 },
    { tag: 'dragons', count: 1 },
  ],
  complete: true,
  next: 'WzMzLCIwMWEyMDBkMi04M2UxLTc2NGUtYTNmNi1hOThhMjMyNWIyNzkiLCI0OFVYOFRENiJd',
};

/** The API documents of the RealWorld API: OpenAPI 3.1. */
export const document = openApiDocument(REALWORLD_ENDPOINTS, CONTRACTS, {
  title: 'RealWorld API',
  version: '2.0.0',
  description: 'Users, profiles, articles, comments, favorites and tags: the RealWorld (Conduit) API.',
  basePath: '/api',
  errors: answers.errorsAnswer,
  invalidStatus: 422,
  statuses: {
    401: 'The token is missing or not good, or the credentials are wrong',
    403: "It is somebody else's",
    404: 'There is no such thing',
    409: 'The e-mail or the user name has already been taken',
    422: 'The request is not valid; the errors name its fields',
    429: 'Too many requests, or too many failed attempts to sign in',
  },
  security: {
    Token: {
      type: 'apiKey',
      in: 'header',
      name: 'Authorization',
      description: 'The word `Token`, a space, and the token that registering or signing in has given.',
    },
  },
  components: {
    Registration: CONTRACTS.CreateUser.body,
    Login: users.login,
    UserUpdate: users.userUpdate,
    NewArticle: input.newArticle,
    ArticleUpdate: input.articleUpdate,
    NewComment: input.newComment,
    User: answers.userAnswer,
    Profile: answers.profileAnswer,
    Article: answers.articleAnswer,
    Articles: answers.articlesAnswer,
    SearchResult: answers.searchAnswer,
    Comment: answers.commentAnswer,
    Comments: answers.commentsAnswer,
    Tags: answers.tagsAnswer,
    Health: answers.healthAnswer,
    Errors: answers.errorsAnswer,
  },
  examples: {
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
    SearchResult: SEARCH_EXAMPLE,
  },
  notes: {
    GetArticles: 'With `search`, those that have its words, and the best of them first.',
    SearchArticles:
      'Plain text without syntax: an article is found that has all of the words, each wherever it is. ' +
      `A word counts ${WEIGHTS.title} in the title, ${WEIGHTS.tagList} as a tag, ${WEIGHTS.description} in the ` +
      `description and ${WEIGHTS.body} in the body; of equal sums the newest article is first. ` +
      'An article is found as soon as the request that posted it is answered. Parameters that are not known are refused.',
  },
  meanings: new Map<Parameters<typeof openApiDocument>[2]['errors'], string>([
    [searchAnswer.articlesCount, 'How many were found, on all pages together'],
    [searchAnswer.tags, `The most frequent tags of all that was found, at most ${TAGS_SHOWN}, and on how many each is`],
    [
      searchAnswer.complete,
      'Whether all articles were searched. False while the search index does not answer: then only the newest ' +
        `${TEXTS_READ} were, in the table`,
    ],
    [searchAnswer.next, 'For `after` of the next page, with the same `q`, `tag` and `author`; null on the last page'],
    [
      answers.highlights,
      'Where the words are, as HTML that can be shown as it is: each word in `<em>`, all else escaped. ' +
        'A part that has none of the words is left out',
    ],
    [answers.highlights.shape.title, 'The whole title'],
    [answers.highlights.shape.description, 'The whole description'],
    [answers.highlights.shape.body, `The first pieces of the body that have a word, at most ${FRAGMENTS}`],
  ]),
  overrides: new Map<Parameters<typeof openApiDocument>[2]['errors'], Readonly<Record<string, unknown>>>([
    [input.limit, { type: 'integer', minimum: 1, maximum: LIMITS.pageSize, default: 20, description: 'How many' }],
    [
      input.offset,
      { type: 'integer', minimum: 0, maximum: LIMITS.window, default: 0, description: 'How many to pass over first' },
    ],
    [input.tagFilter, { type: 'string', description: 'Only with this tag' }],
    [input.authorFilter, { type: 'string', description: 'Only by this user' }],
    [input.favoritedFilter, { type: 'string', description: 'Only those that this user has favorited' }],
    [
      lists.searchFilter,
      {
        type: 'string',
        maxLength: LIMITS.search,
        description:
          'Only with all of these words in title, tags, description or body, the best first. ' +
          'Not together with favorited; 422 where no search index is composed in',
      },
    ],
    [
      lists.searchText,
      {
        type: 'string',
        maxLength: LIMITS.search,
        description: `Words of title, tags, description or body, at most ${LIMITS.searchWords} different ones: all are wanted`,
      },
    ],
    [lists.searchCursor, { type: 'string', description: 'The `next` of the page before' }],
    [input.commentId, { type: 'integer', description: 'Id of the comment' }],
  ]),
});
