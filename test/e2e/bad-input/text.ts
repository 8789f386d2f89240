import {
  joined,
  keptBy,
  NOT_UTF8,
  rawJson,
  REFUSED,
  refusalOfText,
  TEXTS,
  type TextField,
} from '../../support/payloads';
import { sampled } from '../../support/scope';
import { encoded } from '../client';
import { remote } from '../harness';
import { articleOf, expectError, expectErrorShape, expectFieldError, profileOf, userOf } from '../shapes';
import { slugs, TestUser, uniqueEmail, uniqueName, World } from '../world';

/** One text for each reason to refuse it. */
const refusedBy = (field: TextField): readonly string[] =>
  Object.keys(REFUSED[field]).map((reason) => {
    const [, text] = TEXTS.find(([name]) => refusalOfText(field, name) === reason) ?? [];
    if (text === undefined) throw new Error(`no text is refused as: ${reason}`);
    return text;
  });

/**
 * Odd text in every string: kept and returned just as it came, or refused for its field. What each field takes and
 * refuses, text by text, is in lambda/realworld-api/input-matrix.test.ts; here all that is taken goes through the
 * tables, many texts in one value.
 */
export function describeText(world: World): void {
  let user: TestUser;

  beforeAll(async () => {
    user = await world.register();
  });

  const register = (given: { username?: string; email?: string; password?: string }) =>
    world.post('/users', undefined, {
      user: { username: uniqueName(), email: uniqueEmail(), password: 'some-password', ...given },
    });

  describe('kept as it came', () => {
    test('in titles, descriptions, bodies and comments', async () => {
      for (const title of joined(keptBy('title'), 500)) {
        const description = joined(keptBy('description'), 2_000).join('\n');
        const fields = { title, description, body: `${description}\n${title}` };
        const created = await world.createArticle(user, fields);
        expect(created).toMatchObject(fields);
        expect(await world.article(created.slug)).toEqual(created);
        const comment = await world.comment(user, created.slug, fields.body);
        expect(comment.body).toBe(fields.body);
        expect(await world.comments(created.slug)).toEqual([comment]);
        await world.deleteArticle(user, created.slug);
      }
    });

    test('in a bio and an image', async () => {
      for (const bio of joined(keptBy('bio'), 2_000)) {
        expect(await world.updateUser(user, { bio, image: bio })).toMatchObject({ bio, image: bio });
        expect(await world.profile(user.username)).toMatchObject({ bio, image: bio });
      }
    });

    test('in a tag, by which its article is found', async () => {
      const kept = keptBy('tagList').map((text) => text + uniqueName());
      for (let first = 0; first < kept.length; first += 20) {
        const tagList = kept.slice(first, first + 20);
        const { slug } = await world.createArticle(user, { tagList });
        expect((await world.article(slug)).tagList).toEqual(tagList);
        for (const tag of sampled(tagList, 4)) {
          expect([tag, slugs(await world.list({ tag }))]).toEqual([tag, [slug]]);
        }
        expect(await world.tags()).toEqual(expect.arrayContaining(tagList));
        await world.deleteArticle(user, slug);
        expect((await world.list({ tag: tagList[0] })).articlesCount).toBe(0);
      }
    });

    test('in a username, by which its user is found', async () => {
      for (const text of joined(keptBy('username'), 50)) {
        const username = text + uniqueName();
        const registered = userOf(await register({ username }), 201);
        expect(registered.username).toBe(username);
        expect((await world.currentUser(registered)).username).toBe(username);
        expect((await world.profile(username)).username).toBe(username);
        const { slug } = await world.createArticle(registered);
        expect(slugs(await world.list({ author: username }))).toEqual([slug]);
        expect((await world.follow(user, username)).following).toBe(true);
      }
    });

    test('in an e-mail, which signs in', async () => {
      for (const text of joined(keptBy('email'), 200)) {
        const email = `${text.replaceAll(' ', '.')}${uniqueEmail()}`;
        expect(userOf(await register({ email }), 201).email).toBe(email);
        expect(userOf(await world.login(email, 'some-password')).email).toBe(email);
      }
    });

    test('in a password, of which every character counts', async () => {
      for (const text of joined(keptBy('password'), 240)) {
        const email = uniqueEmail();
        userOf(await register({ email, password: `${text} and more` }), 201);
        userOf(await world.login(email, `${text} and more`));
        expectError(await world.login(email, `${text}x and more`), 401, { credentials: ['invalid'] });
      }
    });
  });

  describe('refused for its field, and nothing is written', () => {
    test('in a registration', async () => {
      for (const text of refusedBy('username')) {
        const email = uniqueEmail();
        expectFieldError(await register({ email, username: text + uniqueName() }), 422, 'username');
        expectError(await world.login(email, 'some-password'), 401, { credentials: ['invalid'] });
      }
      for (const text of refusedBy('email')) {
        const username = uniqueName();
        expectFieldError(await register({ username, email: text + uniqueEmail() }), 422, 'email');
        expectError(await world.get(`/profiles/${username}`), 404, { profile: ['not found'] });
      }
      for (const text of refusedBy('password')) {
        expectFieldError(await register({ password: `${text} and more` }), 422, 'password');
      }
    });

    test('in a profile', async () => {
      const before = await world.profile(user.username);
      for (const field of ['bio', 'image'] as const) {
        for (const text of refusedBy(field)) {
          expectFieldError(await world.put('/user', user, { user: { [field]: text } }), 422, field);
        }
      }
      expect(await world.profile(user.username)).toEqual(before);
    });

    test('in articles and comments', async () => {
      const { slug } = await world.createArticle(user);
      for (const field of ['title', 'description', 'body', 'tagList'] as const) {
        for (const text of refusedBy(field)) {
          const value = field === 'tagList' ? [text] : text;
          const article = { title: uniqueName('T '), description: 'd', body: 'b', [field]: value };
          expectFieldError(await world.post('/articles', user, { article }), 422, field);
        }
      }
      for (const text of refusedBy('comment')) {
        const answer = await world.post(`/articles/${slug}/comments`, user, { comment: { body: text } });
        expectFieldError(answer, 422, 'body');
      }
      expect(slugs(await world.list({ author: user.username }))).toEqual([slug]);
      expect(await world.comments(slug)).toEqual([]);
      await world.deleteArticle(user, slug);
    });
  });

  test('injection at sign-in lets nobody in', async () => {
    for (const text of joined(keptBy('email'), 200)) {
      for (const credentials of [
        { email: text, password: user.password },
        { email: user.email + text, password: user.password },
        { email: uniqueEmail(), password: text },
      ]) {
        const answer = await world.login(credentials.email, credentials.password);
        expectError(answer, 401, { credentials: ['invalid'] });
      }
    }
  });

  test.each(NOT_UTF8)('%s as raw bytes is replaced by characters that say so', async (_, bytes) => {
    const title = uniqueName('T ');
    const raw = rawJson(`{"article":{"title":"${title}`, bytes, '","description":"d","body":"b"}}');
    const created = articleOf(await world.request('POST', '/articles', { raw, token: user.token }), 201);
    expect(created.title).toMatch(new RegExp(`^${title}\ufffd+$`));
    expect(await world.article(created.slug)).toEqual(created);
  });

  describe('names that mean something to JavaScript', () => {
    test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])('%s is a name', async (name) => {
      expectErrorShape(await world.get(`/articles/${name}`));
      expect(await world.list({ tag: name })).toEqual({ articles: [], articlesCount: 0 });
      const { slug } = await world.createArticle(user, { tagList: [name] });
      expect((await world.article(slug)).tagList).toEqual([name]);
      expect(slugs(await world.list({ tag: name }))).toEqual([slug]);
      await world.deleteArticle(user, slug);
      const answer = await register({ username: name });
      // An API that keeps its data knows the name from an earlier run.
      if (remote && answer.status === 409) expectErrorShape(answer);
      else userOf(answer, 201);
      expect(profileOf(await world.get(`/profiles/${encoded(name)}`)).username).toBe(name);
    });
  });
}
