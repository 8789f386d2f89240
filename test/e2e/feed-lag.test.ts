import { DynamoDBClient, type ScanCommandInput } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { FaultRates } from '../../local/aws/faults';
import { startApp } from '../../local/runner';
import type { RunningApp } from '../../local/running-app';
import { assemblyOf } from '../support/assemblies';
import { inScope } from '../support/scope';
import { seeded } from '../support/seeded';

/**
 * examples/feed while streams, reads and indexes are behind, and calls fail: users at random, each of whose reads is what
 * docs/feed.md promises, and feeds that are right once all has come through.
 */

jest.setTimeout(240_000);

interface Post {
  readonly id: string;
  readonly author: string;
}
interface Page {
  readonly posts: readonly Post[];
  readonly cursor?: string;
}

const USERS = ['ada', 'ben', 'cid', 'dot'];
const ACTS = inScope(24, 90);
/** After so many acts all feeds are compared. */
const ROUND = 8;
const OFTEN: Partial<FaultRates> = {
  throttle: 0.06,
  conflict: 0.1,
  partialBatch: 0.15,
  duplicate: 0.15,
  reorder: 0.15,
};

interface Circumstances {
  readonly lag: { readonly stream: number; readonly reads: number; readonly gsi?: number };
  readonly faultSeed?: number;
}

describe.each<[string, Circumstances]>([
  ['streams and reads behind', { lag: { stream: 1200, reads: 600 } }],
  ['indexes behind as well, and calls that fail', { lag: { stream: 800, reads: 600, gsi: 600 }, faultSeed: 10 }],
])('feeds of tables of one’s own, with %s', (_, circumstances) => {
  const random = seeded(circumstances.faultSeed ?? 7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const hasFaults = circumstances.faultSeed !== undefined;
  let app: RunningApp;
  let db: DynamoDBDocumentClient;
  let base: string;
  const printed: string[] = [];

  beforeAll(async () => {
    const assembly = await assemblyOf('feed');
    const log = (line: string) => printed.push(line);
    app = await startApp({ assembly, port: 0, maxProcesses: 2, faultRates: OFTEN, log, ...circumstances });
    base = String(app.outputs.Feed.Url);
    db = DynamoDBDocumentClient.from(new DynamoDBClient({ ...app.aws, maxAttempts: 10 }));
  }, 120_000);
  afterAll(async () => {
    db?.destroy();
    await app?.close();
  });

  /** Who is told that it is busy tries again, as often as calls may fail in a row. */
  async function ask<T>(method: string, path: string, body?: object): Promise<T> {
    const statuses: number[] = [];
    while (statuses.length < 10) {
      const answer = await fetch(`${base}${path}`, { method, body: body && JSON.stringify(body) });
      const text = await answer.text();
      if (answer.ok) return (text === '' ? undefined : JSON.parse(text)) as T;
      statuses.push(answer.status);
      if (!hasFaults || answer.status !== 503) break;
    }
    throw new Error(`${method} ${path} was answered ${statuses.join(', ')}`);
  }

  async function all(table: string): Promise<Record<string, unknown>[]> {
    const input: ScanCommandInput = { TableName: app.physicalId(table), ConsistentRead: true };
    const items: Record<string, unknown>[] = [];
    for await (const { Items = [] } of paginateScan({ client: db }, input)) items.push(...Items);
    return items;
  }

  /** A feed from its newest post to its last, page by page; each is full while there is more. */
  async function walk(user: string, limit: number): Promise<Post[]> {
    const found: Post[] = [];
    let cursor: string | undefined;
    do {
      const page: Page = await ask('GET', `/users/${user}/feed?limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`);
      if (page.cursor !== undefined) expect(page.posts).toHaveLength(limit);
      found.push(...page.posts);
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(found.map(({ id }) => id)).toEqual([...new Set(found.map(({ id }) => id))].sort().reverse());
    return found;
  }

  const follows = new Set<string>();
  const everFollowed = new Set<string>();
  const posts = new Map<string, Post>();
  const deleted = new Set<string>();

  async function act(): Promise<void> {
    const kind = random();
    const [user, other] = [pick(USERS), pick(USERS)];
    const follow = `${user}>${other}`;
    const post = pick([...posts.values()].filter(({ id }) => !deleted.has(id)));
    if (kind < 0.3) {
      await ask('PUT', `/users/${user}/follows/${other}`);
      follows.add(follow);
      everFollowed.add(follow);
    } else if (kind < 0.45) {
      await ask('DELETE', `/users/${user}/follows/${other}`);
      follows.delete(follow);
    } else if (kind < 0.85 || post === undefined) {
      const made = await ask<Post>('POST', `/users/${user}/posts`, { text: `of ${user}` });
      posts.set(made.id, made);
    } else {
      await ask('DELETE', `/users/${post.author}/posts/${post.id}`);
      deleted.add(post.id);
    }
  }

  /** While under way a feed lacks something, but has nothing of those who are not followed. */
  async function glance(): Promise<void> {
    const reader = pick(USERS);
    for (const { author } of await walk(reader, 4)) {
      const known = circumstances.lag.gsi === undefined ? follows : everFollowed;
      expect([...known]).toContain(`${reader}>${author}`);
    }
  }

  async function compareAll(): Promise<number> {
    await app.idle();
    // What a call did that seemed to fail is in the tables alone.
    const there = (await all('Posts')) as unknown as Post[];
    const edges = (await all('Follows')).map(({ follower, followee }) => `${follower}>${followee}`);
    expect(edges.sort()).toEqual([...follows].sort());
    const ids = there.map(({ id }) => id);
    for (const id of posts.keys()) expect({ id, isThere: ids.includes(id) }).toEqual({ id, isThere: !deleted.has(id) });
    if (!hasFaults) expect(ids).toHaveLength(posts.size - deleted.size);
    const rows: string[] = [];
    for (const user of USERS) {
      const wanted = there.filter(({ author }) => edges.includes(`${user}>${author}`)).map(({ id }) => id);
      expect({ user, ids: (await walk(user, 3)).map(({ id }) => id) }).toEqual({ user, ids: wanted.sort().reverse() });
      rows.push(...wanted.map((id) => `USER#${user} ${id}`));
    }
    const stored = (await all('Fanout/Feed')).map(({ PK, SK }) => `${PK} ${SK}`);
    expect(stored.filter((row) => row.startsWith('USER#')).sort()).toEqual(rows.sort());
    return rows.length;
  }

  test('reads are as promised on the way, and every feed is right when all has come through', async () => {
    let compared = 0;
    for (let acts = 1; acts <= ACTS; acts++) {
      await act();
      await glance();
      if (acts % ROUND === 0) compared += await compareAll();
    }
    expect(compared).toBeGreaterThan(ACTS / 2);
    expect(deleted.size).toBeGreaterThan(0);
    for (const fault of ['throttle', 'partialBatch', 'duplicate']) {
      expect({ fault, came: printed.some((line) => line.startsWith(`fault: ${fault} at`)) }).toEqual({
        fault,
        came: hasFaults,
      });
    }
  });

  test('who is unfollowed is gone as soon as the index of follows says so, and what is deleted from all feeds', async () => {
    await ask('PUT', '/users/eve/follows/fay');
    const { id } = await ask<Post>('POST', '/users/fay/posts', { text: 'first' });
    const second = await ask<Post>('POST', '/users/fay/posts', { text: 'second' });
    await app.idle();
    expect((await walk('eve', 1)).map((post) => post.id)).toEqual([second.id, id]);
    await ask('DELETE', `/users/fay/posts/${second.id}`);
    await app.idle();
    expect((await walk('eve', 1)).map((post) => post.id)).toEqual([id]);
    await ask('DELETE', '/users/eve/follows/fay');
    if (circumstances.lag.gsi !== undefined) await app.idle();
    expect(await walk('eve', 1)).toEqual([]);
  });
});
