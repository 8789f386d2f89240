import { Answer, encoded } from '../client';
import { articleOf, commentOf, expectError, expectErrorShape, expectFieldError, profileOf, userOf } from '../shapes';
import { slugs, TestUser, uniqueEmail, uniqueName, World } from '../world';
import { DOUBTFUL, INJECTIONS, NOT_UTF8, rawJson, UNICODE } from './payloads';

const hasControl = (text: string): boolean => [...text].some((char) => char < ' ' || char === '\u007f');

/** False for a name that no HTTP API hands over as it is: paths are cut at `?`, split at `/` and decoded twice. */
const inPaths = (name: string): boolean => !/[/?%]/.test(name);

/** Odd text in every string: refused for its field, or kept and returned just as it came. */
export function describeText(world: World): void {
  let user: TestUser;

  beforeAll(async () => {
    user = await world.register();
  });

  /** True when the value was taken; a refusal has to be 422 and to name the field. */
  const taken = (answer: Answer, status: number, field: string): boolean => {
    if (answer.status === status) return true;
    expectFieldError(answer, 422, field);
    return false;
  };

  const expectUsername = async (text: string): Promise<void> => {
    const username = text + uniqueName();
    const fields = { username, email: uniqueEmail(), password: 'some-password' };
    const answer = await world.post('/users', undefined, { user: fields });
    if (!taken(answer, 201, 'username')) return;
    const registered = userOf(answer, 201);
    expect(registered.username).toBe(username);
    expect((await world.currentUser(registered)).username).toBe(username);
    if (inPaths(username)) expect((await world.profile(username)).username).toBe(username);
    const { slug } = await world.createArticle(registered);
    expect(slugs(await world.list({ author: username }))).toEqual([slug]);
    if (inPaths(username)) expect((await world.follow(user, username)).following).toBe(true);
  };

  const expectEmail = async (text: string): Promise<void> => {
    const email = `${text}${uniqueEmail()}`;
    const fields = { username: uniqueName(), email, password: 'some-password' };
    const answer = await world.post('/users', undefined, { user: fields });
    if (!taken(answer, 201, 'email')) return;
    expect(userOf(answer, 201).email).toBe(email);
    expect(userOf(await world.login(email, 'some-password')).email).toBe(email);
  };

  const expectPassword = async (text: string): Promise<void> => {
    const fields = { username: uniqueName(), email: uniqueEmail(), password: `${text} and more` };
    const answer = await world.post('/users', undefined, { user: fields });
    if (!taken(answer, 201, 'password')) return;
    userOf(await world.login(fields.email, fields.password));
    expectError(await world.login(fields.email, `${text}x and more`), 401, { credentials: ['invalid'] });
  };

  const expectProfileFields = async (text: string): Promise<void> => {
    expect((await world.updateUser(user, { bio: text })).bio).toBe(text);
    expect((await world.profile(user.username)).bio).toBe(text);
    const answer = await world.put('/user', user, { user: { image: text } });
    if (taken(answer, 200, 'image')) expect((await world.profile(user.username)).image).toBe(text);
  };

  const expectArticle = async (text: string): Promise<void> => {
    // A title is one line: in it, what moves the cursor is refused.
    const oneLine = !hasControl(text);
    const fields = { title: oneLine ? text : uniqueName('T '), description: text, body: text };
    if (!oneLine) {
      const answer = await world.post('/articles', user, { article: { ...fields, title: text } });
      expectFieldError(answer, 422, 'title');
    }
    const created = await world.createArticle(user, fields);
    expect(created).toMatchObject(fields);
    expect(await world.article(created.slug)).toEqual(created);
    const comment = await world.comment(user, created.slug, text);
    expect(comment.body).toBe(text);
    expect(await world.comments(created.slug)).toEqual([comment]);
    await world.deleteArticle(user, created.slug);
  };

  const expectTag = async (text: string): Promise<void> => {
    const tag = text + uniqueName();
    const article = { title: uniqueName('T '), description: 'd', body: 'b', tagList: [tag] };
    const answer = await world.post('/articles', user, { article });
    if (!taken(answer, 201, 'tagList')) return;
    const { slug, tagList } = articleOf(answer, 201);
    expect(tagList).toEqual([tag]);
    expect((await world.article(slug)).tagList).toEqual([tag]);
    expect(slugs(await world.list({ tag }))).toEqual([slug]);
    expect(await world.tags()).toContain(tag);
    await world.deleteArticle(user, slug);
    expect((await world.list({ tag })).articlesCount).toBe(0);
  };

  describe('Unicode and signs', () => {
    test.each(UNICODE)('%s: %j in titles, texts and comments is kept', async (_, text) => expectArticle(text));
    test.each(UNICODE)('%s: %j in a bio is kept', async (_, text) => expectProfileFields(text));
    test.each(UNICODE)('%s: %j in a tag is kept', async (_, text) => expectTag(text));
    test.each(UNICODE)('%s: %j in a username is kept or refused', async (_, text) => expectUsername(text));
    test.each(UNICODE)('%s: %j in an e-mail is kept or refused', async (_, text) => expectEmail(text));
    test.each(UNICODE)('%s: %j in a password counts', async (_, text) => expectPassword(text));
  });

  describe('injection', () => {
    test.each(INJECTIONS)('of %j in titles, texts and comments is text', async (text) => expectArticle(text));
    test.each(INJECTIONS)('of %j in a bio is text', async (text) => expectProfileFields(text));
    test.each(INJECTIONS)('of %j in a tag is text or refused', async (text) => expectTag(text));
    test.each(INJECTIONS)('of %j in a username is text or refused', async (text) => expectUsername(text));
    test.each(INJECTIONS)('of %j in an e-mail is text or refused', async (text) => expectEmail(text));

    test.each(INJECTIONS)('of %j at sign-in lets nobody in', async (text) => {
      for (const credentials of [
        { email: text, password: user.password },
        { email: user.email + text, password: user.password },
        { email: uniqueEmail(), password: text },
      ]) {
        const answer = await world.login(credentials.email, credentials.password);
        expect([401, 422]).toContain(answer.status);
        expectErrorShape(answer);
      }
    });
  });

  describe('text that may not be kept', () => {
    test.each(DOUBTFUL)('%s is refused or returned as it came, in articles', async (_, text) => {
      for (const field of ['title', 'description', 'body'] as const) {
        const article = { title: uniqueName('T '), description: 'd', body: 'b', [field]: text };
        const answer = await world.post('/articles', user, { article });
        if (!taken(answer, 201, field)) continue;
        const created = articleOf(answer, 201);
        expect((await world.article(created.slug))[field]).toBe(text);
      }
      const article = { title: uniqueName('T '), description: 'd', body: 'b', tagList: [text] };
      const answer = await world.post('/articles', user, { article });
      if (!taken(answer, 201, 'tagList')) return;
      expect((await world.article(articleOf(answer, 201).slug)).tagList).toEqual([text]);
      expect(await world.tags()).toContain(text);
    });

    test.each(DOUBTFUL)('%s is refused or returned as it came, in comments and profiles', async (_, text) => {
      const { slug } = await world.createArticle(user);
      const commented = await world.post(`/articles/${slug}/comments`, user, { comment: { body: text } });
      if (taken(commented, 201, 'body')) {
        expect(commentOf(commented, 201).body).toBe(text);
        expect((await world.comments(slug))[0].body).toBe(text);
      } else {
        expect(await world.comments(slug)).toEqual([]);
      }
      for (const field of ['bio', 'image'] as const) {
        const updated = await world.put('/user', user, { user: { [field]: text } });
        if (taken(updated, 200, field)) expect((await world.currentUser(user))[field]).toBe(text);
      }
    });

    test.each(DOUBTFUL)('%s is refused or returned as it came, in a username', async (_, text) => {
      const fields = { username: text + uniqueName(), email: uniqueEmail(), password: 'some-password' };
      const answer = await world.post('/users', undefined, { user: fields });
      if (!taken(answer, 201, 'username')) return;
      expect((await world.currentUser(userOf(answer, 201))).username).toBe(fields.username);
    });

    test.each(NOT_UTF8)('%s as raw bytes is refused or replaced, never an error of the server', async (_, bytes) => {
      const title = uniqueName('T ');
      const raw = rawJson(`{"article":{"title":"${title}`, bytes, '","description":"d","body":"b"}}');
      const answer = await world.request('POST', '/articles', { raw, token: user.token });
      if (answer.status !== 201) {
        expect([400, 422]).toContain(answer.status);
        expectErrorShape(answer);
        return;
      }
      const created = articleOf(answer, 201);
      expect(created.title.startsWith(title)).toBe(true);
      expect(await world.article(created.slug)).toEqual(created);
    });
  });

  describe('very long text', () => {
    test.each([300, 1_100, 5_000])('of %i characters in a username is kept or refused', async (length) => {
      await expectUsername('n'.repeat(length));
    });

    test.each([300, 1_100, 5_000])('of %i characters in an e-mail is kept or refused', async (length) => {
      await expectEmail('e'.repeat(length));
    });

    test.each([300, 1_100, 5_000])('of %i characters in a tag is kept or refused', async (length) => {
      await expectTag('t'.repeat(length));
    });

    test.each([300, 1_100, 5_000])('of %i characters in a title is kept or refused', async (length) => {
      const article = { title: `${uniqueName()} `.padEnd(length, 'long '), description: 'd', body: 'b' };
      const answer = await world.post('/articles', user, { article });
      if (!taken(answer, 201, 'title')) return;
      const created = articleOf(answer, 201);
      expect(created.title).toBe(article.title);
      expect(await world.article(created.slug)).toEqual(created);
    });
  });

  describe('names that mean something to JavaScript', () => {
    test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])('%s is a name', async (name) => {
      expectErrorShape(await world.get(`/articles/${name}`));
      expect(await world.list({ tag: name })).toEqual({ articles: [], articlesCount: 0 });
      const { slug } = await world.createArticle(user, { tagList: [name] });
      expect((await world.article(slug)).tagList).toEqual([name]);
      expect(slugs(await world.list({ tag: name }))).toEqual([slug]);
      await world.deleteArticle(user, slug);
      const fields = { username: name, email: uniqueEmail(), password: 'some-password' };
      const answer = await world.post('/users', undefined, { user: fields });
      // An API that keeps its data may know the name from an earlier run.
      expect([201, 409, 422]).toContain(answer.status);
      if (answer.status === 201) expect(profileOf(await world.get(`/profiles/${encoded(name)}`)).username).toBe(name);
      else expectErrorShape(answer);
    });
  });
}
