import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { CredentialRepository } from './repository';
import { authorize, type AuthorizerPorts, LAST_USED_EVERY } from './use-case';
import { type TestTables, weakReads } from '../../../test/support/engine';
import { useLogLines } from '../../../test/support/log-lines';
import { usePeople } from '../../../test/support/people-world';
import { poolKey, type TestPool } from '../../../test/support/user-pool';
import { newAccessToken } from '../../auth/access-tokens';
import { ACCESS_TOKEN } from '../../auth/account-entities';
import { accessTokenKey } from '../../auth/account-keys';
import { InvalidToken } from '../../auth/tokens';
import { DELETED_USER } from '../../social-table/post-entities';

const ADA = '01900000-0001-4000-8000-000000000001';
const TOKEN_ID = '01900000-0002-7000-8000-000000000002';
const ARN = 'arn:aws:execute-api:eu-west-1:123456789012:api/v1/GET/me';
const DAY = 24 * 3600_000;

const logged = useLogLines();

const world = usePeople(({ clientId }) => ({ USER_POOL_CLIENT_IDS: `another,${clientId}` }));
let tables: TestTables;
let pool: TestPool;
let handler: (event: APIGatewayRequestAuthorizerEvent) => Promise<APIGatewayAuthorizerResult>;

beforeAll(() => {
  ({ tables, pool } = world);
  ({ handler } = jest.requireActual<typeof import('./index')>('./index'));
});

beforeEach(() => {
  tables.calls.length = 0;
  tables.readUnits = 0;
  tables.before = () => undefined;
});

function eventOf(headers: Readonly<Record<string, readonly string[]>>): APIGatewayRequestAuthorizerEvent {
  return {
    type: 'REQUEST',
    methodArn: ARN,
    headers: Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values[values.length - 1]])),
    multiValueHeaders: headers,
    requestContext: { requestId: 'request-1' },
  } as unknown as APIGatewayRequestAuthorizerEvent;
}

const ask = (authorization: string) => handler(eventOf({ Authorization: [authorization] }));
const bearer = (token: string) => ask(`Bearer ${token}`);
/** As API Gateway needs it: this text and no other is a 401. */
const unauthorized = async (answer: Promise<unknown>) => {
  const error: unknown = await answer.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).toBe('Unauthorized');
  expect((error as Error).name).toBe('Error');
};

const tombstone = () =>
  tables.put(tables.social, [DELETED_USER.item([ADA], { userId: ADA, username: 'ada', expiresAt: 4e9 })]);

/** Puts a token, with what a test wants otherwise; answers its text. */
async function give(given: Record<string, unknown> = {}, ids = { userId: ADA, tokenId: TOKEN_ID }): Promise<string> {
  const { text, secretHash } = newAccessToken(ids);
  const expires = Date.now() + DAY;
  const token = {
    secretHash,
    name: 'ci',
    scopes: ['read:posts', 'write:posts'],
    username: 'ada',
    createdAt: '2026-01-01T00:00:00.000Z',
    issuedAt: '2026-01-01T00:00:00.000Z',
    expiresAtTime: new Date(expires).toISOString(),
    expiresAt: Math.floor(expires / 1000),
  };
  await tables.put(tables.accounts, [{ ...ACCESS_TOKEN.item([ids.userId, ids.tokenId], token), ...given }]);
  return text;
}
const kept = () => tables.item(tables.accounts, accessTokenKey(ADA, TOKEN_ID));

/** The rules over the same tables, where a test counts or holds calls. */
const ports = (now = () => Date.now()): AuthorizerPorts => ({
  store: new CredentialRepository(tables.db, tables.social, tables.accounts),
  verify: () => Promise.resolve({ userId: ADA, username: 'ada' }),
  now,
});

describe('a user who has signed in', () => {
  test('may go on with this one request, and the function is told who they are', async () => {
    expect(await bearer(await pool.token(ADA, { payload: { username: 'ada' } }))).toEqual({
      principalId: ADA,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: ARN },
          { Effect: 'Deny', Action: 'execute-api:InvalidateCache', Resource: ARN },
        ],
      },
      context: { userId: ADA, username: 'ada', credential: 'jwt' },
    });
    expect(logged()).toEqual([]);
  });

  test('costs one read of one unit, which is consistent', async () => {
    await authorize(ports(), ['Bearer x.y.z']);
    expect(tables.calls.map(({ operation }) => operation)).toEqual(['BatchGetItem']);
    expect(weakReads(tables.calls)).toEqual([]);
    expect(tables.readUnits).toBe(1);
  });

  test('and is gone is refused, with a token that is still good', async () => {
    const token = await pool.token(ADA);
    await expect(bearer(token)).resolves.toBeDefined();
    await tombstone();
    await unauthorized(bearer(token));
  });

  test.each([
    ['an id token', { payload: { token_use: 'id', aud: '1example23456789' } }],
    ['a token of another client', { payload: { client_id: 'x' } }],
    ['a token that is over', { payload: { exp: 1 } }],
  ])('is refused with %s', async (_, given) => {
    await unauthorized(bearer(await pool.token(ADA, given)));
    expect(logged()).toEqual([]);
  });
});

describe('the header', () => {
  test.each(['Authorization', 'authorization', 'AUTHORIZATION', 'aUTHORIZATION'])('is found as %s', async (name) => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER', 'Bearer  ']) {
      const event = eventOf({ host: ['x'], [name]: [` ${scheme} ${await give()} `] });
      await expect(handler(event)).resolves.toMatchObject({ principalId: ADA });
    }
  });

  test('is found where there is no list of all', async () => {
    const event = { ...eventOf({}), headers: { authorization: `Bearer ${await give()}` }, multiValueHeaders: null };
    await expect(handler(event)).resolves.toMatchObject({ principalId: ADA });
  });

  test('is one: two are refused, be they the same or written differently', async () => {
    const good = `Bearer ${await give()}`;
    await unauthorized(handler(eventOf({ Authorization: [good, good] })));
    await unauthorized(handler(eventOf({ Authorization: ['Bearer x', good] })));
    await unauthorized(handler(eventOf({ Authorization: [good], authorization: [good] })));
    await unauthorized(ask(`${good}, ${good}`));
    await unauthorized(ask(`${good} ${good}`));
  });

  test('of another kind is refused', async () => {
    const text = await give();
    for (const header of [text, `Token ${text}`, `Basic ${text}`, `Bearer${text}`, 'Bearer', 'Bearer ', '', ' ']) {
      await unauthorized(ask(header));
    }
    await unauthorized(handler(eventOf({})));
    await unauthorized(handler({ ...eventOf({}), headers: null, multiValueHeaders: null }));
  });

  test('of 10 kB is refused', async () => {
    await unauthorized(bearer('x'.repeat(10_240)));
    await unauthorized(bearer(`csbp_${'x'.repeat(10_240)}`));
    await unauthorized(bearer(`${'x.'.repeat(5120)}`));
  });
});

describe('an access token', () => {
  test('may go on, and the function is told whose it is and what it may do', async () => {
    const { principalId, context } = await bearer(await give());
    expect(principalId).toBe(ADA);
    expect(context).toEqual({
      userId: ADA,
      username: 'ada',
      credential: 'token',
      scopes: 'read:posts write:posts',
      tokenId: TOKEN_ID,
    });
  });

  test('costs one read over both tables, of two units; and one write where its last use is old', async () => {
    const text = await give();
    await authorize(ports(), [`Bearer ${text}`]);
    await authorize(ports(), [`Bearer ${text}`]);
    expect(tables.calls.map(({ operation }) => operation)).toEqual(['BatchGetItem', 'UpdateItem', 'BatchGetItem']);
    expect(weakReads(tables.calls)).toEqual([]);
    expect(tables.readUnits).toBe(4);
  });

  test('that was mistyped costs no read', async () => {
    const text = await give();
    const mistyped = text.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));
    for (const bad of [mistyped, text.slice(0, -1), `${text}x`, 'csbp_', text.toLowerCase()]) {
      await expect(authorize(ports(), [`Bearer ${bad}`])).rejects.toBeInstanceOf(InvalidToken);
    }
    expect(tables.calls).toEqual([]);
  });

  test('with the secret of another, of another user or of none is refused', async () => {
    const other = { userId: ADA, tokenId: '01900000-0003-7000-8000-000000000003' };
    await give();
    const wrong = newAccessToken({ userId: ADA, tokenId: TOKEN_ID }).text;
    const unknown = newAccessToken(other).text;
    for (const text of [wrong, unknown]) {
      await unauthorized(bearer(text));
    }
    const others = await give({}, other);
    await expect(bearer(others)).resolves.toBeDefined();
    await tables.delete(tables.accounts, [accessTokenKey(ADA, other.tokenId)]);
    await unauthorized(bearer(others));
  });

  test('that is over is refused by our own clock, while its item is still there', async () => {
    const text = await give({ expiresAtTime: '2026-06-01T00:00:00.000Z' });
    const over = Date.parse('2026-06-01T00:00:00.000Z');
    await expect(
      authorize(
        ports(() => over - 1),
        [`Bearer ${text}`],
      ),
    ).resolves.toMatchObject({ userId: ADA });
    await expect(
      authorize(
        ports(() => over),
        [`Bearer ${text}`],
      ),
    ).rejects.toBeInstanceOf(InvalidToken);
  });

  test('of a user who is gone is refused', async () => {
    const text = await give();
    await tombstone();
    await unauthorized(bearer(text));
    expect(await kept()).not.toHaveProperty('lastUsedAt');
  });

  test('whose digest is broken is refused, and nothing fails', async () => {
    await unauthorized(bearer(await give({ secretHash: 'x' })));
    expect(logged()).toEqual([]);
  });
});

describe('the last use of an access token', () => {
  const AT = Date.parse('2026-06-01T00:00:00.000Z');
  const used = async (at: number, text: string) =>
    authorize(
      ports(() => at),
      [`Bearer ${text}`],
    );

  test('is written with the first, and then at most every ten minutes', async () => {
    const text = await give();
    const seen: unknown[] = [];
    for (const after of [0, 1000, LAST_USED_EVERY - 1, LAST_USED_EVERY, LAST_USED_EVERY + 1]) {
      await used(AT + after, text);
      seen.push((await kept())?.lastUsedAt);
    }
    const [first, second] = ['2026-06-01T00:00:00.000Z', '2026-06-01T00:10:00.000Z'];
    expect(seen).toEqual([first, first, first, second, second]);
    expect(tables.calls.filter(({ operation }) => operation === 'UpdateItem')).toHaveLength(2);
  });

  test('is written once by many at once, and all of them go on', async () => {
    const text = await give();
    await Promise.all(Array.from({ length: 8 }, () => used(AT, text)));
    await used(AT - 5, text);
    expect(await kept()).toMatchObject({ lastUsedAt: '2026-06-01T00:00:00.000Z' });
    expect(logged()).toEqual([]);
  });

  test('is not written on a token that is revoked or rotated in that moment', async () => {
    const text = await give();
    tables.before = async ({ operation }) => {
      if (operation === 'UpdateItem') await tables.delete(tables.accounts, [accessTokenKey(ADA, TOKEN_ID)]);
    };
    await used(AT, text);
    expect(await kept()).toBeUndefined();
    const again = await give();
    tables.before = async ({ operation }) => void (operation === 'UpdateItem' && (await give()));
    await used(AT, again);
    expect(await kept()).not.toHaveProperty('lastUsedAt');
    expect(logged()).toEqual([]);
  });

  test('that cannot be written fails nothing, and is told', async () => {
    const text = await give();
    tables.before = ({ operation }) => {
      if (operation === 'UpdateItem') throw Object.assign(new Error('arn:secret'), { name: 'AccessDeniedException' });
    };
    await expect(used(AT, text)).resolves.toMatchObject({ userId: ADA });
    expect(logged()).toEqual([expect.objectContaining({ level: 'WARN', error: 'AccessDeniedException' })]);
    expect(JSON.stringify(logged())).not.toMatch(/arn:/);
  });
});

describe('where something does not answer', () => {
  let server: Server;
  let answer: (operation: string, body: string) => Promise<string | undefined>;
  let isolated: typeof handler;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const operation = String(request.headers['x-amz-target']).split('.')[1];
        void answer(operation, Buffer.concat(chunks).toString()).then((text) => {
          if (text !== undefined) {
            response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(text);
          }
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    process.env.AWS_ENDPOINT_URL_DYNAMODB = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await jest.isolateModulesAsync(async () => {
      isolated = jest.requireActual<typeof import('./index')>('./index').handler;
    });
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const forward = async (operation: string, body: string) =>
    (
      await fetch(world.endpoint, {
        method: 'POST',
        body,
        headers: {
          'x-amz-target': `DynamoDB_20120810.${operation}`,
          'content-type': 'application/x-amz-json-1.0',
          authorization:
            'AWS4-HMAC-SHA256 Credential=key/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=x',
          'x-amz-date': '20260101T000000Z',
        },
      })
    ).text();

  test('the write of the last use holds a request up for half a second, and not for longer', async () => {
    answer = async (operation, body) => (operation === 'UpdateItem' ? undefined : forward(operation, body));
    const event = eventOf({ Authorization: [`Bearer ${await give()}`] });
    const started = Date.now();
    await expect(isolated(event)).resolves.toMatchObject({ principalId: ADA });
    expect(Date.now() - started).toBeLessThan(1900);
    expect(logged()).toEqual([expect.objectContaining({ level: 'WARN' })]);
  });

  test('and the table is that, nobody is told that their token is bad', async () => {
    answer = () => Promise.resolve('not json');
    for (const token of [await give(), await pool.token(ADA)]) {
      const event = eventOf({ Authorization: [`Bearer ${token}`] });
      await expect(isolated(event)).rejects.toThrow(/^The token could not be checked$/);
    }
    expect(logged()).toHaveLength(2);
    expect(JSON.stringify(logged())).not.toContain('not json');
    expect(logged()[0]).toMatchObject({ level: 'ERROR', requestId: 'request-1' });
  });

  test('and the user pool is that, nobody is told so either', async () => {
    answer = forward;
    const other = await poolKey('key-2');
    pool.answer = (response) => response.writeHead(500).end();
    const event = eventOf({ Authorization: [`Bearer ${await pool.token(ADA, { key: other })}`] });
    await expect(isolated(event)).rejects.toThrow(/^The token could not be checked$/);
    expect(logged()).toEqual([expect.objectContaining({ level: 'ERROR', error: 'KeysUnavailable' })]);
  });
});

test('no line of the log holds a token, an e-mail or what somebody sent', async () => {
  const text = await give();
  const jwt = await pool.token(ADA, { payload: { token_use: 'id', email: 'ada@example.com' } });
  const headers = [`Bearer ${text}`, `Bearer ${text}x`, `Bearer ${jwt}`, `Basic ${text}`];
  for (const header of headers) {
    await ask(header).catch(() => undefined);
  }
  const lines = JSON.stringify(logged());
  for (const secret of [text, text.split('_')[2], jwt, jwt.split('.')[1], 'ada@']) {
    expect(lines).not.toContain(secret);
  }
});
