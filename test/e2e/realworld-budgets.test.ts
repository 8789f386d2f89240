import { writeFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { encoded } from './client';
import { callLatencyMs, type Cost, costOf } from './costs';
import { costsPage } from './costs-page';
import { uniqueName, World } from './world';
import type { RunningApp } from '../../local/running-app';

/**
 * What each endpoint costs, counted on the running system: AWS calls, their depth (the longest chain of calls that
 * wait for one another), read and write units. On the same items as in the table of budgets: users of 0.4 KB, articles
 * of 1.6 KB with two tags, lists of 10 by ten authors, comments of ten users, signed in. Without a search index; what one
 * changes is counted in realworld-search-costs.test.ts. Nothing is remembered from one request to the next, as in a
 * function that has just started. The numbers are exact: what changes them changes what users pay.
 */

interface Row extends Cost {
  readonly name: string;
  readonly maxDepth: number;
  readonly maxWcu: number;
}

/** What the baseline's calls take, by a half more: with ten authors and ten commenters on a page. */
const MAX_READ_UNITS = 157;

const world = new World();
const rows: Row[] = [];

function row(name: string, limits: { depth: number; wcu: number }, prepare: () => Promise<() => Promise<unknown>>) {
  test(`${name}: depth at most ${limits.depth}, at most ${limits.wcu} WCU`, async () => {
    // Once before, so that processes, connections, public and signing keys are there.
    await (
      await prepare()
    )();
    const request = await prepare();
    await quiet();
    const cost = await costOf(world, request);
    rows.push({ name, ...cost, maxDepth: limits.depth, maxWcu: limits.wcu });
    expect(cost.depth).toBeLessThanOrEqual(limits.depth);
    expect(cost.wcu).toBeLessThanOrEqual(limits.wcu);
    expect(cost).toMatchSnapshot(name);
  });
}

// 0.4 KB of user and 1.6 KB of article, as the baseline was counted.
const BIO = 'b'.repeat(150);
const fields = () => ({ title: uniqueName('Title '), description: 'd'.repeat(100), body: 't'.repeat(1300) });
const TAGS = [uniqueName('tag'), uniqueName('tag')];

let viewer: Awaited<ReturnType<World['register']>>;
let author: Awaited<ReturnType<World['register']>>;
/** Each shows on a page of a list, and comments; the first is `author`. */
let authors: readonly Awaited<ReturnType<World['register']>>[];

type Stored = Record<string, unknown>;

/** Does something with each item of a kind. */
async function eachOf(
  entityType: string,
  command: (TableName: string, item: Stored) => PutCommand | DeleteCommand,
): Promise<void> {
  const app = world.running.app as RunningApp;
  const db = DynamoDBDocumentClient.from(new DynamoDBClient(app.aws));
  const TableName = app.physicalId('SocialData/Table/Table');
  const { Items: items = [] } = await db.send(
    new ScanCommand({
      TableName,
      FilterExpression: 'entityType = :entityType',
      ExpressionAttributeValues: { ':entityType': entityType },
    }),
  );
  for (const item of items) {
    await (db.send as (sent: PutCommand | DeleteCommand) => Promise<unknown>).call(db, command(TableName, item));
  }
  db.destroy();
}

/**
 * Makes follows an hour older than they are. One of the last moments is read through until the stream has brought its
 * articles; what is counted is the feed of somebody who has followed for a while.
 */
const ageFollows = () =>
  eachOf('Follow', (TableName, item) => {
    const createdAt = new Date(Date.now() - 3_600_000).toISOString();
    return new PutCommand({ TableName, Item: { ...item, createdAt } });
  });

/** As if nothing had been changed in the last fifteen seconds: what was is read consistently, for half a unit more each. */
const quiet = () => eachOf('Changed', (TableName, { PK, SK }) => new DeleteCommand({ TableName, Key: { PK, SK } }));

const article = (by = author) => world.createArticle(by, { ...fields(), tagList: TAGS });

async function favoriteOf(by: typeof author): Promise<void> {
  await world.favorite(viewer, (await article(by)).slug);
}

/** Articles of ten authors are the newest, so that a page of ten shows them all. */
async function pageOfTen(): Promise<void> {
  for (const each of authors) await favoriteOf(each);
}

beforeAll(async () => {
  await world.start({ callLatencyMs, search: 'off', settings: { ITEM_CACHE_TTL_SECONDS: '0' } });
  viewer = await world.register();
  authors = await world.registerMany(10);
  [author] = authors;
  await world.updateUser(viewer, { bio: BIO });
  for (const each of authors) {
    await world.updateUser(each, { bio: BIO });
    await world.follow(viewer, each.username);
  }
  // With these, no post that is counted takes a tag to a power of two: what that costs is counted below.
  for (let index = 0; index < 13; index++) await favoriteOf(author);
}, 180_000);

afterAll(async () => {
  await world.stop();
  const table = render(rows);
  process.stdout.write(`\n${table}\n`);
  if (process.env.BUDGETS_FILE) {
    writeFileSync(process.env.BUDGETS_FILE, `${table}\n`);
  }
});

function render(all: readonly Row[]): string {
  const head = ['endpoint', 'calls', 'depth', 'max', 'RCU', 'WCU', 'max'];
  const total = (pick: (cost: Row) => number) => all.reduce((all_, cost) => all_ + pick(cost), 0);
  const lines = [
    head,
    ...all.map((cost) => [cost.name, cost.calls, cost.depth, cost.maxDepth, cost.rcu, cost.wcu, cost.maxWcu]),
    [
      `sum of ${all.length}`,
      total((c) => c.calls),
      total((c) => c.depth),
      '',
      total((c) => c.rcu),
      total((c) => c.wcu),
      '',
    ],
  ].map((cells) => cells.map(String));
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  return lines
    .map((cells) =>
      cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join('  '),
    )
    .join('\n');
}

describe('cost of each endpoint', () => {
  // One unit more than the target: every try is counted before the password is looked at.
  row('login', { depth: 2, wcu: 1 }, async () => () => world.login(viewer.email, viewer.password));
  row('register', { depth: 1, wcu: 12 }, async () => () => world.register());
  row('current user', { depth: 1, wcu: 0 }, async () => () => world.currentUser(viewer));
  row('update user, bio', { depth: 1, wcu: 2 }, async () => () => world.updateUser(viewer, { bio: BIO }));
  row('update user, email', { depth: 2, wcu: 8 }, async () => {
    const user = await world.register();
    return () => world.updateUser(user, { email: `${uniqueName()}@example.com` });
  });
  row('profile', { depth: 2, wcu: 0 }, async () => () => world.profile(author.username, viewer));
  row('follow', { depth: 2, wcu: 6 }, async () => {
    const other = await world.register();
    return () => world.follow(viewer, other.username);
  });
  row('unfollow', { depth: 2, wcu: 6 }, async () => {
    const other = await world.register();
    await world.follow(viewer, other.username);
    return () => world.unfollow(viewer, other.username);
  });
  row('get article', { depth: 2, wcu: 0 }, async () => {
    const { slug } = await article();
    return () => world.article(slug, viewer);
  });
  row('create article', { depth: 2, wcu: 22 }, async () => () => article());
  row('update article, title', { depth: 3, wcu: 14 }, async () => {
    const { slug } = await article();
    return () => world.updateArticle(author, slug, { title: uniqueName('New title ') });
  });
  row('delete article', { depth: 3, wcu: 16 }, async () => {
    const { slug } = await article();
    return () => world.deleteArticle(author, slug);
  });
  row('favorite', { depth: 3, wcu: 6 }, async () => {
    const { slug } = await article();
    return () => world.favorite(viewer, slug);
  });
  row('unfavorite', { depth: 3, wcu: 6 }, async () => {
    const { slug } = await article();
    await world.favorite(viewer, slug);
    return () => world.unfavorite(viewer, slug);
  });
  row('add comment', { depth: 2, wcu: 2 }, async () => {
    const { slug } = await article();
    return () => world.comment(viewer, slug);
  });
  row('delete comment', { depth: 2, wcu: 2 }, async () => {
    const { slug } = await article();
    const { id } = await world.comment(viewer, slug);
    return () => world.delete(`/articles/${encoded(slug)}/comments/${id}`, viewer);
  });
  row('list comments', { depth: 2, wcu: 0 }, async () => {
    const { slug } = await article();
    for (let index = 0; index < 10; index++) {
      await world.comment(authors[index], slug);
    }
    return () => world.get(`/articles/${encoded(slug)}/comments`, viewer);
  });
  row('feed', { depth: 2, wcu: 0 }, async () => {
    await pageOfTen();
    await ageFollows();
    return () => world.feed(viewer, { limit: 10 });
  });
  row('global list', { depth: 2, wcu: 0 }, async () => () => world.list({ limit: 10 }, viewer));
  row('list by tag', { depth: 2, wcu: 0 }, async () => () => world.list({ tag: TAGS[0], limit: 10 }, viewer));
  row(
    'list by author',
    { depth: 3, wcu: 0 },
    async () => () => world.list({ author: author.username, limit: 10 }, viewer),
  );
  row(
    'list by favorited',
    { depth: 3, wcu: 0 },
    async () => () => world.list({ favorited: viewer.username, limit: 10 }, viewer),
  );
  row('tags', { depth: 1, wcu: 0 }, async () => () => world.get('/tags'));

  test('a favorite of an article of 20 KB costs no more', async () => {
    const { slug } = await world.createArticle(author, { ...fields(), body: 't'.repeat(20_000), tagList: TAGS });
    const cost = await costOf(world, () => world.favorite(viewer, slug));
    expect(cost.wcu).toBeLessThanOrEqual(6);
  });

  test('a list by author and tag has a depth of at most 3', async () => {
    const asked = () => world.list({ author: author.username, tag: TAGS[0], limit: 10 }, viewer);
    await asked();
    const cost = await costOf(world, asked);
    expect(cost).toMatchObject({ depth: 3, wcu: 0 });
  });

  test('what changed lately costs half a unit more, and waits for nothing: ten articles and the favorites of a page 5½ RCU', async () => {
    await quiet();
    const asked = () => world.list({ limit: 10 }, viewer);
    const before = await costOf(world, asked);
    for (const { slug } of (await asked()).articles) await world.unfavorite(viewer, slug);
    const cost = await costOf(world, asked);
    expect([cost.depth, cost.rcu]).toEqual([before.depth, before.rcu + 5.5]);
  });

  test('a post that takes two tags to a power of two is made twice, and moves their ranks: 48 WCU', async () => {
    const tagList = [uniqueName('rank'), uniqueName('rank')];
    await world.createArticle(author, { ...fields(), tagList });
    const cost = await costOf(world, () => world.createArticle(author, { ...fields(), tagList }));
    expect(cost).toMatchObject({ depth: 3, wcu: expect.any(Number) as number });
    expect(cost.wcu).toBeLessThanOrEqual(48);
  });

  test(`all rows together: depth at most 45; at most ${MAX_READ_UNITS} read units`, () => {
    expect(rows).toHaveLength(23);
    expect(rows.reduce((total, cost) => total + cost.depth, 0)).toBeLessThanOrEqual(45);
    expect(rows.reduce((total, cost) => total + cost.rcu, 0)).toBeLessThanOrEqual(MAX_READ_UNITS);
  });

  test('docs/costs.md says so (npm run costs writes it)', () => {
    const { committed, current } = costsPage(rows, world.running.app?.resources ?? []);
    expect(committed).toBe(current);
  });
});
