import { NO_OBJECT } from '../../support/payloads';
import { Answer } from '../client';
import { articleOf, expectErrorShape, expectFieldError, expectStatus, userOf } from '../shapes';
import { TestUser, uniqueEmail, uniqueName, World } from '../world';

/** What each kind of body that is no object does over HTTP; all of them are in the matrix of the handlers. */
const BODIES = NO_OBJECT.filter(([name]) =>
  ['no JSON', 'nothing', 'null in the wrapper', '100,000 nested lists', 'a byte order mark and no object'].includes(
    name,
  ),
);

/** Bodies of the wrong form, type or size: a few of each kind. All kinds of all: lambda/realworld-api/input-matrix.test.ts. */
export function describeBodies(world: World): void {
  let user: TestUser;
  let slug: string;

  beforeAll(async () => {
    user = await world.register();
    ({ slug } = await world.createArticle(user));
  });

  /** What a refused request may not have changed. */
  const state = async (): Promise<unknown> => [
    { ...(await world.currentUser(user)), token: undefined },
    await world.list({ author: user.username, limit: 100 }),
    await world.article(slug),
    await world.comments(slug),
  ];

  const unchanged = async (requests: () => Promise<void>): Promise<void> => {
    const before = await state();
    await requests();
    expect(await state()).toEqual(before);
    userOf(await world.login(user.email, user.password));
  };

  /** Every operation that takes a body: method, path, wrapper. */
  const operations = (): [method: string, path: string, wrapper: string, authorized: boolean][] => [
    ['POST', '/users', 'user', false],
    ['POST', '/users/login', 'user', false],
    ['PUT', '/user', 'user', true],
    ['POST', '/articles', 'article', true],
    ['PUT', `/articles/${slug}`, 'article', true],
    ['POST', `/articles/${slug}/comments`, 'comment', true],
  ];

  describe('a body that is', () => {
    test.each(BODIES)('%s is 422 wherever a body is taken, and nothing is written', async (_, raw) => {
      await unchanged(async () => {
        for (const [method, path, , authorized] of operations()) {
          const answer = await world.request(method, path, { raw, token: authorized ? user.token : undefined });
          expectStatus(answer, 422);
          expectErrorShape(answer);
        }
      });
    });

    test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-8', 'nonsense', ''])(
      'of the type "%s" is read as JSON',
      async (type) => {
        const article = { title: uniqueName('T '), description: 'd', body: 'b' };
        const raw = JSON.stringify({ article });
        const headers = { 'content-type': type };
        const answer = await world.request('POST', '/articles', { raw, token: user.token, headers });
        await world.deleteArticle(user, articleOf(answer, 201).slug);
      },
    );
  });

  describe('a value of the wrong type', () => {
    test('is 422 wherever a body is taken, and nothing is written', async () => {
      await unchanged(async () => {
        const value = { S: 'a' };
        const fresh = { username: uniqueName(), email: uniqueEmail(), password: value };
        expectFieldError(await world.post('/users', undefined, { user: fresh }), 422, 'password');
        const credentials = { email: user.email, password: value };
        expectFieldError(await world.post('/users/login', undefined, { user: credentials }), 422, 'password');
        expectFieldError(await world.put('/user', user, { user: { image: value } }), 422, 'image');
        const article = { title: uniqueName('T '), description: 'd', body: 'b', tagList: [value] };
        expectFieldError(await world.post('/articles', user, { article }), 422, 'tagList');
        expectFieldError(await world.put(`/articles/${slug}`, user, { article: { title: value } }), 422, 'title');
        expectFieldError(
          await world.post(`/articles/${slug}/comments`, user, { comment: { body: value } }),
          422,
          'body',
        );
      });
    });

    test('for one field refuses the whole update', async () => {
      await unchanged(async () => {
        expectFieldError(await world.put('/user', user, { user: { bio: 'written?', email: 5 } }), 422, 'email');
        const article = { body: 'written?', tagList: 'no list' };
        expectFieldError(await world.put(`/articles/${slug}`, user, { article }), 422, 'tagList');
      });
    });
  });

  describe('fields that are not for the client to set', () => {
    test('are ignored', async () => {
      const foreign = {
        slug: 'chosen-slug',
        favoritesCount: 99,
        favorited: true,
        createdAt: '2000-01-01T00:00:00.000Z',
        author: { username: 'someone-else' },
        articleId: 'x',
        PK: 'x',
      };
      const article = { title: uniqueName('T '), description: 'd', body: 'b', ...foreign };
      const created = articleOf(await world.post('/articles', user, { article }), 201);
      expect(created).toMatchObject({ favoritesCount: 0, favorited: false, author: { username: user.username } });
      expect(created.slug).not.toBe('chosen-slug');
      expect(created.createdAt).not.toMatch(/^2000/);
    });

    test('pollute no prototype', async () => {
      const raw = `{"user":{"bio":"kept","__proto__":{"image":"polluted"},"constructor":{"prototype":{"image":"polluted"}}}}`;
      const answer = await world.request('PUT', '/user', { raw, token: user.token });
      expect(userOf(answer)).toMatchObject({ bio: 'kept', image: null });
      expect((await world.register().then((other) => world.currentUser(other))).image).toBeNull();
    });
  });

  describe('a megabyte', () => {
    const MEGABYTE = 'x'.repeat(1024 * 1024);

    const expectRefused = (answer: Answer, field: string): void => {
      expectFieldError(answer, 422, field);
      // The message says what was wrong, it does not repeat it.
      expect(answer.text.length).toBeLessThan(2_000);
    };

    test('in a field is 422, and nothing is written', async () => {
      await unchanged(async () => {
        const fresh = { username: uniqueName(), email: uniqueEmail(), password: MEGABYTE };
        expectRefused(await world.post('/users', undefined, { user: fresh }), 'password');
        const credentials = { email: user.email, password: MEGABYTE };
        expectRefused(await world.post('/users/login', undefined, { user: credentials }), 'password');
        expectRefused(await world.put('/user', user, { user: { bio: MEGABYTE } }), 'bio');
        const article = { title: uniqueName('T '), description: 'd', body: 'b', tagList: [MEGABYTE] };
        expectRefused(await world.post('/articles', user, { article }), 'tagList');
        expectRefused(await world.put(`/articles/${slug}`, user, { article: { body: MEGABYTE } }), 'body');
        expectRefused(await world.post(`/articles/${slug}/comments`, user, { comment: { body: MEGABYTE } }), 'body');
      });
    });

    test('in a field that is not known is passed over', async () => {
      const raw = JSON.stringify({ user: { bio: 'b', unknown: MEGABYTE } });
      expect(userOf(await world.request('PUT', '/user', { raw, token: user.token })).bio).toBe('b');
    });
  });

  describe('an article that does not fit an item', () => {
    test('as a whole is 422, though each field would fit', async () => {
      await unchanged(async () => {
        const half = 'x'.repeat(250 * 1024);
        const article = { title: uniqueName('T '), description: half, body: half };
        expectFieldError(await world.post('/articles', user, { article }), 422, 'description');
      });
    });

    test('counts bytes, not characters', async () => {
      await unchanged(async () => {
        const article = { title: uniqueName('T '), description: 'd', body: '龍'.repeat(150 * 1024) };
        expectFieldError(await world.post('/articles', user, { article }), 422, 'body');
      });
    });

    test('is one of hundreds of kilobytes: 100 KB are kept whole', async () => {
      const body = 'text '.repeat(20 * 1024);
      const created = await world.createArticle(user, { body });
      expect((await world.article(created.slug)).body).toBe(body);
      await world.deleteArticle(user, created.slug);
    });
  });
}
