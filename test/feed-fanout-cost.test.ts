import { startTestEngine, type TestEngine, type TestTables } from './support/engine';
import { profileOf, userIdOf } from './support/samples';
import { lowestIdAt } from '../lambda/core/ids';
import { authoredKey, pulledKey } from '../lambda/feed-fanout/keys';
import { FeedRepository as WorkerRepository } from '../lambda/feed-fanout/worker/repository';
import { handleMessage } from '../lambda/feed-fanout/worker/use-case';
import { type FeedPorts, getFeed } from '../lambda/realworld-api/domain/feed';
import { FeedRepository } from '../lambda/realworld-api/repository/feed';
import { ListRepository } from '../lambda/realworld-api/repository/lists';
import { ARTICLE, FOLLOW, FOLLOWER, PROFILE } from '../lambda/social-table/entities';
import { articleKey } from '../lambda/social-table/keys';

const NOW = Date.UTC(2026, 0, 1);
const WINDOW = 165_000;
const TTL_SECONDS = 60 * 24 * 3600;
const READ_CAP = 1000;
const READER = userIdOf(1);
const AUTHORS = [2, 3, 4, 5].map(userIdOf);
const ARTICLES = 150;

let engine: TestEngine;
let tables: TestTables;
let now: number;

beforeAll(async () => (engine = await startTestEngine()));
afterAll(() => engine.close());

/** Four authors with 150 articles each, of an hour and more ago; 0.6 KB without their bodies. */
beforeEach(async () => {
  tables = await engine.tables();
  now = NOW;
  const createdAt = new Date(NOW).toISOString();
  const common = { description: 'd'.repeat(200), tagList: ['one', 'two'], favoritesCount: 0, version: 1 };
  const times = { createdAt, updatedAt: createdAt };
  const ids = AUTHORS.flatMap((authorId, author) =>
    Array.from({ length: ARTICLES }, (_, n) => ({
      authorId,
      articleId: lowestIdAt(NOW - 3_600_000 - 10 * n - author),
    })),
  );
  await tables.put(tables.social, [
    ...ids.map(({ authorId, articleId }) =>
      ARTICLE.item([authorId, articleId], {
        ...{ ...common, ...times, articleId, authorId },
        slug: `s${articleId}`,
        title: 't'.repeat(40),
      }),
    ),
    ...AUTHORS.map((userId, n) =>
      PROFILE.item([userId], {
        ...times,
        userId,
        username: `user-${n}`,

        tokenVersion: 1,
        version: 1,
      }),
    ),
  ]);
  // As the worker has written them when the articles were new.
  await tables.put(
    tables.feed,
    ids.map(({ authorId, articleId }) => authoredKey(authorId, articleId)),
  );
});

const follow = (createdAt: number) =>
  tables.put(
    tables.social,
    AUTHORS.map((author) => FOLLOW.item([READER, author], { createdAt: new Date(createdAt).toISOString() })),
  );

const worker = () => new WorkerRepository({ ...tables, db: tables.db, ttlSeconds: TTL_SECONDS, now: () => now });

async function fill(): Promise<void> {
  const settings = { readCap: READ_CAP, ttlSeconds: TTL_SECONDS, pullAbove: 10_000, now: () => now };
  const ports = { ...settings, store: worker(), send: () => Promise.resolve(), timeIsShort: () => false };
  for (const followee of AUTHORS) {
    await handleMessage(ports, { type: 'followed', follower: READER, followee });
  }
}

/** A sandbox, with a list of pulled authors in its memory once it has read one. */
const reader = () => new FeedRepository(tables, { now: () => now, elapsed: () => now });

/** Read units of one page of the feed; who asks is not counted. */
async function costOfFeed(feed = reader()): Promise<number> {
  const ports: FeedPorts = {
    sessions: {
      claimedBy: async () => READER,
      load: async () => ({ viewer: profileOf(1), userIds: [] }),
    },
    lists: new ListRepository(tables),
    feed,
    now: () => now,
    window: WINDOW,
    readCap: READ_CAP,
    ttl: TTL_SECONDS * 1000,
  };
  const before = tables.readUnits;
  const { articlesCount } = await getFeed(ports, 'token', { limit: 20, offset: 0 });
  expect(articlesCount).toBe(AUTHORS.length * ARTICLES);
  return tables.readUnits - before;
}

test('a follow makes a feed dearer by the keys of its articles, and that until its rows are there', async () => {
  await follow(NOW);
  const atOnce = await costOfFeed();
  await fill();
  const both = await costOfFeed();
  now += 15_001;
  const filled = await costOfFeed();
  now += WINDOW;
  const later = await costOfFeed();
  // 600 rows of the feed are 10 units, as keys of their authors 8; all else is 16.5.
  expect({ atOnce, both, filled, later }).toEqual({ atOnce: 24.5, both: 34.5, filled: 26.5, later: 26.5 });
});

test('articles that are left to readers cost a feed half a unit an author or more, and no rows', async () => {
  const since = NOW - 9_999_999;
  await follow(since);
  await tables.put(
    tables.feed,
    AUTHORS.map((author) => ({ ...pulledKey(author), expiresAt: NOW / 1000 + TTL_SECONDS, since, pulls: true })),
  );
  const feed = reader();
  const first = await costOfFeed(feed);
  now += 59_999;
  const again = await costOfFeed(feed);
  // 150 keys are 2 units; that they are pulled, once a minute, 1.
  expect({ first, again }).toEqual({ first: 24.5, again: 23.5 });
});

test('the rows of a long feed cost half of what they did when they were read consistently', async () => {
  const rows = Array.from({ length: 924 }, (_, n) => ({ follower: READER, articleId: lowestIdAt(NOW - n) }));
  await worker().putRows(AUTHORS[0], rows);
  tables.readUnits = 0;
  await expect(reader().rows(READER, { max: READ_CAP, now })).resolves.toMatchObject({ rows: { length: 924 } });
  expect(tables.readUnits).toBe(16);
});

test('an article of a pulled author costs the same whatever their number of followers', async () => {
  const [author] = AUTHORS;
  await tables.put(tables.feed, [
    { ...pulledKey(author), expiresAt: NOW / 1000 + 2 * TTL_SECONDS, since: NOW - 65_000, pulls: true },
  ]);
  await tables.put(
    tables.social,
    Array.from({ length: 400 }, (_, n) => FOLLOWER.item([author, userIdOf(4 * n)], { createdAt: '' })),
  );
  const articleId = lowestIdAt(NOW);
  await tables.put(tables.social, [{ ...articleKey(author, articleId) }]);
  tables.readUnits = tables.writeUnits = 0;
  const settings = { readCap: READ_CAP, ttlSeconds: TTL_SECONDS, pullAbove: 1000, now: () => now };
  const sent: unknown[] = [];
  const send = async (messages: readonly unknown[]) => void sent.push(...messages);
  const ports = { ...settings, store: worker(), send, timeIsShort: () => false };
  await handleMessage(ports, { type: 'article-created', articleId, authorId: author });
  // The row of the author, the article, and 201 followers who say that it stays so: 800 or more in all.
  expect({ sent, read: tables.readUnits, written: tables.writeUnits }).toEqual({ sent: [], read: 5, written: 1 });
});
