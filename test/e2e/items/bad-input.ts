import { expectError, type ItemsWorld, type Versioned, versionedOf } from './world';
import { INJECTIONS, NO_OBJECT, NO_STRING, NOT_UTF8, rawJson, TEXTS } from '../../support/payloads';
import { type Answer, encoded } from '../client';
import { expectStatus } from '../shapes';
import { times, uniqueEmail, uniqueName } from '../world';

const MEGABYTE = 'x'.repeat(1024 * 1024);
/** Some of the bodies that are no objects are objects here: of other names. */
const BODIES = NO_OBJECT.filter(([name]) => name !== 'no wrapper');

/** Input that is not good, answered in the shape of the API, with nothing written. */
export function describeBadInput(world: ItemsWorld): void {
  let target: Versioned;
  beforeAll(async () => (target = await world.create({ name: 'Target', category: 'targets' })));

  /** Every operation that takes a body, with a body that is good but for what is put into it. */
  const operations = (): readonly [method: string, path: string, good: object][] => [
    ['POST', '/items', { name: 'Lamp' }],
    ['PUT', `/items/${target.item.id}`, { name: 'Lamp' }],
    ['POST', '/users', { email: uniqueEmail(), name: 'Ada' }],
  ];
  const everywhere = async (options: (good: object) => { raw?: string; body?: unknown }): Promise<Answer[]> => {
    const answers = [];
    for (const [method, path, good] of operations()) answers.push(await world.request(method, path, options(good)));
    return answers;
  };

  describe('in a body', () => {
    test('that is no object of this API is 400', async () => {
      await world.unchanged(async () => {
        for (const [, raw] of BODIES) {
          (await everywhere(() => ({ raw }))).forEach((answer) => expectError(answer, 400));
        }
        expectError((await everywhere(() => ({ raw: '{' })))[0], 400, /^The body is not valid JSON$/);
      });
    });

    test('of the wrong type is 400, and names the field', async () => {
      await world.unchanged(async () => {
        for (const value of NO_STRING) {
          const answers = await everywhere((good) => ({ body: { ...good, name: value } }));
          answers.forEach((answer) => expectError(answer, 400, /^name must be a string$/));
        }
        for (const field of ['description', 'category']) {
          expectError(
            await world.request('POST', '/items', { body: { name: 'Lamp', [field]: { S: 'x' } } }),
            400,
            field,
          );
        }
        for (const role of ['root', 1, null]) {
          const body = { email: uniqueEmail(), name: 'Ada', role };
          expectError(await world.request('POST', '/users', { body }), 400, /^role must be one of user, admin$/);
        }
      });
    });

    test('of a megabyte is 400, whichever field it is in', async () => {
      await world.unchanged(async () => {
        for (const field of ['name', 'unknown']) {
          const answers = await everywhere((good) => ({ body: { ...good, [field]: MEGABYTE } }));
          answers.forEach((answer) => expectError(answer, 400, field));
        }
        const body = { name: 'Lamp', description: MEGABYTE };
        expectError(await world.request('POST', '/items', { body }), 400, /^description is too long/);
      });
    });

    test('with names that are not the caller’s to say is 400, and pollutes nothing', async () => {
      await world.unchanged(async () => {
        for (const name of ['id', 'PK', 'GSI1PK', 'version', 'createdAt', 'constructor', 'hasOwnProperty']) {
          const answers = await everywhere((good) => ({ body: { ...good, [name]: 'x' } }));
          answers.forEach((answer) => expectError(answer, 400, `${name} is not known`));
        }
        const raw = '{"name":"Lamp","__proto__":{"category":"polluted"}}';
        expectError(await world.request('POST', '/items', { raw }), 400, /__proto__ is not known/);
      });
      expect((await world.create({ name: 'Clean' })).item).not.toHaveProperty('category');
    });
  });

  describe('in text', () => {
    test('that may be dangerous is refused, or kept just as it came', async () => {
      let kept = 0;
      for (const [, text] of TEXTS) {
        const content = { name: `${text}x`, description: text, category: `${text}${uniqueName()}` };
        const answer = await world.request('POST', '/items', { body: content });
        if (answer.status === 400) {
          expectError(answer, 400);
          continue;
        }
        kept++;
        const { item } = versionedOf(answer, 201);
        expect(item).toMatchObject(content);
        expect((await world.read(item.id)).item).toEqual(item);
        expect((await world.list(`?category=${encoded(content.category)}`)).items).toEqual([item]);
      }
      expect(kept).toBeGreaterThan(INJECTIONS.length);
    });

    test('finds nothing that it does not name', async () => {
      for (const text of INJECTIONS.filter((one) => !/[\r\n]/.test(one))) {
        expect((await world.list(`?category=${encoded(`${text}-nothing`)}`)).items).toEqual([]);
        const answer = await world.get(`/users?email=${encoded(`${text}@example.com`)}`);
        if (answer.status === 200) expect(answer.json).toEqual({ users: [] });
        else expectError(answer, 400);
      }
    });

    test.each(NOT_UTF8)('of %s as raw bytes is replaced by characters that say so', async (_, bytes) => {
      const answer = await world.request('POST', '/items', { raw: rawJson('{"name":"Lamp', bytes, '"}') });
      expect(versionedOf(answer, 201).item.name).toMatch(/^Lamp\ufffd+$/);
    });
  });

  describe('in a path', () => {
    test('is 404, and changes nothing', async () => {
      const ids = [...INJECTIONS, MEGABYTE.slice(0, 4000), target.item.id.toUpperCase(), `${target.item.id}%00`];
      await world.unchanged(async () => {
        for (const id of ids.map((text) => (text.includes('%00') ? text : encoded(text)))) {
          for (const [method, path] of [
            ['GET', `/items/${id}`],
            ['DELETE', `/items/${id}`],
            ['GET', `/users/${id}`],
          ]) {
            const answer = await world.request(method, path);
            // What holds a slash is another path, of another length.
            expectError(answer, 404, /^There is no such (item|user|path)$/);
          }
          expectError(await world.update(id, { name: 'Made?' }), 404);
        }
      });
    });

    test('with a method that it does not know is 405, and says which it does', async () => {
      const answer = await world.request('PATCH', `/items/${target.item.id}`);
      expectError(answer, 405);
      expect(String(answer.headers.allow).split(', ').sort()).toEqual(['DELETE', 'GET', 'OPTIONS', 'PUT']);
    });
  });

  describe('in a query', () => {
    test('is 400, and names what is wrong', async () => {
      for (const [query, message] of [
        ['limit=0', /^limit must be from 1 to 100, got 0$/],
        ['limit=101', /^limit/],
        ['limit=1&limit=2', /^limit must be a whole number$/],
        ['limit=', /^limit/],
        ['since=yesterday', /^since must be a day or a time/],
        ['since=2023-02-30', /^since must be a time that exists$/],
        ['since=', /^since/],
        ['category=', /^category/],
        ['category=%00', /^category/],
        [`category=${'x'.repeat(101)}`, /^category is too long \(maximum is 100 characters, got 101\)$/],
        ['sort=name', /^sort is not known$/],
        ['__proto__=x', /__proto__ is not known/],
      ] as const) {
        expectError(await world.get(`/items?${query}`), 400, message);
      }
      expectError(await world.get('/users?email=none'), 400, /^email must be an e-mail address$/);
      expectError(await world.get('/users?email=a@b.c&limit=1'), 400, /^limit is not known$/);
    });

    test('with a cursor that nobody was given is 400', async () => {
      const category = uniqueName('category');
      await times(3, () => world.create({ name: 'Lamp', category }));
      const { nextCursor } = await world.list(`?category=${category}&limit=1`);
      const own = String(nextCursor);
      const raw = Buffer.from(own, 'base64url');
      const turned = [0, 12, raw.length - 1].map((at) => {
        const copy = Buffer.from(raw);
        copy[at] = 255 - copy[at];
        return copy.toString('base64url');
      });
      const forged = [
        ...turned,
        '',
        'x',
        `${own}AAAA`,
        own.slice(0, -4),
        own.toUpperCase(),
        target.item.id,
        Buffer.from(JSON.stringify({ PK: { S: `ITEM#${target.item.id}` }, SK: { S: 'ITEM' } })).toString('base64'),
        'null',
        '__proto__',
        'x'.repeat(5000),
      ];
      for (const cursor of forged) {
        expectError(await world.get(`/items?category=${category}&cursor=${encoded(cursor)}`), 400, /^cursor/);
      }
      for (const other of ['', '?since=2023-01-01', '?category=targets', `?category=${category}&since=2023-01-01`]) {
        const path = `/items${other}${other ? '&' : '?'}cursor=${own}`;
        expectError(await world.get(path), 400, /^cursor is not a cursor of this list$/);
      }
      expectStatus(await world.get(`/items?category=${category}&cursor=${own}`), 200);
    });
  });
}
