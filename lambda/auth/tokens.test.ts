import * as crypto from 'node:crypto';
import { AUDIENCE, bearerToken, claimed, type Claims, ISSUER, sign, InvalidToken } from './tokens';
import { compact, forge, newPair, type TestPair, verified as verify } from '../../test/support/keys';

const CLAIMS: Claims = { userId: '01900000-0001-7000-8000-000000000001', generation: 3 };

jest.mock('node:crypto', () => {
  const real = jest.requireActual<typeof crypto>('node:crypto');
  return {
    ...real,
    createPublicKey: jest.fn(real.createPublicKey),
    createPrivateKey: jest.fn(real.createPrivateKey),
  };
});

let ours: TestPair;
let foreign: TestPair;

beforeAll(async () => {
  ours = await newPair('key-1');
  // Another system's pair, under the same name.
  foreign = await newPair('key-1');
});

afterEach(() => jest.useRealTimers());

const good = async () => sign(CLAIMS, ours.signing, 60);

describe('a token that we signed', () => {
  test('says who, and of which generation', async () => {
    await expect(verify(await good(), ours.keys)).resolves.toMatchObject(CLAIMS);
  });

  test('has an id of its own', async () => {
    const ids = await Promise.all([good(), good()].map(async (token) => verify(await token, ours.keys)));
    expect(ids[0].tokenId).toMatch(/^[\w-]{22}$/);
    expect(ids[0].tokenId).not.toBe(ids[1].tokenId);
  });

  test('before tokens had ids is good, and has none', async () => {
    await expect(verify(await forge(ours, CLAIMS.userId, { payload: { gen: 3 } }), ours.keys)).resolves.toEqual(CLAIMS);
  });

  test('names its key and says what it claims before it is verified', async () => {
    expect(claimed(await good())).toMatchObject({ ...CLAIMS, kid: 'key-1' });
  });

  test('is verified by the key it names, among several', async () => {
    const next = await newPair('key-2');
    const both = { keys: [next.publicKey, ours.publicKey] };
    await expect(verify(await good(), both)).resolves.toMatchObject(CLAIMS);
    await expect(verify(await sign(CLAIMS, next.signing, 60), both)).resolves.toMatchObject(CLAIMS);
    await expect(verify(await sign(CLAIMS, next.signing, 60), ours.keys)).rejects.toBeInstanceOf(InvalidToken);
  });

  test('ends with its lifetime', async () => {
    const token = await good();
    jest.useFakeTimers({ now: Date.now() + 58_000, doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    await expect(verify(token, ours.keys)).resolves.toMatchObject(CLAIMS);
    jest.setSystemTime(Date.now() + 4_000);
    await expect(verify(token, ours.keys)).rejects.toBeInstanceOf(InvalidToken);
  });

  test('carries no more than it needs', async () => {
    const payload: unknown = JSON.parse(Buffer.from((await good()).split('.')[1], 'base64url').toString());
    expect(Object.keys(payload as object).sort()).toEqual(['aud', 'exp', 'gen', 'iat', 'iss', 'jti', 'sub']);
  });
});

describe('a token is refused that', () => {
  const now = Math.floor(Date.now() / 1000);
  const payload = { sub: CLAIMS.userId, gen: 3, iss: ISSUER, aud: AUDIENCE, iat: now, exp: now + 60 };

  /** The same with a good signature, in one encoding or the other. */
  const resigned = (token: string, dsaEncoding: 'der' | 'ieee-p1363' = 'ieee-p1363') => {
    const signed = token.replace(/\.[^.]*$/, '');
    const key = crypto.createPrivateKey({ key: ours.signing.privateKey, format: 'jwk' });
    return `${signed}.${crypto.sign('sha256', Buffer.from(signed), { key, dsaEncoding }).toString('base64url')}`;
  };

  test('but for what is wrong with it: signed again as it is, it is good', async () => {
    await expect(verify(resigned(await good()), ours.keys)).resolves.toMatchObject(CLAIMS);
  });

  const cases: Record<string, () => Promise<string>> = {
    'has no signature (alg none)': async () => compact({ alg: 'none', kid: 'key-1' }, payload),
    'says alg none over a good signature': async () => {
      const [, body, signature] = (await good()).split('.');
      return `${compact({ alg: 'none', kid: 'key-1' }, {}).split('.')[0]}.${body}.${signature}`;
    },
    'is an HMAC with the public key for its secret': async () => {
      const unsigned = compact({ alg: 'HS256', kid: 'key-1' }, payload).replace(/\.$/, '');
      const secret = JSON.stringify(ours.publicKey);
      return `${unsigned}.${crypto.createHmac('sha256', secret).update(unsigned).digest('base64url')}`;
    },
    'is signed with a foreign key of the same id': () => forge(foreign, CLAIMS.userId, {}),
    'names a key that is not published': () => forge(ours, CLAIMS.userId, { header: { kid: 'key-9' } }),
    'brings a key of its own': () =>
      forge(foreign, CLAIMS.userId, { header: { jwk: foreign.publicKey, kid: 'key-1' } }),
    'has expired': () => forge(ours, CLAIMS.userId, { payload: { exp: now - 1 } }),
    'is not good yet': () => forge(ours, CLAIMS.userId, { payload: { nbf: now + 60 } }),
    'is of another issuer': () => forge(ours, CLAIMS.userId, { payload: { iss: 'somebody' } }),
    'is for another audience': () => forge(ours, CLAIMS.userId, { payload: { aud: 'another-api' } }),
    'has no issuer': () => forge(ours, CLAIMS.userId, { payload: { iss: undefined } }),
    'has no audience': () => forge(ours, CLAIMS.userId, { payload: { aud: undefined } }),
    'never ends': () => forge(ours, CLAIMS.userId, { payload: { exp: undefined } }),
    'does not say since when': () => forge(ours, CLAIMS.userId, { payload: { iat: undefined } }),
    'does not say who': () => forge(ours, CLAIMS.userId, { payload: { sub: undefined } }),
    'names nobody that could be': () => forge(ours, 'USER#1', {}),
    'has no generation': () => forge(ours, CLAIMS.userId, { payload: { gen: undefined } }),
    'has a generation that is no number': () => forge(ours, CLAIMS.userId, { payload: { gen: '3' } }),
    'was changed after it was signed': async () => {
      const [header, body, signature] = (await good()).split('.');
      const other = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
      return `${header}.${Buffer.from(JSON.stringify({ ...other, gen: 4 })).toString('base64url')}.${signature}`;
    },
    'has lost its signature': async () => (await good()).replace(/[^.]+$/, ''),
    'has its signature in another encoding of the same bytes': async () => {
      const [header, body, signature] = (await good()).split('.');
      return `${header}.${body}.${signature}==`;
    },
    'has its signature in DER': async () => resigned(await good(), 'der'),
    'has a fourth part': async () => `${await good()}.e30`,
    'names an extension that must be understood': async () =>
      resigned(compact({ alg: 'ES256', kid: 'key-1', crit: ['b64'], b64: true }, payload)),
    'has an end that is no number': () => forge(ours, CLAIMS.userId, { payload: { exp: 'never' } }),
    'has a beginning that is no number': () => forge(ours, CLAIMS.userId, { payload: { nbf: 'always' } }),
    'has an id that is no text': () => forge(ours, CLAIMS.userId, { payload: { jti: ['a'] as unknown } }),
    'has an id that is empty': () => forge(ours, CLAIMS.userId, { payload: { jti: '' } }),
    'has a payload that is null': async () => resigned(compact({ alg: 'ES256', kid: 'key-1' }, null)),
    'is no token': () => Promise.resolve('a.b.c'),
    'is empty': () => Promise.resolve(''),
  };

  test.each(Object.keys(cases))('%s', async (name) => {
    await expect(verify(await cases[name](), ours.keys)).rejects.toBeInstanceOf(InvalidToken);
  });

  test('is signed by a key of another curve', async () => {
    const { privateKey, publicKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'key-1' };
    const signing = { kid: 'key-1', privateKey: privateKey.export({ format: 'jwk' }) };
    await expect(verify(sign(CLAIMS, signing, 60), { keys: [jwk] })).rejects.toBeInstanceOf(InvalidToken);
  });

  test('no key is published for', async () => {
    await expect(verify(await good(), { keys: [] })).rejects.toBeInstanceOf(InvalidToken);
  });

  test('is not even looked up where it is not of our kind', async () => {
    const odd = [
      cases['has no signature (alg none)'],
      cases['is an HMAC with the public key for its secret'],
      () => forge(ours, CLAIMS.userId, { header: { kid: undefined } }),
      cases['names nobody that could be'],
      cases['has no generation'],
      cases['is no token'],
      cases['is empty'],
    ];
    for (const token of odd) {
      const text = await token();
      expect(() => claimed(text)).toThrow(InvalidToken);
    }
  });
});

describe('the Authorization header', () => {
  test.each(['Token abc', 'token abc', 'TOKEN   abc', 'Bearer abc', 'bearer\tabc', '  Token abc  '])(
    'gives the token of %j',
    (header) => {
      expect(bearerToken(header)).toBe('abc');
    },
  );

  test.each([undefined, '', '   '])('gives none where it is %j', (header) => {
    expect(bearerToken(header)).toBeUndefined();
  });

  test.each(['abc', 'Token', 'Token ', 'Basic YTpi', 'Token a b', 'Tokenabc', 'Token abc, Token def', 'Digest x=y'])(
    'is refused where it is %j',
    async (header) => {
      expect(() => bearerToken(header)).toThrow(InvalidToken);
    },
  );

  test('is refused where its token is longer than any of ours, which is not even parsed', async () => {
    expect(bearerToken(`Token ${'x'.repeat(2048)}`)).toHaveLength(2048);
    expect(() => bearerToken(`Token ${'x'.repeat(2049)}`)).toThrow(InvalidToken);
    expect((await good()).length).toBeLessThan(2048);
  });
});

test('a key is imported once, however many tokens it verifies and signs', async () => {
  const pair = await newPair('key-3');
  const importing = [jest.mocked(crypto.createPublicKey), jest.mocked(crypto.createPrivateKey)];
  importing.forEach((spy) => spy.mockClear());
  for (let count = 0; count < 5; count++) {
    await verify(sign(CLAIMS, pair.signing, 60), pair.keys);
  }
  expect(importing.map((spy) => spy.mock.calls.length)).toEqual([1, 1]);
});
