import { profileOf, refusal } from '../../../test/support/samples';
import { taken, unauthorized } from '../errors';
import type { Profile } from './model';
import { type AccountChange, currentUser, type NewAccount, register, updateUser, type UserPorts } from './users';
import type { Claims } from '../../auth/tokens';

const NOW = Date.UTC(2026, 0, 1);
const ISO = '2026-01-01T00:00:00.000Z';
const TOKEN = 'token of before';

/** One user, as the tables keep them; a test may lay its own answers over. */
class FakeUserStore {
  public profile: Profile | undefined = profileOf(1, { username: 'ada', bio: 'Countess', tokenVersion: 4 });
  public email: string | undefined = 'ada@example.com';
  public readonly created: NewAccount[] = [];
  public readonly changes: AccountChange[] = [];
  public readonly hashed: string[] = [];
  public profileWrites: object[] = [];
  public readonly told: string[] = [];
  /** Of a write, in ms. */
  public takes = 0;
  private now = NOW;
  /** Answers of `change`, first to last; true where none is left. */
  public outcomes: (boolean | Error)[] = [];

  public ports(): UserPorts {
    const accounts: Partial<UserPorts['accounts']> = {
      create: async (account) => void this.created.push(account),
      email: async () => this.email,
      tell: async (id, at) => void this.told.push(`${id} ${at}`),
      updateProfile: async (claims, change) => {
        this.now += this.takes;
        this.profileWrites.push({ ...claims, ...change });
        return this.profile?.tokenVersion === claims.generation
          ? { ...this.profile, ...(change.bio === undefined ? {} : { bio: change.bio }) }
          : undefined;
      },
      change: async (_, change) => {
        this.now += this.takes;
        this.changes.push(change);
        const outcome = this.outcomes.shift() ?? true;
        if (outcome instanceof Error) {
          throw outcome;
        }
        return outcome;
      },
    };
    return {
      accounts: accounts as UserPorts['accounts'],
      sessions: {
        verify: async () => this.claims(),
        load: async () => {
          if (this.profile && this.profile.tokenVersion !== this.claims().generation) {
            throw unauthorized('is invalid');
          }
          return { viewer: this.profile, tokenId: this.claims().tokenId, email: this.email, userIds: [] };
        },
      },
      hashPassword: async (password) => (this.hashed.push(password), `hash of ${password}`),
      verifyPassword: () => Promise.resolve(false),
      sign: async (claims) => `token of ${claims.userId}, ${claims.generation}`,
      newId: () => profileOf(1).userId,
      pause: async () => undefined,
      now: () => this.now,
    };
  }

  private claims(): Claims {
    return { userId: profileOf(1).userId, generation: 4, tokenId: 'token-1' };
  }
}

let user: FakeUserStore;
const update = (changes: Parameters<typeof updateUser>[2]) => updateUser(user.ports(), TOKEN, changes);

beforeEach(() => {
  user = new FakeUserStore();
});

describe('registering', () => {
  const input = { username: 'Ada', email: 'Ada@Example.com', password: 'lovelace' };

  test('makes the account with a hash, never the password, and answers with what was sent', async () => {
    await expect(register(user.ports(), input)).resolves.toEqual({
      user: {
        email: 'Ada@Example.com',
        token: `token of ${profileOf(1).userId}, 1`,
        username: 'Ada',
        bio: null,
        image: null,
      },
    });
    expect(user.created).toEqual([
      {
        userId: profileOf(1).userId,
        username: 'Ada',
        email: 'Ada@Example.com',
        passwordHash: 'hash of lovelace',
        now: ISO,
      },
    ]);
  });

  test('gives no token for a name that is taken', async () => {
    const ports = user.ports();
    const create = () => Promise.reject(taken(['username']));
    const refused = await refusal(register({ ...ports, accounts: { ...ports.accounts, create } }, input));
    expect(refused).toEqual({ status: 409, errors: { username: ['has already been taken'] } });
  });

  test('makes no account where its token cannot be signed', async () => {
    const sign = () => Promise.reject(new Error('no key'));
    await expect(register({ ...user.ports(), sign }, input)).rejects.toThrow('no key');
    expect(user.created).toEqual([]);
  });
});

describe('the current user', () => {
  test('is answered with the token that was sent', async () => {
    await expect(currentUser(user.ports(), TOKEN)).resolves.toEqual({
      user: { email: 'ada@example.com', token: TOKEN, username: 'ada', bio: 'Countess', image: null },
    });
  });

  test.each(['profile', 'email'] as const)('is nobody where the %s is gone', async (part) => {
    user[part] = undefined;
    expect(await refusal(currentUser(user.ports(), TOKEN))).toEqual({ status: 401, errors: { token: ['is invalid'] } });
  });
});

describe('a change of bio and image', () => {
  test('is one write that checks that the token has not ended, and answers with the same token', async () => {
    const { user: answer } = await update({ bio: 'Analyst' });
    expect(answer).toMatchObject({ bio: 'Analyst', token: TOKEN, email: 'ada@example.com' });
    expect(user.profileWrites).toEqual([
      { userId: profileOf(1).userId, generation: 4, tokenId: 'token-1', bio: 'Analyst', now: ISO },
    ]);
    expect(user.changes).toEqual([]);
  });

  test('clears with null and with the empty string alike', async () => {
    await update({ bio: null, image: '' });
    expect(user.profileWrites).toMatchObject([{ bio: null, image: null }]);
  });

  test('leaves what it does not name', async () => {
    await update({ image: 'https://example.com/a.png' });
    expect(user.profileWrites[0]).not.toHaveProperty('bio');
  });

  test('is refused where the token has ended', async () => {
    user.profile = profileOf(1, { tokenVersion: 5 });
    expect((await refusal(update({ bio: 'x' }))).status).toBe(401);
  });

  test('is refused where the account is gone', async () => {
    user.email = undefined;
    expect((await refusal(update({ bio: 'x' }))).status).toBe(401);
  });
});

test.each([{ bio: 'Analyst' }, { username: 'lady' }])(
  'a change that took long is told once more: %j',
  async (change) => {
    user.takes = 2_000;
    await update(change);
    expect(user.told).toEqual([]);
    user.takes = 2_001;
    await update(change);
    expect(user.told).toEqual([`${profileOf(1).userId} ${new Date(NOW + 4_001).toISOString()}`]);
  },
);

describe('a change of e-mail, name or password', () => {
  test('is checked against what was read, and answers with what is now', async () => {
    const { user: answer } = await update({ email: 'new@example.com', username: 'lady', bio: '', image: 'i' });
    expect(answer).toEqual({ email: 'new@example.com', token: TOKEN, username: 'lady', bio: null, image: 'i' });
    expect(user.changes).toEqual([
      {
        before: { username: 'ada', email: 'ada@example.com', tokenVersion: 4 },
        email: 'new@example.com',
        username: 'lady',
        passwordHash: undefined,
        keptTokenId: undefined,
        bio: null,
        image: 'i',
        now: ISO,
      },
    ]);
  });

  test('leaves the rest as it was', async () => {
    const { user: answer } = await update({ username: 'lady' });
    expect(answer).toMatchObject({ email: 'ada@example.com', bio: 'Countess', image: null });
    expect(user.changes[0]).not.toHaveProperty('bio');
  });

  test('of the password stores a hash, keeps the token that made it and gives one of the next generation', async () => {
    const { user: answer } = await update({ password: 'new password' });
    expect(answer.token).toBe(`token of ${profileOf(1).userId}, 5`);
    expect(user.changes[0]).toMatchObject({ passwordHash: 'hash of new password', keptTokenId: 'token-1' });
    expect(JSON.stringify(answer)).not.toContain('new password');
  });

  test('tells what is taken', async () => {
    user.outcomes = [taken(['email'])];
    expect(await refusal(update({ email: 'taken@example.com' }))).toEqual({
      status: 409,
      errors: { email: ['has already been taken'] },
    });
  });

  test('is tried again on what is there now, hashing once, where somebody changed the user in between', async () => {
    const ports = user.ports();
    const change = async (userId: string, given: AccountChange) => {
      const changed = await ports.accounts.change(userId, given);
      user.email = 'moved@example.com';
      return changed;
    };
    user.outcomes = [false, true];
    await updateUser({ ...ports, accounts: { ...ports.accounts, change } }, TOKEN, { password: 'new password' });
    expect(user.changes.map(({ before }) => before.email)).toEqual(['ada@example.com', 'moved@example.com']);
    expect(user.hashed).toEqual(['new password']);
  });

  test('is refused where the change in between has ended the token', async () => {
    const ports = user.ports();
    const change = async () => {
      user.profile = profileOf(1, { tokenVersion: 5 });
      return false;
    };
    const accounts = { ...ports.accounts, change };
    expect((await refusal(updateUser({ ...ports, accounts }, TOKEN, { username: 'lady' }))).status).toBe(401);
  });

  test('hashes nothing for a token that is not good', async () => {
    user.profile = profileOf(1, { tokenVersion: 5 });
    expect((await refusal(update({ password: 'new password' }))).status).toBe(401);
    expect(user.hashed).toEqual([]);
  });

  test('of the password is not made where the new token cannot be signed', async () => {
    const sign = () => Promise.reject(new Error('no key'));
    await expect(updateUser({ ...user.ports(), sign }, TOKEN, { password: 'new password' })).rejects.toThrow('no key');
    expect(user.changes).toEqual([]);
  });

  test('gives up after a bounded number of tries', async () => {
    user.outcomes = Array.from({ length: 20 }, () => false);
    await expect(update({ username: 'lady' })).rejects.toThrow('kept changing');
    expect(user.changes).toHaveLength(12);
  });
});
