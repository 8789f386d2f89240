import { TokenVerifier } from './authorize';
import { startTestEngine, type TestEngine, type TestTables } from '../../../test/support/engine';
import { forge, newPair, type TestPair } from '../../../test/support/keys';
import { userIdOf } from '../../../test/support/samples';
import { profileKey } from '../../social-table/keys';
import { JWKS_KEY } from '../account-keys';
import { claimed, sign } from '../tokens';

const ADA = userIdOf(1);

let engine: TestEngine;
let tables: TestTables;
let verifier: TokenVerifier;
let pair: TestPair;

const token = (generation = 2, from = pair) => sign({ userId: ADA, generation }, from.signing, 3600);

beforeAll(async () => {
  engine = await startTestEngine();
  pair = await newPair('key-1');
});
afterAll(() => engine.close());

beforeEach(async () => {
  tables = await engine.tables();
  verifier = new TokenVerifier(tables);
  await tables.put(tables.accounts, [{ ...JWKS_KEY, keys: [pair.publicKey], retired: {}, version: 1 }]);
  await tables.put(tables.social, [{ ...profileKey(ADA), userId: ADA, username: 'ada', tokenVersion: 2 }]);
});

test('a good token tells who asks, with one read', async () => {
  expect(await verifier.contextOf(`Token ${await token()}`)).toEqual({ userId: ADA, username: 'ada' });
  expect(await verifier.contextOf(`Bearer ${await token()}`)).toEqual({ userId: ADA, username: 'ada' });
  expect(tables.calls).toHaveLength(2);
});

test('a token of an earlier generation is not good', async () => {
  expect(await verifier.contextOf(`Token ${await token(1)}`)).toBeUndefined();
});

test('a token of an earlier generation is good where it is the one that goes on', async () => {
  const kept = token(1);
  const profile = { userId: ADA, username: 'ada', tokenVersion: 2, keptTokenId: claimed(kept).tokenId };
  await tables.put(tables.social, [{ ...profileKey(ADA), ...profile }]);
  expect(await verifier.contextOf(`Token ${kept}`)).toEqual({ userId: ADA, username: 'ada' });
  expect(await verifier.contextOf(`Token ${token(1)}`)).toBeUndefined();
});

test('a token of a user who is no more is not good', async () => {
  const gone = await sign({ userId: userIdOf(9), generation: 2 }, pair.signing, 3600);
  expect(await verifier.contextOf(`Token ${gone}`)).toBeUndefined();
});

test('a token that others signed, for others, or that is over, is not good', async () => {
  const other = await newPair('key-1');
  const bad = [
    await token(2, other),
    await forge(pair, ADA, { payload: { gen: 2, aud: 'another' } }),
    await forge(pair, ADA, { payload: { gen: 2, exp: 1 } }),
  ];
  for (const each of bad) {
    expect(await verifier.contextOf(`Token ${each}`)).toBeUndefined();
  }
  expect(await verifier.contextOf(`Token ${await forge(pair, ADA, { payload: { gen: 2 } })}`)).toBeDefined();
});

test.each([undefined, '', 'Token', 'Basic YTpi', 'Token not.a.token'])('header %p is no token', async (header) => {
  expect(await verifier.contextOf(header)).toBeUndefined();
});

test('a table that does not answer is an error, and no refusal', async () => {
  tables.before = () => {
    throw new Error('no answer');
  };
  await expect(verifier.contextOf(`Token ${await token()}`)).rejects.toThrow('no answer');
});
