import { Answer, encoded } from '../client';
import { articlesOf, expectError, expectErrorShape, expectNoLeak, expectStatus } from '../shapes';
import { TestUser, uniqueName, World } from '../world';
import { INJECTIONS, UNICODE } from './payloads';

const TEXTS: readonly string[] = [...INJECTIONS, ...UNICODE.map(([, text]) => text), 'nul\u0000nul', 'x'.repeat(5_000)];

/**
 * What becomes of a text that is encoded once in a path. An HTTP API decodes a path, cuts it at `?`, splits it at `/`
 * and decodes it again; where that fails it answers 400 itself (see `local/http-api/path.ts` for where this was seen).
 */
function fateInPath(text: string): 'whole' | 'elsewhere' | 'refused' {
  const [kept = ''] = text.split('?');
  if (/%(?![0-9a-f]{2})/i.test(kept)) return 'refused';
  return /[/?]/.test(text) ? 'elsewhere' : 'whole';
}

/** Odd text in paths and queries. */
export function describeAddresses(world: World): void {
  let user: TestUser;
  let slug: string;

  beforeAll(async () => {
    user = await world.register();
    ({ slug } = await world.createArticle(user));
  });

  const shown = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
  const named = TEXTS.map((text) => [shown(text), text] as const);

  /** Not found by the function; or by whoever answers where the gateway does not hand the text over as it is. */
  const expectNotFound = (answer: Answer, text: string, resource: string): void => {
    const fate = fateInPath(text);
    if (fate === 'whole') return expectError(answer, 404, { [resource]: ['not found'] });
    // What is left of the path may be that of an operation with another method.
    if (fate === 'elsewhere') expect([404, 405]).toContain(answer.status);
    else expectStatus(answer, 400);
    return expectNoLeak(answer);
  };

  describe('a path with', () => {
    test.each(named)('%s for a username is 404, or 400 where it cannot be decoded', async (_, text) => {
      // No user of this run is called that.
      const username = encoded(text.length < 40 ? text + uniqueName() : text);
      expectNotFound(await world.get(`/profiles/${username}`), text, 'profile');
      expectNotFound(await world.post(`/profiles/${username}/follow`, user), text, 'profile');
      expectNotFound(await world.delete(`/profiles/${username}/follow`, user), text, 'profile');
    });

    test.each(named)(
      '%s for a slug is 404, or 400 where it cannot be decoded, and nothing is written',
      async (_, text) => {
        const path = `/articles/${encoded(text.length < 40 ? text + uniqueName() : text)}`;
        expectNotFound(await world.get(path), text, 'article');
        expectNotFound(await world.put(path, user, { article: { body: 'b' } }), text, 'article');
        expectNotFound(await world.post(`${path}/favorite`, user), text, 'article');
        expectNotFound(await world.delete(`${path}/favorite`, user), text, 'article');
        expectNotFound(await world.get(`${path}/comments`), text, 'article');
        expectNotFound(await world.post(`${path}/comments`, user, { comment: { body: 'b' } }), text, 'article');
        expectNotFound(await world.delete(`${path}/comments/1`, user), text, 'article');
        expectNotFound(await world.delete(path, user), text, 'article');
        expect((await world.list({ author: user.username })).articlesCount).toBe(1);
      },
    );

    test.each(named)('%s for the id of a comment is an error of the client', async (_, text) => {
      const answer = await world.delete(`/articles/${slug}/comments/${encoded(text)}`, user);
      if (fateInPath(text) === 'refused') expectStatus(answer, 400);
      else expect([404, 405, 422]).toContain(answer.status);
      if (fateInPath(text) === 'whole') expectErrorShape(answer);
      else expectNoLeak(answer);
    });

    test.each(['%', '%zz', '%e0%a4%a', '%c0%af', '%ed%a0%80', '%00'])(
      'the broken encoding %s is an error of the client',
      async (broken) => {
        for (const path of [`/articles/${broken}`, `/profiles/${broken}`, `/articles/${slug}/comments/${broken}`]) {
          const answer = await world.request(path.includes('comments') ? 'DELETE' : 'GET', path, { token: user.token });
          expect([400, 404, 422]).toContain(answer.status);
          expectNoLeak(answer);
        }
      },
    );

    test.each(['/articles/../../etc/passwd', '/../docs/../../package.json', '/articles/..', '/profiles//follow', '//'])(
      'the steps of %s leads nowhere else',
      async (path) => {
        const answer = await world.get(path, user);
        expect(answer.status).toBeLessThan(500);
        expect(answer.text).not.toMatch(/root:x:0|"devDependencies"/);
        expectNoLeak(answer);
      },
    );

    test.each([
      ['GET', '/nothing-here'],
      ['GET', '/users'],
      ['DELETE', '/users'],
      ['PATCH', '/user'],
      ['POST', '/tags'],
      ['PUT', '/articles'],
      ['POST', '/articles/feed'],
      ['GET', '/profiles'],
    ])('%s %s, which is no operation, is 404 or 405', async (method, path) => {
      const answer = await world.request(method, path, { token: user.token });
      expect([404, 405]).toContain(answer.status);
      expectNoLeak(answer);
    });
  });

  describe('a query with', () => {
    test.each(named)('%s for a filter finds nothing', async (_, text) => {
      const value = encoded(text.length < 40 ? text + uniqueName() : text);
      for (const filter of ['tag', 'author', 'favorited']) {
        const answer = await world.get(`/articles?${filter}=${value}`);
        // A value that no tag or name can have may be refused.
        if (answer.status === 422) expectErrorShape(answer);
        else expect(articlesOf(answer)).toEqual({ articles: [], articlesCount: 0 });
      }
    });

    test.each(named)('%s for a limit or an offset is 422', async (_, text) => {
      for (const parameter of ['limit', 'offset']) {
        for (const path of ['/articles', '/articles/feed']) {
          const answer = await world.get(`${path}?${parameter}=${encoded(text)}`, user);
          expectStatus(answer, 422);
          expectErrorShape(answer);
        }
      }
    });

    test.each([
      '?limit=',
      '?offset=',
      '?tag=',
      '?author=',
      '?limit=1&limit=2',
      '?tag=a&tag=b',
      '?limit[]=1',
      '?&&=',
      '?x=%zz',
    ])('the odd form %s gets an answer in the shape of the API', async (query) => {
      const answer = await world.get(`/articles${query}`);
      if (answer.status === 200) {
        articlesOf(answer);
      } else {
        expect([400, 422]).toContain(answer.status);
        expectNoLeak(answer);
      }
    });

    test('parameters that are not known is answered as without them', async () => {
      const query = `author=${user.username}`;
      const plain = await world.get(`/articles?${query}`);
      const more = await world.get(`/articles?${query}&sort=title&__proto__=x&cursor=abc&PK=USER%231`);
      expect(more.json).toEqual(plain.json);
    });
  });
}
