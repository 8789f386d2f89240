import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { blocksOf, type ExampleShell, startExample } from './page-lines';
import { lowestIdAt } from '../../lambda/core/ids';

/** docs/feed.md, "On tables of your own": its lines as they stand, and what else it says of its example, on the runner. */

const [setup, ...lines] = blocksOf('feed.md', 'sh');
const [shown] = blocksOf('feed.md', 'json');

jest.setTimeout(120_000);

interface Post {
  readonly id: string;
  readonly author: string;
  readonly text: string;
}
interface Page {
  readonly posts: readonly Post[];
  readonly cursor?: string;
}

let example: ExampleShell;
let base: string;
let db: DynamoDBDocumentClient;
let sqs: SQSClient;

const STAR = 'star';

beforeAll(async () => {
  example = await startExample('feed', ({ outputs }) => ({ FEED: String(outputs.Feed.Url) }));
  base = String(example.app.outputs.Feed.Url);
  db = DynamoDBDocumentClient.from(new DynamoDBClient(example.app.aws));
  sqs = new SQSClient(example.app.aws);
  // As the worker writes it of somebody whom many follow, ten minutes before: readers know of it from the first on.
  await put('Fanout/Feed', {
    PK: 'PULLED#0',
    SK: STAR,
    since: Date.now() - 600_000,
    pulls: true,
    // Before the posts of now have expired: the worker puts it off.
    expiresAt: Math.floor(Date.now() / 1000) + 30 * 86_400,
  });
});
afterAll(async () => {
  db?.destroy();
  sqs?.destroy();
  await example?.close();
});

const put = (table: string, Item: Record<string, unknown>) =>
  db.send(new PutCommand({ TableName: example.app.physicalId(table), Item }));
const settled = () => example.app.idle();

async function ask(method: string, path: string, body?: object): Promise<{ status: number; json: unknown }> {
  const answer = await fetch(`${base}${path}`, { method, body: body && JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, json: text === '' ? undefined : JSON.parse(text) };
}
async function follow(user: string, followee: string): Promise<void> {
  expect((await ask('PUT', `/users/${user}/follows/${followee}`)).status).toBe(204);
}
async function unfollow(user: string, followee: string): Promise<void> {
  expect((await ask('DELETE', `/users/${user}/follows/${followee}`)).status).toBe(204);
}
async function publish(author: string, text: string): Promise<Post> {
  const { status, json } = await ask('POST', `/users/${author}/posts`, { text });
  expect(status).toBe(201);
  return json as Post;
}
async function remove({ author, id }: Post): Promise<void> {
  expect((await ask('DELETE', `/users/${author}/posts/${id}`)).status).toBe(204);
}
async function page(user: string, query = ''): Promise<Page> {
  const { status, json } = await ask('GET', `/users/${user}/feed${query}`);
  expect(status).toBe(200);
  return json as Page;
}
const textsOf = ({ posts }: Page) => posts.map(({ text }) => text);
/** Rows under a key of the feed table. */
async function rowsOf(pk: string): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await db.send(
    new QueryCommand({
      TableName: example.app.physicalId('Fanout/Feed'),
      KeyConditionExpression: 'PK = :pk',
      ExpressionAttributeValues: { ':pk': pk },
    }),
  );
  return Items;
}
const queued = async (queue: string) => {
  const QueueUrl = example.app.physicalId(queue);
  const AttributeNames = ['ApproximateNumberOfMessages'] as const;
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
  );
  return Number(Attributes?.ApproximateNumberOfMessages);
};

test('the page asks for what npm start prints', () => {
  expect(setup.match(/^\w+(?==)/gm)).toEqual(['FEED']);
  expect(setup).toContain('# Feed.Url');
  expect(example.app.urls.map(({ url }) => url.replace(/\/$/, ''))).toContain(base.replace(/\/$/, ''));
});

test('its lines answer what it shows', async () => {
  await example.shell(lines.slice(0, -1).join('\n'));
  await settled();
  const [printed] = await example.shell(lines[lines.length - 1]);
  const masked = (text: string) => JSON.parse(text.replace(/(?<="id": ?")[^"]+/g, '<id>')) as unknown;
  expect(masked(printed)).toEqual(masked(shown));
});

test('a feed is read page by page, and has what was there before a follow', async () => {
  await publish('p-joe', 'before');
  await follow('p-me', 'p-ada');
  await follow('p-me', 'p-joe');
  for (const n of [1, 2, 3]) await publish(n % 2 ? 'p-ada' : 'p-joe', `post ${n}`);
  await publish('p-eve', 'of nobody I follow');
  await settled();
  const first = await page('p-me', '?limit=3');
  expect(textsOf(first)).toEqual(['post 3', 'post 2', 'post 1']);
  const second = await page('p-me', `?limit=3&cursor=${first.cursor}`);
  expect(second).toEqual({ posts: [expect.objectContaining({ author: 'p-joe', text: 'before' })] });
});

test('who is unfollowed is gone at once, what is deleted leaves no gap, and rows of both go', async () => {
  await follow('u-me', 'u-ada');
  await follow('u-me', 'u-joe');
  const posts = [];
  for (const n of [1, 2, 3, 4]) posts.push(await publish(n % 2 ? 'u-ada' : 'u-joe', `post ${n}`));
  await settled();
  await remove(posts[2]);
  expect(textsOf(await page('u-me', '?limit=3'))).toEqual(['post 4', 'post 2', 'post 1']);
  await unfollow('u-me', 'u-joe');
  expect(textsOf(await page('u-me'))).toEqual(['post 1']);
  await settled();
  expect((await rowsOf('USER#u-me')).map(({ SK }) => SK)).toEqual([posts[0].id]);
});

test('posts that are left to readers are in nobody’s feed and on their pages, also once too few follow for that', async () => {
  await follow('s-me', STAR);
  await follow('s-me', 's-ada');
  await publish(STAR, 'first');
  await settled();
  expect(await rowsOf('USER#s-me')).toEqual([]);
  // One follower is so few that what comes next is put into feeds.
  await publish('s-ada', 'second');
  await publish(STAR, 'third');
  await settled();
  expect(await rowsOf('USER#s-me')).toHaveLength(2);
  expect((await rowsOf(`AUTHOR#${STAR}`)).map(({ pulled }) => pulled)).toEqual([true, undefined]);
  expect(textsOf(await page('s-me'))).toEqual(['third', 'second', 'first']);
  await follow('s-late', STAR);
  await settled();
  expect(textsOf(await page('s-late'))).toEqual(['third', 'first']);
});

test('an item whose id has no time goes to the dead-letter queue alone', async () => {
  await follow('d-me', 'd-ada');
  const before = await queued('Fanout/Source/DeadLetterQueue');
  await put('Posts', { author: 'd-ada', id: 'of-no-time', text: 'poison' });
  await publish('d-ada', 'good');
  await settled();
  expect(await queued('Fanout/Source/DeadLetterQueue')).toBe(before + 1);
  expect(await queued('Fanout/Source/Worker/DeadLetterQueue')).toBe(0);
  expect(textsOf(await page('d-me'))).toEqual(['good']);
});

test.each([
  ['a cursor that is none', 'GET', '/users/me/feed?cursor=none', undefined, 400],
  ['a limit too high', 'GET', '/users/me/feed?limit=101', undefined, 400],
  ['a user that is none', 'GET', '/users/a%20b/feed', undefined, 404],
  ['a post without text', 'POST', '/users/me/posts', {}, 400],
  ['a post that is none', 'DELETE', '/users/me/posts/first', undefined, 404],
])('%s is refused', async (_, method, path, body, status) => {
  expect((await ask(method, path, body)).status).toBe(status);
});

test('items that come twice, in any order and with their follows are in a feed once', async () => {
  const ids = Array.from({ length: 40 }, (__, n) => lowestIdAt(Date.now() - 60_000 + n));
  await Promise.all([
    ...ids.map((id, n) => put('Posts', { author: 'm-ada', id, text: String(n) })),
    follow('m-me', 'm-ada'),
    follow('m-you', 'm-ada').then(() => unfollow('m-you', 'm-ada')),
  ]);
  await settled();
  expect(textsOf(await page('m-me', '?limit=100'))).toEqual(ids.map((_, n) => String(39 - n)));
  expect(await rowsOf('USER#m-you')).toEqual([]);
});

test('the functions of FeedFanout use all that they may do with tables', () => {
  const unused = example.app.unusedActions().filter(({ role }) => role.includes('Fanout'));
  expect(unused.filter(({ action }) => action.startsWith('dynamodb:'))).toEqual([]);
});
