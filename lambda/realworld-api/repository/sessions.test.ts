import { SessionRepository } from './sessions';
import { startTestEngine, type TestEngine, type TestTables, weakReads } from '../../../test/support/engine';
import { compact, forge, newPair, type TestPair } from '../../../test/support/keys';
import { articleIdOf, refusal, userIdOf } from '../../../test/support/samples';
import { accountKey, JWKS_KEY } from '../../auth/account-keys';
import { sign } from '../../auth/tokens';
import { followKey, profileKey, slugKey, tagCountKey, usernameKey } from '../../social-table/keys';

const INVALID = { status: 401, errors: { token: ['is invalid'] } };
const ADA = userIdOf(1);
const START = Date.UTC(2026, 0, 1);

let engine: TestEngine;
let tables: TestTables;
let sessions: SessionRepository;
let pair: TestPair;
let next: TestPair;
let now: number;

/** Items that were asked for, by their partition keys, call by call. */
const asked = () =>
  tables.calls.map(({ input }) =>
    Object.values(input.RequestItems as Record<string, { Keys: { PK: { S: string } }[] }>).flatMap(({ Keys }) =>
      Keys.map(({ PK }) => PK.S.replace(/[#].*/, '')),
    ),
  );
const publish = (...pairs: TestPair[]) =>
  tables.put(tables.accounts, [
    { ...JWKS_KEY, keys: pairs.map(({ publicKey }) => publicKey), retired: {}, version: 1 },
  ]);
const token = (from = pair, generation = 2) => sign({ userId: ADA, generation }, from.signing, 3600);

beforeAll(async () => {
  engine = await startTestEngine();
  [pair, next] = await Promise.all([newPair('key-1'), newPair('key-2')]);
});
afterAll(() => engine.close());

beforeEach(async () => {
  tables = await engine.tables();
  sessions = new SessionRepository(tables);
  now = START;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  await publish(pair);
  await tables.put(tables.accounts, [{ ...accountKey(ADA), userId: ADA, email: 'ada@example.com' }]);
  await tables.put(tables.social, [
    { ...profileKey(ADA), userId: ADA, username: 'ada', tokenVersion: 2, bio: 'Countess' },
    { ...usernameKey('ada'), userId: ADA },
    { ...usernameKey('bob'), userId: userIdOf(2) },
    {
      ...slugKey('a-slug'),
      ...{ articleId: articleIdOf(1), authorId: ADA, slugBase: 'a', tagList: ['x'], commenterIds: new Set([ADA]) },
    },
  ]);
});

afterEach(() => jest.restoreAllMocks());

describe('opening', () => {
  test('brings viewer, slug, names and e-mail with one consistent read, keys and all', async () => {
    const found = await sessions.load(await token(), { slug: 'a-slug', usernames: ['BOB', 'eve', 'ada'], email: true });
    expect(found).toEqual({
      tokenId: expect.any(String) as string,
      viewer: { userId: ADA, username: 'ada', bio: 'Countess', image: null, tokenVersion: 2 },
      slug: {
        ...{ slug: 'a-slug', articleId: articleIdOf(1), authorId: ADA, slugBase: 'a', tagList: ['x'] },
        commenterIds: [ADA],
      },
      userIds: [userIdOf(2), undefined, ADA],
      email: 'ada@example.com',
    });
    expect(tables.calls).toHaveLength(1);
    expect(weakReads(tables.calls)).toEqual([]);
  });

  test('to a visitor reads what is wanted alone, and nothing where nothing is', async () => {
    await expect(sessions.load(undefined, { slug: 'a-slug' })).resolves.toMatchObject({ slug: { slug: 'a-slug' } });
    expect(asked()).toEqual([['SLUG']]);
    await expect(sessions.load(undefined)).resolves.toEqual({ viewer: undefined, slug: undefined, userIds: [] });
    expect(tables.calls).toHaveLength(1);
  });

  test('asks for the e-mail only where it is wanted', async () => {
    expect((await sessions.load(await token(), { slug: 'a-slug' })).email).toBeUndefined();
    expect(asked().flat().sort()).toEqual(['JWKS', 'SLUG', 'USER']);
  });

  test('counts the articles of a tag, over all shards, with the same one read', async () => {
    await tables.put(
      tables.social,
      [3, 4].map((articlesCount, shard) => ({ ...tagCountKey('x', shard), articlesCount })),
    );
    const onTwo = new SessionRepository({ ...tables, shards: 2 });
    expect((await onTwo.load(await token(), { tag: 'x' })).tagged).toBe(7);
    expect(tables.calls).toHaveLength(1);
    expect((await onTwo.load(undefined, { tag: 'y' })).tagged).toBe(0);
    expect((await onTwo.load(undefined)).tagged).toBeUndefined();
  });

  test('the same name twice, and names and slugs that fit no key, does no harm', async () => {
    const long = 'x'.repeat(5000);
    const found = await sessions.load(undefined, { slug: long, usernames: ['ada', 'ada', '', long] });
    expect(found).toMatchObject({ slug: undefined, userIds: [ADA, ADA, undefined, undefined] });
    expect((await sessions.load(undefined, { slug: '' })).slug).toBeUndefined();
    expect(asked()).toEqual([['USERNAME']]);
  });

  test('says whether the viewer follows themselves, with the same one read, where that is asked', async () => {
    await expect(sessions.load(await token(), { followsSelf: true })).resolves.toMatchObject({ followsSelf: false });
    await tables.put(tables.social, [followKey(ADA, ADA)]);
    await expect(sessions.load(await token(), { followsSelf: true })).resolves.toMatchObject({ followsSelf: true });
    expect(tables.calls).toHaveLength(2);
    expect(weakReads(tables.calls)).toEqual([]);
    expect((await sessions.load(await token())).followsSelf).toBeUndefined();
  });

  test.each([
    ['of before a change of password', () => token(pair, 1)],
    ['of a generation to come', () => token(pair, 3)],
    ['of somebody who is not there', () => sign({ userId: userIdOf(9), generation: 2 }, pair.signing, 60)],
    ['with a foreign signature', async () => token({ ...next, signing: { ...next.signing, kid: 'key-1' } })],
    ['that has expired', () => forge(pair, ADA, { payload: { gen: 2, exp: START / 1000 - 1 } })],
    ['without signature', async () => compact({ alg: 'none', kid: 'key-1' }, { sub: ADA, gen: 2 })],
  ])('refuses a token %s, before and after the keys are known', async (_, make) => {
    const bad = await make();
    expect(await refusal(sessions.load(bad, { slug: 'a-slug' }))).toEqual(INVALID);
    await sessions.load(await token());
    expect(await refusal(sessions.load(bad, { slug: 'no-slug' }))).toEqual(INVALID);
  });

  test('reads nothing for a token that its keys refuse', async () => {
    await sessions.load(await token());
    tables.calls.length = 0;
    await refusal(sessions.load(await forge(pair, ADA, { payload: { iss: 'another' } }), { slug: 'a-slug' }));
    expect(tables.calls).toEqual([]);
  });
});

test('lets the one token of before in that goes on, with the same one read, and no other', async () => {
  const [kept, other] = [await token(pair, 1), await token(pair, 1)];
  const { tokenId } = await sessions.verify(kept);
  const profile = { userId: ADA, username: 'ada', tokenVersion: 2, keptTokenId: tokenId };
  await tables.put(tables.social, [{ ...profileKey(ADA), ...profile }]);
  tables.calls.length = 0;
  await expect(sessions.load(kept)).resolves.toMatchObject({ viewer: { userId: ADA }, tokenId });
  expect(tables.calls).toHaveLength(1);
  expect(await refusal(sessions.load(other))).toEqual(INVALID);
  await expect(sessions.load(await token(pair, 2))).resolves.toMatchObject({ viewer: { userId: ADA } });
});

describe('the public keys', () => {
  test('are read once and kept for five minutes, then read again', async () => {
    const good = await token();
    await sessions.verify(good);
    await sessions.verify(good);
    await sessions.load(good);
    expect(asked()).toEqual([['JWKS'], ['USER']]);
    now += 5 * 60_000;
    await sessions.verify(good);
    expect(asked()).toHaveLength(2);
    now += 1;
    await sessions.load(good);
    expect(asked()[2].sort()).toEqual(['JWKS', 'USER']);
  });

  test('are read again, once, for a key id that is not among them: a rotated key is good at once', async () => {
    await sessions.verify(await token());
    await publish(pair, next);
    now += 5_001;
    const rotated = await token(next);
    await expect(sessions.verify(rotated)).resolves.toMatchObject({ userId: ADA, generation: 2 });
    await sessions.load(rotated);
    await sessions.verify(await token());
    expect(asked()).toEqual([['JWKS'], ['JWKS'], ['USER']]);
  });

  test('are not read again and again for key ids that nobody has', async () => {
    await sessions.verify(await token());
    now += 5_001;
    for (let n = 0; n < 10; n++) {
      const forged = await forge(pair, ADA, { header: { kid: `forged-${n}` } });
      expect(await refusal(sessions.verify(forged))).toEqual(INVALID);
      expect(await refusal(sessions.load(forged))).toEqual(INVALID);
    }
    expect(asked().filter((keys) => keys.includes('JWKS'))).toHaveLength(2);
  });

  test('that are published twice are one: a doubled key verifies as before', async () => {
    await publish(pair, pair);
    await expect(sessions.verify(await token())).resolves.toMatchObject({ userId: ADA });
  });

  test('that were withdrawn are good no longer than five minutes', async () => {
    const old = await token();
    await sessions.verify(old);
    await publish(next);
    await expect(sessions.verify(old)).resolves.toMatchObject({ userId: ADA });
    now += 5 * 60_000 + 1;
    expect(await refusal(sessions.verify(old))).toEqual(INVALID);
  });

  test('that are not there yet refuse every token, and are looked for again', async () => {
    await tables.put(tables.accounts, [{ ...JWKS_KEY, version: 1 }]);
    const good = await token();
    expect(await refusal(sessions.verify(good))).toEqual(INVALID);
    await publish(pair);
    now += 5_001;
    await expect(sessions.verify(good)).resolves.toMatchObject({ userId: ADA });
  });
});

test('claims are what a token says, whatever its generation: that is for the write to check', async () => {
  await expect(sessions.verify(await token(pair, 1))).resolves.toMatchObject({ userId: ADA, generation: 1 });
  for (const bad of [await forge(next, ADA, { header: { kid: 'key-1' } }), 'a.b.c', '']) {
    expect(await refusal(sessions.verify(bad))).toEqual(INVALID);
  }
});

test('whom a token names is known without a read: verified where the keys are, by the next read where they are not', async () => {
  const foreign = await token({ ...next, signing: { ...next.signing, kid: 'key-1' } });
  for (const good of [await token(), foreign]) {
    await expect(sessions.claimedBy(good)).resolves.toBe(ADA);
  }
  for (const bad of ['a.b.c', '', await forge(pair, 'no-id', {})]) {
    expect(await refusal(sessions.claimedBy(bad))).toEqual(INVALID);
  }
  expect(tables.calls).toEqual([]);
  expect(await refusal(sessions.load(foreign))).toEqual(INVALID);
  tables.calls.length = 0;
  await expect(sessions.claimedBy(await token())).resolves.toBe(ADA);
  expect(await refusal(sessions.claimedBy(foreign))).toEqual(INVALID);
  expect(tables.calls).toEqual([]);
});
