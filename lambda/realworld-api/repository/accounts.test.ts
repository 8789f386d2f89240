import { AccountRepository } from './accounts';
import { operations, type TestTables, useTestTables, weakReads } from '../../../test/support/engine';
import { refusal, userIdOf } from '../../../test/support/samples';
import { accountKey, emailKey, passwordKey, signInKey } from '../../auth/account-keys';
import type { Claims } from '../../auth/tokens';
import { profileKey, usernameKey } from '../../social-table/keys';
import type { NewAccount } from '../domain/users';

const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-01T00:00:01.000Z';
const NOW = Date.UTC(2026, 0, 1) / 1000;
const ADA = userIdOf(1);

let tables: TestTables;
let accounts: AccountRepository;

useTestTables((fresh) => {
  tables = fresh;
  accounts = new AccountRepository(tables);
});

const account = (number: number, given: Partial<NewAccount> = {}): NewAccount => ({
  userId: userIdOf(number),
  username: `user-${number}`,
  email: `user-${number}@example.com`,
  passwordHash: `hash-${number}`,
  now: AT,
  ...given,
});
const everything = async () => [...(await tables.items(tables.social)), ...(await tables.items(tables.accounts))];
const claims = (given: Partial<Claims> = {}): Claims => ({ userId: ADA, generation: 1, tokenId: 'token-1', ...given });
const before = { username: 'ada', email: 'ada@example.com', tokenVersion: 1 };

describe('making an account', () => {
  test('writes profile and guards, and keeps credentials out of the table that is streamed', async () => {
    await accounts.create(account(1, { username: 'Ada', email: 'Ada@Example.com' }));
    expect(operations(tables.calls)).toEqual(['TransactWriteItems']);
    expect(await tables.item(tables.social, profileKey(ADA))).toMatchObject({
      entityType: 'Profile',
      username: 'Ada',
      tokenVersion: 1,
      version: 1,
      createdAt: AT,
      updatedAt: AT,
    });
    expect(await tables.item(tables.social, usernameKey('ada'))).toMatchObject({ userId: ADA });
    expect(await tables.item(tables.accounts, emailKey('ADA@example.com'))).toMatchObject({ userId: ADA });
    expect(await tables.item(tables.accounts, accountKey(ADA))).toMatchObject({ email: 'Ada@Example.com' });
    expect(await tables.item(tables.accounts, passwordKey(ADA))).toMatchObject({ passwordHash: 'hash-1' });
    const streamed = JSON.stringify(await tables.items(tables.social));
    expect(streamed).not.toMatch(/hash-1|example\.com/i);
  });

  test.each([
    ['the name', { username: 'Ada' }, ['username']],
    ['the name in other letters', { username: 'ADA' }, ['username']],
    ['the name in another Unicode form', { username: 'ａｄａ' }, ['username']],
    ['the name with what is invisible', { username: 'a\u034fda\ufe0f' }, ['username']],
    ['the e-mail', { email: 'ada@example.com' }, ['email']],
    ['the e-mail in other letters', { email: 'ADA@EXAMPLE.COM' }, ['email']],
    ['both', { username: 'ada', email: 'ada@example.com' }, ['username', 'email']],
  ])('tells that %s is taken, and writes nothing', async (_, given, fields) => {
    await accounts.create(account(1, { username: 'ada', email: 'ada@example.com' }));
    const there = await everything();
    const { status, errors } = await refusal(accounts.create(account(2, given)));
    expect([status, Object.keys(errors)]).toEqual([409, fields]);
    expect(await everything()).toEqual(there);
  });

  test('of one e-mail many times at once makes one', async () => {
    const all = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => accounts.create(account(n, { email: 'one@example.com' }))),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await everything()).toHaveLength(5);
  });
});

describe('signing in', () => {
  beforeEach(() => accounts.create(account(1, { username: 'ada', email: 'ada@example.com' })));

  const LIMITS = { failures: { source: 3, account: 5 }, tries: { source: 6, account: 9 } };
  const from = (source: string, email = 'ada@example.com') => ({ email, source });
  const count = (source = 'home', now = NOW, until = NOW + 60, email?: string) =>
    accounts.countSignIn(from(source, email), LIMITS, now, until);
  const fail = async (source = 'home', email?: string) => {
    const counted = await count(source, NOW, NOW + 60, email);
    if (counted.kind !== 'counted') return counted.kind;
    return (await accounts.countFailure(from(source, email), LIMITS, NOW + 60)) ? 'counted' : 'beyond';
  };

  test('finds who an e-mail is of, whatever its letters, and until when its failures count', async () => {
    await expect(accounts.signInState('ADA@example.com')).resolves.toEqual({ userId: ADA, until: 0 });
    await count('home', NOW, NOW + 60, 'ada@example.com');
    await expect(count('home', NOW, NOW + 90, 'ADA@example.com')).resolves.toEqual({ kind: 'counted', tries: 2 });
    await expect(accounts.signInState('ada@example.com')).resolves.toEqual({ userId: ADA, until: NOW + 60 });
  });

  test('reads what a password is checked against', async () => {
    const found = await accounts.credentials(ADA);
    expect(found).toMatchObject({ email: 'ada@example.com', passwordHash: 'hash-1', profile: { userId: ADA } });
  });

  test('asks as much for nobody as for somebody, consistently', async () => {
    const shape = () =>
      tables.calls.map(({ operation, input }) => [
        operation,
        Object.values(input.RequestItems as Record<string, { Keys: unknown[] }>).map(({ Keys }) => Keys.length),
      ]);
    tables.calls.length = 0;
    await accounts.signInState('ada@example.com');
    await accounts.credentials(ADA);
    const somebody = shape();
    expect(weakReads(tables.calls)).toEqual([]);
    tables.calls.length = 0;
    const nobody = await accounts.signInState('nobody@example.com');
    expect(nobody).toEqual({ userId: undefined, until: 0 });
    await expect(accounts.credentials(nobody.userId)).resolves.toEqual({});
    expect(shape()).toEqual(somebody);
  });

  test.each(['ada@example.com', 'nobody@example.com'])(
    'locks a source that failed for %s, and no other',
    async (email) => {
      const kinds: string[] = [];
      for (let n = 0; n < 5; n++) kinds.push(await fail('stranger', email));
      expect(kinds).toEqual(['counted', 'counted', 'counted', 'locked', 'locked']);
      await expect(count('home', NOW, NOW + 60, email)).resolves.toEqual({ kind: 'counted', tries: 1 });
      expect(await tables.item(tables.accounts, signInKey(email))).toMatchObject({ failures: 3, expiresAt: NOW + 60 });
    },
  );

  test('locks the account once many sources together have failed', async () => {
    for (const source of ['a', 'a', 'b', 'b', 'c']) expect(await fail(source)).toBe('counted');
    await expect(count('home')).resolves.toEqual({ kind: 'locked' });
  });

  test('writes but once to find that the bound is reached', async () => {
    for (let n = 0; n < 3; n++) await fail();
    tables.calls.length = 0;
    await expect(count()).resolves.toEqual({ kind: 'locked' });
    expect(operations(tables.calls)).toEqual(['UpdateItem']);
  });

  test('counts side by side no more than the bounds of tries, and tells it from a lock', async () => {
    const one = await Promise.all(Array.from({ length: 12 }, () => count('a')));
    expect(one.filter(({ kind }) => kind === 'counted')).toHaveLength(6);
    expect(one.filter(({ kind }) => kind === 'crowded')).toHaveLength(6);
    const others = await Promise.all(Array.from({ length: 12 }, (_, n) => count(`other-${n}`)));
    expect(others.filter(({ kind }) => kind === 'counted')).toHaveLength(3);
  });

  test('tells of failures side by side which are beyond a bound', async () => {
    const ofOne = await Promise.all(Array.from({ length: 5 }, () => fail('a')));
    expect(ofOne.filter((kind) => kind === 'counted')).toHaveLength(3);
    const ofMany = await Promise.all(['b', 'c', 'd'].map((source) => fail(source)));
    expect(ofMany).not.toContain('counted');
  });

  test('begins a new count of all sources where the old one is over, though it is not removed yet', async () => {
    for (const source of ['a', 'a', 'a', 'b', 'b']) await fail(source);
    const until = NOW + 120;
    const both = await Promise.all(['a', 'b'].map((source) => count(source, NOW + 60, until)));
    expect(both).toEqual([
      { kind: 'counted', tries: 1 },
      { kind: 'counted', tries: 1 },
    ]);
    const found = await tables.item(tables.accounts, signInKey('ada@example.com'));
    expect(found).toEqual({ ...signInKey('ada@example.com'), expiresAt: until, tries: 2, tries_a: 1, tries_b: 1 });
  });

  test('forgets what a source has counted, and what was counted of others stays', async () => {
    for (const source of ['stranger', 'stranger', 'home', 'home']) await fail(source);
    await count('home');
    await Promise.all([accounts.clearSignIns(from('home', 'ADA@example.com')), accounts.clearSignIns(from('home'))]);
    expect(await tables.item(tables.accounts, signInKey('ada@example.com'))).toEqual({
      ...signInKey('ada@example.com'),
      ...{ expiresAt: NOW + 60, tries: 2, failures: 2, tries_stranger: 2, failures_stranger: 2 },
    });
    await expect(count('home')).resolves.toEqual({ kind: 'counted', tries: 1 });
  });

  test('forgets where nothing was counted without a trace', async () => {
    await accounts.clearSignIns(from('home'));
    expect(await tables.item(tables.accounts, signInKey('ada@example.com'))).toBeUndefined();
  });
});

describe('changing what only the profile holds', () => {
  beforeEach(() => accounts.create(account(1, { username: 'ada', email: 'ada@example.com' })));

  test('sets, clears, leaves, and moves version and time', async () => {
    await accounts.updateProfile(claims(), { bio: 'Countess', image: 'i', now: LATER });
    await expect(accounts.updateProfile(claims(), { bio: null, now: LATER })).resolves.toMatchObject({
      bio: null,
      image: 'i',
      username: 'ada',
    });
    const stored = await tables.item(tables.social, profileKey(ADA));
    expect(stored).toMatchObject({ image: 'i', version: 3, updatedAt: LATER, createdAt: AT });
    expect(stored).not.toHaveProperty('bio');
  });

  test('is nothing where the token is of another generation, or nobody is there', async () => {
    await expect(accounts.updateProfile(claims({ generation: 2 }), { bio: 'x', now: LATER })).resolves.toBeUndefined();
    await expect(
      accounts.updateProfile(claims({ userId: userIdOf(9) }), { bio: 'x', now: LATER }),
    ).resolves.toBeUndefined();
    expect(await tables.item(tables.social, profileKey(userIdOf(9)))).toBeUndefined();
    expect(await tables.item(tables.social, profileKey(ADA))).toMatchObject({ version: 1 });
  });

  test('reads the e-mail that goes with it consistently', async () => {
    await expect(accounts.email(ADA)).resolves.toBe('ada@example.com');
    await expect(accounts.email(userIdOf(9))).resolves.toBeUndefined();
    expect(weakReads(tables.calls)).toEqual([]);
  });
});

describe('changing e-mail, name and password', () => {
  beforeEach(async () => {
    await accounts.create(account(1, { username: 'ada', email: 'ada@example.com' }));
    await accounts.create(account(2, { username: 'bob', email: 'bob@example.com' }));
    tables.calls.length = 0;
  });
  const change = (given: Partial<Parameters<AccountRepository['change']>[1]>) =>
    accounts.change(ADA, { before, now: LATER, ...given });

  test('moves both guards in one transaction: the old ones are free, the new ones taken', async () => {
    await expect(change({ username: 'Lady', email: 'Lady@example.com', bio: 'Countess' })).resolves.toBe(true);
    expect(operations(tables.calls)).toEqual(['TransactWriteItems']);
    expect(await tables.item(tables.social, usernameKey('ada'))).toBeUndefined();
    expect(await tables.item(tables.accounts, emailKey('ada@example.com'))).toBeUndefined();
    expect(await tables.item(tables.social, usernameKey('lady'))).toMatchObject({ userId: ADA });
    expect(await accounts.signInState('lady@example.com')).toMatchObject({ userId: ADA });
    const found = await accounts.credentials(ADA);
    expect(found).toMatchObject({ email: 'Lady@example.com', profile: { username: 'Lady', bio: 'Countess' } });
    await accounts.create(account(3, { username: 'ada', email: 'ada@example.com' }));
  });

  test('to other letters of the same name and e-mail keeps the guards', async () => {
    await expect(change({ username: 'ADA', email: 'ADA@example.com' })).resolves.toBe(true);
    expect(await accounts.credentials(ADA)).toMatchObject({ email: 'ADA@example.com', profile: { username: 'ADA' } });
    expect(await tables.item(tables.social, usernameKey('ada'))).toMatchObject({ userId: ADA });
    expect(await accounts.signInState('ada@example.com')).toMatchObject({ userId: ADA });
  });

  test('to what they are already is done', async () => {
    await expect(change({ email: 'ada@example.com' })).resolves.toBe(true);
    expect(tables.calls).toHaveLength(1);
    await expect(change({ username: 'ada', email: 'ada@example.com' })).resolves.toBe(true);
  });

  test.each([
    ['the name', { username: 'BOB' }, ['username']],
    ['the e-mail', { email: 'bob@EXAMPLE.com' }, ['email']],
    ['both', { username: 'bob', email: 'bob@example.com' }, ['username', 'email']],
  ])('tells that %s is taken, and changes nothing', async (_, given, fields) => {
    const there = await everything();
    const { status, errors } = await refusal(change({ ...given, passwordHash: 'new' }));
    expect([status, Object.keys(errors)]).toEqual([409, fields]);
    expect(await everything()).toEqual(there);
  });

  test('of the password moves the generation: tokens of before are refused', async () => {
    await expect(change({ passwordHash: 'hash-new' })).resolves.toBe(true);
    expect(await accounts.credentials(ADA)).toMatchObject({ passwordHash: 'hash-new', profile: { tokenVersion: 2 } });
    expect(await tables.item(tables.social, profileKey(ADA))).toMatchObject({ updatedAt: LATER, version: 2 });
  });

  test('of the password lets the token that made it go on in writes, that one alone and until the next', async () => {
    const bio = (given: Partial<Claims>) => accounts.updateProfile(claims(given), { bio: 'x', now: LATER });
    await change({ passwordHash: 'hash-new', keptTokenId: 'token-1' });
    expect(operations(tables.calls)).toEqual(['TransactWriteItems']);
    await expect(bio({ tokenId: 'token-1' })).resolves.toBeDefined();
    await expect(bio({ tokenId: 'token-2', generation: 2 })).resolves.toBeDefined();
    await expect(bio({ tokenId: 'token-3' })).resolves.toBeUndefined();
    await expect(bio({ tokenId: undefined })).resolves.toBeUndefined();
    await change({ username: 'lady', before: { ...before, tokenVersion: 2 } });
    await expect(bio({ tokenId: 'token-1' })).resolves.toBeDefined();
    const now = { ...before, username: 'lady' };
    await change({ passwordHash: 'x', keptTokenId: 'token-2', before: { ...now, tokenVersion: 2 } });
    await expect(bio({ tokenId: 'token-1' })).resolves.toBeUndefined();
    await expect(bio({ tokenId: 'token-2', generation: 2 })).resolves.toBeDefined();
    await change({ passwordHash: 'y', before: { ...now, tokenVersion: 3 } });
    await expect(bio({ tokenId: 'token-2', generation: 2 })).resolves.toBeUndefined();
  });

  test('of the e-mail alone leaves the generation', async () => {
    await change({ email: 'lady@example.com' });
    expect((await accounts.credentials(ADA)).profile?.tokenVersion).toBe(1);
  });

  test.each([
    ['their name', { username: 'x', before: { ...before, username: 'old' } }],
    ['their e-mail', { email: 'x@example.com', before: { ...before, email: 'old@example.com' } }],
    ['their password', { passwordHash: 'x', before: { ...before, tokenVersion: 0 } }],
    ['their password, which ended the token', { email: 'new@example.com', before: { ...before, tokenVersion: 0 } }],
  ])('is not done where %s has changed since it was read', async (_, given) => {
    const there = await everything();
    await expect(change(given)).resolves.toBe(false);
    expect(await everything()).toEqual(there);
  });

  test('is not told as taken where they took the name themselves meanwhile: it is read again first', async () => {
    await expect(change({ username: 'lady' })).resolves.toBe(true);
    await expect(change({ username: 'lady' })).resolves.toBe(false);
  });

  test('by two at once to one name: one has it, the other is told', async () => {
    const both = await Promise.allSettled([
      change({ username: 'lady' }),
      accounts.change(userIdOf(2), {
        before: { username: 'bob', email: 'bob@example.com', tokenVersion: 1 },
        username: 'lady',
        now: LATER,
      }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const names = (await tables.items(tables.social)).filter(({ entityType }) => entityType === 'Username');
    expect(names).toHaveLength(2);
  });
});
