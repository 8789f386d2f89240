import * as CreateItem from './create-item/contract';
import * as CreateUser from './create-user/contract';
import * as DeleteItem from './delete-item/contract';
import * as GetHealth from './get-health/contract';
import * as GetItem from './get-item/contract';
import * as GetUser from './get-user/contract';
import * as ListItems from './list-items/contract';
import * as ListUsers from './list-users/contract';
import * as UpdateItem from './update-item/contract';
import { ITEMS_ENDPOINTS } from '../../src/items-api/contract';
import type { Contracts } from '../core/http/endpoint';

/** The schemas of every endpoint: one that is missing, or has too many or too few, does not compile. */
export const CONTRACTS = {
  GetHealth,
  CreateItem,
  ListItems,
  GetItem,
  UpdateItem,
  DeleteItem,
  CreateUser,
  ListUsers,
  GetUser,
} satisfies Contracts<typeof ITEMS_ENDPOINTS>;
