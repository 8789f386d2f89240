import { newId } from '../core/ids';
import { ItemListRepository } from './repository/item-lists';
import { ItemRepository } from './repository/items';
import { tables } from './repository/tables';
import { UserRepository } from './repository/users';

/** What handlers give to use cases, made once a sandbox. A handler imports those it uses, and no others are bundled. */

const now = () => Date.now();

export const itemPorts = () => ({ items: new ItemRepository(tables()), newId, now });
export const itemListPorts = () => ({ items: new ItemListRepository(tables()) });
export const userPorts = () => ({ users: new UserRepository(tables()), newId });
