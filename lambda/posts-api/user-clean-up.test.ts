import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Principal } from './domain/model';
import { cleanUpUser, type UserCleanUpPorts } from './domain/users';
import { AccessTokenRepository } from './repository/access-tokens';
import { PostRepository } from './repository/posts';
import { TagRepository } from './repository/tags';
import { UserRemainsRepository, UserRepository } from './repository/users';
import { startTestEngine, type TestEngine, type TestTables, weakReads } from '../../test/support/engine';
import { setEnvironment } from '../../test/support/function-environment';
import { fullPostOf, postIdOf, principalOf, tagIdOf, tagOf } from '../../test/support/post-samples';
import { startTestPool } from '../../test/support/user-pool';
import { ACCESS_TOKEN } from '../auth/account-entities';
import { newId } from '../core/ids';
import { USER_POST, USER_TAG } from '../social-table/post-entities';
import { allowedUserKey, deletedUserKey, sharedPostKey } from '../social-table/post-keys';

const [ADA, BOB] = [1, 2].map(principalOf);

let engine: TestEngine;
let tables: TestTables;
let ports: UserCleanUpPorts;
let removed: string[];
let handedOn: number;
let timeIsShort: () => boolean;

beforeAll(async () => (engine = await startTestEngine()));
afterAll(() => engine.close());
beforeEach(async () => {
  tables = await engine.tables();
  removed = [];
  handedOn = 0;
  timeIsShort = () => false;
  ports = {
    remains: new UserRemainsRepository(tables),
    userPosts: new PostRepository(tables),
    userTags: new TagRepository(tables),
    tokens: new AccessTokenRepository(tables),
    directory: { remove: async (username) => void removed.push(username) },
  };
});
afterEach(() => expect(weakReads(tables.calls)).toEqual([]));

const run = ({ userId } = ADA) =>
  cleanUpUser(ports, { timeIsShort: () => timeIsShort(), handOn: async () => void handedOn++ }, userId);
const sayGone = (user = ADA) => new UserRepository(tables).delete(user, Date.now());

async function publish(owner: Principal, first: number, count: number, readers: readonly Principal[] = []) {
  const posts = new PostRepository(tables);
  for (let number = first; number < first + count; number++) {
    const accessType = readers.length > 0 ? 'allowed_user' : number % 2 === 0 ? 'public' : 'private';
    const post = { ...fullPostOf(number, 1, { accessType }), ownerId: owner.userId };
    expect(
      await posts.create(
        post,
        readers.map(({ userId }) => userId),
      ),
    ).toEqual({ kind: 'done' });
  }
}
async function makeTags(owner: Principal, first: number, count: number) {
  for (let number = first; number < first + count; number++) {
    await new TagRepository(tables).create({ ...tagOf(number, 1), ownerId: owner.userId });
  }
}
const giveTokens = ({ userId, username }: Principal, count: number) =>
  tables.put(
    tables.accounts,
    Array.from({ length: count }, () =>
      ACCESS_TOKEN.item([userId, newId()], {
        ...{ secretHash: 'x', name: 'ci', scopes: [], username, createdAt: '', issuedAt: '' },
        ...{ expiresAtTime: '2099-01-01T00:00:00.000Z', expiresAt: 4e9 },
      }),
    ),
  );
const keysOf = (items: readonly Record<string, unknown>[]) => items.map(({ PK, SK }) => `${String(PK)} ${String(SK)}`);
const everything = async () => [
  ...keysOf(await tables.items(tables.social)),
  ...keysOf(await tables.items(tables.accounts)),
];

/** All that Ada has and sees, beside what Bob has. */
async function lives(scale = 1): Promise<void> {
  await new UserRepository(tables).make(ADA.userId, '2026-01-01T00:00:00.000Z');
  await publish(ADA, 1, 6 * scale);
  await publish(ADA, 1001, scale, [BOB]);
  await makeTags(ADA, 1, 3 * scale);
  await publish(BOB, 2001, scale, [ADA, principalOf(3)]);
  await publish(BOB, 3001, scale);
  await makeTags(BOB, 1001, scale);
  await Promise.all([giveTokens(ADA, 5 * scale), giveTokens(BOB, 2)]);
}

test('a user who is gone leaves nothing of theirs, and all that is of others stays', async () => {
  await lives();
  await sayGone();
  await run();
  const left = await everything();
  // The grants on posts that were deleted are the clean-up's of those posts.
  const ofDeletedPost = [allowedUserKey(postIdOf(1001), BOB.userId), sharedPostKey(BOB.userId, postIdOf(1001))];
  const rest = left.filter((key) => !keysOf(ofDeletedPost).includes(key));
  expect(rest.filter((key) => key.includes(ADA.userId))).toEqual(keysOf([deletedUserKey(ADA.userId)]));
  expect(rest.filter((key) => /01900000-000[1-7]-7000-8000-20/.test(key))).toEqual([]);
  expect(keysOf([allowedUserKey(postIdOf(2001), principalOf(3).userId)])[0]).toBe(
    left.find((key) => key.startsWith(`POST#${postIdOf(2001)} ALLOWED_USER#`)),
  );
  expect(left.filter((key) => key.includes(BOB.userId) && !key.includes(postIdOf(1001)))).toHaveLength(5);
  expect(removed).toEqual(['user-1']);
  expect(handedOn).toBe(0);
});

test('a user of whom nothing says that they are gone keeps everything, whatever a message says', async () => {
  await lives();
  const before = await everything();
  await run();
  expect(await everything()).toEqual(before);
  expect(removed).toEqual([]);
});

test('a second delivery finds nothing to do, and goes through', async () => {
  await lives();
  await sayGone();
  await run();
  const before = await everything();
  await run();
  expect(await everything()).toEqual(before);
});

test('what does not fit an invocation is handed on, until nothing is left', async () => {
  await lives(3);
  await giveTokens(ADA, 130);
  await sayGone();
  timeIsShort = () => true;
  let rounds = 0;
  do {
    handedOn = 0;
    await run();
    rounds++;
  } while (handedOn > 0);
  expect(rounds).toBeGreaterThan(3);
  expect(await ports.remains.posts(ADA.userId)).toEqual([]);
  expect(
    (await everything()).filter(
      (key) => /^(USER_POSTS|USER_TAGS|SHARED_POSTS|PATS|USER)#/.test(key) && key.includes(ADA.userId),
    ),
  ).toEqual([]);
});

test.each([1, 2, 3, 5, 8, 12])('a pass that breaks off at write %i is finished by the next', async (at) => {
  await lives();
  await sayGone();
  let writes = 0;
  tables.before = ({ operation }) => {
    if (/Write/.test(operation) && ++writes === at) {
      throw new Error('no answer');
    }
  };
  await expect(run()).rejects.toThrow('no answer');
  tables.before = () => undefined;
  await run();
  const mine = (await everything()).filter((key) => key.includes(ADA.userId) && !key.startsWith('DELETED_USER#'));
  // A post that Bob was allowed to see is left to the clean-up of that post.
  expect(mine).toEqual([]);
});

test('a user pool that fails keeps nothing else from going, and the pass comes again for it', async () => {
  await lives();
  await sayGone();
  const { remove } = ports.directory;
  ports = { ...ports, directory: { remove: () => Promise.reject(new Error('no answer')) } };
  await expect(run()).rejects.toThrow('no answer');
  expect(await ports.remains.posts(ADA.userId)).toEqual([]);
  expect(removed).toEqual([]);
  ports = { ...ports, directory: { remove } };
  await run();
  expect(removed).toEqual([ADA.username]);
});

test('what says that a thing is theirs, where it is no more or is of another, goes, and the thing stays', async () => {
  await publish(BOB, 1, 1);
  await makeTags(BOB, 1, 1);
  const strays = [
    USER_POST.item([ADA.userId, postIdOf(1)], {}),
    USER_POST.item([ADA.userId, postIdOf(99)], {}),
    USER_TAG.item([ADA.userId, tagIdOf(1)], {}),
    USER_TAG.item([ADA.userId, tagIdOf(99)], {}),
  ];
  const before = await everything();
  await tables.put(tables.social, strays);
  await sayGone();
  await run();
  expect((await everything()).sort()).toEqual([...before, ...keysOf([deletedUserKey(ADA.userId)])].sort());
});

test('nothing of theirs is made once they are gone', async () => {
  await sayGone();
  const post = { ...fullPostOf(1, 1), ownerId: ADA.userId };
  expect(await new PostRepository(tables).create(post, [])).toEqual({ kind: 'owner-gone' });
  expect(await new TagRepository(tables).create({ ...tagOf(1, 1), ownerId: ADA.userId })).toBe('owner-gone');
  expect(await new UserRepository(tables).make(ADA.userId, '2026-01-01T00:00:00.000Z')).toBeUndefined();
});

test('the function of the clean-up works off the message of a deleted user', async () => {
  const pool = await startTestPool();
  pool.users.set(ADA.username, { sub: ADA.userId });
  setEnvironment({
    AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: pool.endpoint,
    TABLE_NAME: tables.social,
    ACCOUNTS_TABLE_NAME: tables.accounts,
    USER_POOL_ID: pool.userPoolId,
    QUEUE_URL: 'https://sqs.example/queue',
  });
  const { handler } = jest.requireActual<{ handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> }>(
    './clean-up/index',
  );
  await lives();
  await sayGone();
  const body = JSON.stringify({ type: 'user-deleted', userId: ADA.userId });
  const Records = [{ messageId: 'message-1', body, attributes: { ApproximateReceiveCount: '1' } }];
  const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
  expect(await handler({ Records } as unknown as SQSEvent, context)).toEqual({ batchItemFailures: [] });
  expect(await ports.remains.posts(ADA.userId)).toEqual([]);
  expect(pool.calls).toEqual([`AdminGetUser ${ADA.username}`, `AdminDeleteUser ${ADA.username}`]);
  await pool.close();
});
