import { createServer, type ServerResponse } from 'node:http';
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
  token(userId: string, given?: PoolToken): Promise<string>;
  close(): Promise<void>;
}

export const USER_POOL_ID = 'eu-west-1_Abcdefghi';
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

export async function startTestPool(): Promise<TestPool> {
  const key = await poolKey('key-1');
  const server = createServer((request, response) => {
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
    token: (userId, given = {}) => sign(userId, given.key ?? key, given),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return pool;
}
