import { startTestEngine, type TestEngine, type TestTables } from './support/engine';
import { profileOf, userIdOf } from './support/samples';
import { lowestIdAt } from '../lambda/core/ids';
import { authoredKey } from '../lambda/feed-fanout/keys';
import { FeedRepository as WorkerRepository } from '../lambda/feed-fanout/worker/repository';
import { handleMessage } from '../lambda/feed-fanout/worker/use-case';
import { type FeedPorts, getFeed } from '../lambda/realworld-api/domain/feed';
import { FeedRepository } from '../lambda/realworld-api/repository/feed';
import { ListRepository } from '../lambda/realworld-api/repository/lists';
import { ARTICLE, FOLLOW, PROFILE } from '../lambda/social-table/entities';

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
  const ports = { store: worker(), readCap: READ_CAP, send: () => Promise.resolve(), timeIsShort: () => false };
  for (const followee of AUTHORS) {
    await handleMessage(ports, { type: 'followed', follower: READER, followee });
  }
}

/** Read units of one page of the feed; who asks is not counted. */
async function costOfFeed(): Promise<number> {
  const ports: FeedPorts = {
    sessions: {
      verify: async () => ({ userId: READER, generation: 1 }),
      load: async () => ({ viewer: profileOf(1), userIds: [] }),
    },
    lists: new ListRepository(tables),
    feed: new FeedRepository(tables),
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
  now += 5_001;
  const filled = await costOfFeed();
  now += WINDOW;
  const later = await costOfFeed();
  // 600 rows of the feed are 20 units, as keys of their authors 16; all else is 33, and an empty feed none.
  expect({ atOnce, both, filled, later }).toEqual({ atOnce: 49, both: 69, filled: 53, later: 53 });
});
