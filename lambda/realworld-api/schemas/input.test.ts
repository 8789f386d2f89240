import { articleUpdate, newArticle, newComment, pageQuery, toPage } from './input';
import { listQuery } from './lists';
import { login, registration, userUpdate } from './users';
import { refusalOf } from '../../../test/support/samples';
import { parse, parseBody } from '../api';
import { LIMITS } from '../domain/limits';

const parsePage = (query: Record<string, string>) => toPage(parse(pageQuery, query));

const BLANK = "can't be blank";
const errorsOf = async (action: () => unknown) => {
  const { status, errors } = await refusalOf(action);
  expect(status).toBe(422);
  return errors;
};
const ada = { username: 'ada', email: 'ada@example.com', password: 'lovelace' };
const text = { title: 't', description: 'd', body: 'b' };

const register = (user: unknown, minimum = 1) => parseBody(registration(minimum), { user });
const change = (user: unknown) => parseBody(userUpdate, { user });
const write = (article: unknown) => parseBody(newArticle, { article });
const rewrite = (article: unknown) => parseBody(articleUpdate, { article });
const comment = (body: unknown) => parseBody(newComment, { comment: { body } });

describe('registration', () => {
  test('takes what it knows and drops the rest', () => {
    expect(register({ ...ada, admin: true, tokenVersion: 9 })).toEqual({ user: ada });
  });

  test.each([undefined, null, '', ' ', '\t\n'])('tells every field that is %j', async (blank) => {
    const errors = await errorsOf(() => register({ username: blank, email: blank, password: blank }));
    expect(errors).toEqual({ username: [BLANK], email: [BLANK], password: [BLANK] });
  });

  test.each([{}, { user: null }, { user: {} }, null, undefined])('tells every field of the body %j', async (body) => {
    const errors = await errorsOf(() => parseBody(registration(1), body));
    expect(errors).toEqual({ username: [BLANK], email: [BLANK], password: [BLANK] });
  });

  test.each([1, true, {}, ['x']])('takes no %j for text', async (value) => {
    const errors = await errorsOf(() => register({ username: value, email: value, password: value }));
    expect(Object.values(errors)).toEqual(Array(3).fill(['must be a string']));
  });

  test.each(['x', '@', 'a@', '@b', 'a b@c', 'a@b c', 'a@b@c'])('takes no %j for an e-mail', async (email) => {
    expect(await errorsOf(() => register({ ...ada, email }))).toEqual({ email: ['is invalid'] });
  });

  test('names bound and value got of what is too long', async () => {
    const long = { username: 'x'.repeat(65), email: `${'x'.repeat(250)}@b.cd`, password: 'x'.repeat(257) };
    expect(await errorsOf(() => register(long))).toEqual({
      username: ['is too long (maximum is 64 characters, got 65)'],
      email: ['is too long (maximum is 254 characters, got 255)'],
      password: ['is too long (maximum is 256 characters, got 257)'],
    });
    expect(() => register({ ...ada, username: 'x'.repeat(64), password: 'x'.repeat(256) })).not.toThrow();
  });

  test('has a minimum for passwords only where one is set, and names it', async () => {
    expect(() => register({ ...ada, password: 'x' })).not.toThrow();
    expect(await errorsOf(() => register({ ...ada, password: 'seven77' }, 8))).toEqual({
      password: ['is too short (minimum is 8 characters, got 7)'],
    });
  });

  test.each([' ada', 'ada ', '\u00a0ada'])('takes no name with a space at an end: %j', async (username) => {
    expect(await errorsOf(() => register({ ...ada, username }))).toEqual({
      username: ['must not begin or end with a space'],
    });
  });

  test.each(['a/b', 'a?b', 'a%2Fb', 'a\\b', '%'])('takes no name that a path would be cut at: %j', async (username) => {
    expect(await errorsOf(() => register({ ...ada, username }))).toEqual({
      username: ['must not contain / ? % or \\'],
    });
  });

  test.each(['.', '..', '...'])('takes no name of dots alone: %j', async (username) => {
    expect(await errorsOf(() => register({ ...ada, username }))).toEqual({ username: ['must not be dots alone'] });
  });

  test.each(['a\u0000da', 'a\nda', 'a\u007fda'])('takes no control character in a name: %j', async (username) => {
    expect(await errorsOf(() => register({ ...ada, username }))).toEqual({
      username: ['must not contain control characters'],
    });
  });

  test.each([
    ...['a\u200bda', 'ada\u202e', '\u00ada', 'a\u2028da', 'a\u3164da', '\u0301', 'a\ue000'],
    ...['a\u034fda', 'ada\ufe00', 'ada\ufe0f', 'ada\u{e0100}', 'ada\u2800', '\u17b4ada'],
  ])('takes no name with what cannot be seen: %j', async (username) => {
    expect(await errorsOf(() => register({ ...ada, username }))).toEqual({
      username: ['must not contain invisible characters'],
    });
  });

  test.each(['\ud800', 'a\udc00b', '\udc00\ud800'])('takes no half of a character: %j', async (half) => {
    const errors = await errorsOf(() => register({ ...ada, username: `x${half}`, password: `x${half}` }));
    expect(errors).toEqual({ username: ['must be valid Unicode'], password: ['must be valid Unicode'] });
  });

  test('takes letters of every script, and emoji', () => {
    for (const username of ['Зоя', '山田', 'a da', 'x#y', '🐉', 'Zoë']) {
      expect(register({ ...ada, username })).toMatchObject({ user: { username } });
    }
  });

  test('takes no name whose compatibility form does not fit a key', async () => {
    // One character that folds to eighteen.
    expect(await errorsOf(() => register({ ...ada, username: '\ufdfa'.repeat(64) }))).toEqual({
      username: ['is too long in its compatibility form'],
    });
  });
});

describe('sign-in', () => {
  test('wants both fields, and no form of them', async () => {
    expect(await errorsOf(() => parseBody(login, { user: { email: '' } }))).toEqual({
      email: [BLANK],
      password: [BLANK],
    });
    expect(parseBody(login, { user: { email: 'not an e-mail', password: 'x' } })).toMatchObject({
      user: { email: 'not an e-mail' },
    });
  });

  test('hashes no password longer than one can be', async () => {
    expect(await errorsOf(() => parseBody(login, { user: { ...ada, password: 'x'.repeat(257) } }))).toEqual({
      password: ['is too long (maximum is 256 characters, got 257)'],
    });
  });
});

describe('a change of a user', () => {
  test.each(['', null, ' '])('takes no %j for e-mail, name or password', async (blank) => {
    for (const field of ['email', 'username', 'password']) {
      expect(await errorsOf(() => change({ [field]: blank }))).toEqual({ [field]: [BLANK] });
    }
  });

  test('takes passwords of 8 characters and of 64, and none of 7', async () => {
    expect(() => change({ password: 'x'.repeat(8) })).not.toThrow();
    expect(() => change({ password: 'x'.repeat(64) })).not.toThrow();
    expect(await errorsOf(() => change({ password: 'x'.repeat(7) }))).toEqual({
      password: ['is too short (minimum is 8 characters, got 7)'],
    });
  });

  test('clears bio and image with null and with the empty string', () => {
    expect(change({ bio: null, image: '' })).toEqual({ user: { bio: null, image: '' } });
  });

  test('knows what was not sent from what was', () => {
    expect(Object.keys(change({ bio: 'x' }).user)).toEqual(['bio']);
  });

  test.each([{}, { admin: true }])('wants something to change: %j', async (user) => {
    expect(await errorsOf(() => change(user))).toEqual({ user: ['must have at least one field to change'] });
  });

  test.each(['text', 5, [], true])('takes no %j for the user', async (user) => {
    expect(await errorsOf(() => change(user))).toEqual({ user: ['must be an object'] });
  });

  test('bounds bio and image', async () => {
    expect(await errorsOf(() => change({ bio: 'x'.repeat(2001), image: 'x'.repeat(2049) }))).toEqual({
      bio: ['is too long (maximum is 2000 characters, got 2001)'],
      image: ['is too long (maximum is 2048 characters, got 2049)'],
    });
    expect(await errorsOf(() => change({ bio: 5 }))).toEqual({ bio: ['must be a string'] });
  });
});

describe('an article', () => {
  test('needs title, description and body, and no tags', async () => {
    expect(write(text)).toEqual({ article: text });
    expect(await errorsOf(() => write({}))).toEqual({ title: [BLANK], description: [BLANK], body: [BLANK] });
    expect(await errorsOf(() => write({ title: ' ', description: '', body: null }))).toEqual({
      title: [BLANK],
      description: [BLANK],
      body: [BLANK],
    });
  });

  test('keeps its tags in their order', () => {
    expect(write({ ...text, tagList: ['z', 'a', 'C#'] }).article.tagList).toEqual(['z', 'a', 'C#']);
  });

  test.each([
    ['x', 'must be a list of strings'],
    [{}, 'must be a list of strings'],
    [null, BLANK],
    [[1], 'must be a string'],
    [['ok', ''], BLANK],
    [['', 1], BLANK],
    [['ok', null], BLANK],
    [['a\u0000'], 'must not contain control characters'],
    [['x'.repeat(65)], 'is too long (maximum is 64 characters, got 65)'],
    [Array(21).fill('x'), 'has too many tags (maximum is 20, got 21)'],
  ])('takes no tags such as %j', async (tagList, message) => {
    expect(await errorsOf(() => write({ ...text, tagList }))).toEqual({ tagList: [message] });
    expect(await errorsOf(() => rewrite({ tagList }))).toEqual({ tagList: [message] });
  });

  test('fits its item: its body is bounded in bytes', async () => {
    expect(() => write({ ...text, body: 'x'.repeat(LIMITS.bodyBytes) })).not.toThrow();
    expect(await errorsOf(() => write({ ...text, body: 'ë'.repeat(175_001) }))).toEqual({
      body: ['is too long (maximum is 350000 bytes, got 350002)'],
    });
    expect(await errorsOf(() => write({ ...text, title: 'x'.repeat(501), description: 'x'.repeat(2001) }))).toEqual({
      title: ['is too long (maximum is 500 characters, got 501)'],
      description: ['is too long (maximum is 2000 characters, got 2001)'],
    });
  });

  test('may be changed in one field, or in none; what is sent blank is refused', async () => {
    expect(rewrite({ body: 'new' })).toEqual({ article: { body: 'new' } });
    expect(rewrite({ tagList: [] })).toEqual({ article: { tagList: [] } });
    expect(rewrite({})).toEqual({ article: {} });
    expect(await errorsOf(() => rewrite({ title: '', body: null }))).toEqual({ title: [BLANK], body: [BLANK] });
  });

  test.each([{}, { article: null }, null])('is missed where the body is %j', async (body) => {
    expect(await errorsOf(() => parseBody(articleUpdate, body))).toEqual({ article: [BLANK] });
  });
});

test('a comment needs a body, of no more bytes than an answer can carry of all', async () => {
  expect(comment('Nice')).toEqual({ comment: { body: 'Nice' } });
  expect(await errorsOf(() => comment(' '))).toEqual({ body: [BLANK] });
  expect(await errorsOf(() => comment('é'.repeat(5001)))).toEqual({
    body: ['is too long (maximum is 10000 bytes, got 10002)'],
  });
});

test.each(['text', 5, true, [1]])('a body that is the JSON %j is no object', async (body) => {
  expect(await errorsOf(() => parseBody(newComment, body))).toEqual({ body: ['must be a JSON object'] });
});

test('what a prototype has is not what was sent', async () => {
  const body: unknown = JSON.parse('{"__proto__":{"user":{"email":"a@b","password":"x"}}}');
  expect(await errorsOf(() => parseBody(login, body))).toEqual({ email: [BLANK], password: [BLANK] });
});

describe('a page', () => {
  test('is the first twenty unless it says otherwise', () => {
    expect(parsePage({})).toEqual({ limit: 20, offset: 0 });
    expect(parsePage({ limit: '1', offset: '9999' })).toEqual({ limit: 1, offset: 9999 });
    expect(parsePage({ limit: '100', tag: 'x' })).toEqual({ limit: 100, offset: 0 });
  });

  test.each(['', '0', '-1', '101', '1.5', '1e1', '0x10', ' 5', 'abc', '99999999999999999999', 'NaN'])(
    'has no limit of %j',
    async (limit) => {
      expect(await errorsOf(() => parsePage({ limit }))).toEqual({
        limit: [`must be a whole number from 1 to 100, got ${limit}`],
      });
    },
  );

  test.each(['', '-1', '10001', 'x', '1 '])('has no offset of %j', async (offset) => {
    expect(await errorsOf(() => parsePage({ offset }))).toEqual({
      offset: [`must be a whole number from 0 to 10000, got ${offset}`],
    });
  });

  test('repeats no more than the beginning of what was sent', async () => {
    const errors = await errorsOf(() => parsePage({ limit: 'x'.repeat(5000) }));
    expect(errors.limit[0]).toBe(`must be a whole number from 1 to 100, got ${'x'.repeat(20)}`);
  });

  test('ends where lists do', async () => {
    expect(parsePage({ limit: '100', offset: '9900' })).toEqual({ limit: 100, offset: 9900 });
    expect(await errorsOf(() => parsePage({ limit: '100', offset: '9901' }))).toEqual({
      offset: ['plus limit must be at most 10000, got 10001'],
    });
  });
});

test('filters are any text, and nothing else of the query', () => {
  expect(parse(listQuery, { tag: '', author: 'x'.repeat(5000), limit: '5', more: 'x' })).toEqual({
    tag: '',
    author: 'x'.repeat(5000),
    limit: '5',
  });
});
