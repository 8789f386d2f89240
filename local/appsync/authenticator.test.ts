import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, Server } from 'node:http';
import { Authenticator, AuthenticatorOptions } from './authenticator';
import { ApiCaller, RequestRefused } from './caller';
import { listen, shut } from '../http/server';

const ISSUER = 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Pool';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const NOW = Date.UTC(2025, 0, 1);

let server: Server;
let address: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig', alg: 'RS256' }];
    const discovery = request.url?.endsWith('openid-configuration') === true;
    response.end(JSON.stringify(discovery ? { jwks_uri: `${ISSUER}/keys` } : { keys }));
  });
  address = `http://127.0.0.1:${await listen(server, 0)}`;
});

afterAll(async () => shut(server));

type Claims = Readonly<Record<string, unknown>>;

const ACCESS: Claims = {
  ...{ iss: ISSUER, sub: 'sub', token_use: 'access', client_id: 'web', username: 'ann', exp: NOW / 1000 + 60 },
  'cognito:groups': ['a', 'b'],
};
const { client_id: _client, username: _name, ...REST } = ACCESS;
const ID: Claims = { ...REST, token_use: 'id', aud: 'web', 'cognito:username': 'ann' };

function tokenOf(claims: Claims): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'RS256', kid: 'k' })}.${part(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
}

async function authenticate(
  headers: Readonly<Record<string, string>>,
  more: Partial<AuthenticatorOptions> = {},
): Promise<ApiCaller> {
  const authenticator = new Authenticator({
    ...{ region: 'us-east-1', accountId: '000000000000', apiArn: 'arn', now: () => NOW },
    modes: ['AMAZON_COGNITO_USER_POOLS', 'AWS_IAM'],
    pools: [{ issuer: ISSUER, clients: /^(?:web|app)$/ }],
    authorizer: () => ({ authorize: () => undefined }),
    localAddress: (url) => url.replace(/^https:\/\/[^/]+/, address),
    identify: () => undefined,
    log: () => undefined,
    ...more,
  });
  return authenticator.authenticate({
    ...{ method: 'POST', path: '/graphql', rawQuery: '', rawHeaders: Object.entries(headers), body: Buffer.alloc(0) },
    ...{ headers, sourceIp: '127.0.0.1' },
  });
}

const NOT_AUTHORIZED = 'You are not authorized to make this call.';

test.each([
  ['access', ACCESS],
  ['id', ID],
])('an %s token is taken, for a client of the API', async (_kind, claims) => {
  expect(await authenticate({ authorization: tokenOf(claims) })).toMatchObject({
    mode: 'AMAZON_COGNITO_USER_POOLS',
    groups: ['a', 'b'],
    identity: { sub: 'sub', username: 'ann', issuer: ISSUER, groups: ['a', 'b'], claims, sourceIp: ['127.0.0.1'] },
  });
});

describe('a token is refused', () => {
  test.each<[string, Claims, string]>([
    ['for another client', { ...ACCESS, client_id: 'other' }, NOT_AUTHORIZED],
    ['for a client whose name goes on', { ...ID, aud: 'website' }, NOT_AUTHORIZED],
    ['without a client', { ...ACCESS, client_id: undefined }, NOT_AUTHORIZED],
    ['that is neither id nor access', { ...ACCESS, token_use: 'refresh' }, NOT_AUTHORIZED],
    ['of another issuer', { ...ACCESS, iss: `${ISSUER}2` }, NOT_AUTHORIZED],
    ['without an issuer', { ...ACCESS, iss: undefined }, 'Unable to parse JWT token.'],
    ['that has expired', { ...ACCESS, exp: NOW / 1000 }, 'Token has expired.'],
    ['that does not expire', { ...ACCESS, exp: undefined }, 'Token has expired.'],
    ['of the future', { ...ACCESS, iat: NOW / 1000 + 1 }, NOT_AUTHORIZED],
  ])('%s', async (_what, claims, message) => {
    const refused = authenticate({ authorization: tokenOf(claims) });
    await expect(refused).rejects.toMatchObject({ status: 401, errorType: 'UnauthorizedException', message });
  });

  test('after the word Bearer, which AppSync documents for none', async () => {
    await expect(authenticate({ authorization: `Bearer ${tokenOf(ACCESS)}` })).rejects.toBeInstanceOf(RequestRefused);
  });

  test('by an API that has not its mode', async () => {
    const byRoles = authenticate({ authorization: tokenOf(ACCESS) }, { modes: ['AWS_IAM'] });
    await expect(byRoles).rejects.toMatchObject({ status: 401, message: NOT_AUTHORIZED });
    const signature = { authorization: 'AWS4-HMAC-SHA256 Credential=x' };
    const byUsers = authenticate(signature, { modes: ['AMAZON_COGNITO_USER_POOLS'] });
    await expect(byUsers).rejects.toMatchObject({ status: 401, message: NOT_AUTHORIZED });
    await expect(authenticate(signature)).rejects.toMatchObject({
      status: 403,
      errorType: 'IncompleteSignatureException',
    });
  });

  test('an API key is none', async () => {
    const refused = authenticate({ authorization: tokenOf(ACCESS), 'x-api-key': 'k' });
    await expect(refused).rejects.toMatchObject({ status: 401, message: 'Valid authorization header not provided.' });
  });
});
