import {
  CLEAR_FROM,
  type Credentials,
  SIGN_IN_LIMITS,
  SIGN_IN_WINDOW,
  signIn,
  type SignInCount,
  type SignInOrigin,
  type SignInState,
  type UserPorts,
} from './users';
import { useLogLines } from '../../../test/support/log-lines';
import { profileOf, refusal } from '../../../test/support/samples';
import { awsError } from '../../../test/support/secrets';
import { badCredentials } from '../errors';

const logged = useLogLines();

const EMAIL = 'ada@example.com';
const PASSWORD = 'correct horse';
const ADA = profileOf(1, { username: 'ada', tokenVersion: 3 });
const START = Date.UTC(2026, 0, 1) / 1000;

interface Counts {
  until: number;
  readonly tries: Map<string, number>;
  readonly failures: Map<string, number>;
}
const total = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((sum, each) => sum + each, 0);
const more = (counts: Map<string, number>, source: string) => counts.set(source, (counts.get(source) ?? 0) + 1);

/** Accounts as the table keeps them, and everything that was asked of them, in order. */
class Accounts {
  public readonly calls: string[] = [];
  public now = START;
  public readonly counts = new Map<string, Counts>();

  public ports(): Pick<UserPorts, 'accounts' | 'verifyPassword' | 'sign' | 'now'> {
    const accounts: Partial<UserPorts['accounts']> = {
      signInState: (email) => this.does('signInState', this.state(email)),
      credentials: (userId) => this.does('credentials', this.credentials(userId)),
      countSignIn: (origin, _, now, until) => this.does('countSignIn', this.count(origin, now, until)),
      countFailure: (origin) => this.does('countFailure', this.fail(origin)),
      clearSignIns: (origin) => this.does('clearSignIns', this.forget(origin)),
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

  private of(email: string): Counts {
    const counts = this.counts.get(email) ?? { until: 0, tries: new Map(), failures: new Map() };
    this.counts.set(email, counts);
    return counts;
  }

  private state(email: string): SignInState {
    return { userId: email === EMAIL ? ADA.userId : undefined, until: this.counts.get(email)?.until ?? 0 };
  }

  private credentials(userId: string | undefined): Credentials {
    return userId === ADA.userId ? { email: EMAIL, passwordHash: `hash of ${PASSWORD}`, profile: ADA } : {};
  }

  private count({ email, source }: SignInOrigin, now: number, until: number): SignInCount {
    if (this.of(email).until <= now) {
      this.counts.set(email, { until, tries: new Map(), failures: new Map() });
    }
    const { tries, failures } = this.of(email);
    const { failures: most, tries: mostTries } = SIGN_IN_LIMITS;
    if (total(failures) >= most.account || (failures.get(source) ?? 0) >= most.source) {
      return { kind: 'locked' };
    }
    if (total(tries) >= mostTries.account || (tries.get(source) ?? 0) >= mostTries.source) {
      return { kind: 'crowded' };
    }
    more(tries, source);
    return { kind: 'counted', tries: tries.get(source) ?? 0 };
  }

  private fail({ email, source }: SignInOrigin): boolean {
    const { failures } = this.of(email);
    more(failures, source);
    const { account, source: ofSource } = SIGN_IN_LIMITS.failures;
    return total(failures) <= account && (failures.get(source) ?? 0) <= ofSource;
  }

  private forget({ email, source }: SignInOrigin): void {
    this.of(email).tries.delete(source);
    this.of(email).failures.delete(source);
  }
}

let accounts: Accounts;
const HOME = 'home';
const attempt = (password: string, email = EMAIL, source = HOME) =>
  signIn(accounts.ports(), { email, password }, source);
const statusOf = (sent: Promise<unknown>) =>
  sent.then(
    () => 200,
    async (error: unknown) => (await refusal(Promise.reject(error))).status,
  );
const wrong = async (times: number, source = HOME, email = EMAIL) => {
  for (let n = 0; n < times; n++) await refusal(attempt('wrong', email, source));
};
const failuresOf = (email = EMAIL) => total(accounts.counts.get(email)?.failures ?? new Map<string, number>());

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

test('a wrong password is counted as a failure after it was looked at', async () => {
  await refusal(attempt('wrong'));
  expect(accounts.calls).toEqual(['signInState', 'credentials', 'countSignIn', 'verifyPassword', 'countFailure']);
});

test('right passwords side by side are all let in, and so are those after them', async () => {
  const statuses = await Promise.all(Array.from({ length: 24 }, () => statusOf(attempt(PASSWORD))));
  expect(new Set(statuses)).toEqual(new Set([200]));
  for (let n = 0; n < 60; n++) expect(await statusOf(attempt(PASSWORD))).toBe(200);
  expect(failuresOf()).toBe(0);
});

test('guesses side by side are bounded before the first of them has failed, and the source is locked after them', async () => {
  const statuses = await Promise.all(Array.from({ length: 80 }, () => statusOf(attempt('wrong'))));
  expect(statuses.filter((status) => status === 401)).toHaveLength(SIGN_IN_LIMITS.failures.source);
  expect(statuses.filter((status) => status === 429)).toHaveLength(80 - SIGN_IN_LIMITS.failures.source);
  expect(accounts.calls.filter((call) => call === 'verifyPassword')).toHaveLength(SIGN_IN_LIMITS.tries.source);
  expect(await statusOf(attempt(PASSWORD))).toBe(429);
});

test('guesses side by side from many sources are bounded for the account', async () => {
  const statuses = await Promise.all(
    Array.from({ length: 300 }, (_, n) => statusOf(attempt('wrong', EMAIL, `source-${n % 60}`))),
  );
  expect(statuses.filter((status) => status === 401)).toHaveLength(SIGN_IN_LIMITS.failures.account);
  expect(accounts.calls.filter((call) => call === 'verifyPassword')).toHaveLength(SIGN_IN_LIMITS.tries.account);
});

test('who is refused because many sign in at once is told to come back in a moment', async () => {
  const tries = await Promise.allSettled(
    Array.from({ length: SIGN_IN_LIMITS.tries.source + 1 }, () => attempt(PASSWORD)),
  );
  expect(tries.filter(({ status }) => status === 'rejected')).toMatchObject([
    { reason: { statusCode: 429, headers: { 'retry-after': '1' } } },
  ]);
});

test('a stranger locks the source that they fail from, and the owner gets in from another', async () => {
  await wrong(SIGN_IN_LIMITS.failures.source, 'stranger');
  expect(await statusOf(attempt(PASSWORD, EMAIL, 'stranger'))).toBe(429);
  expect(await statusOf(attempt(PASSWORD))).toBe(200);
  expect(await statusOf(attempt('wrong', EMAIL, 'stranger'))).toBe(429);
});

test('many sources together lock the account, at a higher bound', async () => {
  const { source, account } = SIGN_IN_LIMITS.failures;
  for (let n = 0; n < account / source; n++) {
    expect(await statusOf(attempt(PASSWORD))).toBe(200);
    await wrong(source, `stranger-${n}`);
  }
  expect(await statusOf(attempt(PASSWORD))).toBe(429);
});

test('the right password clears what its source has counted, once there is something to clear, and no other', async () => {
  await wrong(4, 'stranger');
  await wrong(CLEAR_FROM - 2);
  await attempt(PASSWORD);
  expect(accounts.calls).not.toContain('clearSignIns');
  await attempt(PASSWORD);
  expect(accounts.calls).toContain('clearSignIns');
  expect(failuresOf()).toBe(4);
});

test('the right password gets in where what its source has counted cannot be cleared, and that is logged', async () => {
  await wrong(CLEAR_FROM);
  const ports = accounts.ports();
  const clearSignIns = () => Promise.reject(awsError('ThrottlingException'));
  const failing = { ...ports, accounts: { ...ports.accounts, clearSignIns } };
  const { user } = await signIn(failing, { email: EMAIL, password: PASSWORD }, HOME);
  expect(user.username).toBe('ada');
  expect(logged()).toEqual([
    expect.objectContaining({
      level: 'WARN',
      message: 'counted sign-ins were not cleared',
      error: 'ThrottlingException',
    }),
  ]);
});

test('a wrong password and an unknown e-mail are told the same', async () => {
  const { statusCode: status, messages: errors } = badCredentials();
  await expect(refusal(attempt('wrong'))).resolves.toEqual({ status, errors });
  await expect(refusal(attempt('wrong', 'nobody@example.com'))).resolves.toEqual({ status, errors });
});

test.each([0, 1, SIGN_IN_LIMITS.failures.source])(
  'an unknown e-mail is asked about exactly as a known one, after %i failures',
  async (failures) => {
    const callsOf = async (email: string) => {
      accounts = new Accounts();
      await wrong(failures, HOME, email);
      accounts.calls.length = 0;
      await refusal(attempt('wrong', email));
      return accounts.calls;
    };
    const known = await callsOf(EMAIL);
    expect(await callsOf('nobody@example.com')).toEqual(known);
    expect(known).toContain('countSignIn');
  },
);

test('after ten failures even the right password is not looked at, and the answer says when to come back', async () => {
  await wrong(SIGN_IN_LIMITS.failures.source);
  expect(failuresOf()).toBe(10);
  accounts.calls.length = 0;
  accounts.now += 100;
  const error: unknown = await attempt(PASSWORD).catch((reason: unknown) => reason);
  const seconds = SIGN_IN_WINDOW - 100;
  expect(error).toMatchObject({
    statusCode: 429,
    messages: { credentials: [`too many failed attempts, try again in ${seconds} seconds`] },
    headers: { 'retry-after': String(seconds) },
  });
  expect(accounts.calls).not.toContain('verifyPassword');
  expect(accounts.calls).not.toContain('sign');
});

test('a try that is refused does not lengthen the wait', async () => {
  await wrong(SIGN_IN_LIMITS.failures.source);
  accounts.now += 100;
  await refusal(attempt(PASSWORD));
  expect(accounts.counts.get(EMAIL)?.until).toBe(START + SIGN_IN_WINDOW);
  expect(failuresOf()).toBe(10);
});

test('when the window is over, the account signs in as if nothing had been', async () => {
  await wrong(SIGN_IN_LIMITS.failures.source);
  accounts.now += SIGN_IN_WINDOW;
  await expect(attempt(PASSWORD)).resolves.toMatchObject({ user: { username: 'ada' } });
  expect(failuresOf()).toBe(0);
});

test('an account that is half there, its profile gone, signs nobody in', async () => {
  const ports = accounts.ports();
  const half: UserPorts['accounts'] = {
    ...ports.accounts,
    credentials: () => Promise.resolve({ email: EMAIL, passwordHash: `hash of ${PASSWORD}` }),
  };
  expect((await refusal(signIn({ ...ports, accounts: half }, { email: EMAIL, password: PASSWORD }, HOME))).status).toBe(
    401,
  );
});
