import { CredentialRepository } from './authorizer/repository';
import { authorize } from './authorizer/use-case';
import { deleteMe, getMe, updateMe } from './domain/me';
import type { Principal } from './domain/model';
import { createToken, deleteToken, listTokens, rotateToken } from './domain/tokens';
import { cleanUpUser } from './domain/users';
import { AccessTokenMaker, AccessTokenRepository } from './repository/access-tokens';
import { PostRepository } from './repository/posts';
import { TagRepository } from './repository/tags';
import { UserRemainsRepository, UserRepository } from './repository/users';
import * as facts from '../../src/posts-api/contract';
import { type Cost, costOf, rightsUsed } from '../../test/support/costs';
import { startTestEngine, type TestEngine, type TestTables, weakReads } from '../../test/support/engine';
import { fullPostOf, principalOf, tagOf } from '../../test/support/post-samples';
import { newId } from '../core/ids';

/** What people and their tokens ask of DynamoDB: a user with five tokens. What is asked of Cognito is counted apart. */

const [ADA, BOB] = [1, 2].map(principalOf);

let engine: TestEngine;
let tables: TestTables;

beforeAll(async () => (engine = await startTestEngine()));
afterAll(() => engine.close());
beforeEach(async () => (tables = await engine.tables()));
afterEach(() => expect(weakReads(tables.calls)).toEqual([]));

const now = () => Date.now();
const directory = { find: async () => ({ email: null, emailVerified: false }), remove: async () => undefined };
const tokenPorts = () => ({ tokens: new AccessTokenRepository(tables), now });
const makerPorts = () => ({ maker: new AccessTokenMaker(tables), newId, now });
const mePorts = () => ({ profiles: new UserRepository(tables), directory, now });
const make = () => createToken(makerPorts(), ADA, { name: 'ci', scopes: ['read:posts'] });
const authorizerPorts = () => ({
  store: new CredentialRepository(tables.db, tables.social, tables.accounts),
  verify: async () => ADA,
  now,
});
const comesIn = (text: string) => authorize(authorizerPorts(), [`Bearer ${text}`]);

interface Facts {
  readonly social?: Readonly<Record<string, readonly string[]>>;
  readonly accounts?: Readonly<Record<string, readonly string[]>>;
}
const rightsOf = ({ social = {}, accounts = {} }: Facts) =>
  [social, accounts]
    .flatMap((rights) => Object.entries(rights))
    .flatMap(([action, kinds]) => kinds.map((kind) => `${action} ${kind}`))
    .sort();

/** Does the work, and checks what it cost. @returns the rights that it used */
async function costs(work: () => Promise<unknown>, expected: Cost): Promise<string[]> {
  expect(await costOf(tables, work)).toEqual(expected);
  return rightsUsed(tables.calls);
}
const all = (...used: readonly string[][]) => [...new Set(used.flat())].sort();

test('the authorizer: one read, and with a token now and then a write; it has the rights to these alone', async () => {
  const { token } = await make();
  const signedIn = await costs(() => comesIn('a.b.c'), { calls: 1, depth: 1, rcu: 1, wcu: 0 });
  const first = await costs(() => comesIn(token), { calls: 2, depth: 2, rcu: 2, wcu: 1 });
  const next = await costs(() => comesIn(token), { calls: 1, depth: 1, rcu: 2, wcu: 0 });
  expect(all(signedIn, first, next)).toEqual(rightsOf(facts.POSTS_HELPERS.Authorizer));
});

test('GetMe: one read beside that of Cognito, and once in a life a transaction', async () => {
  const first = await costs(() => getMe(mePorts(), ADA), { calls: 2, depth: 2, rcu: 1, wcu: 4 });
  const next = await costs(() => getMe(mePorts(), ADA), { calls: 1, depth: 1, rcu: 1, wcu: 0 });
  expect(all(first, next)).toEqual(rightsOf(facts.GetMe));
});

test('UpdateMe: one write beside the read of Cognito', async () => {
  // And one more unit for the write that finds no profile: what is refused is charged, and not told of.
  const first = await costs(() => updateMe(mePorts(), ADA, { bio: 'x' }), { calls: 3, depth: 3, rcu: 0, wcu: 5 });
  const next = await costs(() => updateMe(mePorts(), ADA, { bio: 'y' }), { calls: 1, depth: 1, rcu: 0, wcu: 1 });
  expect(all(first, next)).toEqual(rightsOf(facts.UpdateMe));
});

test('DeleteMe: a transaction, then tokens page by page beside the call of Cognito', async () => {
  await getMe(mePorts(), ADA);
  for (let count = 0; count < 5; count++) await make();
  const ports = { users: new UserRepository(tables), ...tokenPorts(), directory };
  const used = await costs(() => deleteMe(ports, ADA), { calls: 3, depth: 3, rcu: 1, wcu: 10 });
  expect(used).toEqual(rightsOf(facts.DeleteMe));
});

test('tokens: each endpoint, and the rights that it has', async () => {
  for (let count = 0; count < 5; count++) await make();
  const { token_id: tokenId } = await make();
  const created = await costs(make, { calls: 2, depth: 2, rcu: 1, wcu: 6 });
  const listed = await costs(() => listTokens(tokenPorts(), ADA, { limit: 20 }), {
    calls: 1,
    depth: 1,
    rcu: 1,
    wcu: 0,
  });
  const rotated = await costs(() => rotateToken(tokenPorts(), ADA, tokenId), { calls: 2, depth: 2, rcu: 1, wcu: 1 });
  const deleted = await costs(() => deleteToken(tokenPorts(), ADA, tokenId), { calls: 1, depth: 1, rcu: 0, wcu: 1 });
  const soon = { ...makerPorts(), now: () => Date.now() + 100 * 24 * 3600_000 };
  const tidied = await costs(() => createToken(soon, ADA, { name: 'ci', scopes: ['read:posts'] }), {
    ...{ calls: 2, depth: 2, rcu: 1 },
    // Six that are over go with it.
    wcu: 6 + 6 * 2,
  });
  expect(all(created, tidied)).toEqual(rightsOf(facts.CreateToken));
  expect(listed).toEqual(rightsOf(facts.GetTokens));
  expect(rotated).toEqual(rightsOf(facts.RotateToken));
  expect(deleted).toEqual(rightsOf(facts.DeleteToken));
});

test('the clean-up has the rights to remove all that a user leaves', async () => {
  const posts = new PostRepository(tables);
  const own = (owner: Principal) => ({ ownerId: owner.userId });
  await posts.create({ ...fullPostOf(1, 1, { accessType: 'public' }), ...own(ADA) }, []);
  await posts.create({ ...fullPostOf(2, 1, { accessType: 'allowed_user' }), ...own(BOB) }, [ADA.userId]);
  await new TagRepository(tables).create({ ...tagOf(1, 1), ...own(ADA) });
  await make();
  await new UserRepository(tables).delete(ADA, now());
  tables.calls.length = 0;
  const ports = {
    remains: new UserRemainsRepository(tables),
    userPosts: posts,
    userTags: new TagRepository(tables),
    tokens: new AccessTokenRepository(tables),
    directory,
  };
  const work = { timeIsShort: () => false, handOn: () => Promise.reject(new Error('there is time')) };
  await cleanUpUser(ports, work, ADA.userId);
  await ports.remains.disown(ADA.userId, { postId: newId() });
  await ports.remains.disown(ADA.userId, { tagId: newId() });
  expect(rightsOf(facts.POSTS_HELPERS.CleanUp)).toEqual(expect.arrayContaining(rightsUsed(tables.calls)));
});
