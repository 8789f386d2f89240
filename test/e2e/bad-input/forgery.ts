import { inScope } from '../../support/scope';
import { remote } from '../harness';
import { expectError, expectFieldError } from '../shapes';
import { publicKeysIn, tableItems } from '../tables';
import { TestUser, uniqueName, World } from '../world';
import { assemble, decode, secretsOf, signedBySecret, signedByStranger } from './tokens';

const NONE = Buffer.alloc(0);

/** Tokens that the API did not make: each is refused, and nothing happens in its name. */
export function describeForgery(world: World): void {
  let user: TestUser;
  let other: TestUser;
  let followed: TestUser;

  beforeAll(async () => {
    [user, other, followed] = await world.registerMany(3);
    await world.follow(user, followed.username);
  });

  const article = { title: uniqueName('Forged '), description: 'd', body: 'b' };
  const requests = [
    (token: string) => world.get('/user', { token }),
    (token: string) => world.put('/user', { token }, { user: { bio: 'forged' } }),
    (token: string) => world.post('/articles', { token }, { article }),
    (token: string) => world.get('/articles/feed', { token }),
  ];
  let forged = 0;

  const expectRefused = async (token: string): Promise<void> => {
    // In a sample one after the other: each token is sent with one of them.
    const one = requests[forged++ % requests.length];
    for (const request of inScope([one], requests)) expectFieldError(await request(token), 401, 'token');
    // Where signing in is optional the forger is a visitor at best.
    const answer = await world.get(`/profiles/${followed.username}`, { token });
    if (answer.status === 401) expectFieldError(answer, 401, 'token');
    else expect(answer.json).toMatchObject({ profile: { following: false } });
    expect((await world.currentUser(user)).bio).toBeNull();
    expect((await world.list({ author: user.username })).articlesCount).toBe(0);
  };

  describe('a token that is', () => {
    test.each(['x', 'a.b', 'a.b.c', 'a.b.c.d', '..', 'null', 'undefined', '{}', 'eyJ9.eyJ9.eyJ9', 'x'.repeat(6_000)])(
      'garbage (%.20s) is refused',
      async (token) => expectRefused(token),
    );

    test('well-formed but of no object is refused', async () => {
      for (const value of [null, [], 5, 'text', {}]) {
        const { header, payload, signature } = decode(user.token);
        await expectRefused(assemble(value, payload, signature));
        await expectRefused(assemble(header, value, signature));
      }
    });

    test('cut or extended is refused', async () => {
      await expectRefused(user.token.slice(0, -6));
      await expectRefused(`${user.token}AAAA`);
      await expectRefused(`${user.token}.`);
      await expectRefused(`.${user.token}`);
      await expectRefused(user.token.split('.').slice(0, 2).join('.'));
    });
  });

  describe('a token whose signature is', () => {
    test('changed in one bit is refused', async () => {
      const { header, payload, signature } = decode(user.token);
      for (const index of [0, signature.length - 1]) {
        const changed = Buffer.from(signature);
        changed[index] = 255 - changed[index];
        await expectRefused(assemble(header, payload, changed));
      }
    });

    test('empty or all zeros is refused', async () => {
      const { header, payload, signature } = decode(user.token);
      await expectRefused(assemble(header, payload, NONE));
      await expectRefused(assemble(header, payload, Buffer.alloc(signature.length)));
    });

    test("another user's is refused", async () => {
      const [mine, theirs] = [decode(other.token), decode(user.token)];
      await expectRefused(assemble(mine.header, theirs.payload, mine.signature));
    });

    test('of other claims is refused', async () => {
      const { header, payload, signature } = decode(user.token);
      const later = Math.floor(Date.now() / 1000) + 10 * 365 * 86_400;
      await expectRefused(assemble(header, { ...payload, exp: later }, signature));
      await expectRefused(assemble(header, { ...payload, sub: 'admin', role: 'admin' }, signature));
    });
  });

  describe('a token of the algorithm', () => {
    test.each(['none', 'None', 'NONE', 'nOnE', ''])('"%s" is refused', async (alg) => {
      const { header, payload, signature } = decode(user.token);
      await expectRefused(assemble({ ...header, alg }, payload, NONE));
      await expectRefused(assemble({ ...header, alg }, payload, signature));
      await expectRefused(assemble({ alg, typ: 'JWT' }, payload, NONE));
    });

    test('HS256 with a secret that one can guess is refused', async () => {
      const { header, payload } = decode(user.token);
      for (const secret of ['', 'secret', 'your-256-bit-secret', String(header.kid), JSON.stringify(header)]) {
        await expectRefused(signedBySecret(header, payload, secret));
      }
    });

    (remote ? test.skip : test)(
      'HS256 with the public key for a secret is refused (not with REALWORLD_URL: the key is in the tables)',
      async () => {
        const { header, payload } = decode(user.token);
        const keys = publicKeysIn(await tableItems(world));
        expect(keys.length).toBeGreaterThan(0);
        for (const key of keys) {
          for (const secret of secretsOf(key)) await expectRefused(signedBySecret(header, payload, secret));
        }
      },
    );
  });

  describe('a token of a foreign key', () => {
    test('is refused, with the key id of the API and without one', async () => {
      const { header, payload } = decode(user.token);
      await expectRefused(signedByStranger(header, payload));
      await expectRefused(signedByStranger({ ...header, kid: undefined }, payload));
    });

    test('is refused when it has expired or is not yet valid', async () => {
      const { header, payload } = decode(user.token);
      const now = Math.floor(Date.now() / 1000);
      await expectRefused(signedByStranger(header, { ...payload, iat: now - 7_200, exp: now - 3_600 }));
      await expectRefused(signedByStranger(header, { ...payload, nbf: now + 3_600 }));
    });

    test('is refused when it brings its own key', async () => {
      const { header, payload } = decode(user.token);
      await expectRefused(signedByStranger({ ...header, jwk: {} }, payload));
      const elsewhere = 'http://127.0.0.1:9/keys.json';
      await expectRefused(signedByStranger({ ...header, jku: elsewhere, x5u: elsewhere }, payload));
    });

    test.each(['RS256', 'ES256', 'EdDSA', 'PS256'])('is refused with the algorithm %s', async (alg) => {
      const { header, payload } = decode(user.token);
      await expectRefused(signedByStranger({ ...header, alg }, payload));
    });

    test.each(['', '../../dev/null', "' OR '1'='1", '__proto__', 'constructor', '#', '*', 'k'.repeat(3_000)])(
      'is refused with the key id %.20j',
      async (kid) => {
        const { header, payload } = decode(user.token);
        await expectRefused(signedByStranger({ ...header, kid }, payload));
      },
    );

    test('is refused with a key id that is no string', async () => {
      const { header, payload, signature } = decode(user.token);
      for (const kid of [0, null, {}, [header.kid], true]) {
        await expectRefused(assemble({ ...header, kid }, payload, signature));
      }
    });
  });

  describe('an Authorization header', () => {
    test.each([
      ['of another scheme', (token: string): string => `Basic ${token}`],
      ['of another scheme that ends alike', (token: string): string => `NotToken ${token}`],
      ['without a scheme', (token: string): string => token],
      ['of a scheme alone', (): string => 'Token'],
      ['of a scheme and a space', (): string => 'Token '],
      ['of a scheme without a space', (token: string): string => `Token${token}`],
      ['with more behind the token', (token: string): string => `Token ${token} ${token}`],
      ['of two credentials', (token: string): string => `Token ${token}, Token ${token}`],
    ])('%s is 401', async (_, header) => {
      const headers = { authorization: header(user.token) };
      expectFieldError(await world.request('GET', '/user', { headers }), 401, 'token');
    });

    test('is the only place for a token', async () => {
      const missing = { token: ['is missing'] };
      expectError(await world.get(`/user?token=${user.token}&access_token=${user.token}`), 401, missing);
      const headers = { cookie: `token=${user.token}`, 'x-authorization': `Token ${user.token}` };
      expectError(await world.request('GET', '/user', { headers }), 401, missing);
    });
  });
}
