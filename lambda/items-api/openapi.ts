import { CONTRACTS } from './contracts';
import { LIMITS } from './domain/limits';
import * as answers from './schemas/answers';
import * as input from './schemas/input';
import { ITEMS_ENDPOINTS } from '../../src/items-api/contract';
import { openApiDocument } from '../core/openapi/document';

type Schema = Parameters<typeof openApiDocument>[2]['errors'];

const ITEM_ID = '019a2f61-7c1e-7d35-9a4b-2f5f0c8f7b10';
const USER_ID = '019a2f60-11aa-7b02-8c3d-5e6f7a8b9c0d';
const AT = '2026-11-22T01:15:25.944Z';
const ITEM = { name: 'Test item', description: 'A test item', category: 'electronics' };
const USER = { email: 'user@example.com', name: 'John Doe', role: 'user' };

/** The API documents of the items API: OpenAPI 3.1. */
export const document = openApiDocument(ITEMS_ENDPOINTS, CONTRACTS, {
  title: 'Items API',
  version: '1.0.0',
  description: 'Items by category and time, and users: the service that another one starts from.',
  // Beside the documents.
  basePath: '..',
  errors: answers.errorAnswer,
  invalidStatus: 400,
  statuses: {
    400: 'The request is not valid; the error says why',
    404: 'There is no such thing',
    409: 'Another user has this e-mail',
    412: 'It has another version by now',
  },
  security: {},
  components: {
    ItemContent: input.itemContent,
    NewUser: input.newUser,
    Item: answers.itemAnswer,
    Items: answers.itemsAnswer,
    User: answers.userAnswer,
    Users: answers.usersAnswer,
    Health: answers.healthAnswer,
    Error: answers.errorAnswer,
  },
  examples: {
    ItemContent: ITEM,
    NewUser: USER,
    Item: { id: ITEM_ID, ...ITEM, createdAt: AT, updatedAt: AT },
    User: { id: USER_ID, ...USER, createdAt: AT, updatedAt: AT },
    Health: { status: 'ok', timestamp: AT, service: 'items-api', version: '1.0.0', environment: 'dev' },
    Error: {
      error: 'name must not be blank',
      timestamp: AT,
      requestId: '5f1c0f0e-8f0b-4b8e-9c55-7c2b8f1d2a11',
    },
  },
  notes: {
    GetHealth: 'It reads nothing: it says that the service answers, not that all that it uses does.',
    ListItems:
      'Read from an index, which is behind by as long as DynamoDB takes, as a rule less than a second. Categories are ' +
      'compared without regard to case.',
    UpdateItem: 'The whole content is replaced: what is left out is taken away. Nothing is made where nothing was.',
    ListUsers: 'A list of one, or of none. E-mails are compared without regard to case.',
    CreateUser: 'No two users have one e-mail. The role says nothing to this API.',
  },
  meanings: new Map<Schema, string>([
    [answers.itemsAnswer.shape.nextCursor, 'For `cursor` of the next page; null on the last page'],
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
    [input.cursor, { type: 'string', description: 'The `nextCursor` of the page before' }],
    [
      input.since,
      { type: 'string', description: 'Only items made on this day (UTC) or later, or at this time or later' },
    ],
    [input.categoryFilter, { type: 'string', maxLength: LIMITS.category, description: 'Only of this category' }],
    [input.emailFilter, { type: 'string', maxLength: LIMITS.email, description: 'Whose' }],
  ]),
});
