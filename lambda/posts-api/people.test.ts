import * as path from 'node:path';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import type { TestTables } from '../../test/support/engine';
import { CONTEXT, type RequestSample, restEvent } from '../../test/support/events';
import { useLogLines } from '../../test/support/log-lines';
import { usePeople } from '../../test/support/people-world';
import { userIdOf } from '../../test/support/samples';
import { useStubServer } from '../../test/support/stub-server';
import { refuse, type TestPool } from '../../test/support/user-pool';
import { ACCESS_TOKEN } from '../auth/account-entities';
import { newId } from '../core/ids';
import { profileKey } from '../social-table/keys';
import { DELETED_USER, USER_PROFILE } from '../social-table/post-entities';
import { deletedUserKey } from '../social-table/post-keys';

/** The functions of people and their tokens, on a DynamoDB and a user pool of this machine. */

const ADA = { userId: userIdOf(1), username: 'ada' };
const EMAIL = 'ada@example.com';
const AT = '2026-01-01T00:00:00.000Z';
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
const WORDS = 'words that somebody sent';

const OPERATIONS = ['GetMe', 'UpdateMe', 'DeleteMe', 'CreateToken', 'GetTokens', 'DeleteToken', 'RotateToken'] as const;
type Operation = (typeof OPERATIONS)[number];
/** Those that a token can never use. */
const USERS_OWN = OPERATIONS.filter((operation) => operation !== 'GetMe');
const SAMPLES: Readonly<Partial<Record<Operation, RequestSample>>> = {
  UpdateMe: { body: { display_name: 'Ada', bio: WORDS } },
  CreateToken: { body: { name: WORDS, scopes: ['read:posts'] } },
  DeleteToken: { path: { tokenId: '01900000-0002-7000-8000-000000000002' } },
  RotateToken: { path: { tokenId: '01900000-0002-7000-8000-000000000002' } },
};

const logged = useLogLines();

const world = usePeople();
const elsewhere = useStubServer();
let tables: TestTables;
let pool: TestPool;

beforeAll(() => ({ tables, pool } = world));
beforeEach(() => pool.users.set('ada', { sub: ADA.userId, email: EMAIL, email_verified: 'true' }));

const kebab = (id: string) => id.replace(/\B[A-Z]/g, '-$&').toLowerCase();
const load = <T>(name: string) =>
  jest.requireActual<{ handler: T }>(path.join(__dirname, kebab(name), 'index.ts')).handler;
type Handler = (event: APIGatewayProxyEvent, context: Context) => Promise<{ statusCode: number; body: string }>;

/** Calls a function as the gateway does, for somebody whom the authorizer has let in. */
async function ask(
  operation: Operation,
  sample: RequestSample = SAMPLES[operation] ?? {},
  who: Readonly<Record<string, string | undefined>> = { ...ADA, credential: 'jwt' },
) {
  const event = restEvent(sample);
  Object.assign(event.requestContext, { authorizer: who });
  const { statusCode, body } = await load<Handler>(operation)(event, CONTEXT);
  return {
    status: statusCode,
    text: body,
    json: (body === '' ? undefined : JSON.parse(body)) as Record<string, unknown>,
  };
}
const withToken = (scopes: string) => ({ ...ADA, credential: 'token', scopes, tokenId: newId() });
const errorOf = (code: string) => ({ error: expect.objectContaining({ code }) as unknown });

const profile = (given: object = {}) =>
  USER_PROFILE.item([ADA.userId], { userId: ADA.userId, createdAt: AT, updatedAt: AT, version: 1, ...given });
const tombstone = () => DELETED_USER.item([ADA.userId], { ...ADA, expiresAt: 4e9 });
const signedUp = (given?: object) => tables.put(tables.social, [profile(given)]);
const kept = () => tables.item(tables.social, profileKey(ADA.userId));
const putTokens = (count: number) =>
  tables.put(
    tables.accounts,
    Array.from({ length: count }, () =>
      ACCESS_TOKEN.item([ADA.userId, newId()], {
        ...{ secretHash: 'x', name: 'ci', scopes: [], username: 'ada', createdAt: AT, issuedAt: AT },
        ...{ expiresAtTime: '2099-01-01T00:00:00.000Z', expiresAt: 4e9 },
      }),
    ),
  );

describe('GET /me', () => {
  test('is the profile, with the e-mail as the user pool has it', async () => {
    await signedUp({ displayName: 'Ada', bio: 'Poet' });
    expect(await ask('GetMe')).toMatchObject({
      status: 200,
      json: {
        user_id: ADA.userId,
        email: EMAIL,
        email_verified: true,
        display_name: 'Ada',
        bio: 'Poet',
        created_at: AT,
        updated_at: AT,
      },
    });
    expect(pool.calls).toEqual(['AdminGetUser ada']);
  });

  test('makes the profile that the sign-up did not, once', async () => {
    const [one, two] = await Promise.all([ask('GetMe'), ask('GetMe')]);
    expect(one.json).toEqual({
      ...{ user_id: ADA.userId, email: EMAIL, email_verified: true, display_name: null, bio: null },
      ...{ created_at: TIME, updated_at: TIME },
    });
    expect(two.json).toEqual(one.json);
    expect(await kept()).toMatchObject({ entityType: 'UserProfile', userId: ADA.userId, version: 1 });
    expect(JSON.stringify(await kept())).not.toContain('@');
  });

  test('makes none for a user who is gone', async () => {
    await tables.put(tables.social, [tombstone()]);
    expect(await ask('GetMe')).toMatchObject({ status: 401, json: errorOf('unauthorized') });
    expect(await kept()).toBeUndefined();
  });

  test('is not found where the user pool has no such user any more, and makes nothing', async () => {
    pool.users.clear();
    expect(await ask('GetMe')).toMatchObject({ status: 404, json: errorOf('not_found') });
    expect(await kept()).toBeUndefined();
  });

  test('tells of a user without an e-mail, and of one that is not verified', async () => {
    await signedUp();
    pool.users.set('ada', { sub: ADA.userId, email: EMAIL, email_verified: 'false' });
    expect((await ask('GetMe')).json).toMatchObject({ email: EMAIL, email_verified: false });
    pool.users.set('ada', { sub: ADA.userId });
    expect((await ask('GetMe')).json).toMatchObject({ email: null, email_verified: false });
  });

  test('is for a token that may read', async () => {
    await signedUp();
    expect(await ask('GetMe', {}, withToken('read:posts'))).toMatchObject({ status: 200 });
    expect(await ask('GetMe', {}, withToken('write:posts'))).toMatchObject({
      status: 403,
      json: errorOf('insufficient_scope'),
    });
  });
});

describe('PUT /me', () => {
  const put = (body: object) => ask('UpdateMe', { body });

  test('changes what is sent, and takes away what is null', async () => {
    await signedUp({ displayName: 'Ada', bio: 'Poet' });
    expect((await put({ bio: 'Mathematician' })).json).toMatchObject({ display_name: 'Ada', bio: 'Mathematician' });
    const { status, json } = await put({ display_name: null });
    expect([status, json]).toEqual([
      200,
      {
        ...{ user_id: ADA.userId, email: EMAIL, email_verified: true, display_name: null, bio: 'Mathematician' },
        ...{ created_at: AT, updated_at: TIME },
      },
    ]);
    expect(await kept()).toEqual({ ...profile(), bio: 'Mathematician', updatedAt: json.updated_at, version: 3 });
  });

  test('makes the profile that the sign-up did not', async () => {
    expect((await put({ display_name: 'Ada' })).json).toMatchObject({ display_name: 'Ada', email: EMAIL });
    expect(await kept()).toMatchObject({ displayName: 'Ada', userId: ADA.userId, entityType: 'UserProfile' });
  });

  test('makes none for a user who is gone', async () => {
    await tables.put(tables.social, [tombstone()]);
    expect(await put({ bio: 'x' })).toMatchObject({ status: 401 });
    expect(await kept()).toBeUndefined();
  });

  test('is not found where the user pool has no such user any more', async () => {
    await signedUp();
    pool.users.clear();
    expect(await put({ bio: 'x' })).toMatchObject({ status: 404 });
  });

  test('does not change an e-mail, and tells where that is done', async () => {
    await signedUp();
    for (const email of ['eve@example.com', null, 7]) {
      const { status, json, text } = await put({ email, bio: 'x' });
      expect([status, json.error]).toEqual([
        400,
        expect.objectContaining({
          code: 'invalid_request',
          fields: { email: ['is changed in the user pool (UpdateUserAttributes), which verifies it'] },
        }),
      ]);
      expect(text).not.toContain('eve@');
    }
    expect(await kept()).toEqual(profile());
    expect(pool.calls).toEqual([]);
  });

  test.each([
    [{}, ['body']],
    [{ display_name: '' }, ['display_name']],
    [{ display_name: ' ' }, ['display_name']],
    [{ display_name: 'x'.repeat(101), bio: 'x'.repeat(1001) }, ['display_name', 'bio']],
    [{ display_name: 7, bio: [] }, ['display_name', 'bio']],
    [{ user_id: 'x', bio: 'x' }, ['user_id']],
    [[], ['body']],
  ])('%j is refused', async (body, fields) => {
    const { status, json } = await put(body);
    expect([status, Object.keys((json.error as { fields: object }).fields)]).toEqual([400, fields]);
  });
});

describe('DELETE /me', () => {
  test('leaves no profile, no token and no user, and says for longer than any token lives that there was one', async () => {
    await signedUp();
    await putTokens(130);
    const before = Math.floor(Date.now() / 1000);
    expect(await ask('DeleteMe')).toMatchObject({ status: 204, text: '' });
    expect(await tables.items(tables.accounts)).toEqual([]);
    expect(pool.users.has('ada')).toBe(false);
    const [item, ...more] = await tables.items(tables.social);
    expect(item).toEqual({
      ...deletedUserKey(ADA.userId),
      ...{ entityType: 'DeletedUser', ...ADA, expiresAt: expect.any(Number) as number },
    });
    expect(more).toEqual([]);
    expect(Math.abs(Number(item.expiresAt) - before - 396 * 24 * 3600)).toBeLessThan(60);
    expect(logged()).toEqual([]);
  });

  test('is done where there is little to do: without profile, token or user in the pool, and twice', async () => {
    pool.users.clear();
    expect(await ask('DeleteMe')).toMatchObject({ status: 204 });
    expect(await ask('DeleteMe')).toMatchObject({ status: 204 });
    expect(logged()).toEqual([]);
  });

  test.each(['InternalErrorException', 'TooManyRequestsException', 'NotAuthorizedException'])(
    'is done where the user pool answers %s: the clean-up does the rest',
    async (name) => {
      await signedUp();
      await putTokens(2);
      pool.instead = refuse(name);
      expect(await ask('DeleteMe')).toMatchObject({ status: 204 });
      expect(await tables.items(tables.accounts)).toEqual([]);
      expect(await kept()).toBeUndefined();
      expect(logged()).toEqual([expect.objectContaining({ level: 'WARN', error: name })]);
      expect(JSON.stringify(logged())).not.toMatch(/arn:|@example/);
    },
  );
});

describe('a user pool that never answers', () => {
  beforeEach(async () => {
    await signedUp();
    pool.instead = () => true;
  });

  test('makes GET and PUT /me fail, and keeps nobody from being gone, in a bounded time', async () => {
    const started = Date.now();
    const [gone, ...answers] = await Promise.all([ask('DeleteMe'), ask('GetMe'), ask('UpdateMe')]);
    expect(Date.now() - started).toBeLessThan(9000);
    expect(gone).toMatchObject({ status: 204 });
    for (const { status, json } of answers) {
      expect([status, json]).toEqual([500, { error: { code: 'internal_error', message: 'Something went wrong' } }]);
    }
    expect(pool.calls).toHaveLength(9);
    expect(await tables.item(tables.social, deletedUserKey(ADA.userId))).toBeDefined();
  });
});

describe('a user pool that refuses', () => {
  test('because it is asked too often makes GET /me a 503 that says when to come back', async () => {
    pool.instead = refuse('TooManyRequestsException');
    expect(await ask('GetMe')).toMatchObject({ status: 503, json: errorOf('unavailable') });
  });

  test.each(['ResourceNotFoundException', 'AccessDeniedException', 'InternalErrorException'])(
    'with %s is a 500 that tells nothing',
    async (name) => {
      pool.instead = refuse(name);
      for (const operation of ['GetMe', 'UpdateMe'] as const) {
        const { status, text } = await ask(operation);
        expect(status).toBe(500);
        expect(text).not.toMatch(/arn|@|Exception/);
      }
      expect(logged().map((line) => line.error)).toEqual([name, name]);
      expect(JSON.stringify(logged())).not.toMatch(/arn:aws|@example/);
    },
  );
});

describe('tokens, as the API shows them', () => {
  const create = async (body: object) => ask('CreateToken', { body });

  test('are made, listed, rotated and revoked', async () => {
    const { status, json: made } = await create({ name: 'ci', scopes: ['write:posts', 'read:posts'] });
    const { token, ...shown } = made;
    expect([status, token]).toEqual([201, expect.stringMatching(/^csbp_\w{94}$/)]);
    expect(shown).toEqual({
      token_id: expect.any(String) as string,
      ...{ name: 'ci', scopes: ['write:posts', 'read:posts'] },
      ...{ created_at: TIME, expires_at: TIME, last_used_at: null },
    });
    expect((await ask('GetTokens')).json).toEqual({ tokens: [shown], next_cursor: null });
    const ofToken = { path: { tokenId: String(shown.token_id) } };
    const { status: rotated, json: again } = await ask('RotateToken', ofToken);
    expect([rotated, again.token_id]).toEqual([200, shown.token_id]);
    expect(again.token).not.toBe(token);
    expect(await ask('DeleteToken', ofToken)).toMatchObject({ status: 204, text: '' });
    expect((await ask('GetTokens')).json).toEqual({ tokens: [], next_cursor: null });
    expect(await ask('DeleteToken', ofToken)).toMatchObject({ status: 404, json: errorOf('not_found') });
    expect(await ask('RotateToken', ofToken)).toMatchObject({ status: 404 });
  });

  test('are paged by a cursor, which is checked', async () => {
    await putTokens(3);
    const { json } = await ask('GetTokens', { query: { limit: '2' } });
    const cursor = String(json.next_cursor);
    expect((await ask('GetTokens', { query: { limit: '2', cursor } })).json).toMatchObject({ next_cursor: null });
    const bad: RequestSample['query'][] = [{ cursor: `${cursor}x` }, { cursor: '' }, { limit: '0' }, { page: '1' }];
    for (const query of bad) {
      expect(await ask('GetTokens', { query })).toMatchObject({ status: 400, json: errorOf('invalid_request') });
    }
  });

  test.each<[object, string[]]>([
    [{}, ['name', 'scopes']],
    [{ name: 'x', scopes: [] }, ['scopes']],
    [{ name: 'x', scopes: ['read:posts', 'read:posts'] }, ['scopes']],
    [{ name: 'x', scopes: ['admin'] }, ['scopes.0']],
    [{ name: 'x'.repeat(101), scopes: ['read:posts'] }, ['name']],
    [{ name: 'x', scopes: ['read:posts'], expires_at: 'tomorrow' }, ['expires_at']],
    [{ name: 'x', scopes: ['read:posts'], expires_at: '2020-01-01T00:00:00Z' }, ['expires_at']],
    [{ name: 'x', scopes: ['read:posts'], expires_at: '2999-01-01T00:00:00Z' }, ['expires_at']],
    [{ name: 'x', scopes: ['read:posts'], token_id: 'x' }, ['token_id']],
  ])('%j makes none', async (body, fields) => {
    const { status, json } = await create(body);
    expect([status, Object.keys((json.error as { fields: object }).fields)]).toEqual([400, fields]);
    expect(await tables.items(tables.accounts)).toEqual([]);
  });
});

test.each(USERS_OWN)(
  '%s is for users who have signed in: no token may, whatever its scopes and whatever is sent',
  async (id) => {
    for (const sample of [SAMPLES[id] ?? {}, { raw: '{' }]) {
      const answer = await ask(id, sample, withToken('read:posts write:posts'));
      expect(answer).toMatchObject({ status: 403, json: errorOf('insufficient_scope') });
    }
    expect(pool.calls).toEqual([]);
  },
);

test.each(OPERATIONS)('%s without anybody whom the authorizer let in is refused', async (id) => {
  for (const who of [{}, { userId: ADA.userId }, { username: 'ada' }]) {
    expect(await ask(id, undefined, who)).toMatchObject({ status: 401, json: errorOf('unauthorized') });
  }
});

test('where DynamoDB fails nothing tells of it', async () => {
  const endpoint = process.env.AWS_ENDPOINT_URL_DYNAMODB;
  // Where nobody listens, the SDK's timer of each connection goes on for a second after that is refused.
  elsewhere.listener = ({ socket }) => socket.destroy();
  process.env.AWS_ENDPOINT_URL_DYNAMODB = elsewhere.url;
  const answers: Record<string, Awaited<ReturnType<typeof ask>>> = {};
  await jest.isolateModulesAsync(async () => {
    for (const operation of OPERATIONS) {
      answers[operation] = await ask(operation);
    }
  });
  process.env.AWS_ENDPOINT_URL_DYNAMODB = endpoint;
  // Three attempts of each.
  expect(elsewhere.asked).toBe(3 * OPERATIONS.length);
  for (const operation of OPERATIONS) {
    const { status, json } = answers[operation];
    expect([status, json]).toEqual([500, { error: { code: 'internal_error', message: 'Something went wrong' } }]);
  }
  expect(logged()).toHaveLength(OPERATIONS.length);
  expect(logged()[0]).toMatchObject({ level: 'ERROR', requestId: 'request-1' });
});

test('no line of the log holds a token, a body, an e-mail or a message of AWS, whatever happens', async () => {
  const made = await ask('CreateToken');
  const rotated = await ask('RotateToken', { path: { tokenId: String(made.json.token_id) } });
  for (const fault of ['none', 'InvalidParameterException', 'UserNotFoundException']) {
    pool.instead = fault === 'none' ? () => false : refuse(fault);
    for (const operation of OPERATIONS) {
      for (const sample of [SAMPLES[operation], { ...SAMPLES[operation], raw: `{"x": "${WORDS}` }]) {
        await ask(operation, sample);
        await ask(operation, sample, withToken('read:posts'));
      }
    }
  }
  const written = JSON.stringify(logged());
  expect(logged().length).toBeGreaterThan(3);
  for (const secret of [made.json.token, rotated.json.token].map(String)) {
    expect(secret).toMatch(/^csbp_/);
    secret
      .split('_')
      .slice(1, 3)
      .forEach((part) => expect(written).not.toContain(part));
  }
  expect(written).not.toMatch(/@example|arn:|words that|csbp_/);
});
