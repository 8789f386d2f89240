import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { callLatencyMs, type Cost, costOf } from './costs';
import { itemsPage } from './costs-page';
import { useItemsApi, versionedOf } from './items/world';
import { times, uniqueEmail, uniqueName } from './world';
import { ItemRepository } from '../../lambda/items-api/repository/items';
import { ITEMS_ENDPOINTS } from '../../src/items-api/contract';
import { idAt } from '../support/items-world';

/**
 * docs/items.md: its lines, run by a shell as they stand, answer what stands below them; and its figures are what is
 * counted on the running system.
 */

const ROOT = join(__dirname, '..', '..');
const page = readFileSync(join(ROOT, 'docs', 'items.md'), 'utf8');
const shown = page.slice(page.indexOf('## Try it'), page.indexOf('## Who may call'));
const [setup, ...blocks] = [...shown.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, text]) => text);
const answers = [...shown.matchAll(/^```json\n([^]*?)^```$/gm)].map(([, text]) => JSON.parse(text) as object);
const run = promisify(execFile);

jest.setTimeout(120_000);

/** What differs from run to run has one form. */
const masked = (answer: object): unknown =>
  JSON.parse(
    JSON.stringify(answer)
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>')
      .replace(/(?<="(id|requestId)":")[^"]+/g, '<id>')
      .replace(/(?<="nextCursor":")[\w-]{32}(?=")/g, '<cursor>'),
  );

describe('docs/items.md', () => {
  const world = useItemsApi({ callLatencyMs });
  const url = () => String(world.running.app.outputs.Items.ApiUrl);

  test('asks for what npm start prints', () => {
    expect(setup.match(/^\w+(?==)/gm)).toEqual(['API']);
    expect(world.running.app.urls.map((known) => known.url.replace(/\/$/, ''))).toContain(url());
  });

  test('each access pattern is a request, which answers what the page shows', async () => {
    const titles = [...shown.matchAll(/^### (.*)$/gm)].map(([, title]) => title);
    expect(titles.slice(0, 4)).toEqual([
      'An item by its id',
      'Items of a category',
      'A user by e-mail',
      'Recent items',
    ]);
    const { stdout } = await run('bash', ['-ec', blocks.join('\n')], {
      cwd: ROOT,
      env: { ...process.env, API: url() },
    });
    const printed = stdout.split('\n').filter((line) => line !== '');
    expect(printed).toHaveLength(titles.length + 1);
    expect(printed.map((line) => masked(JSON.parse(line) as object))).toEqual(answers.map(masked));
  });

  describe('what an endpoint costs', () => {
    const CATEGORY = uniqueName('counted');
    const content = { name: 'Item of ten', description: 'd'.repeat(250), category: CATEGORY };
    const rows: (Cost & { readonly name: string })[] = [];
    const counted = new Set<string>();

    beforeAll(async () => {
      const { aws, resources } = world.running.app;
      const [{ ref: items }] = resources.filter(({ type }) => type === 'AWS::DynamoDB::Table');
      const db = DynamoDBDocumentClient.from(new DynamoDBClient({ ...aws }), {
        marshallOptions: { removeUndefinedValues: true },
      });
      const repository = new ItemRepository({ db, items });
      const start = Date.now() - 3600_000;
      await times(
        200,
        (index) => {
          const at = new Date(start + index).toISOString();
          // One after the other by partition, as they are on average.
          const id = idAt(start + index, index);
          return repository.create({ id, ...content, createdAt: at, updatedAt: at, version: 1 });
        },
        50,
      );
      db.destroy();
    });

    function row(
      operation: keyof typeof ITEMS_ENDPOINTS,
      name: string,
      expected: Cost,
      prepare: () => Promise<() => Promise<{ readonly status: number; readonly text: string }>>,
    ): void {
      counted.add(operation);
      test(`${name}: ${JSON.stringify(expected)}`, async () => {
        const [before, measured] = await Promise.all([prepare(), prepare()]);
        const good = async (send: typeof before) => {
          const { status, text } = await send();
          expect([status < 300, text]).toEqual([true, text]);
        };
        // Once before, so that processes and connections are there.
        await good(before);
        const cost = await costOf(world, () => good(measured));
        rows.push({ name, ...cost });
        expect(cost).toEqual(expected);
      });
    }

    const make = async () => (await world.create(content)).item.id;
    const user = () => world.request('POST', '/users', { body: { email: uniqueEmail(), name: 'Ada' } });

    row('GetHealth', 'health', { calls: 0, depth: 0, rcu: 0, wcu: 0 }, async () => () => world.get('/health'));
    row(
      'CreateItem',
      'create an item',
      { calls: 1, depth: 1, rcu: 0, wcu: 3 },
      async () => () => world.request('POST', '/items', { body: content }),
    );
    row('GetItem', 'an item', { calls: 1, depth: 1, rcu: 1, wcu: 0 }, async () => {
      const id = await make();
      return () => world.get(`/items/${id}`);
    });
    row('UpdateItem', 'change its name', { calls: 1, depth: 1, rcu: 0, wcu: 3 }, async () => {
      const id = await make();
      return () => world.update(id, { ...content, name: 'Changed' }, '"1"');
    });
    row('UpdateItem', 'change its category', { calls: 1, depth: 1, rcu: 0, wcu: 4 }, async () => {
      const id = await make();
      return () => world.update(id, { ...content, category: 'another' });
    });
    row('DeleteItem', 'delete it', { calls: 1, depth: 1, rcu: 0, wcu: 3 }, async () => {
      const id = await make();
      return () => world.request('DELETE', `/items/${id}`);
    });
    const since = () => new Date(Date.now() - 7200_000).toISOString();
    /** A page behind the newest, which were made here and are in partitions of chance. */
    const older = async (query: string) => {
      const { nextCursor } = await world.list(`?limit=100${query}`);
      return () => world.get(`/items?limit=20${query}&cursor=${nextCursor}`);
    };
    row('ListItems', '20 of a category', { calls: 4, depth: 1, rcu: 4, wcu: 0 }, () => older(`&category=${CATEGORY}`));
    row('ListItems', '20 of a category, since a time', { calls: 4, depth: 1, rcu: 4, wcu: 0 }, () =>
      older(`&category=${CATEGORY}&since=${since()}`),
    );
    row('ListItems', '20 of all', { calls: 4, depth: 1, rcu: 4, wcu: 0 }, () => older(''));
    row('CreateUser', 'create a user', { calls: 1, depth: 1, rcu: 0, wcu: 5 }, async () => user);
    row('GetUser', 'a user', { calls: 1, depth: 1, rcu: 1, wcu: 0 }, async () => {
      const { id } = (await user()).json as { id: string };
      return () => world.get(`/users/${id}`);
    });
    row('ListUsers', 'the user with an e-mail', { calls: 1, depth: 1, rcu: 0.5, wcu: 0 }, async () => {
      const { email } = (await user()).json as { email: string };
      return () => world.get(`/users?email=${email}`);
    });
    row(
      'ListUsers',
      'nobody with an e-mail',
      { calls: 2, depth: 2, rcu: 1.5, wcu: 0 },
      async () => () => world.get(`/users?email=${uniqueEmail()}`),
    );

    test('a change that is refused is one call', async () => {
      const { item } = versionedOf(await world.request('POST', '/items', { body: content }), 201);
      const cost = await costOf(world, () => world.update(item.id, { name: 'Lost' }, '"7"'));
      expect([cost.calls, cost.depth]).toEqual([1, 1]);
    });

    test('every endpoint has a row', () => {
      expect([...counted].sort()).toEqual(Object.keys(ITEMS_ENDPOINTS).sort());
    });

    test('is what the page says (npm run costs writes it)', () => {
      const { committed, current } = itemsPage(rows);
      expect(committed).toBe(current);
    });
  });
});
