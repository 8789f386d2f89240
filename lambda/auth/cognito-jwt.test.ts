import { createHmac, createPublicKey } from 'node:crypto';
import { KeysUnavailable, UserPoolVerifier } from './cognito-jwt';
import { InvalidToken } from './tokens';
import { compact } from '../../test/support/keys';
import { CLIENT_ID, ISSUER, poolKey, type PoolToken, startTestPool, type TestPool } from '../../test/support/user-pool';

const ADA = '01900000-0001-4000-8000-000000000001';
const NOW = () => Math.floor(Date.now() / 1000);

let pool: TestPool;
let verifier: UserPoolVerifier;

const fresh = (given: { clientIds?: string[]; endpoint?: string } = {}) =>
  new UserPoolVerifier({ userPoolId: pool.userPoolId, clientIds: [CLIENT_ID], endpoint: pool.endpoint, ...given });

beforeAll(async () => (pool = await startTestPool()));
afterAll(() => pool.close());
beforeEach(() => {
  pool.asked.length = 0;
  pool.keys = [pool.key.publicKey];
  pool.answer = (response) => response.end(JSON.stringify({ keys: pool.keys }));
  verifier = fresh();
});
afterEach(() => jest.useRealTimers());

const refused = (token: string) => expect(verifier.verify(token)).rejects.toBeInstanceOf(InvalidToken);

describe('an access token of the pool', () => {
  test('tells who has signed in', async () => {
    const token = await pool.token(ADA, { payload: { username: 'ada' } });
    await expect(verifier.verify(token)).resolves.toEqual({ userId: ADA, username: 'ada' });
  });

  test('is good for each client that is named, and for no other', async () => {
    verifier = fresh({ clientIds: ['another', CLIENT_ID] });
    await expect(verifier.verify(await pool.token(ADA))).resolves.toMatchObject({ userId: ADA });
    await expect(verifier.verify(await pool.token(ADA, { payload: { client_id: 'another' } }))).resolves.toBeDefined();
    await refused(await pool.token(ADA, { payload: { client_id: 'a-third' } }));
  });

  test('may have the issuer of either kind of pool, with the keys of the one address', async () => {
    const updated = ISSUER.replace('cognito-idp', 'issuer-cognito-idp');
    await expect(verifier.verify(await pool.token(ADA, { payload: { iss: updated } }))).resolves.toBeDefined();
    await expect(verifier.verify(await pool.token(ADA))).resolves.toBeDefined();
    expect(pool.asked).toEqual([`/${pool.userPoolId}/.well-known/jwks.json`]);
  });

  test('ends with its time', async () => {
    const token = await pool.token(ADA, { payload: { exp: NOW() + 60 } });
    await expect(verifier.verify(token)).resolves.toBeDefined();
    jest.useFakeTimers({ now: Date.now() + 62_000, doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    await refused(token);
  });
});

const without = (claim: string): PoolToken => ({ payload: { [claim]: undefined } });

test.each<[string, PoolToken]>([
  ['that is an id token', { payload: { token_use: 'id', aud: CLIENT_ID, email: 'ada@example.com' } }],
  ['that is an id token and names a client', { payload: { token_use: 'id', client_id: CLIENT_ID, aud: CLIENT_ID } }],
  ['of another client', { payload: { client_id: 'another' } }],
  ['without a client', without('client_id')],
  ['of another pool', { payload: { iss: ISSUER.replace('Abcdefghi', 'Other') } }],
  ['whose issuer begins as ours', { payload: { iss: `${ISSUER}.example.com` } }],
  ['of another region', { payload: { iss: ISSUER.replace('eu-west-1.', 'eu-west-2.') } }],
  ['without an issuer', without('iss')],
  ['that is over', { payload: { exp: NOW() - 1 } }],
  ['without an end', without('exp')],
  ['with an end that is no number', { payload: { exp: '9999999999' } }],
  ['that begins later', { payload: { nbf: NOW() + 60 } }],
  ['without a use', without('token_use')],
  ['without a user', without('sub')],
  ['whose user is no UUID', { payload: { sub: CLIENT_ID } }],
  ['without a name, as client credentials give', without('username')],
  ['with extensions', { header: { crit: ['b64'], b64: true } }],
])('a token %s is refused, though the pool signed it', async (_, given) => {
  await expect(verifier.verify(await pool.token(ADA))).resolves.toBeDefined();
  await refused(await pool.token(ADA, given));
});

describe('a forger', () => {
  const claims = async () =>
    JSON.parse(Buffer.from((await pool.token(ADA)).split('.')[1], 'base64url').toString()) as object;

  test.each(['none', 'None', 'NONE', ''])('does not come in with the algorithm %p', async (alg) => {
    await refused(compact({ alg, kid: 'key-1', typ: 'JWT' }, await claims()));
    await refused(`${compact({ alg, kid: 'key-1', typ: 'JWT' }, await claims(), 'x')}`);
  });

  test.each(['HS256', 'RS256', 'ES256', 'RS512', 'EdDSA'])(
    'does not come in with the public key as the secret of %s',
    async (alg) => {
      const pem = createPublicKey({ key: pool.key.publicKey as never, format: 'jwk' }).export({
        type: 'spki',
        format: 'pem',
      });
      const unsigned = compact({ alg, kid: 'key-1', typ: 'JWT' }, await claims()).slice(0, -1);
      for (const secret of [pem, JSON.stringify(pool.key.publicKey)]) {
        await refused(`${unsigned}.${createHmac('sha256', secret).update(unsigned).digest('base64url')}`);
      }
    },
  );

  test('does not come in with a key of their own under the name of ours, nor by bringing it along', async () => {
    const own = await poolKey('key-1');
    await refused(await pool.token(ADA, { key: own }));
    await refused(await pool.token(ADA, { key: own, header: { jwk: own.publicKey } }));
    await refused(await pool.token(ADA, { key: own, header: { jku: `${pool.endpoint}/own`, x5u: pool.endpoint } }));
    expect(pool.asked).not.toContain('/own');
  });

  test('does not come in with a token that is cut, added to, or changed at any one character', async () => {
    const token = await pool.token(ADA);
    await expect(verifier.verify(token)).resolves.toBeDefined();
    for (let at = 0; at < token.length; at++) {
      const [before, after] = [token.slice(0, at), token.slice(at + 1)];
      const other = token[at] === 'A' ? 'B' : 'A';
      // The next letter of the alphabet differs in the last bits alone, of which some are none of the signature's.
      const next = String.fromCharCode(token.charCodeAt(at) + 1);
      for (const changed of [before + other + after, before + next + after, before + after]) {
        await refused(changed);
      }
    }
    for (const added of [`${token}=`, `${token}.`, `${token}.x`, ` ${token}`, `${token}\n`, token.replace('.', '=.')]) {
      await refused(added);
    }
    for (const cut of [
      token.slice(0, -20),
      token.slice(0, token.lastIndexOf('.')),
      token.slice(0, 10),
      '.',
      '..',
      '',
    ]) {
      await refused(cut);
    }
  });

  test('does not come in with a token that is longer than all headers may be, and none is parsed', async () => {
    const long = await pool.token(ADA, { payload: { 'cognito:groups': ['x'.repeat(10_240)] } });
    await refused(long);
    await refused('x'.repeat(10_241));
    expect(pool.asked).toEqual([]);
    const short = await pool.token(ADA, { payload: { 'cognito:groups': ['x'.repeat(5000)] } });
    await expect(verifier.verify(short)).resolves.toBeDefined();
  });

  test.each([[[]], [null], ['text'], [7]])('does not come in with the parts %p', async (part) => {
    await refused(compact(part, part, 'x'));
    await refused(compact({ alg: 'RS256', kid: 'key-1' }, part, 'x'));
  });
});

describe('the keys', () => {
  test('are read once, by however many at once, and kept', async () => {
    const token = await pool.token(ADA);
    await Promise.all([verifier.verify(token), verifier.verify(token)]);
    await verifier.verify(token);
    expect(pool.asked).toEqual([`/${pool.userPoolId}/.well-known/jwks.json`]);
  });

  test('are read again for one that is not among them: a rotated one is good at once', async () => {
    await verifier.verify(await pool.token(ADA));
    const next = await poolKey('key-2');
    pool.keys = [pool.key.publicKey, next.publicKey];
    await expect(verifier.verify(await pool.token(ADA, { key: next }))).resolves.toMatchObject({ userId: ADA });
    expect(pool.asked).toHaveLength(2);
  });

  test('are not read for every stranger: after one unknown key, for ten seconds for no other', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    await verifier.verify(await pool.token(ADA));
    const stranger = await poolKey('key-x');
    for (const kid of ['key-x', 'key-y', 'key-z', 'key-x']) {
      await refused(await pool.token(ADA, { key: stranger, header: { kid } }));
    }
    expect(pool.asked).toHaveLength(2);
    await expect(verifier.verify(await pool.token(ADA))).resolves.toBeDefined();
    jest.advanceTimersByTime(10_001);
    await refused(await pool.token(ADA, { key: stranger }));
    expect(pool.asked).toHaveLength(3);
  });

  test('are not read for a token without the name of one', async () => {
    await refused(await pool.token(ADA, { header: { kid: undefined } }));
    expect(pool.asked).toEqual([]);
  });

  test('that encrypt, or are of another algorithm, verify nothing', async () => {
    for (const other of [{ use: 'enc' }, { alg: 'RS512' }, { kty: 'oct' }]) {
      verifier = fresh();
      pool.keys = [{ ...pool.key.publicKey, ...other }];
      await refused(await pool.token(ADA));
    }
  });
});

describe('where the keys cannot be read, nobody is told that their token is bad:', () => {
  const unknown = async () => {
    const error: unknown = await verifier.verify(await pool.token(ADA)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(KeysUnavailable);
    expect(String(error)).toBe('KeysUnavailable: The keys of the user pool could not be read');
  };

  test.each<[string, TestPool['answer']]>([
    ['an error', (response) => response.writeHead(500).end()],
    ['a page that is not there', (response) => response.writeHead(404).end('{}')],
    ['another page', (response) => response.writeHead(302, { location: '/' }).end()],
    ['no JSON', (response) => response.end('<html>')],
    ['no keys', (response) => response.end('{}')],
    ['a key that lacks its number', (response) => response.end('{"keys":[{"kty":"RSA","kid":"key-1"}]}')],
    [
      'half an answer',
      (response) => response.writeHead(200, { 'content-length': 100 }).write('{', () => response.destroy()),
    ],
  ])('%s', async (_, answer) => {
    pool.answer = answer;
    await unknown();
  });

  test('nobody who listens', async () => {
    verifier = fresh({ endpoint: 'http://127.0.0.1:9' });
    await unknown();
  });

  test('a server that never answers, in a bounded time', async () => {
    pool.answer = () => undefined;
    const started = Date.now();
    await unknown();
    expect(Date.now() - started).toBeLessThan(4000);
    expect(pool.asked).toHaveLength(2);
  });

  test('a server that stops in the middle, in a bounded time', async () => {
    pool.answer = (response) => void response.writeHead(200).write('{"keys"');
    const started = Date.now();
    await unknown();
    expect(Date.now() - started).toBeLessThan(4000);
  });

  test('and the next request finds them, where they are there again', async () => {
    pool.answer = (response) => response.writeHead(503).end();
    await unknown();
    pool.answer = (response) => response.end(JSON.stringify({ keys: pool.keys }));
    await expect(verifier.verify(await pool.token(ADA))).resolves.toBeDefined();
  });

  test('one failure is tried again at once', async () => {
    pool.answer = (response) => {
      pool.answer = (next) => next.end(JSON.stringify({ keys: pool.keys }));
      response.destroy();
    };
    await expect(verifier.verify(await pool.token(ADA))).resolves.toBeDefined();
  });
});

test('the keys are at AWS unless the environment says otherwise', async () => {
  const https = jest.requireActual<typeof import('node:https')>('node:https');
  const asked = jest.spyOn(https, 'get').mockImplementation(() => {
    throw new Error('no network');
  });
  verifier = fresh({ endpoint: undefined });
  await expect(verifier.verify(await pool.token(ADA))).rejects.toBeInstanceOf(KeysUnavailable);
  expect(String(asked.mock.calls[0][0])).toBe(`${ISSUER}/.well-known/jwks.json`);
  asked.mockRestore();
});
