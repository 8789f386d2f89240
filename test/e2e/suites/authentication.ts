import { expectError, expectFieldError } from '../shapes';
import { TestUser, uniqueName, World } from '../world';

const MISSING = { token: ['is missing'] };

/** Every operation that needs a token. What does not exist is used on purpose: 401 comes before 404. */
const PROTECTED: readonly (readonly [method: string, path: string])[] = [
  ['GET', '/user'],
  ['PUT', '/user'],
  ['POST', '/profiles/nobody-at-all/follow'],
  ['DELETE', '/profiles/nobody-at-all/follow'],
  ['GET', '/articles/feed'],
  ['POST', '/articles'],
  ['PUT', '/articles/no-such-article'],
  ['DELETE', '/articles/no-such-article'],
  ['POST', '/articles/no-such-article/favorite'],
  ['DELETE', '/articles/no-such-article/favorite'],
  ['POST', '/articles/no-such-article/comments'],
  ['DELETE', '/articles/no-such-article/comments/1'],
];

/** Who may do what, and which refusal comes first. */
export function describeAuthentication(world: World): void {
  describe('authentication', () => {
    test.each(PROTECTED)('%s %s without a token is 401, before anything else', async (method, path) => {
      expectError(await world.request(method, path), 401, MISSING);
      if (method === 'POST' || method === 'PUT') {
        expectError(await world.request(method, path, { body: {} }), 401, MISSING);
        expectError(await world.request(method, path, { raw: 'not JSON' }), 401, MISSING);
      }
    });

    test.each(PROTECTED)('%s %s with an invalid token is 401', async (method, path) => {
      expectFieldError(await world.request(method, path, { token: 'not.a.token' }), 401, 'token');
    });

    test('401 comes before 422 for a bad page of the feed', async () => {
      expectError(await world.get('/articles/feed?limit=abc'), 401, MISSING);
    });
  });

  describe('permission', () => {
    let author: TestUser;
    let stranger: TestUser;
    let slug: string;

    beforeAll(async () => {
      [author, stranger] = await Promise.all([world.register(), world.register()]);
      ({ slug } = await world.createArticle(author));
    });

    test('401 comes before 403', async () => {
      expectError(await world.put(`/articles/${slug}`, undefined, { article: { body: 'x' } }), 401, MISSING);
      expectError(await world.delete(`/articles/${slug}`), 401, MISSING);
      const { id } = await world.comment(author, slug);
      expectError(await world.delete(`/articles/${slug}/comments/${id}`), 401, MISSING);
    });

    test('an article is changed by its author alone: 403', async () => {
      const before = await world.article(slug);
      const answer = await world.put(`/articles/${slug}`, stranger, { article: { body: 'defaced' } });
      expectError(answer, 403, { article: ['forbidden'] });
      expect(await world.article(slug)).toEqual(before);
    });

    test('an article gets a new title from its author alone: 403', async () => {
      const before = await world.article(slug);
      const article = { title: uniqueName('Stolen '), tagList: [uniqueName('tag')] };
      expectError(await world.put(`/articles/${slug}`, stranger, { article }), 403, { article: ['forbidden'] });
      expect(await world.article(slug)).toEqual(before);
    });

    test('an article is deleted by its author alone: 403', async () => {
      const before = await world.article(slug);
      expectError(await world.delete(`/articles/${slug}`, stranger), 403, { article: ['forbidden'] });
      expect(await world.article(slug)).toEqual(before);
    });

    test('a comment is deleted by its author alone: 403', async () => {
      const { id } = await world.comment(author, slug);
      const answer = await world.delete(`/articles/${slug}/comments/${id}`, stranger);
      expectError(answer, 403, { comment: ['forbidden'] });
      expect((await world.comments(slug)).map((comment) => comment.id)).toContain(id);
    });

    test('404 comes before 403: an article that is gone belongs to nobody', async () => {
      const gone = await world.createArticle(author);
      await world.deleteArticle(author, gone.slug);
      const path = `/articles/${gone.slug}`;
      expectError(await world.delete(path, stranger), 404, { article: ['not found'] });
      expectError(await world.put(path, stranger, { article: { body: 'x' } }), 404, { article: ['not found'] });
    });
  });
}
