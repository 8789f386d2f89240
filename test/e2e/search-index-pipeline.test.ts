import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { startApp } from '../../local/runner';
import { RunningApp } from '../../local/running-app';
import { assemblyOf } from '../support/assemblies';

/** A table of a user's own, and what is found of it: the example `search`, on the embedded subset of OpenSearch. */

jest.setTimeout(60_000);

let app: RunningApp;
let url: string;
/** What the functions that write may do, before any of them has. */
let rightsToWrite: readonly string[];

beforeAll(async () => {
  app = await startApp({
    assembly: await assemblyOf('search'),
    port: 0,
    lag: { stream: 200, search: 300 },
    log: () => undefined,
  });
  url = String(app.outputs.BookSearch.Url).replace(/\/$/, '');
  rightsToWrite = unusedByWriters();
}, 180_000);
afterAll(() => app?.close());

/** Actions that no call has used, of the roles of the functions that write. */
function unusedByWriters(): string[] {
  const writers = ['PutBook', 'DeleteBook'].map((id) => app.physicalId(`${id}/ServiceRole`));
  return app.unusedActions().flatMap(({ role, action }) => (writers.includes(role) ? [action] : []));
}

async function ask(method: string, path: string, body?: object | string) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(`${url}${path}`, { method, body: body === undefined ? undefined : text });
  const answered = await answer.text();
  return { status: answer.status, body: (answered === '' ? undefined : JSON.parse(answered)) as Found };
}

interface Found {
  readonly books: readonly { readonly isbn: string; readonly title: string; readonly highlighted?: string }[];
  readonly total: number;
  readonly subjects: readonly { readonly subject: string; readonly count: number }[];
  readonly next?: string;
  readonly message?: string;
}

async function titleInTable(isbn: string): Promise<unknown> {
  const db = DynamoDBDocumentClient.from(new DynamoDBClient(app.aws));
  const { Item } = await db.send(
    new GetCommand({ TableName: app.physicalId('Books'), Key: { isbn }, ConsistentRead: true }),
  );
  db.destroy();
  return Item?.title;
}

const book = (title: string, more: object = {}) => ({
  title,
  author: 'Ursula K. Le Guin',
  subjects: ['fantasy'],
  year: 1968,
  ...more,
});
const put = async (isbn: string, body: object): Promise<void> => {
  expect(await ask('PUT', `/books/${isbn}`, body)).toEqual({ status: 200, body: { isbn, ...body } });
};
const find = async (query: string): Promise<Found> => {
  const { status, body } = await ask('GET', `/books?${query}`);
  expect(status).toBe(200);
  return body;
};
const isbns = ({ books }: Found) => books.map(({ isbn }) => isbn);

test('a deployment leaves an empty index, which is searched', async () => {
  expect(await find('')).toEqual({ books: [], total: 0, subjects: [] });
});

test('books are found by their words, with what was found marked, and counted by subject', async () => {
  await put('1', book('A Wizard of Earthsea', { subjects: ['fantasy', 'dragons'] }));
  await put('2', book('The Tombs of Atuan'));
  await put('3', book('The Dragons of Babel', { author: 'Michael Swanwick', subjects: ['dragons'] }));
  await app.idle();
  expect(isbns(await find('search=wizard'))).toEqual(['1']);
  expect(isbns(await find('search=le+guin'))).toEqual(['1', '2']);
  expect(await find('search=DRAGONS')).toEqual({
    books: [expect.objectContaining({ isbn: '3', highlighted: 'The <em>Dragons</em> of Babel' })],
    total: 1,
    subjects: [{ subject: 'dragons', count: 1 }],
  });
  expect(await find('subject=dragons')).toMatchObject({
    total: 2,
    subjects: [
      { subject: 'dragons', count: 2 },
      { subject: 'fantasy', count: 1 },
    ],
  });
});

test('a page begins where the one before ended', async () => {
  const first = await find('limit=2');
  expect([isbns(first), first.total]).toEqual([['1', '2'], 3]);
  const second = await find(`limit=2&after=${first.next}`);
  expect([isbns(second), second.next]).toEqual([['3'], undefined]);
});

test('a change is found and what it was is not; what is deleted is gone, and may come back', async () => {
  await put('2', book('The Farthest Shore'));
  expect((await ask('DELETE', '/books/1')).status).toBe(204);
  await app.idle();
  expect(isbns(await find('search=atuan'))).toEqual([]);
  expect(isbns(await find('search=farthest'))).toEqual(['2']);
  expect(isbns(await find('search=wizard'))).toEqual([]);
  await put('1', book('A Wizard of Earthsea'));
  await app.idle();
  expect(isbns(await find('search=wizard'))).toEqual(['1']);
});

test('many writes of one book at once end with the one that is in the table', async () => {
  const statuses = await Promise.all(
    Array.from({ length: 30 }, async (_, n) => (await ask('PUT', '/books/9', book(`Edition ${n}`))).status),
  );
  expect(statuses).toContain(200);
  expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([]);
  await app.idle();
  const [{ title }] = (await find('search=edition')).books;
  expect(title).toBe(await titleInTable('9'));
});

test.each<[message: string, method: string, path: string, body: object | string | undefined]>([
  ['search must not be blank', 'GET', '/books?search=', undefined],
  ['search is longer than 200 characters', 'GET', `/books?search=${'x'.repeat(201)}`, undefined],
  ['limit is below 1', 'GET', '/books?limit=0', undefined],
  ['limit is no number', 'GET', '/books?limit=ten', undefined],
  ['after is no cursor', 'GET', '/books?after=forged', undefined],
  ['after is no cursor', 'GET', `/books?after=${Buffer.from('[1,{}]').toString('base64url')}`, undefined],
  ['body is not JSON', 'PUT', '/books/7', '{'],
  ['title must not be blank', 'PUT', '/books/7', book(' ')],
])('%s: is told, in one sentence', async (message, method, path, body) => {
  expect(await ask(method, path, body)).toEqual({ status: 422, body: { message } });
});

test('words that mean something to OpenSearch are words', async () => {
  expect(isbns(await find('search=farthest'))).toEqual(['2']);
  for (const words of ['*:*', '"', 'title:wizard OR', '{"match_all":{}}', 'a/b\\c', '~^+-&&||!(){}[]']) {
    expect(isbns(await find(`search=${encodeURIComponent(words)}`))).not.toContain('2');
  }
});

test('the functions that write used all that they are allowed', () => {
  expect(rightsToWrite).toEqual(['dynamodb:PutItem', 'dynamodb:DeleteItem']);
  expect(unusedByWriters()).toEqual([]);
});
