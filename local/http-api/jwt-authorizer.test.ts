import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, JWK, SignJWT, UnsecuredJWT } from 'jose';
import { parseIdentitySource } from './authorizer';
import { Setup, StartedApi, startApi } from './testing';

/** JWT authorizers, with tokens that another library signs. */

const HOUR_S = 3600;
const NOW_S = 1_900_000_000;

let keys: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey };
let others: typeof keys;
let elliptic: typeof keys;
let jwk: JWK;

/** The issuer: what it answers by path, and what it was asked. */
let issuer: string;
let issuerServer: Server;
let documents: Record<string, unknown>;
let asked: string[];

let server: StartedApi | undefined;
let now: number;

beforeAll(async () => {
  [keys, others] = await Promise.all([0, 1].map(async () => generateKeyPair('RS256')));
  elliptic = await generateKeyPair('ES256');
  jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
  issuerServer = createServer((request, response) => {
    asked.push(request.url ?? '');
    const body = documents[request.url ?? ''];
    response.writeHead(body === undefined ? 404 : 200).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => issuerServer.listen(0, '127.0.0.1', () => resolve()));
  issuer = `http://127.0.0.1:${(issuerServer.address() as AddressInfo).port}/pool`;
});

afterAll(() => {
  issuerServer.closeAllConnections();
  issuerServer.close();
});

beforeEach(() => {
  asked = [];
  now = NOW_S * 1000;
  documents = {
    '/pool/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/keys` },
    '/pool/keys': { keys: [jwk] },
  };
});

afterEach(async () => {
  await server?.close();
  server = undefined;
});

interface TokenParts {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: CryptoKey;
}

const CLAIMS = { sub: 'u1', aud: 'app', iat: NOW_S - 1, exp: NOW_S + HOUR_S };

async function token({ claims, header, key = keys.privateKey }: TokenParts = {}): Promise<string> {
  const protectedHeader = { alg: 'RS256', kid: 'k1', ...header };
  return new SignJWT({ iss: issuer, ...CLAIMS, ...claims }).setProtectedHeader(protectedHeader).sign(key);
}

async function start(scopes?: readonly string[], setup: Setup = {}): Promise<string> {
  const identitySource = parseIdentitySource('$request.header.Authorization', 'test');
  const jwt = { issuer, audience: ['web', 'app'], identitySource, scopes };
  server = await startApi({ routes: ['GET /mine'], jwt, now: () => now, ...setup });
  return `${server.url}/mine`;
}

interface Answer {
  readonly status: number;
  readonly challenge: string | null;
  readonly body: unknown;
}

async function get(url: string, authorization?: string): Promise<Answer> {
  const response = await fetch(url, { headers: authorization === undefined ? {} : { authorization } });
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    body: await response.json(),
  };
}

function refusedWith(description: string, scope = ''): Answer {
  return {
    status: 401,
    challenge: `Bearer scope="${scope}" error="invalid_token" error_description="${description}"`,
    body: { message: 'Unauthorized' },
  };
}

test('the function gets the claims as text, with the token alone and after Bearer', async () => {
  const url = await start();
  const text = await token({ claims: { admin: true, 'cognito:groups': ['a', 'b'], address: { city: 'X' } } });
  for (const authorization of [text, `Bearer ${text}`]) {
    const { status, body } = await get(url, authorization);
    expect(status).toBe(200);
    expect((body as { requestContext: unknown }).requestContext).toMatchObject({
      authorizer: {
        jwt: {
          claims: {
            iss: issuer,
            sub: 'u1',
            aud: 'app',
            iat: String(NOW_S - 1),
            exp: String(NOW_S + HOUR_S),
            admin: 'true',
            'cognito:groups': '[a b]',
            address: 'map[city:X]',
          },
          scopes: null,
        },
      },
    });
  }
});

test('who brings no token is 401, and the issuer is not asked', async () => {
  const url = await start();
  expect(await get(url)).toEqual({ status: 401, challenge: 'Bearer', body: { message: 'Unauthorized' } });
  expect(asked).toEqual([]);
});

describe('a token is refused', () => {
  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['of another issuer', { iss: 'https://other.example' }, 'the token does not have a valid issuer'],
    ['for others', { aud: ['other'] }, 'the token does not have a valid audience'],
    [
      'for others, whatever its client_id',
      { aud: 'other', client_id: 'app' },
      'the token does not have a valid audience',
    ],
    ['for nobody', { aud: undefined }, 'the token does not have a valid audience'],
    ['that ends now', { exp: NOW_S }, 'the token has expired'],
    ['without an end', { exp: undefined }, 'the token has expired'],
    ['whose end is no number', { exp: `${NOW_S + HOUR_S}` }, 'the token has expired'],
    ['that begins later', { nbf: NOW_S + 1 }, 'the token is not valid yet'],
    ['of the future', { iat: NOW_S + 1 }, 'the token was issued in the future'],
  ])('%s', async (_what, claims, description) => {
    const unchecked = claims as { exp?: number };
    expect(await get(await start(), await token({ claims: unchecked }))).toEqual(refusedWith(description));
    expect(server?.logged).toEqual([`GET /mine: authorizer: ${description}`]);
  });

  test('that another key has signed', async () => {
    const url = await start();
    expect(await get(url, await token({ key: others.privateKey }))).toEqual(refusedWith('signature is invalid'));
    const [head = '', , signature = ''] = (await token()).split('.');
    const forged = Buffer.from(JSON.stringify({ iss: issuer, ...CLAIMS, sub: 'admin' })).toString('base64url');
    expect(await get(url, `${head}.${forged}.${signature}`)).toEqual(refusedWith('signature is invalid'));
  });

  test('that names no key of the issuer', async () => {
    const url = await start();
    const unknown = await token({ header: { kid: 'k2' } });
    expect(await get(url, unknown)).toEqual(refusedWith('the issuer does not have the key of the token'));
    const nameless = await token({ header: { kid: undefined } });
    expect(await get(url, nameless)).toEqual(refusedWith('the token does not name its key'));
  });

  test('without a signature, or with one that is not of RSA', async () => {
    const url = await start();
    const unsecured = new UnsecuredJWT({ iss: issuer, ...CLAIMS }).encode();
    expect(await get(url, unsecured)).toEqual(refusedWith('signing method none is invalid'));
    const other = await token({ key: elliptic.privateKey, header: { alg: 'ES256' } });
    expect(await get(url, other)).toEqual(refusedWith('signing method ES256 is invalid'));
  });

  test('whose algorithm is not that of its key', async () => {
    documents['/pool/keys'] = { keys: [{ ...jwk, alg: 'RS512' }] };
    expect(await get(await start(), await token())).toEqual(refusedWith('signature is invalid'));
  });

  test.each([
    ['x', 'token contains an invalid number of segments'],
    ['bearer a.b.c', 'unable to decode the header of the token'],
    ['Bearer e30.W10.c', 'unable to decode the claims of the token'],
    ['constructor.prototype.x', 'unable to decode the header of the token'],
  ])('that is none: %s', async (text, description) => {
    expect(await get(await start(), text)).toEqual(refusedWith(description));
  });

  test('whose header would break out of the answer', async () => {
    const header = Buffer.from(JSON.stringify({ alg: 'a"\r\nset-cookie: x=1', kid: 'k1' })).toString('base64url');
    const { status, challenge } = await get(await start(), `${header}.e30.c`);
    expect([status, challenge]).toEqual([401, expect.stringContaining('"signing method aset-cookie: x1 is invalid"')]);
  });
});

test('client_id counts where there is no aud', async () => {
  const claims = { aud: undefined, client_id: 'web' } as { aud?: string };
  expect((await get(await start(), await token({ claims }))).status).toBe(200);
});

describe('a route with scopes', () => {
  test.each<[Readonly<Record<string, unknown>>, number]>([
    [{ scope: 'read other' }, 200],
    [{ scp: ['other', 'write'] }, 200],
    [{ scope: 'readers' }, 403],
    [{ scope: '' }, 403],
    [{}, 403],
  ])('lets in a token with %j: %d', async (claims, status) => {
    const answer = await get(await start(['read', 'write']), await token({ claims }));
    expect(answer.status).toBe(status);
    if (status === 403) {
      expect(answer.body).toEqual({ message: 'Forbidden' });
      expect(answer.challenge).toMatch(/^Bearer scope="read write" error="insufficient_scope"/);
    } else {
      expect(answer.body).toMatchObject({ requestContext: { authorizer: { jwt: { scopes: ['read', 'write'] } } } });
    }
  });

  test('says them to who has no valid token', async () => {
    const ended = await token({ claims: { exp: NOW_S - 1 } });
    expect(await get(await start(['read']), ended)).toEqual(refusedWith('the token has expired', 'read'));
  });
});

describe('the keys of the issuer', () => {
  test('are fetched once in two hours, also for a key that was not there', async () => {
    const url = await start();
    const next = await token({ header: { kid: 'k2' }, claims: { exp: NOW_S + 4 * HOUR_S } });
    await get(url, next);
    documents['/pool/keys'] = { keys: [{ ...jwk, kid: 'k2' }] };
    expect((await get(url, next)).status).toBe(401);
    expect(asked).toEqual(['/pool/.well-known/openid-configuration', '/pool/keys']);
    now += 2 * HOUR_S * 1000;
    expect((await get(url, next)).status).toBe(200);
  });

  test('that cannot be had refuse every token, and are asked for again', async () => {
    const url = await start();
    const kept = documents;
    documents = {};
    const { status, challenge } = await get(url, await token());
    expect([status, challenge]).toEqual([401, expect.stringContaining('the keys of the issuer are out of reach')]);
    documents = { '/pool/.well-known/openid-configuration': { issuer } };
    expect((await get(url, await token())).status).toBe(401);
    documents = kept;
    expect((await get(url, await token())).status).toBe(200);
  });

  test('are at the address of this machine where AWS has them', async () => {
    const aws = 'https://cognito-idp.us-east-1.amazonaws.com/pool';
    documents['/pool/.well-known/openid-configuration'] = { issuer: aws, jwks_uri: `${aws}/keys` };
    const identitySource = parseIdentitySource('$request.querystring.token', 'test');
    const url = await start(undefined, {
      jwt: { issuer: aws, audience: ['app'], identitySource },
      localAddress: (text) => text.replace(aws, issuer),
    });
    expect((await get(`${url}?token=${await token({ claims: { iss: aws } })}`)).status).toBe(200);
  });
});
