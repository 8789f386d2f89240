import { useAim } from './operations';
import { POSTS_ENDPOINTS } from '../../../../src/posts-api/contract';
import { INJECTIONS, UNICODE } from '../../../support/payloads';
import { sampled } from '../../../support/scope';
import { type Answer, encoded } from '../../client';
import { expectNoLeak, expectStatus } from '../../shapes';
import { times } from '../../world';
import { errorOf, expectInvalid, expectRefused } from '../shapes';
import { newPost, type PostsWorld } from '../world';

/** Encoded once, as a client sends them; and what is odd as it stands. */
const ODD_IDS: readonly string[] = [
  ...[...INJECTIONS, ...UNICODE.map(([, text]) => text), 'nul\u0000nul', 'x'.repeat(5_000)].map(encoded),
  '%00',
  '%2F',
  '..%2F..%2Fme',
  '%2e%2e',
  '%252F',
  '%c0%af',
  '%ed%a0%80',
];

/** One of each fate in a gateway; the first endpoint is asked for all of the above. */
const FEW = ['%00', '%2F', '..%2F..%2Fme', '%252F', '%c0%af', '__proto__', 'a%23b', encoded('龍'), 'x'.repeat(5_000)];

/** What a gateway may refuse by itself. */
const BROKEN: readonly string[] = ['%', '%zz', '%e0%a4%a'];

const BODIES: Readonly<Record<string, object>> = {
  UpdatePost: { name: 'x' },
  UpdateTag: { name: 'x' },
  UpdateAllowedUsers: { allowed_users: [] },
};

/** Endpoints with an id in their path; a list of anybody's posts is empty where there is nobody. */
const WITH_ID = Object.entries(POSTS_ENDPOINTS).filter(([, { path }]) => path.includes('{'));
const NOWHERE = WITH_ID.filter(([name]) => name !== 'GetUserPosts').map(
  ([name, { method, path }], at) => [name, method, path, at] as const,
);

/** Odd text in paths and headers, and what is no operation. */
export function describeAddresses(world: PostsWorld): void {
  const aim = useAim(world);

  const ask = (name: string, method: string, path: string, id: string): Promise<Answer> => {
    const filled = path.replace(/\{\w+\}/, id);
    return world.request(method, filled, { token: aim.target.user.token, body: BODIES[name] });
  };

  describe('an id in the path', () => {
    test.each(NOWHERE)(
      'of %s that is none leads nowhere: 404, and nothing is written',
      async (name, method, path, at) => {
        const isFull = name === 'GetPost';
        const ids = isFull ? ODD_IDS : sampled(FEW, 4, at);
        const encodings = isFull ? BROKEN : sampled(BROKEN, 3, at);
        await aim.unchanged(async () => {
          const answers = await times(ids.length, (index) => ask(name, method, path, ids[index]));
          answers.forEach((answer) => expectRefused(answer, 'not_found'));
          const broken = await times(encodings.length, (index) => ask(name, method, path, encodings[index]));
          broken.forEach((answer) => expectRefused(answer, answer.status === 400 ? 'invalid_request' : 'not_found'));
        });
      },
    );

    test.each(NOWHERE)('of %s is one in one spelling only', async (name, method, path, at) => {
      const { post, tag, token } = aim.target;
      const id = { postId: post.post_id, tagId: tag.tag_id, tokenId: token.token_id }[
        /\{(\w+)\}/.exec(path)?.[1] ?? ''
      ];
      if (id === undefined) throw new Error(`${path} has no id that the tests know`);
      // Upper-case letters: an id of digits alone would be the same.
      expect(id).toMatch(/[a-f]/);
      const all = [
        id.toUpperCase(),
        id.replaceAll('-', ''),
        `{${id}}`,
        ` ${id}`,
        `${id} `,
        `${id}\u0000`,
        `${id}\n`,
        `urn:uuid:${id}`,
        `POST#${id}`,
        `${id}#DETAILS`,
        `${id}/..`,
      ];
      const spellings = sampled(all, 4, at);
      await aim.unchanged(async () => {
        const answers = await times(spellings.length, (index) => ask(name, method, path, encoded(spellings[index])));
        answers.forEach((answer) => expectRefused(answer, 'not_found'));
      });
    });

    test('of a user that is none has no posts, or is not found', async () => {
      const answers = await times(FEW.length, (at) => ask('GetUserPosts', 'GET', '/users/{userId}/posts', FEW[at]));
      answers.forEach((answer) => {
        if (answer.status === 404) expectRefused(answer, 'not_found');
        else expect([answer.status, answer.json]).toEqual([200, { posts: [], next_cursor: null }]);
      });
    });

    test.each([
      '/posts/../me',
      '/posts/../../docs',
      '/posts/./',
      '//posts',
      '/posts//tags',
      '/../../etc/passwd',
      '/posts/..',
    ])('and the steps of %s lead nowhere else', async (path) => {
      const answer = await world.get(path, aim.target.user);
      expectRefused(answer, answer.status === 405 ? 'method_not_allowed' : 'not_found');
      expect(answer.text).not.toMatch(/root:x:0/);
    });
  });

  describe('what is no operation', () => {
    const paths = [...new Set(Object.values(POSTS_ENDPOINTS).map(({ path }) => path as string))];
    const methodsOf = (path: string): string[] =>
      Object.values(POSTS_ENDPOINTS)
        .filter((one) => one.path === path)
        .map(({ method }) => method);

    test.each(paths)('is 405 for another method on %s, with those that it knows', async (path) => {
      const known = methodsOf(path);
      const others = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => !known.includes(method));
      const id = aim.target.post.post_id;
      await aim.unchanged(async () => {
        for (const method of others) {
          for (const token of [undefined, aim.target.user.token]) {
            const answer = await world.request(method, path.replace(/\{\w+\}/, id), { token, body: newPost() });
            expectRefused(answer, 'method_not_allowed');
            expect(
              String(answer.headers.allow)
                .split(', ')
                .filter((one) => one !== 'OPTIONS')
                .sort(),
            ).toEqual(known.sort());
          }
        }
      });
    });

    test.each([
      '/nothing',
      '/posts/x/y/z',
      '/me/nothing',
      '/users',
      '/users/x',
      '/__proto__',
      '/constructor',
      '/Posts',
      '/v1/posts',
      '',
    ])('is 404 for the path "%s", whoever asks', async (path) => {
      for (const method of ['GET', 'POST', 'DELETE']) {
        for (const token of [undefined, aim.target.user.token]) {
          const answer = await world.request(method, path, { token });
          expectRefused(answer, 'not_found');
        }
      }
    });

    test.each(['/', '/v2/posts', '/V1/posts', '/v1posts', '/posts'])('is 404 for %s below the stage', async (path) => {
      expectRefused(await world.rootRequest('GET', path, { token: aim.target.user.token }), 'not_found');
    });
  });

  describe('headers', () => {
    test.each(['authorization', 'Authorization', 'AUTHORIZATION', 'aUtHoRiZaTiOn'])('are read as %s', async (name) => {
      const headers = { [name]: `Bearer ${aim.target.user.token}` };
      expectStatus(await world.request('GET', '/me', { headers }), 200);
    });

    test.each(['Content-Type', 'CONTENT-TYPE', 'content-type'])('name the type of a body as %s', async (name) => {
      const headers = { [name]: 'application/json', AUTHORIZATION: `Bearer ${aim.target.user.token}` };
      const raw = '{"unknown":1}';
      expectInvalid(await world.request('POST', '/tags', { raw, headers }));
    });

    test('that are odd change nothing', async () => {
      const odd: readonly Readonly<Record<string, string>>[] = [
        { 'x-forwarded-for': "'; DROP TABLE posts; --" },
        { 'x-http-method-override': 'DELETE' },
        { 'x-amzn-requestid': '<script>alert(1)</script>' },
        { origin: 'null' },
        { accept: 'application/xml' },
        { 'accept-language': '../../etc/passwd' },
        { 'user-agent': '${jndi:ldap://127.0.0.1/a}' },
        { 'x-user-id': aim.target.other.userId, 'x-api-key': 'x' },
        { cookie: `userId=${aim.target.other.userId}` },
      ];
      const plain = await world.get('/me', aim.target.user);
      for (const headers of odd) {
        const answer = await world.request('GET', '/me', { token: aim.target.user.token, headers });
        expect([headers, answer.status, answer.json]).toEqual([headers, 200, plain.json]);
      }
    });

    test('of injections for credentials are 401', async () => {
      const texts = INJECTIONS.filter((text) => !/[\r\n]/.test(text));
      for (const scheme of ['Bearer ', 'csbp_']) {
        const answers = await times(texts.length, (at) =>
          world.request('GET', '/me', { headers: { authorization: `${scheme}${texts[at]}` } }),
        );
        answers.forEach((answer) => expectRefused(answer, 'unauthorized'));
      }
      const long = await world.request('GET', '/me', { headers: { authorization: `Bearer ${'x'.repeat(6_000)}` } });
      expect(errorOf(long).code).toBe('unauthorized');
      expectNoLeak(long);
    });
  });
}
