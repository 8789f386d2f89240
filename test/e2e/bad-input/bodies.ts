import { Answer } from '../client';
import { articleOf, expectErrorShape, expectFieldError, expectStatus, userOf } from '../shapes';
import { TestUser, uniqueEmail, uniqueName, World } from '../world';
import { NO_OBJECT, NO_STRING, NO_TAGS } from './payloads';

/** Bodies of the wrong form, type or size. */
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
    test.each(NO_OBJECT)('%s is 422 wherever a body is taken, and nothing is written', async (_, raw) => {
      await unchanged(async () => {
        for (const [method, path, , authorized] of operations()) {
          const answer = await world.request(method, path, { raw, token: authorized ? user.token : undefined });
          expectStatus(answer, 422);
          expectErrorShape(answer);
        }
      });
    });

    test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-8', 'nonsense', ''])(
      'of the type "%s" gets an answer in the shape of the API',
      async (type) => {
        const article = { title: uniqueName('T '), description: 'd', body: 'b' };
        const raw = JSON.stringify({ article });
        const answer = await world.request('POST', '/articles', {
          raw,
          token: user.token,
          headers: { 'content-type': type },
        });
        if (answer.status === 201) {
          await world.deleteArticle(user, articleOf(answer, 201).slug);
        } else {
          expect([400, 415, 422]).toContain(answer.status);
          expect(type).not.toMatch(/^application\/json/);
          expectErrorShape(answer);
        }
      },
    );
  });

  describe('a value of the wrong type', () => {
    const valid = { username: 'u', email: 'e', password: 'some-password' };

    test.each(['username', 'email', 'password'])('for %s at registration is 422', async (field) => {
      for (const value of NO_STRING) {
        const fresh = { ...valid, username: uniqueName(), email: uniqueEmail(), [field]: value };
        expectFieldError(await world.post('/users', undefined, { user: fresh }), 422, field);
      }
    });

    test.each(['email', 'password'])('for %s at sign-in is 422', async (field) => {
      for (const value of NO_STRING) {
        const fields = { email: user.email, password: user.password, [field]: value };
        expectFieldError(await world.post('/users/login', undefined, { user: fields }), 422, field);
      }
    });

    test.each(['username', 'email', 'password', 'bio', 'image'])('for %s of the user is 422', async (field) => {
      await unchanged(async () => {
        for (const value of NO_STRING) {
          expectFieldError(await world.put('/user', user, { user: { [field]: value } }), 422, field);
        }
      });
    });

    test.each(['title', 'description', 'body'])('for %s of an article is 422', async (field) => {
      await unchanged(async () => {
        for (const value of NO_STRING) {
          const article = { title: uniqueName('T '), description: 'd', body: 'b', [field]: value };
          expectFieldError(await world.post('/articles', user, { article }), 422, field);
          expectFieldError(await world.put(`/articles/${slug}`, user, { article: { [field]: value } }), 422, field);
        }
      });
    });

    test('for tagList is 422', async () => {
      await unchanged(async () => {
        for (const tagList of NO_TAGS) {
          const article = { title: uniqueName('T '), description: 'd', body: 'b', tagList };
          expectFieldError(await world.post('/articles', user, { article }), 422, 'tagList');
          expectFieldError(await world.put(`/articles/${slug}`, user, { article: { tagList } }), 422, 'tagList');
        }
      });
    });

    test('for the body of a comment is 422', async () => {
      await unchanged(async () => {
        for (const body of NO_STRING) {
          expectFieldError(await world.post(`/articles/${slug}/comments`, user, { comment: { body } }), 422, 'body');
        }
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
    test('are ignored or refused', async () => {
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
      const answer = await world.post('/articles', user, { article });
      if (answer.status === 422) return expectErrorShape(answer);
      const created = articleOf(answer, 201);
      expect(created).toMatchObject({ favoritesCount: 0, favorited: false, author: { username: user.username } });
      expect(created.slug).not.toBe('chosen-slug');
      expect(created.createdAt).not.toMatch(/^2000/);
      return undefined;
    });

    test('pollute no prototype', async () => {
      const raw = `{"user":{"bio":"kept","__proto__":{"image":"polluted"},"constructor":{"prototype":{"image":"polluted"}}}}`;
      const answer = await world.request('PUT', '/user', { raw, token: user.token });
      if (answer.status === 422) expectErrorShape(answer);
      else expect(userOf(answer)).toMatchObject({ bio: 'kept', image: null });
      expect((await world.register().then((other) => world.currentUser(other))).image).toBeNull();
    });
  });

  describe('a megabyte', () => {
    const MEGABYTE = 'x'.repeat(1024 * 1024);

    const expectRefused = (answer: Answer, statuses: readonly number[] = [422]): void => {
      expect({ request: answer.request, allowed: statuses.includes(answer.status) ? true : answer.status }).toEqual({
        request: answer.request,
        allowed: true,
      });
      if (answer.status >= 400) expectErrorShape(answer);
      // The message says what was wrong, it does not repeat it.
      if (answer.status >= 400) expect(answer.text.length).toBeLessThan(2_000);
    };

    test.each(['username', 'email', 'password'])('for %s at registration is refused', async (field) => {
      const fresh = { username: uniqueName(), email: uniqueEmail(), password: 'some-password', [field]: MEGABYTE };
      // No length is too long for a password that is hashed.
      expectRefused(await world.post('/users', undefined, { user: fresh }), field === 'password' ? [201, 422] : [422]);
    });

    test.each(['email', 'password'])('for %s at sign-in lets nobody in', async (field) => {
      const fields = { email: user.email, password: user.password, [field]: MEGABYTE };
      expectRefused(await world.post('/users/login', undefined, { user: fields }), [401, 422]);
    });

    test.each(['username', 'email', 'bio', 'image'])('for %s of the user is 422', async (field) => {
      await unchanged(async () => expectRefused(await world.put('/user', user, { user: { [field]: MEGABYTE } })));
    });

    test.each(['title', 'description', 'body'])('for %s of an article is 422', async (field) => {
      await unchanged(async () => {
        const article = { title: uniqueName('T '), description: 'd', body: 'b', [field]: MEGABYTE };
        expectRefused(await world.post('/articles', user, { article }));
        expectRefused(await world.put(`/articles/${slug}`, user, { article: { [field]: MEGABYTE } }));
      });
    });

    test('for a tag or a comment is 422', async () => {
      await unchanged(async () => {
        const article = { title: uniqueName('T '), description: 'd', body: 'b', tagList: [MEGABYTE] };
        expectRefused(await world.post('/articles', user, { article }));
        expectRefused(await world.put(`/articles/${slug}`, user, { article: { tagList: [MEGABYTE] } }));
        expectRefused(await world.post(`/articles/${slug}/comments`, user, { comment: { body: MEGABYTE } }));
      });
    });

    test('in a field that is not known gets an answer', async () => {
      const raw = JSON.stringify({ user: { bio: 'b', unknown: MEGABYTE } });
      expectRefused(await world.request('PUT', '/user', { raw, token: user.token }), [200, 422]);
    });
  });

  describe('an article that does not fit an item', () => {
    test('as a whole is 422, though each field would fit', async () => {
      await unchanged(async () => {
        const half = 'x'.repeat(250 * 1024);
        const article = { title: uniqueName('T '), description: half, body: half };
        const answer = await world.post('/articles', user, { article });
        expectStatus(answer, 422);
        expectErrorShape(answer);
      });
    });

    test('counts bytes, not characters', async () => {
      await unchanged(async () => {
        const article = { title: uniqueName('T '), description: 'd', body: '龍'.repeat(150 * 1024) };
        const answer = await world.post('/articles', user, { article });
        expectStatus(answer, 422);
        expectErrorShape(answer);
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
