import type { Profile } from './model';
import type { Sessions } from './session';
import { type Telling, tellIfLate } from './settling';
import { profileView } from './views';
import { withReadBeside } from './write-and-read';
import { notFound, unauthorized } from '../errors';

/** What the rules about profiles need of storage. */
export interface ProfilePorts {
  readonly sessions: Sessions;
  readonly profiles: Telling & {
    read(userId: string, viewerId?: string): Promise<{ profile: Profile; following: boolean } | undefined>;
    follow(follower: string, followee: string, createdAt: string): Promise<void>;
    unfollow(follower: string, followee: string, at: string): Promise<void>;
  };
  /** Milliseconds since 1970. */
  now(): number;
}

export async function getProfile(
  ports: Pick<ProfilePorts, 'sessions' | 'profiles'>,
  token: string | undefined,
  username: string,
) {
  const { viewer, userIds } = await ports.sessions.load(token, { usernames: [username] });
  const found = userIds[0] === undefined ? undefined : await ports.profiles.read(userIds[0], viewer?.userId);
  if (!found) {
    throw notFound('profile');
  }
  return { profile: profileView(found.profile, found.following) };
}

/** Follows or unfollows; doing it twice is doing it once. */
export async function setFollow(ports: ProfilePorts, token: string, username: string, follow: boolean) {
  const { viewer, userIds } = await ports.sessions.load(token, { usernames: [username] });
  if (!viewer) {
    throw unauthorized('is invalid');
  }
  const followee = userIds[0];
  if (followee === undefined) {
    throw notFound('profile');
  }
  const now = new Date(ports.now()).toISOString();
  const [, found] = await withReadBeside(
    follow
      ? ports.profiles.follow(viewer.userId, followee, now)
      : ports.profiles.unfollow(viewer.userId, followee, now),
    () => ports.profiles.read(followee),
  );
  if (!found) {
    throw notFound('profile');
  }
  await tellIfLate(ports.profiles, viewer.userId, now, ports.now());
  return { profile: profileView(found.profile, follow) };
}
