import * as path from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { BatchGetCommand, DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { REALWORLD_ENDPOINTS, type RealWorldEndpoint } from '../../src/realworld-api/contract';
import { call, CONTEXT, requestEvent, type RequestSample } from '../../test/support/events';
import { newPair, type TestPair } from '../../test/support/keys';
import { useLogLines } from '../../test/support/log-lines';
import { awsError } from '../../test/support/secrets';
import { accountKey, emailKey, JWKS_KEY, passwordKey } from '../auth/account-keys';
import { hashPassword } from '../auth/passwords';
import { sign } from '../auth/tokens';
import type { GatewayResult } from '../core/http/response';
import { profileKey } from '../social-table/keys';

const logged = useLogLines();

const db = mockClient(DynamoDBDocumentClient);
const secrets = mockClient(SecretsManagerClient);
const USER = '01900000-0001-7000-8000-000000000001';
const PASSWORD = 'correct horse';

/** A good request of every endpoint; those without a token take none. */
const SAMPLES: Readonly<Record<string, RequestSample>> = {
  CreateUser: { body: { user: { username: 'ada', email: 'ada@example.com', password: PASSWORD } } },
  Login: { body: { user: { email: 'ada@example.com', password: PASSWORD } } },
  UpdateCurrentUser: { body: { user: { password: 'another horse' } } },
  GetProfileByUsername: { path: { username: 'ada' } },
  FollowUserByUsername: { path: { username: 'ada' } },
  UnfollowUserByUsername: { path: { username: 'ada' } },
  CreateArticle: { body: { article: { title: 't', description: 'd', body: 'b' } } },
  UpdateArticle: { path: { slug: 'a' }, body: { article: { body: 'b' } } },
  SearchArticles: { query: { q: 'a' } },
  CreateArticleComment: { path: { slug: 'a' }, body: { comment: { body: 'b' } } },
  DeleteArticleComment: { path: { slug: 'a', id: '1' } },
};
const idsWith = (auth: RealWorldEndpoint['auth']) =>
  Object.entries(REALWORLD_ENDPOINTS).flatMap(([id, endpoint]) => (endpoint.auth === auth ? [id] : []));
const OPEN = idsWith('none');
const OPTIONAL = idsWith('optional');
const closed = idsWith('required');
const BY_SEARCH = ['GetArticlesBySearch', 'GetTagsBySearch'];
const reading = [...Object.keys(REALWORLD_ENDPOINTS), ...BY_SEARCH].filter((id) => id !== 'GetHealth');

let pair: TestPair;
let token: string;
let items: Record<string, unknown>[];

const kebab = (id: string) => id.replace(/\B[A-Z]/g, '-$&').toLowerCase();
const load = (name: string) => jest.requireActual<{ handler: unknown }>(path.join(__dirname, name, 'index.ts')).handler;
const sampleOf = (id: string): RequestSample => ({
  path: { slug: 'a' },
  ...SAMPLES[id],
  ...([...OPEN, 'GetTagsBySearch'].includes(id) ? {} : { token }),
});

beforeAll(async () => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    TABLE_NAME: 'social',
    ACCOUNTS_TABLE_NAME: 'accounts',
    FEED_TABLE_NAME: 'feed',
    FEED_READ_CAP: '1000',
    FEED_TTL_SECONDS: '5184000',
    OVERLAY_WINDOW_SECONDS: '165',
    CLEAN_UP_WINDOW_SECONDS: '240',
    ITEM_CACHE_TTL_SECONDS: '45',
    SEARCH_ENDPOINT: 'http://127.0.0.1:9',
    SEARCH_SERVICE: 'es',
    SEARCH_ALIAS: 'articles',
    SEARCH_TIMEOUT_MS: '1000',
    SEARCH_WINDOW_SECONDS: '120',
    SEARCH_DELETED_WINDOW_SECONDS: '360',
    SIGNING_KEY_SECRET_ARN: 'arn:secret',
  });
  pair = await newPair('key-1');
  token = sign({ userId: USER, generation: 1 }, pair.signing, 2 * 3600);
  items = [
    { ...JWKS_KEY, keys: [pair.publicKey] },
    { ...profileKey(USER), userId: USER, username: 'ada', tokenVersion: 1 },
    { ...accountKey(USER), email: 'ada@example.com' },
    { ...emailKey('ada@example.com'), userId: USER },
    { ...passwordKey(USER), passwordHash: await hashPassword(PASSWORD) },
  ];
});

beforeEach(() => {
  db.reset();
  secrets.reset();
  secrets.on(GetSecretValueCommand).resolves({ SecretString: JSON.stringify(pair.signing) });
});

/** Reads find what is there, writes succeed. */
function tablesAnswer(): void {
  db.resolves({});
  db.on(BatchGetCommand).callsFake(({ RequestItems }) => {
    const wanted = Object.entries(RequestItems as Record<string, { Keys: Record<string, string>[] }>);
    const find = ({ PK, SK }: Record<string, string>) => items.filter((item) => item.PK === PK && item.SK === SK);
    return { Responses: Object.fromEntries(wanted.map(([table, { Keys }]) => [table, Keys.flatMap(find)])) };
  });
}

const INTERNAL = { errors: { server: ['internal error'] } };
const LEAKS = /arn:|AccessDenied|Throttl|Throughput|InternalS|Exception|dynamodb|secret|\.ts|socket|horse|ada@/i;

const BUSY = { errors: { server: ['is busy, try again'] } };

describe.each([awsError('ProvisionedThroughputExceededException'), awsError('ThrottlingException')])(
  'where DynamoDB answers %s at every attempt',
  (fault) => {
    test.each(reading)('%s is a 503 in the shape of the API that says when to come back', async (id) => {
      db.rejects(fault);
      const answer = await call(load(kebab(id)), sampleOf(id));
      expect(answer).toMatchObject({ status: 503, json: BUSY, headers: { 'retry-after': '1' } });
      expect(answer.text + JSON.stringify(answer.headers)).not.toMatch(LEAKS);
      expect(logged()).toEqual([expect.objectContaining({ level: 'ERROR', error: fault.name })]);
    });
  },
);

describe.each([
  awsError('InternalServerError'),
  awsError('AccessDeniedException'),
  Object.assign(new Error('socket hang up at 10.0.0.1'), { name: 'TimeoutError' }),
])('where DynamoDB answers %s', (fault) => {
  test.each(reading)('%s is a 500 in the shape of the API that tells nothing', async (id) => {
    db.rejects(fault);
    const answer = await call(load(kebab(id)), sampleOf(id));
    expect(answer).toMatchObject({ status: 500, json: INTERNAL });
    expect(answer.text + JSON.stringify(answer.headers)).not.toMatch(LEAKS);
    expect(logged()).toEqual([
      expect.objectContaining({
        level: 'ERROR',
        error: fault.name,
        requestId: 'request-1',
        route: expect.any(String) as string,
        functionRequestId: 'invocation-1',
      }),
    ]);
    expect(JSON.stringify(logged())).not.toMatch(/10\.0\.0\.1|horse|ada@/);
  });
});

test.each(closed)('%s without a token is told so, whatever its body, and reads nothing', async (id) => {
  const missing = { errors: { token: ['is missing'] } };
  const handler = load(kebab(id));
  expect(await call(handler, { ...sampleOf(id), token: undefined })).toMatchObject({ status: 401, json: missing });
  expect(await call(handler, { ...sampleOf(id), token: undefined, body: undefined, raw: '{' })).toMatchObject({
    status: 401,
    json: missing,
  });
  expect(db.calls()).toEqual([]);
});

test.each([...closed, ...OPTIONAL])('%s with a header that is no token is told so, and reads nothing', async (id) => {
  const answer = await call(load(kebab(id)), {
    ...sampleOf(id),
    token: undefined,
    headers: { authorization: 'Basic x' },
  });
  expect(answer).toMatchObject({ status: 401, json: { errors: { token: ['is invalid'] } } });
  expect(db.calls()).toEqual([]);
});

describe('where the signing key cannot be read', () => {
  beforeEach(() => {
    tablesAnswer();
    // A key of before is too old by now.
    const now = Date.now() + 60 * 60_000;
    jest.spyOn(Date, 'now').mockReturnValue(now);
    secrets.on(GetSecretValueCommand).rejects(awsError('AccessDeniedException'));
  });
  afterEach(() => jest.restoreAllMocks());

  test.each(['CreateUser', 'Login', 'UpdateCurrentUser'])('%s is a 500 that tells nothing', async (id) => {
    const answer = await call(load(kebab(id)), sampleOf(id));
    expect(answer).toMatchObject({ status: 500, json: INTERNAL });
    expect(answer.text).not.toMatch(LEAKS);
  });

  test.each(['CreateUser', 'UpdateCurrentUser'])(
    '%s writes nothing: what is not answered has not happened',
    async (id) => {
      await call(load(kebab(id)), sampleOf(id));
      expect(db.commandCalls(TransactWriteCommand)).toEqual([]);
    },
  );

  test('sign-in works again as soon as it can be read', async () => {
    await call(load('login'), sampleOf('Login'));
    secrets.on(GetSecretValueCommand).resolves({ SecretString: JSON.stringify(pair.signing) });
    const answer = await call(load('login'), sampleOf('Login'));
    expect(answer).toMatchObject({ status: 200, json: { user: { username: 'ada', email: 'ada@example.com' } } });
  });
});

test('health asks nothing of anything', async () => {
  db.rejects(awsError('InternalServerError'));
  expect(await call(load('get-health'))).toMatchObject({ status: 200, json: { status: 'ok' } });
  expect([db.calls(), secrets.calls()]).toEqual([[], []]);
});

test('a route that is not there is a 404 in the shape of the API', async () => {
  expect(await call(load('not-found'))).toMatchObject({ status: 404, json: { errors: { route: ['not found'] } } });
});

test('a method that a path does not have is a 405 that names those it has, and a preflight is a 204', async () => {
  const send = async (method: string, rawPath: string) => {
    const event = { ...requestEvent(), rawPath };
    Object.assign(event.requestContext, { http: { method } });
    return (load('not-found') as (given: unknown, context: unknown) => Promise<GatewayResult>)(event, CONTEXT);
  };
  expect(await send('PATCH', '/api/articles/a-slug')).toMatchObject({
    statusCode: 405,
    headers: { allow: 'GET, PUT, DELETE, OPTIONS' },
    body: '{"errors":{"route":["method not allowed"]}}',
  });
  expect(await send('PATCH', '/api/articles/a-slug/nothing')).toMatchObject({ statusCode: 404 });
  expect(await send('GET', '/api/profiles//follow')).toMatchObject({ statusCode: 404 });
  expect(await send('OPTIONS', '/api/articles')).toMatchObject({ statusCode: 204, body: '' });
});
