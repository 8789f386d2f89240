import { Answer } from '../client';
import { CommentBody, expectError, expectFieldError, expectNoContent } from '../shapes';
import { TestUser, times, uniqueName, World } from '../world';

const COMMENT_NOT_FOUND = { comment: ['not found'] };
const ARTICLE_NOT_FOUND = { article: ['not found'] };

/**
 * A deletion of a comment that is not there. Where DynamoDB had an error of its own on an attempt, the comment may have
 * been there until then, and the answer is that of a deletion: it is asked again.
 */
async function expectNotThere(world: World, slug: string, id: string | number, user: TestUser): Promise<void> {
  const path = `/articles/${slug}/comments/${id}`;
  const wasInDoubt = () => {
    const asked = (world.running.app?.requests() ?? []).filter((each) => each.path.endsWith(path));
    const calls = asked[asked.length - 1]?.calls ?? [];
    return calls.some(({ operation, status }) => operation === 'DeleteItem' && status >= 500);
  };
  let answer: Answer;
  do answer = await world.delete(path, user);
  while (answer.status === 204 && wasInDoubt());
  expectError(answer, 404, COMMENT_NOT_FOUND);
}

/** Everything below /articles/:slug/comments. */
export function describeComments(world: World): void {
  describe('comments', () => {
    let author: TestUser;
    let reader: TestUser;

    beforeAll(async () => {
      [author, reader] = await Promise.all([world.register(), world.register()]);
    });

    test('answer 201 with the comment, whose id is an integer', async () => {
      const { slug } = await world.createArticle(author);
      const body = 'His name was my name too.\n\n🐉';
      const comment = await world.comment(reader, slug, body);
      expect(comment.body).toBe(body);
      expect(comment.updatedAt).toBe(comment.createdAt);
      expect(comment.author).toEqual({ username: reader.username, bio: null, image: null, following: false });
      expect(Number.isSafeInteger(comment.id) && comment.id > 0).toBe(true);
    });

    test('are listed at once, for visitors and for the signed in', async () => {
      const { slug } = await world.createArticle(author);
      expect(await world.comments(slug)).toEqual([]);
      const comment = await world.comment(reader, slug);
      expect(await world.comments(slug)).toEqual([comment]);
      expect(await world.comments(slug, reader)).toEqual([comment]);
    });

    test('show whom the reader follows', async () => {
      const [writer, follower] = await world.registerMany(2);
      const { slug } = await world.createArticle(author);
      await world.comment(writer, slug);
      await world.comment(author, slug);
      await world.follow(follower, writer.username);
      const shown = (await world.comments(slug, follower)).map((comment) => comment.author);
      const following = Object.fromEntries(shown.map((profile) => [profile.username, profile.following]));
      expect(following).toEqual({ [writer.username]: true, [author.username]: false });
    });

    test('of more than a page are all there, in the order of time', async () => {
      const { slug } = await world.createArticle(author);
      const written = await times(30, (index) => world.comment(index % 2 ? author : reader, slug), 1);
      const listed = await world.comments(slug);
      expectSorted(listed);
      expect([...listed].sort(byId)).toEqual(written);
    });

    test('have ids of their own, also when written in one moment', async () => {
      const { slug } = await world.createArticle(author);
      const written = await times(20, (index) => world.comment(index % 2 ? author : reader, slug), 20);
      expect(new Set(written.map(({ id }) => id)).size).toBe(20);
      const listed = await world.comments(slug);
      expectSorted(listed);
      expect([...listed].sort(byId)).toEqual([...written].sort(byId));
    });

    test('stay with their article', async () => {
      const [first, second] = await world.createArticles(author, 2);
      const comment = await world.comment(reader, first.slug);
      expect(await world.comments(second.slug)).toEqual([]);
      await expectNotThere(world, second.slug, comment.id, reader);
      expect(await world.comments(first.slug)).toEqual([comment]);
    });

    test('are deleted by 204 without a body, at once', async () => {
      const { slug } = await world.createArticle(author);
      const kept = await world.comment(reader, slug);
      const { id } = await world.comment(reader, slug);
      expectNoContent(await world.delete(`/articles/${slug}/comments/${id}`, reader));
      expect(await world.comments(slug)).toEqual([kept]);
      await expectNotThere(world, slug, id, reader);
    });

    test('without a body are 422, and nothing is written', async () => {
      const { slug } = await world.createArticle(author);
      const path = `/articles/${slug}/comments`;
      const blank = { body: ["can't be blank"] };
      expectError(await world.post(path, reader, { comment: {} }), 422, blank);
      expectError(await world.post(path, reader, { comment: { body: '' } }), 422, blank);
      expectFieldError(await world.post(path, reader, { comment: { body: null } }), 422, 'body');
      expect(await world.comments(slug)).toEqual([]);
    });

    test('of an unknown article are 404', async () => {
      const path = `/articles/${uniqueName()}/comments`;
      expectError(await world.get(path), 404, ARTICLE_NOT_FOUND);
      expectError(await world.get(path, reader), 404, ARTICLE_NOT_FOUND);
      expectError(await world.post(path, reader, { comment: { body: 'x' } }), 404, ARTICLE_NOT_FOUND);
      expectError(await world.delete(`${path}/1`, reader), 404, ARTICLE_NOT_FOUND);
    });

    test('of an unknown id are 404', async () => {
      const { slug } = await world.createArticle(author);
      for (const id of ['1', '999999999999999']) {
        await expectNotThere(world, slug, id, reader);
      }
    });

    test.each(['abc', '0', '-1', '1.5', '1e3', '99999999999999999999', '%23', '01890a5d-ac96-774b-bcce-b302099a8057'])(
      'of the id %s are 404, and nothing is deleted',
      async (id) => {
        const { slug } = await world.createArticle(author);
        const comment = await world.comment(reader, slug);
        await expectNotThere(world, slug, id, reader);
        expect(await world.comments(slug)).toEqual([comment]);
      },
    );

    test('show their author as they are now', async () => {
      const writer = await world.register();
      const { slug } = await world.createArticle(author);
      await world.comment(writer, slug);
      const fields = { username: uniqueName(), bio: 'renamed', image: 'https://example.com/i.png' };
      await world.updateUser(writer, fields);
      expect((await world.comments(slug))[0].author).toEqual({ ...fields, following: false });
    });
  });
}

function byId(one: CommentBody, other: CommentBody): number {
  return one.id - other.id;
}

/** By id, oldest or newest first. */
function expectSorted(comments: readonly CommentBody[]): void {
  const ids = comments.map(({ id }) => id);
  const rising = [...ids].sort((one, other) => one - other);
  expect(ids).toEqual(ids[0] === rising[0] ? rising : rising.reverse());
}
