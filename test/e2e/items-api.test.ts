import { describeBadInput } from './items/bad-input';
import { expectError, type ItemBody, type UserBody, useItemsApi, versionedOf } from './items/world';
import { expectStatus } from './shapes';
import { times, uniqueEmail, uniqueName } from './world';

jest.setTimeout(60_000);

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('items API', () => {
  const world = useItemsApi();
  /** A category that no other test has. */
  const fresh = () => uniqueName('category');

  test('says that it answers, which service it is, and where', async () => {
    const answer = await world.get('/health');
    expectStatus(answer, 200);
    expect(answer.json).toEqual({
      status: 'ok',
      timestamp: expect.stringMatching(TIME) as string,
      service: 'items-api',
      version: '1.0.0',
      environment: 'dev',
    });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  describe('an item', () => {
    test('is created, read, replaced and deleted', async () => {
      const answer = await world.request('POST', '/items', {
        body: { name: 'Test Item', description: 'A test item', category: 'electronics' },
      });
      const { item, etag } = versionedOf(answer, 201);
      expect(item).toMatchObject({ name: 'Test Item', description: 'A test item', category: 'electronics' });
      expect([etag, answer.headers.location]).toEqual(['"1"', `items/${item.id}`]);
      expect(await world.read(item.id)).toEqual({ item, etag });

      const changed = versionedOf(await world.update(item.id, { name: 'Changed' }));
      expect(changed).toEqual({
        item: { id: item.id, name: 'Changed', createdAt: item.createdAt, updatedAt: changed.item.updatedAt },
        etag: '"2"',
      });
      expect(await world.read(item.id)).toEqual(changed);

      const deleted = await world.request('DELETE', `/items/${item.id}`);
      expect([deleted.status, deleted.text]).toEqual([204, '']);
      for (const method of ['GET', 'DELETE']) {
        expectError(await world.request(method, `/items/${item.id}`), 404, /^There is no such item$/);
      }
      expectError(await world.update(item.id, { name: 'Back?' }), 404);
    });

    test('that has not changed since is not sent again', async () => {
      const { item, etag } = await world.create({ name: 'Lamp' });
      const first = await world.get(`/items/${item.id}`);
      expect(first.headers['cache-control']).toBe('private, no-cache');
      for (const known of [etag, `W/${etag}`, `"7", ${etag}`, '*']) {
        const again = await world.get(`/items/${item.id}`, { 'if-none-match': known });
        expect([known, again.status, again.text, again.headers.etag]).toEqual([known, 304, '', etag]);
      }
      await world.update(item.id, { name: 'Lantern' });
      expectStatus(await world.get(`/items/${item.id}`, { 'if-none-match': etag }), 200);
    });

    test('is replaced and deleted only as the caller knows it, where the caller says so', async () => {
      const { item, etag } = await world.create({ name: 'Lamp' });
      const second = versionedOf(await world.update(item.id, { name: 'Second' }, etag));
      await world.unchanged(async () => {
        for (const match of [etag, `W/${second.etag}`, '"x"', 'x', '""', '"1e0"', '"-1"', `"${'9'.repeat(40)}"`]) {
          expectError(await world.update(item.id, { name: 'Lost' }, match), 412, /another version/);
          const deletion = await world.request('DELETE', `/items/${item.id}`, { headers: { 'if-match': match } });
          expectError(deletion, 412);
        }
      });
      versionedOf(await world.update(item.id, { name: 'Third' }, '*'));
      const last = await world.request('DELETE', `/items/${item.id}`, { headers: { 'if-match': '"7", "3"' } });
      expectStatus(last, 204);
      expectError(await world.update(item.id, { name: 'Back?' }, '*'), 404);
    });

    test('of two who change the same version, one is told of the other', async () => {
      const { item, etag } = await world.create({ name: 'Lamp' });
      const answers = await times(6, (index) => world.update(item.id, { name: `By ${index}` }, etag), 6);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412, 412]);
      const winner = answers.find(({ status }) => status === 200);
      expect((await world.read(item.id)).item).toEqual(winner?.json);
    });
  });

  describe('lists', () => {
    test('are of a category or of all, newest first, page by page', async () => {
      const category = fresh();
      const made: ItemBody[] = [];
      for (let index = 0; index < 7; index++) {
        made.unshift((await world.create({ name: `Item ${index}`, category })).item);
        await world.create({ name: `Other ${index}` });
      }
      expect(await world.list(`?category=${category}`)).toEqual({ items: made, nextCursor: null });
      expect(await world.list(`?category=${category.toUpperCase()}`)).toEqual({ items: made, nextCursor: null });
      const pages: (readonly ItemBody[])[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page = await world.list(`?category=${category}&limit=3${cursor ? `&cursor=${cursor}` : ''}`);
        pages.push(page.items);
        cursor = page.nextCursor;
      }
      expect(pages).toEqual([made.slice(0, 3), made.slice(3, 6), made.slice(6)]);
      const all = await world.list('?limit=14');
      expect(all.items.filter((item) => item.category === category)).toEqual(made);
      expect(all.items.map(({ id }) => id)).toEqual(
        all.items
          .map(({ id }) => id)
          .sort()
          .reverse(),
      );
    });

    test('since a time have what was made then or later', async () => {
      const category = fresh();
      const before = (await world.create({ name: 'Before', category })).item;
      const { item } = await world.create({ name: 'At', category });
      const since = Date.parse(item.createdAt) > Date.parse(before.createdAt) ? [item] : [item, before];
      const query = `?category=${category}&since=`;
      expect((await world.list(`${query}${item.createdAt}`)).items).toEqual(since);
      expect((await world.list(`${query}2023-01-01`)).items).toEqual([item, before]);
      expect((await world.list(`${query}2999-01-01`)).items).toEqual([]);
    });

    test('that have not changed since are not sent again', async () => {
      const category = fresh();
      await world.create({ name: 'Lamp', category });
      const list = await world.get(`/items?category=${category}`);
      const known = { 'if-none-match': String(list.headers.etag) };
      expectStatus(await world.get(`/items?category=${category}`, known), 304);
      await world.create({ name: 'Lantern', category });
      expectStatus(await world.get(`/items?category=${category}`, known), 200);
    });

    test('of 1,024 bytes and more are compressed for who takes them so', async () => {
      const category = fresh();
      const { item } = await world.create({ name: 'Lamp', category, description: 'Long. '.repeat(300) });
      const gzip = { 'accept-encoding': 'gzip' };
      const length = (answer: { headers: Record<string, unknown> }) => Number(answer.headers['content-length']);
      for (const path of [`/items?category=${category}`, `/items/${item.id}`]) {
        const plain = await world.get(path);
        const zipped = await world.get(path, gzip);
        expect([plain.headers['content-encoding'], zipped.headers['content-encoding']]).toEqual([undefined, 'gzip']);
        expect(length(zipped)).toBeLessThan(length(plain) / 2);
        expect([plain.headers.vary, zipped.headers.vary]).toEqual(['accept-encoding', 'accept-encoding']);
        expect(zipped.headers.etag).toBe(plain.headers.etag);
        const { origin } = new URL(String(world.running.app.outputs.Items.ApiUrl));
        expect(await (await fetch(`${origin}${path}`)).json()).toEqual(plain.json);
      }
      const small = await world.get('/health', gzip);
      expect(small.headers['content-encoding']).toBeUndefined();
    });
  });

  describe('a user', () => {
    test('is created, read by id and found by e-mail, whatever its case', async () => {
      const email = `Ada.${uniqueEmail()}`;
      const answer = await world.request('POST', '/users', { body: { email, name: 'Ada', role: 'admin' } });
      expectStatus(answer, 201);
      const user = answer.json as UserBody;
      expect(user).toEqual({
        id: expect.any(String) as string,
        email,
        name: 'Ada',
        role: 'admin',
        createdAt: expect.stringMatching(TIME) as string,
        updatedAt: expect.stringMatching(TIME) as string,
      });
      expect([answer.headers.location, answer.headers.etag]).toEqual([`users/${user.id}`, '"1"']);
      expect((await world.get(`/users/${user.id}`)).json).toEqual(user);
      for (const asked of [email, email.toUpperCase(), email.toLowerCase()]) {
        expect((await world.get(`/users?email=${encodeURIComponent(asked)}`)).json).toEqual({ users: [user] });
      }
      expect((await world.get('/users?email=nobody@example.com')).json).toEqual({ users: [] });
      expectError(await world.get('/users/none'), 404, /^There is no such user$/);
      expectError(await world.get('/users'), 400, /email is required/);
    });

    test('has an e-mail that no other has', async () => {
      const email = uniqueEmail();
      const answers = await times(5, (index) =>
        world.request('POST', '/users', { body: { email: index % 2 ? email : email.toUpperCase(), name: 'Ada' } }),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
      const refused = answers.filter(({ status }) => status === 409);
      refused.forEach((answer) => expectError(answer, 409, /^This e-mail is taken$/));
    });

    test('has a role, which is user where none is given', async () => {
      const answer = await world.request('POST', '/users', { body: { email: uniqueEmail(), name: 'Bob' } });
      expect((answer.json as UserBody).role).toBe('user');
    });
  });

  describe('what the template that it comes from got wrong:', () => {
    test('items made at one moment, of one name, are each there', async () => {
      const category = fresh();
      const made = await times(24, () => world.create({ name: 'Same', category }), 12);
      const ids = made.map(({ item }) => item.id).sort();
      expect(new Set(ids).size).toBe(24);
      expect((await world.list(`?category=${category}&limit=100`)).items.map(({ id }) => id).sort()).toEqual(ids);
    });

    test('items of one category are in several partitions', async () => {
      const category = fresh();
      await times(32, () => world.create({ name: 'Lamp', category }));
      const partitions = (await world.stored()).flatMap((item) => new RegExp(`ITEM#${category}#\\d+`).exec(item) ?? []);
      expect([partitions.length, new Set(partitions).size]).toEqual([32, 4]);
    });

    test('a cursor that an answer gave leads on', async () => {
      const category = fresh();
      await times(5, () => world.create({ name: 'Lamp', category }));
      const first = await world.list(`?category=${category}&limit=2`);
      const rest = await world.list(`?category=${category}&limit=100&cursor=${first.nextCursor}`);
      expect([first.items.length, rest.items.length, rest.nextCursor]).toEqual([2, 3, null]);
    });

    test('pages of every origin may call it, and none with credentials of the browser', async () => {
      const answer = await world.get('/health', { origin: 'https://pages.example' });
      expect(answer.headers['access-control-allow-origin']).toBe('*');
      expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
    });

    test('an item that is not there is not made by a change', async () => {
      await world.create({ name: 'Lamp' });
      await world.unchanged(async () => {
        expectError(await world.update('019a2f61-7c1e-7d35-9a4b-2f5f0c8f7b10', { name: 'Made?' }), 404);
      });
    });

    test('an item that changes its category is in the list of that one alone', async () => {
      const [from, to] = [fresh(), fresh()];
      const { item } = await world.create({ name: 'Lamp', category: from });
      const moved = versionedOf(await world.update(item.id, { name: 'Lantern', category: to }));
      expect([(await world.list(`?category=${from}`)).items, (await world.list(`?category=${to}`)).items]).toEqual([
        [],
        [moved.item],
      ]);
    });
  });

  test('its documents name its operations', async () => {
    const document = (await world.get('/docs/spec.json')).json as {
      paths: Record<string, Record<string, { operationId: string }>>;
      security: unknown;
    };
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(operations).toHaveLength(9);
    expect(document.security).toEqual([]);
    expect((await world.get('/docs')).text).toContain('<title>Items API</title>');
  });

  describe('bad input', () => describeBadInput(world));

  test('the access log says which request it was, and each error does', async () => {
    const answer = await world.get('/items/none');
    await world.settled();
    const { requestId } = answer.json as { requestId: string };
    const line = world.running.app.accessLogs().map((text) => JSON.parse(text) as Record<string, string>);
    expect(line.find((one) => one.requestId === requestId)).toMatchObject({ status: '404', route: 'GET /items/{id}' });
  });

  test('functions have used every right that they have', () => {
    expect(world.running.app.unusedActions().filter(({ action }) => action.startsWith('dynamodb:'))).toEqual([]);
  });
});
