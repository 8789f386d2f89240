import type { ItemsIndex, ItemsKind } from './key-prefixes';
import type { EndpointFacts, ItemRights } from '../core/endpoint';

/**
 * Facts about an endpoint of the items API.
 *
 * @internal
 */
export interface ItemsEndpoint extends EndpointFacts {
  /** What it may do with items of the table. */
  readonly table?: ItemRights<ItemsKind>;
  /**
   * Which partitions it may query, by index. Nothing public says whether a query of an index is judged by the keys of the
   * index or by those of the table: what lies there has both.
   *
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
   */
  readonly indexes?: Readonly<Partial<Record<ItemsIndex, readonly ItemsKind[]>>>;
}

const HEALTH = 'Health';
const ITEMS = 'Items';
const USERS = 'Users';

/** @internal */
export const GetHealth = {
  method: 'GET',
  path: '/health',
  summary: 'Tell whether the service answers, and which it is',
  tag: HEALTH,
  auth: 'none',
  success: 200,
} as const satisfies ItemsEndpoint;

/** @internal */
export const CreateItem = {
  method: 'POST',
  path: '/items',
  summary: 'Create an item',
  tag: ITEMS,
  auth: 'deployment',
  input: ['body'],
  success: 201,
  etag: true,
  table: { PutItem: ['item'] },
} as const satisfies ItemsEndpoint;

/** @internal */
export const ListItems = {
  method: 'GET',
  path: '/items',
  summary: 'List items, newest first: all, or those of a category',
  tag: ITEMS,
  auth: 'deployment',
  input: ['query'],
  success: 200,
  etag: true,
  indexes: { GSI1: ['item'], GSI2: ['itemList', 'item'] },
} as const satisfies ItemsEndpoint;

/** @internal */
export const GetItem = {
  method: 'GET',
  path: '/items/{id}',
  summary: 'Get an item',
  tag: ITEMS,
  auth: 'deployment',
  success: 200,
  etag: true,
  errors: [404],
  table: { GetItem: ['item'] },
} as const satisfies ItemsEndpoint;

/** @internal */
export const UpdateItem = {
  method: 'PUT',
  path: '/items/{id}',
  summary: 'Replace an item that is there',
  tag: ITEMS,
  auth: 'deployment',
  input: ['body'],
  success: 200,
  etag: true,
  errors: [404],
  table: { UpdateItem: ['item'] },
} as const satisfies ItemsEndpoint;

/** @internal */
export const DeleteItem = {
  method: 'DELETE',
  path: '/items/{id}',
  summary: 'Delete an item',
  tag: ITEMS,
  auth: 'deployment',
  success: 204,
  etag: true,
  errors: [404],
  table: { DeleteItem: ['item'] },
} as const satisfies ItemsEndpoint;

/** @internal */
export const CreateUser = {
  method: 'POST',
  path: '/users',
  summary: 'Create a user',
  tag: USERS,
  auth: 'deployment',
  input: ['body'],
  success: 201,
  etag: true,
  errors: [409],
  table: { PutItem: ['user', 'email'] },
} as const satisfies ItemsEndpoint;

/** @internal */
export const ListUsers = {
  method: 'GET',
  path: '/users',
  summary: 'Find the user with an e-mail',
  tag: USERS,
  auth: 'deployment',
  input: ['query'],
  success: 200,
  etag: true,
  table: { GetItem: ['email', 'user'] },
  indexes: { GSI1: ['user'] },
} as const satisfies ItemsEndpoint;

/** @internal */
export const GetUser = {
  method: 'GET',
  path: '/users/{id}',
  summary: 'Get a user',
  tag: USERS,
  auth: 'deployment',
  success: 200,
  etag: true,
  errors: [404],
  table: { GetItem: ['user'] },
} as const satisfies ItemsEndpoint;

/**
 * Every endpoint by the name of its operation.
 *
 * @internal
 */
export const ITEMS_ENDPOINTS = {
  GetHealth,
  CreateItem,
  ListItems,
  GetItem,
  UpdateItem,
  DeleteItem,
  CreateUser,
  ListUsers,
  GetUser,
} as const;
