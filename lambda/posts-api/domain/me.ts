import type { PoolUser, Principal, Profile } from './model';
import { logWarning } from '../../core/logger';
import { notFound, unauthorized } from '../errors';

/** Changes of a profile: what is undefined stays, `null` takes away. */
export interface ProfileChanges {
  readonly displayName?: string | null;
  readonly bio?: string | null;
}

/** What the rules about one's own profile need of storage. Times are ISO 8601. */
export interface ProfileStore {
  find(userId: string): Promise<Profile | undefined>;
  /** Makes it where there is none. @returns the one that is there then; undefined where the user is deleted */
  make(userId: string, now: string): Promise<Profile | undefined>;
  /** @returns undefined where there is none */
  update(userId: string, changes: ProfileChanges, now: string): Promise<Profile | undefined>;
}

/** What the rules need of the user pool. */
export interface Directory {
  /** The user of this name and id; undefined where there is none, or the name is another's by now. */
  find(username: string, userId: string): Promise<PoolUser | undefined>;
  /** Afterwards there is no such user, whether there was one or not. */
  remove(username: string, userId: string): Promise<void>;
}

export interface MePorts {
  readonly profiles: ProfileStore;
  readonly directory: Pick<Directory, 'find'>;
  /** Milliseconds since 1970. */
  now(): number;
}

const iso = (time: number) => new Date(time).toISOString();

const meView = (userId: string, profile: Profile, { email, emailVerified }: PoolUser) => ({
  user_id: userId,
  email,
  email_verified: emailVerified,
  display_name: profile.displayName ?? null,
  bio: profile.bio ?? null,
  created_at: profile.createdAt,
  updated_at: profile.updatedAt,
});

/** The profile of somebody whose sign-up made none, which it may not have been told of. @throws HttpError 401 */
async function made({ profiles, now }: MePorts, userId: string): Promise<Profile> {
  const profile = await profiles.make(userId, iso(now()));
  if (!profile) {
    throw unauthorized();
  }
  return profile;
}

/** @throws HttpError 404 where the user pool has no such user any more, whose token is good until it is over */
export async function getMe(ports: MePorts, { userId, username }: Principal) {
  const [profile, user] = await Promise.all([ports.profiles.find(userId), ports.directory.find(username, userId)]);
  if (!user) {
    throw notFound('user');
  }
  return meView(userId, profile ?? (await made(ports, userId)), user);
}

/** @throws HttpError 404 as `getMe` */
export async function updateMe(
  ports: MePorts,
  { userId, username }: Principal,
  input: { readonly display_name?: string | null; readonly bio?: string | null },
) {
  const changes = { displayName: input.display_name, bio: input.bio };
  const update = () => ports.profiles.update(userId, changes, iso(ports.now()));
  const [changed, user] = await Promise.all([update(), ports.directory.find(username, userId)]);
  if (!user) {
    throw notFound('user');
  }
  if (changed) {
    return meView(userId, changed, user);
  }
  await made(ports, userId);
  const again = await update();
  if (!again) {
    // It was there a moment ago: the user is being deleted.
    throw unauthorized();
  }
  return meView(userId, again, user);
}

export interface DeleteMePorts {
  readonly users: {
    /** From then on the user is gone: nobody comes in as them, and nothing of theirs is made. */
    delete(user: Principal, now: number): Promise<void>;
  };
  readonly tokens: {
    /** Removes some of a user's; whether there may be more. */
    removePage(userId: string): Promise<boolean>;
  };
  readonly directory: Pick<Directory, 'remove'>;
  /** Milliseconds since 1970. */
  now(): number;
}

async function removeTokens({ tokens }: Pick<DeleteMePorts, 'tokens'>, userId: string): Promise<void> {
  let more = true;
  while (more) {
    more = await tokens.removePage(userId);
  }
}

/**
 * Deletes the caller. The one write that counts says that they are gone, and tells the clean-up, which removes all that
 * is theirs. Access tokens and the user in the pool go at once where they can: neither is any good by then, and what
 * fails here the clean-up does.
 */
export async function deleteMe(ports: DeleteMePorts, user: Principal): Promise<void> {
  await ports.users.delete(user, ports.now());
  const rest = [removeTokens(ports, user.userId), ports.directory.remove(user.username, user.userId)];
  for (const result of await Promise.allSettled(rest)) {
    if (result.status === 'rejected') {
      await logWarning('a deleted user is left to the clean-up', result.reason);
    }
  }
}
