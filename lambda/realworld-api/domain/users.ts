import type { Profile, UserChanges } from './model';
import type { Sessions } from './session';
import { type Telling, tellIfLate } from './settling';
import { userView } from './views';
import { withReadBeside } from './write-and-read';
import type { Claims, NewClaims } from '../../auth/tokens';
import { Busy } from '../../core/busy';
import { logWarning } from '../../core/logger';
import { badCredentials, tooManySignIns, unauthorized } from '../errors';

/** A user to be made, with everything that is unique about them. */
export interface NewAccount {
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly now: string;
}

/** What an e-mail leads to before a password is looked at. */
export interface SignInState {
  /** Undefined for an e-mail that nobody has. */
  readonly userId?: string;
  /** When what was counted is forgotten, in epoch seconds. */
  readonly until: number;
}

/** Who tries to sign in, and from where. */
export interface SignInOrigin {
  readonly email: string;
  /** As `sourceOf` names it. */
  readonly source: string;
}

/** What became of a sign-in that was to be counted. */
export type SignInCount =
  /** Tries from this source that count, with this one. */
  | { readonly kind: 'counted'; readonly tries: number }
  /** Too many have failed, from this source or for this e-mail. */
  | { readonly kind: 'locked' }
  /** Too many are under way. */
  | { readonly kind: 'crowded' };

/** What a sign-in is checked against; every field is undefined for an unknown e-mail. */
export interface Credentials {
  readonly email?: string;
  readonly passwordHash?: string;
  readonly profile?: Profile;
}

/** A change of a user that touches what is unique, or the password. */
export interface AccountChange {
  readonly before: { readonly username: string; readonly email: string; readonly tokenVersion: number };
  readonly email?: string;
  readonly username?: string;
  readonly passwordHash?: string;
  /** With a new password, which ends every other token: the one that goes on. */
  readonly keptTokenId?: string;
  readonly bio?: string | null;
  readonly image?: string | null;
  readonly now: string;
}

/** What the rules about users need of storage and cryptography. */
export interface UserPorts {
  readonly accounts: Telling & {
    create(account: NewAccount): Promise<void>;
    signInState(email: string): Promise<SignInState>;
    credentials(userId: string | undefined): Promise<Credentials>;
    countSignIn(origin: SignInOrigin, limits: SignInLimits, now: number, until: number): Promise<SignInCount>;
    countFailure(origin: SignInOrigin, limits: SignInLimits, until: number): Promise<boolean>;
    clearSignIns(origin: SignInOrigin): Promise<void>;
    updateProfile(
      claims: Claims,
      change: { bio?: string | null; image?: string | null; now: string },
    ): Promise<Profile | undefined>;
    email(userId: string): Promise<string | undefined>;
    change(userId: string, change: AccountChange): Promise<boolean>;
  };
  readonly sessions: Sessions;
  hashPassword(password: string): Promise<string>;
  verifyPassword(password: string, stored: string | undefined): Promise<boolean>;
  sign(claims: NewClaims): Promise<string>;
  newId(): string;
  /** Waits before another attempt, the longer the more there were. */
  pause(attempt: number): Promise<void>;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Bounds of a window, each below which another sign-in is tried. */
export interface SignInLimits {
  /** That failed. */
  readonly failures: { readonly source: number; readonly account: number };
  /**
   * That were tried: failed, under way, and right ones that were not cleared. It is what guesses side by side can be,
   * before the first of them has failed.
   */
  readonly tries: { readonly source: number; readonly account: number };
}

/**
 * Failures count by account and source, so that strangers do not keep the owner out, and by account alone, so that many
 * sources together are bounded too.
 */
export const SIGN_IN_LIMITS: SignInLimits = {
  failures: { source: 10, account: 100 },
  tries: { source: 30, account: 200 },
};
/** How long what is counted is kept, in seconds. */
export const SIGN_IN_WINDOW = 15 * 60;
/** From how many tries of its source on a right password clears them. */
export const CLEAR_FROM = 3;
/** When to come back where many sign in at once, in seconds. */
const CROWDED_SECONDS = 1;

/** Tries of a change that others of the same user get in the way of. */
const ATTEMPTS = 12;

const iso = (time: number) => new Date(time).toISOString();

export async function register(
  ports: Pick<UserPorts, 'accounts' | 'hashPassword' | 'sign' | 'newId' | 'now'>,
  input: { username: string; email: string; password: string },
) {
  const userId = ports.newId();
  const { username, email } = input;
  // Signed before it is good for anything: where that fails, no user is left who was told of a failure.
  const [passwordHash, token] = await Promise.all([
    ports.hashPassword(input.password),
    ports.sign({ userId, generation: 1 }),
  ]);
  await ports.accounts.create({ userId, username, email, passwordHash, now: iso(ports.now()) });
  const profile: Profile = { userId, username, bio: null, image: null, tokenVersion: 1 };
  return { user: userView(profile, email, token) };
}

/**
 * Signs in. An unknown e-mail takes the same reads, the same hashing and the same writes as a wrong password. Every try
 * is counted before the password is looked at, so that guesses side by side are bounded, and as a failure after it was
 * wrong. A right password clears what its source has counted once there is something to clear, so that an ordinary
 * sign-in writes once and waits for nothing more.
 */
export async function signIn(
  ports: Pick<UserPorts, 'accounts' | 'verifyPassword' | 'sign' | 'now'>,
  input: { email: string; password: string },
  source: string,
) {
  const origin = { email: input.email, source };
  const now = Math.floor(ports.now() / 1000);
  const state = await ports.accounts.signInState(input.email);
  const until = state.until > now ? state.until : now + SIGN_IN_WINDOW;
  const [credentials, count] = await Promise.all([
    ports.accounts.credentials(state.userId),
    ports.accounts.countSignIn(origin, SIGN_IN_LIMITS, now, until),
  ]);
  if (count.kind !== 'counted') {
    throw tooManySignIns(count.kind === 'locked' ? until - now : CROWDED_SECONDS);
  }
  const correct = await ports.verifyPassword(input.password, credentials.passwordHash);
  const { profile, email } = credentials;
  if (!correct || !profile || email === undefined) {
    // Of failures side by side, those beyond the bound are told what the next one is.
    const within = await ports.accounts.countFailure(origin, SIGN_IN_LIMITS, until);
    if (!within) {
      throw tooManySignIns(until - now);
    }
    throw badCredentials();
  }
  const [token] = await Promise.all([
    ports.sign({ userId: profile.userId, generation: profile.tokenVersion }),
    // What was counted and stays is forgotten with its window: no reason to refuse who has the password.
    count.tries >= CLEAR_FROM
      ? ports.accounts
          .clearSignIns(origin)
          .catch((error: unknown) => logWarning('counted sign-ins were not cleared', error))
      : undefined,
  ]);
  return { user: userView(profile, email, token) };
}

/** Answers with the token that was sent: this function cannot sign. */
export async function currentUser(ports: Pick<UserPorts, 'sessions'>, token: string) {
  const { viewer, email } = await ports.sessions.load(token, { email: true });
  if (!viewer || email === undefined) {
    throw unauthorized('is invalid');
  }
  return { user: userView(viewer, email, token) };
}

const clear = (value: string | null | undefined) => (value === '' ? null : value);

/**
 * Changes a user. A new password ends every session but the one that changed it: its token goes on, and the answer
 * carries a new one, of the generation that has begun.
 */
export async function updateUser(
  ports: Pick<UserPorts, 'accounts' | 'sessions' | 'hashPassword' | 'sign' | 'pause' | 'now'>,
  token: string,
  changes: UserChanges,
) {
  const now = iso(ports.now());
  const profileChange = {
    ...('bio' in changes ? { bio: clear(changes.bio) } : {}),
    ...('image' in changes ? { image: clear(changes.image) } : {}),
    now,
  };
  if (changes.email === undefined && changes.username === undefined && changes.password === undefined) {
    const claims = await ports.sessions.verify(token);
    const [profile, email] = await withReadBeside(ports.accounts.updateProfile(claims, profileChange), () =>
      ports.accounts.email(claims.userId),
    );
    if (!profile || email === undefined) {
      throw unauthorized('is invalid');
    }
    await tellIfLate(ports.accounts, claims.userId, now, ports.now());
    return { user: userView(profile, email, token) };
  }

  let passwordHash: string | undefined;
  // Somebody may change the same user at the same time: read again, and refuse where the token has ended by it.
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) {
      await ports.pause(attempt);
    }
    const { viewer, email, tokenId } = await ports.sessions.load(token, { email: true });
    if (!viewer || email === undefined) {
      throw unauthorized('is invalid');
    }
    if (changes.password !== undefined) {
      passwordHash ??= await ports.hashPassword(changes.password);
    }
    // Signed before the change: where that fails, nothing has ended.
    const fresh =
      passwordHash === undefined
        ? token
        : await ports.sign({ userId: viewer.userId, generation: viewer.tokenVersion + 1 });
    const changed = await ports.accounts.change(viewer.userId, {
      ...profileChange,
      before: { username: viewer.username, email, tokenVersion: viewer.tokenVersion },
      email: changes.email,
      username: changes.username,
      passwordHash,
      keptTokenId: passwordHash === undefined ? undefined : tokenId,
    });
    if (changed) {
      await tellIfLate(ports.accounts, viewer.userId, now, ports.now());
      const profile: Profile = {
        ...viewer,
        username: changes.username ?? viewer.username,
        bio: 'bio' in profileChange ? (profileChange.bio ?? null) : viewer.bio,
        image: 'image' in profileChange ? (profileChange.image ?? null) : viewer.image,
      };
      return { user: userView(profile, changes.email ?? email, fresh) };
    }
  }
  throw new Busy(`The user kept changing in ${ATTEMPTS} attempts to change it`);
}
