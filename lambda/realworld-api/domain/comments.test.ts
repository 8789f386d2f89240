import { addComment, type CommentPorts, deleteComment, listComments } from './comments';
import type { Comment } from './model';
import { useLogLines } from '../../../test/support/log-lines';
import { articleOf, profileOf, refusal, slugOf } from '../../../test/support/samples';
import { awsError } from '../../../test/support/secrets';
import { unauthorized } from '../errors';

const logged = useLogLines();

const ADA = profileOf(1, { username: 'ada' });
const BOB = profileOf(2, { username: 'bob' });
const RECORD = slugOf(articleOf(1, 1));
const SLUG = RECORD.slug;

let stored: Map<number, Comment>;
let remembered: string[];
let ids: number[];
let following: Set<string>;

const ports = (): CommentPorts => ({
  sessions: {
    verify: () => Promise.reject(unauthorized('is invalid')),
    load: async (token, { slug, followsSelf } = {}) => {
      const viewer = [ADA, BOB].find((person) => person.username === token);
      if (token !== undefined && !viewer) throw unauthorized('is invalid');
      return {
        viewer,
        slug: slug === SLUG ? RECORD : undefined,
        userIds: [],
        followsSelf: followsSelf && viewer && following.has(viewer.userId),
      };
    },
  },
  comments: {
    add: async (_, comment) => {
      const free = !stored.has(comment.commentId);
      if (free) stored.set(comment.commentId, comment);
      return free;
    },
    remember: async (_, userId) => void remembered.push(userId),
    changedSince: async () => new Set(),
    list: async () => ({
      comments: [...stored.values()].sort((a, b) => b.commentId - a.commentId),
      authors: new Map([ADA, BOB].map((person) => [person.userId, person])),
      following,
    }),
    delete: async (_, commentId, authorId) => {
      const comment = stored.get(commentId);
      if (!comment) return 'gone';
      if (comment.authorId !== authorId) return 'not-own';
      stored.delete(commentId);
      return 'done';
    },
  },
  newNumericId: () => ids.shift() ?? 999,
  now: () => Date.UTC(2026, 0, 1),
});

beforeEach(() => {
  stored = new Map();
  remembered = [];
  ids = [101, 102, 103];
  following = new Set();
});

const remove = (token: string, id: string, slug = SLUG) => deleteComment(ports(), token, slug, id);

test('a comment is answered with an integer id, its time and its author', async () => {
  const at = '2026-01-01T00:00:00.000Z';
  await expect(addComment(ports(), 'bob', SLUG, 'Nice')).resolves.toEqual({
    comment: {
      id: 101,
      createdAt: at,
      updatedAt: at,
      body: 'Nice',
      author: { username: 'bob', bio: null, image: null, following: false },
    },
  });
  expect(remembered).toEqual([BOB.userId]);
});

test('a comment that is stored is answered, though its author could not be remembered', async () => {
  const failing = ports();
  const remember = () => Promise.reject(awsError('ThrottlingException'));
  const { comment } = await addComment(
    { ...failing, comments: { ...failing.comments, remember } },
    'bob',
    SLUG,
    'Nice',
  );
  expect(comment.id).toBe(101);
  expect(stored.size).toBe(1);
  expect(logged()).toEqual([
    expect.objectContaining({ level: 'WARN', message: 'a commenter was not remembered', error: 'ThrottlingException' }),
  ]);
});

test('a comment that cannot be stored is no success, whatever else works', async () => {
  const { comments, ...others } = ports();
  const add = () => Promise.reject(new Error('no right'));
  await expect(addComment({ ...others, comments: { ...comments, add } }, 'bob', SLUG, 'Nice')).rejects.toThrow(
    'no right',
  );
});

test('nothing is read once a comment is on its way: what its answer tells is known before', async () => {
  const { sessions, ...others } = ports();
  let adding = false;
  const load: typeof sessions.load = (...given) =>
    adding ? Promise.reject(new Error('too late')) : sessions.load(...given);
  const comments = {
    ...others.comments,
    add: (...given: Parameters<typeof others.comments.add>) => ((adding = true), others.comments.add(...given)),
  };
  following.add(BOB.userId);
  const { comment } = await addComment({ ...others, sessions: { ...sessions, load }, comments }, 'bob', SLUG, 'Nice');
  expect(comment.author.following).toBe(true);
});

test('a comment by somebody who follows themselves says so, as the list does', async () => {
  following.add(BOB.userId);
  const { comment } = await addComment(ports(), 'bob', SLUG, 'Nice');
  expect(comment.author.following).toBe(true);
  expect((await listComments(ports(), 'bob', SLUG)).comments).toEqual([comment]);
});

test('a comment whose id is taken gets another one, and none is overwritten', async () => {
  ids = [101, 101, 101, 102];
  await addComment(ports(), 'bob', SLUG, 'first');
  expect((await addComment(ports(), 'ada', SLUG, 'second')).comment.id).toBe(102);
  expect([...stored.values()].map(({ body }) => body)).toEqual(['first', 'second']);
});

test('comments are listed to a visitor, and to a viewer with whom they follow', async () => {
  await addComment(ports(), 'bob', SLUG, 'first');
  await addComment(ports(), 'ada', SLUG, 'second');
  following = new Set([BOB.userId]);
  const { comments } = await listComments(ports(), 'ada', SLUG);
  expect(comments.map(({ id, author }) => [id, author.username, author.following])).toEqual([
    [102, 'ada', false],
    [101, 'bob', true],
  ]);
  await expect(listComments(ports(), undefined, SLUG)).resolves.toMatchObject({ comments: [{ id: 102 }, { id: 101 }] });
});

test('a comment whose author is gone is passed over', async () => {
  const ghost = profileOf(9).userId;
  stored.set(5, { commentId: 5, authorId: ghost, body: 'boo', createdAt: 'x', updatedAt: 'x' });
  await addComment(ports(), 'bob', SLUG, 'first');
  expect((await listComments(ports(), undefined, SLUG)).comments.map(({ id }) => id)).toEqual([101]);
});

test('an answer carries no more comments than fit one, the newest, however they are escaped', async () => {
  for (let n = 1; n <= 400; n++) {
    stored.set(n, { commentId: n, authorId: BOB.userId, body: '"'.repeat(5000), createdAt: 'x', updatedAt: 'x' });
  }
  const answer = await listComments(ports(), undefined, SLUG);
  expect(answer.comments[0].id).toBe(400);
  expect(answer.comments.length).toBeGreaterThan(200);
  expect(Buffer.byteLength(JSON.stringify({ body: JSON.stringify(answer) }))).toBeLessThan(6 * 1024 * 1024);
});

test('only who wrote a comment deletes it, not even the author of the article', async () => {
  await addComment(ports(), 'bob', SLUG, 'mine');
  expect(await refusal(remove('ada', '101'))).toEqual({ status: 403, errors: { comment: ['forbidden'] } });
  expect(stored.size).toBe(1);
  await remove('bob', '101');
  expect(stored.size).toBe(0);
  expect(await refusal(remove('bob', '101'))).toEqual({ status: 404, errors: { comment: ['not found'] } });
});

test.each(['', 'abc', '-1', '1.0', '0x65', '1e2', ' 101', '9007199254740993', '99999999999999999', '101#'])(
  'there is no comment of id %j',
  async (id) => {
    ids = [101];
    await addComment(ports(), 'bob', SLUG, 'mine');
    expect(await refusal(remove('bob', id))).toEqual({ status: 404, errors: { comment: ['not found'] } });
    expect(stored.size).toBe(1);
  },
);

test('a number too large to be exact is no id, not even of the comment that it would be rounded to', async () => {
  ids = [Number('9007199254740993')];
  await addComment(ports(), 'bob', SLUG, 'mine');
  expect((await refusal(remove('bob', '9007199254740993'))).status).toBe(404);
  expect(stored.size).toBe(1);
});

test('of an article that is not there nothing is listed, added or deleted; a bad token is told first', async () => {
  const missing = { status: 404, errors: { article: ['not found'] } };
  expect(await refusal(listComments(ports(), undefined, 'none'))).toEqual(missing);
  expect(await refusal(addComment(ports(), 'bob', 'none', 'x'))).toEqual(missing);
  expect(await refusal(remove('bob', '101', 'none'))).toEqual(missing);
  for (const slug of [SLUG, 'none']) {
    expect((await refusal(addComment(ports(), 'forged', slug, 'x'))).status).toBe(401);
    expect((await refusal(listComments(ports(), 'forged', slug))).status).toBe(401);
    expect((await refusal(remove('forged', '101', slug))).status).toBe(401);
  }
  expect([stored.size, remembered]).toEqual([0, []]);
});
