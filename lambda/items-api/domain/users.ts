import type { Role, User } from './model';
import { isUuid, timeOfId } from '../../core/ids';
import { conflict, notFound } from '../errors';

/** What the rules about users need of storage. */
export interface UserPorts {
  readonly users: {
    /** Unless another has the e-mail, whatever the case of its letters. */
    create(user: User): Promise<'done' | 'taken'>;
    get(id: string): Promise<User | undefined>;
    findByEmail(email: string): Promise<User | undefined>;
  };
  /** A UUIDv7: its time is when the user is made. */
  newId(): string;
}

type Users<Name extends keyof UserPorts['users']> = { readonly users: Pick<UserPorts['users'], Name> };

/** @throws HttpError 409 */
export async function createUser(
  { users, newId }: Pick<UserPorts, 'newId'> & Users<'create'>,
  { email, name, role = 'user' }: { readonly email: string; readonly name: string; readonly role?: Role },
): Promise<User> {
  const id = newId();
  const at = new Date(timeOfId(id)).toISOString();
  const user: User = { id, email, name, role, createdAt: at, updatedAt: at, version: 1 };
  if ((await users.create(user)) === 'taken') {
    throw conflict('This e-mail is taken');
  }
  return user;
}

/** @throws HttpError 404; what is no id is no user's */
export async function getUser({ users }: Users<'get'>, id: string): Promise<User> {
  const user = isUuid(id) ? await users.get(id) : undefined;
  if (!user) {
    throw notFound('user');
  }
  return user;
}

/** The one with an e-mail, or none. */
export async function findUsers({ users }: Users<'findByEmail'>, email: string): Promise<readonly User[]> {
  const user = await users.findByEmail(email);
  return user ? [user] : [];
}
