import { createHmac } from 'node:crypto';
import { AUDIENCE, bearerToken, claimed, type Claims, ISSUER, sign, verify, InvalidToken } from './tokens';
import { compact, forge, newPair, type TestPair } from '../../test/support/keys';

const CLAIMS: Claims = { userId: '01900000-0001-7000-8000-000000000001', generation: 3 };

let ours: TestPair;
let foreign: TestPair;

beforeAll(async () => {
  ours = await newPair('key-1');
  // Another system's pair, under the same name.
  foreign = await newPair('key-1');
});

afterEach(() => jest.useRealTimers());

const good = () => sign(CLAIMS, ours.signing, 60);

describe('a token that we signed', () => {
  test('says who, and of which generation', async () => {
    await expect(verify(await good(), ours.keys)).resolves.toEqual(CLAIMS);
  });

  test('names its key and says what it claims before it is verified', async () => {
    expect(claimed(await good())).toEqual({ ...CLAIMS, kid: 'key-1' });
  });

  test('is verified by the key it names, among several', async () => {
    const next = await newPair('key-2');
    const both = { keys: [next.publicKey, ours.publicKey] };
    await expect(verify(await good(), both)).resolves.toEqual(CLAIMS);
    await expect(verify(await sign(CLAIMS, next.signing, 60), both)).resolves.toEqual(CLAIMS);
    await expect(verify(await sign(CLAIMS, next.signing, 60), ours.keys)).rejects.toBeInstanceOf(InvalidToken);
  });

  test('ends with its lifetime', async () => {
    const token = await good();
    jest.useFakeTimers({ now: Date.now() + 58_000, doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    await expect(verify(token, ours.keys)).resolves.toEqual(CLAIMS);
    jest.setSystemTime(Date.now() + 4_000);
    await expect(verify(token, ours.keys)).rejects.toBeInstanceOf(InvalidToken);
  });

  test('carries no more than it needs', async () => {
    const payload: unknown = JSON.parse(Buffer.from((await good()).split('.')[1], 'base64url').toString());
    expect(Object.keys(payload as object).sort()).toEqual(['aud', 'exp', 'gen', 'iat', 'iss', 'sub']);
  });
});

describe('a token is refused that', () => {
  const now = Math.floor(Date.now() / 1000);
  const payload = { sub: CLAIMS.userId, gen: 3, iss: ISSUER, aud: AUDIENCE, iat: now, exp: now + 60 };

  const cases: Record<string, () => Promise<string>> = {
    'has no signature (alg none)': async () => compact({ alg: 'none', kid: 'key-1' }, payload),
    'says alg none over a good signature': async () => {
      const [, body, signature] = (await good()).split('.');
      return `${compact({ alg: 'none', kid: 'key-1' }, {}).split('.')[0]}.${body}.${signature}`;
    },
    'is an HMAC with the public key for its secret': async () => {
      const unsigned = compact({ alg: 'HS256', kid: 'key-1' }, payload).replace(/\.$/, '');
      const secret = JSON.stringify(ours.publicKey);
      return `${unsigned}.${createHmac('sha256', secret).update(unsigned).digest('base64url')}`;
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
    'is no token': () => Promise.resolve('a.b.c'),
    'is empty': () => Promise.resolve(''),
  };

  test.each(Object.keys(cases))('%s', async (name) => {
    await expect(verify(await cases[name](), ours.keys)).rejects.toBeInstanceOf(InvalidToken);
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
