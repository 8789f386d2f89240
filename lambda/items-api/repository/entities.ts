import { emailKey, itemKey, userKey } from './keys';
import { entity, type Item as StoredItem } from '../../core/dynamodb';
import type { Item, User } from '../domain/model';

/** Kinds of items of the table, and the way from them to the nouns of the rules. */

interface ItemAttributes extends Item {
  readonly GSI1PK?: string;
  readonly GSI1SK?: string;
  readonly GSI2PK: string;
  readonly GSI2SK: string;
}
interface UserAttributes extends User {
  readonly GSI1PK: string;
  readonly GSI1SK: string;
}

export const ITEM = entity<ItemAttributes>()('Item', itemKey);
export const USER = entity<UserAttributes>()('User', userKey);
/** Says whose an e-mail is. */
export const EMAIL = entity<{ readonly userId: string }>()('Email', emailKey);

export function toItem(stored: StoredItem): Item {
  const { id, name, description, category, createdAt, updatedAt, version } = ITEM.read(stored);
  return { id, name, description, category, createdAt, updatedAt, version };
}

export function toUser(stored: StoredItem): User {
  const { id, email, name, role, createdAt, updatedAt, version } = USER.read(stored);
  return { id, email, name, role, createdAt, updatedAt, version };
}
