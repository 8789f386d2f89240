import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** A pair of keys as Cognito has them. */
export interface PoolKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: JWK;
}

export async function poolKey(kid: string): Promise<PoolKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  return { kid, privateKey, publicKey: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } };
}

/** Laid over a good header and payload; undefined takes a claim away. */
export interface PoolToken {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly key?: PoolKey;
}

/** The keys of a user pool on this machine, and tokens as it would sign them. */
export interface TestPool {
  readonly userPoolId: string;
  readonly clientId: string;
  /** Where the keys are served, as the variables of the SDK say it. */
  readonly endpoint: string;
  readonly key: PoolKey;
  /** Paths that were asked for. */
  readonly asked: string[];
  /** Answers with the keys, until a test says otherwise. */
  answer: (response: ServerResponse) => void;
  /** The key set that is served. */
  keys: JWK[];
  /** Attributes of its users by their names, which calls of the SDK see and change. */
  readonly users: Map<string, Readonly<Record<string, string>>>;
  /** Calls of the SDK: `AdminGetUser ada`. */
  readonly calls: string[];
  /** Answers a call instead of the pool; false leaves it to the pool. */
  instead: (operation: string, response: ServerResponse) => boolean;
  token(userId: string, given?: PoolToken): Promise<string>;
  close(): Promise<void>;
}

const USER_POOL_ID = 'eu-west-1_Abcdefghi';
export const ISSUER = `https://cognito-idp.eu-west-1.amazonaws.com/${USER_POOL_ID}`;
export const CLIENT_ID = '1example23456789';

async function sign(userId: string, key: PoolKey, { header, payload }: PoolToken): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    sub: userId,
    iss: ISSUER,
    client_id: CLIENT_ID,
    token_use: 'access',
    scope: 'aws.cognito.signin.user.admin',
    auth_time: now,
    iat: now,
    exp: now + 3600,
    jti: 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee',
    username: userId,
    ...payload,
  };
  return new SignJWT(claims).setProtectedHeader({ kid: key.kid, alg: 'RS256', ...header }).sign(key.privateKey);
}

const NOT_FOUND = { __type: 'UserNotFoundException', message: 'User does not exist: ada@example.com' };

/** AdminGetUser and AdminDeleteUser, as the SDK calls them. */
async function serve(pool: TestPool, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const operation = String(request.headers['x-amz-target']).split('.')[1];
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Uint8Array);
  }
  const { UserPoolId, Username } = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
  pool.calls.push(`${operation} ${Username}`);
  if (pool.instead(operation, response)) {
    return;
  }
  const user = UserPoolId === pool.userPoolId ? pool.users.get(Username) : undefined;
  response.writeHead(user ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
  if (operation === 'AdminDeleteUser') {
    pool.users.delete(Username);
  }
  const UserAttributes = Object.entries(user ?? {}).map(([Name, Value]) => ({ Name, Value }));
  response.end(JSON.stringify(user ? { Username, UserAttributes } : NOT_FOUND));
}

/** A call that is refused: its message names what nobody is to see. */
export const refuse = (name: string) => (_: string, response: ServerResponse) => {
  response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(
    JSON.stringify({ __type: name, message: 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/x ada@example.com' }),
  );
  return true;
};

export async function startTestPool(): Promise<TestPool> {
  const key = await poolKey('key-1');
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      void serve(pool, request, response);
      return;
    }
    pool.asked.push(request.url ?? '');
    pool.answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const pool: TestPool = {
    userPoolId: USER_POOL_ID,
    clientId: CLIENT_ID,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key,
    asked: [],
    keys: [key.publicKey],
    answer: (response) => response.end(JSON.stringify({ keys: pool.keys })),
    users: new Map(),
    calls: [],
    instead: () => false,
    token: (userId, given = {}) => sign(userId, given.key ?? key, given),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return pool;
}
