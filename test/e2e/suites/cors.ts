import { Answer } from '../client';
import { expectStatus } from '../shapes';
import { TestUser, uniqueName, World } from '../world';
import { OPERATIONS } from './documents';

const ORIGIN = 'https://frontend.example';

/** A browser on another origin can use the API. */
export function describeCors(world: World): void {
  describe('CORS', () => {
    let user: TestUser;

    beforeAll(async () => {
      user = await world.register();
    });

    test.each(OPERATIONS)('preflight of %s %s allows the method, Authorization and JSON', async (method, path) => {
      const wanted = method.toUpperCase();
      const answer = await world.request('OPTIONS', path.replaceAll('{}', '1'), {
        headers: {
          origin: ORIGIN,
          'access-control-request-method': wanted,
          'access-control-request-headers': 'authorization,content-type',
        },
      });
      expectStatus(answer, 204);
      expectAllowedOrigin(answer);
      const methods = listed(answer, 'access-control-allow-methods').map((name) => name.toUpperCase());
      expect(methods.includes('*') || methods.includes(wanted)).toBe(true);
      // A wildcard does not cover Authorization.
      const allowed = listed(answer, 'access-control-allow-headers').map((name) => name.toLowerCase());
      expect(allowed).toContain('authorization');
      expect(allowed.includes('*') || allowed.includes('content-type')).toBe(true);
    });

    test('preflight needs no token and gives no body', async () => {
      const answer = await world.request('OPTIONS', '/user', {
        headers: { origin: ORIGIN, 'access-control-request-method': 'GET' },
      });
      expectStatus(answer, 204);
      expect(answer.text).toBe('');
    });

    const fromElsewhere = async (method: string, path: string, body?: object, token?: string): Promise<Answer> =>
      world.request(method, path, { body, token, headers: { origin: ORIGIN } });

    test('answers of success may be read', async () => {
      const created = await fromElsewhere('POST', '/articles', { article: newArticle() }, user.token);
      expectStatus(created, 201);
      expectAllowedOrigin(created);
      for (const path of ['/tags', '/articles', '/articles/feed', '/user', `/profiles/${user.username}`]) {
        const answer = await fromElsewhere('GET', path, undefined, user.token);
        expectStatus(answer, 200);
        expectAllowedOrigin(answer);
      }
    });

    test('an answer without a body may be read', async () => {
      const { slug } = await world.createArticle(user);
      const answer = await fromElsewhere('DELETE', `/articles/${slug}`, undefined, user.token);
      expectStatus(answer, 204);
      expectAllowedOrigin(answer);
    });

    test('answers of every error may be read', async () => {
      const other = await world.register();
      const { slug } = await world.createArticle(other);
      const taken = { username: user.username, email: user.email, password: 'some-password' };
      const answers: [number, Answer][] = [
        [401, await fromElsewhere('GET', '/user')],
        [401, await fromElsewhere('GET', '/user', undefined, 'not.a.token')],
        [401, await fromElsewhere('POST', '/users/login', { user: { email: 'a@b.example', password: 'wrong-one' } })],
        [403, await fromElsewhere('DELETE', `/articles/${slug}`, undefined, user.token)],
        [404, await fromElsewhere('GET', `/articles/${uniqueName()}`)],
        [404, await fromElsewhere('GET', `/profiles/${uniqueName()}`)],
        [409, await fromElsewhere('POST', '/users', { user: taken })],
        [422, await fromElsewhere('POST', '/users', { user: {} })],
        [422, await fromElsewhere('GET', '/articles?limit=abc')],
      ];
      for (const [status, answer] of answers) {
        expectStatus(answer, status);
        expectAllowedOrigin(answer);
      }
    });
  });
}

function newArticle(): object {
  return { title: uniqueName('Title '), description: 'd', body: 'b' };
}

function expectAllowedOrigin(answer: Answer): void {
  expect([ORIGIN, '*']).toContain(answer.headers['access-control-allow-origin']);
  // Browsers refuse credentials with a wildcard, and a wildcard with credentials would let any page act as the user.
  if (answer.headers['access-control-allow-origin'] === '*') {
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
  }
}

function listed(answer: Answer, header: string): string[] {
  return String(answer.headers[header] ?? '')
    .split(',')
    .map((name) => name.trim());
}
