import { SIGN_IN_LIMIT, signIn, type UserPorts, Credentials, SignInState } from './users';
import { profileOf, refusal } from '../../../test/support/samples';
import { badCredentials } from '../errors';

const EMAIL = 'ada@example.com';
const PASSWORD = 'correct horse';
const ADA = profileOf(1, { username: 'ada', tokenVersion: 3 });
const START = Date.UTC(2026, 0, 1) / 1000;

/** Accounts as the table keeps them, and everything that was asked of them, in order. */
class Accounts {
  public readonly calls: string[] = [];
  public now = START;
  public readonly counts = new Map<string, { failures: number; until: number }>();

  public ports(): Pick<UserPorts, 'accounts' | 'verifyPassword' | 'sign' | 'now'> {
    const accounts: Partial<UserPorts['accounts']> = {
      signInState: (email) => this.does('signInState', this.state(email)),
      credentials: (userId) => this.does('credentials', this.credentials(userId)),
      countSignIn: (email, limit, now, until) => this.does('countSignIn', this.count(email, limit, now, until)),
      forgetSignIns: (email) => this.does('forgetSignIns', void this.counts.delete(email)),
    };
    return {
      accounts: accounts as UserPorts['accounts'],
      verifyPassword: (password, stored) => this.does('verifyPassword', stored === `hash of ${password}`),
      sign: (claims) => this.does('sign', `token of ${claims.userId}, ${claims.generation}`),
      now: () => this.now * 1000,
    };
  }

  private async does<T>(name: string, value: T): Promise<T> {
    this.calls.push(name);
    return value;
  }

  private state(email: string): SignInState {
    const { failures = 0, until = 0 } = this.counts.get(email) ?? {};
    return { userId: email === EMAIL ? ADA.userId : undefined, failures, until };
  }

  private credentials(userId: string | undefined): Credentials {
    return userId === ADA.userId ? { email: EMAIL, passwordHash: `hash of ${PASSWORD}`, profile: ADA } : {};
  }

  private count(email: string, limit: number, now: number, until: number): boolean {
    const count = this.counts.get(email);
    if (!count || count.until <= now) {
      this.counts.set(email, { failures: 1, until });
      return true;
    }
    if (count.failures >= limit) {
      return false;
    }
    count.failures++;
    return true;
  }
}

let accounts: Accounts;
const attempt = (password: string, email = EMAIL) => signIn(accounts.ports(), { email, password });

beforeEach(() => {
  accounts = new Accounts();
});

test('the right password gives the user with a token of their generation', async () => {
  await expect(attempt(PASSWORD)).resolves.toEqual({
    user: { email: EMAIL, token: `token of ${ADA.userId}, 3`, username: 'ada', bio: null, image: null },
  });
});

test('an ordinary sign-in is counted before the password is looked at, and waits for nothing more', async () => {
  await attempt(PASSWORD);
  expect(accounts.calls).toEqual(['signInState', 'credentials', 'countSignIn', 'verifyPassword', 'sign']);
});

test('tries side by side cannot outrun the limit', async () => {
  const tries = Array.from({ length: 50 }, () => refusal(attempt('wrong')));
  const statuses = (await Promise.all(tries)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(SIGN_IN_LIMIT.failures);
  expect(accounts.calls.filter((call) => call === 'verifyPassword')).toHaveLength(SIGN_IN_LIMIT.failures);
});

test('the right password clears the count once there is something to clear', async () => {
  accounts.counts.set(EMAIL, { failures: SIGN_IN_LIMIT.clearFrom - 1, until: START + 30 });
  await attempt(PASSWORD);
  expect(accounts.counts.get(EMAIL)).toEqual({ failures: SIGN_IN_LIMIT.clearFrom, until: START + 30 });
  await attempt(PASSWORD);
  expect(accounts.counts.has(EMAIL)).toBe(false);
});

test('a wrong password and an unknown e-mail are told the same', async () => {
  const { statusCode: status, messages: errors } = badCredentials();
  await expect(refusal(attempt('wrong'))).resolves.toEqual({ status, errors });
  await expect(refusal(attempt('wrong', 'nobody@example.com'))).resolves.toEqual({ status, errors });
});

test.each(['the first', 'the second', 'one too many'])(
  'an unknown e-mail is asked about exactly as a known one: %s failure',
  async (which) => {
    const failures = { 'the first': 0, 'the second': 1, 'one too many': SIGN_IN_LIMIT.failures }[which] ?? 0;
    const callsOf = async (email: string) => {
      accounts = new Accounts();
      if (failures > 0) accounts.counts.set(email, { failures, until: START + 60 });
      await attempt('wrong', email).catch(() => undefined);
      return accounts.calls;
    };
    const known = await callsOf(EMAIL);
    expect(await callsOf('nobody@example.com')).toEqual(known);
    expect(known).toContain('countSignIn');
  },
);

test('a failure is counted once, before the password is looked at', async () => {
  await refusal(attempt('wrong'));
  expect(accounts.calls).toEqual(['signInState', 'credentials', 'countSignIn', 'verifyPassword']);
});

test('after ten failures even the right password is not looked at, and the answer says when to come back', async () => {
  for (let n = 0; n < SIGN_IN_LIMIT.failures; n++) {
    expect((await refusal(attempt('wrong'))).status).toBe(401);
  }
  accounts.calls.length = 0;
  accounts.now += 100;
  const error: unknown = await attempt(PASSWORD).catch((reason: unknown) => reason);
  const seconds = SIGN_IN_LIMIT.window - 100;
  expect(error).toMatchObject({
    statusCode: 429,
    messages: { credentials: [`too many failed attempts, try again in ${seconds} seconds`] },
    headers: { 'retry-after': String(seconds) },
  });
  expect(accounts.calls).not.toContain('verifyPassword');
  expect(accounts.calls).not.toContain('sign');
});

test('a try that is refused does not lengthen the wait', async () => {
  accounts.counts.set(EMAIL, { failures: SIGN_IN_LIMIT.failures, until: START + 30 });
  await refusal(attempt(PASSWORD));
  expect(accounts.counts.get(EMAIL)).toEqual({ failures: SIGN_IN_LIMIT.failures, until: START + 30 });
});

test('when the window is over, the account signs in as if nothing had been', async () => {
  accounts.counts.set(EMAIL, { failures: SIGN_IN_LIMIT.failures, until: START + 30 });
  accounts.now = START + 30;
  await expect(attempt(PASSWORD)).resolves.toMatchObject({ user: { username: 'ada' } });
  expect(accounts.counts.get(EMAIL)).toEqual({ failures: 1, until: START + 30 + SIGN_IN_LIMIT.window });
  accounts.now = START + 31;
  await refusal(attempt('wrong'));
  expect(accounts.counts.get(EMAIL)).toEqual({ failures: 2, until: START + 30 + SIGN_IN_LIMIT.window });
});

test('the right password within the window is let in and forgets the failures', async () => {
  accounts.counts.set(EMAIL, { failures: 4, until: START + 30 });
  await attempt(PASSWORD);
  expect(accounts.counts.has(EMAIL)).toBe(false);
});

test('tries side by side cannot outrun the limit', async () => {
  await refusal(attempt('wrong'));
  const answers = await Promise.all(Array.from({ length: 40 }, () => refusal(attempt('wrong'))));
  const looked = accounts.calls.filter((call) => call === 'verifyPassword').length;
  expect(looked).toBe(SIGN_IN_LIMIT.failures);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(40 - (SIGN_IN_LIMIT.failures - 1));
});

test('first tries side by side that go beyond the limit are told so, right or wrong', async () => {
  const ports = accounts.ports();
  const counted = jest.fn().mockResolvedValue(false);
  const full = { ...ports, accounts: { ...ports.accounts, countSignIn: counted } };
  const answer = await refusal(signIn(full, { email: EMAIL, password: 'wrong' }));
  expect(answer.status).toBe(429);
  expect(counted).toHaveBeenCalledWith(EMAIL, SIGN_IN_LIMIT.failures, START, START + SIGN_IN_LIMIT.window);
});

test('an account that is half there, its profile gone, signs nobody in', async () => {
  const ports = accounts.ports();
  const half: UserPorts['accounts'] = {
    ...ports.accounts,
    credentials: () => Promise.resolve({ email: EMAIL, passwordHash: `hash of ${PASSWORD}` }),
  };
  expect((await refusal(signIn({ ...ports, accounts: half }, { email: EMAIL, password: PASSWORD }))).status).toBe(401);
});
