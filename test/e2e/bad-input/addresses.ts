import { INJECTIONS, UNICODE } from '../../support/payloads';
import { inScope, sampled } from '../../support/scope';
import { Answer, encoded } from '../client';
import { articlesOf, expectError, expectErrorShape, expectFieldError, expectNoLeak, expectStatus } from '../shapes';
import { TestUser, uniqueName, World } from '../world';

const TEXTS: readonly string[] = [...INJECTIONS, ...UNICODE.map(([, text]) => text), 'nul\u0000nul', 'x'.repeat(5_000)];

/**
 * What becomes of a text that is encoded once in a path. An HTTP API decodes a path, cuts it at `?`, splits it at `/`
 * and decodes it again; where that fails it answers 400 itself (see `local/http-api/path.ts` for where this was seen).
 */
function outcomeInPath(text: string): 'whole' | 'elsewhere' | 'refused' {
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

  /** What a gateway does different things with; each text alone is in the first test below. */
  const ofEachFate = ['🐉 龍', 'nul\u0000nul', '%2e%2e%2f', '100%', 'a/b', 'a?b', '../..', '__proto__', '#'];

  /** Not found by the function; or by whoever answers where the gateway does not hand the text over as it is. */
  const expectNotFound = (answer: Answer, text: string, resource: string): void => {
    const outcome = outcomeInPath(text);
    if (outcome === 'whole') return expectError(answer, 404, { [resource]: ['not found'] });
    // What is left of the path may be that of an operation with another method.
    if (outcome === 'elsewhere') expect([404, 405]).toContain(answer.status);
    else expectStatus(answer, 400);
    return expectNoLeak(answer);
  };

  describe('a path with', () => {
    test.each(named)('%s for a username is 404, or 400 where it cannot be decoded', async (_, text) => {
      // No user of this run is called that.
      const username = encoded(text.length < 40 ? text + uniqueName() : text);
      expectNotFound(await world.get(`/profiles/${username}`), text, 'profile');
    });

    test.each(ofEachFate)('%s for a username to follow is the same', async (text) => {
      const username = encoded(text + uniqueName());
      expectNotFound(await world.post(`/profiles/${username}/follow`, user), text, 'profile');
      expectNotFound(await world.delete(`/profiles/${username}/follow`, user), text, 'profile');
    });

    /** With all texts together, a sample sends each of these more than once. */
    const ofArticles = [
      (path: string) => world.get(path),
      (path: string) => world.put(path, user, { article: { body: 'b' } }),
      (path: string) => world.post(`${path}/favorite`, user),
      (path: string) => world.delete(`${path}/favorite`, user),
      (path: string) => world.get(`${path}/comments`),
      (path: string) => world.post(`${path}/comments`, user, { comment: { body: 'b' } }),
      (path: string) => world.delete(`${path}/comments/1`, user),
      (path: string) => world.delete(path, user),
    ];

    test.each(ofEachFate)(
      '%s for a slug is 404, or 400 where it cannot be decoded, and nothing is written',
      async (text) => {
        const path = `/articles/${encoded(text + uniqueName())}`;
        for (const request of sampled(ofArticles, 4, ofEachFate.indexOf(text))) {
          expectNotFound(await request(path), text, 'article');
        }
        expect((await world.list({ author: user.username })).articlesCount).toBe(1);
      },
    );

    test.each(ofEachFate)('%s for the id of a comment is an error of the client', async (text) => {
      const answer = await world.delete(`/articles/${slug}/comments/${encoded(text)}`, user);
      expectNotFound(answer, text, 'comment');
    });

    test.each([
      ['%', 400],
      ['%zz', 400],
      ['%e0%a4%a', 400],
      ['%c0%af', 404],
      ['%ed%a0%80', 404],
      ['%00', 404],
    ])('the odd encoding %s is %i', async (broken, status) => {
      for (const path of [`/articles/${broken}`, `/profiles/${broken}`, `/articles/${slug}/comments/${broken}`]) {
        const answer = await world.request(path.includes('comments') ? 'DELETE' : 'GET', path, { token: user.token });
        expect([broken, path, answer.status]).toEqual([broken, path, status]);
        expectNoLeak(answer);
      }
    });

    test.each(['/articles/../../etc/passwd', '/../docs/../../package.json', '/articles/..', '/profiles//follow', '//'])(
      'the steps of %s leads nowhere else',
      async (path) => {
        const answer = await world.get(path, user);
        expect(answer.status).toBe(404);
        expect(answer.text).not.toMatch(/root:x:0|"devDependencies"/);
        expectNoLeak(answer);
      },
    );

    test.each([
      ['GET', '/nothing-here', 404],
      ['GET', '/users', 405],
      ['DELETE', '/users', 405],
      ['PATCH', '/user', 405],
      ['POST', '/tags', 405],
      ['PUT', '/articles', 405],
      ['POST', '/articles/feed', 405],
      ['GET', '/profiles', 404],
    ])('%s %s, which is no operation, is %i', async (method, path, status) => {
      const answer = await world.request(method, path, { token: user.token });
      expectStatus(answer, status);
      expectNoLeak(answer);
    });
  });

  describe('a query with', () => {
    const FILTERS = ['tag', 'author', 'favorited'];

    test.each(FILTERS)('odd text for %s finds nothing', async (filter) => {
      // With all filters together, all texts.
      for (const text of sampled(TEXTS, FILTERS.length, FILTERS.indexOf(filter))) {
        const value = encoded(text.length < 40 ? text + uniqueName() : text);
        const answer = await world.get(`/articles?${filter}=${value}`);
        expect([value, articlesOf(answer)]).toEqual([value, { articles: [], articlesCount: 0 }]);
      }
    });

    test.each(['limit', 'offset'])('odd text for %s is 422', async (parameter) => {
      const paths = ['/articles', '/articles/feed'];
      for (const [at, text] of ofEachFate.entries()) {
        for (const path of inScope([paths[at % paths.length]], paths)) {
          const answer = await world.get(`${path}?${parameter}=${encoded(text)}`, user);
          expectFieldError(answer, 422, parameter);
        }
      }
    });

    test.each([
      ['?limit=', 422],
      ['?offset=', 422],
      ['?tag=', 200],
      ['?author=', 200],
      ['?limit=1&limit=2', 422],
      ['?tag=a&tag=b', 200],
      ['?limit[]=1', 200],
      ['?&&=', 200],
      ['?x=%zz', 200],
    ])('the odd form %s is %i', async (query, status) => {
      const answer = await world.get(`/articles${query}`);
      expectStatus(answer, status);
      if (status === 200) articlesOf(answer);
      else expectErrorShape(answer);
    });

    test('parameters that are not known is answered as without them', async () => {
      const query = `author=${user.username}`;
      const plain = await world.get(`/articles?${query}`);
      const more = await world.get(`/articles?${query}&sort=title&__proto__=x&cursor=abc&PK=USER%231`);
      expect(more.json).toEqual(plain.json);
    });
  });
}
