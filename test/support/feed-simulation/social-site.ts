import type { Actor } from './cloud';
import { wrongChange } from './dormancy';
import {
  type Api,
  Disagreement,
  FEED_EVENTS,
  FEED_TABLE,
  type Host,
  type Part,
  SETTLE,
  type Site,
  SLACK,
  SOCIAL_TABLE as TABLE,
  WINDOW,
} from './site';
import type { Published } from './spec';
import { lowestIdAt, timeOfId } from '../../../lambda/core/ids';
import { ReadersRepository } from '../../../lambda/feed-fanout/worker/readers-repository';
import { FeedRepository as WorkerRepository } from '../../../lambda/feed-fanout/worker/repository';
import { type FeedPorts, getFeed } from '../../../lambda/realworld-api/domain/feed';
import { ActivityRepository } from '../../../lambda/realworld-api/repository/activity';
import { ArticleRepository } from '../../../lambda/realworld-api/repository/articles';
import { FeedRepository } from '../../../lambda/realworld-api/repository/feed';
import { ListRepository } from '../../../lambda/realworld-api/repository/lists';
import { ProfileRepository } from '../../../lambda/realworld-api/repository/profiles';
import { PROFILE } from '../../../lambda/social-table/entities';
import { FOLLOW_PREFIX, followsPk, idOf } from '../../../lambda/social-table/keys';
import { toMessage } from '../../../lambda/social-table/stream-router/record';
import { EVENT_SOURCES } from '../../../src/social-table/event-sources';

const TABLES = { social: TABLE, accounts: 'accounts', feed: FEED_TABLE };
const SOURCES = new Set(
  FEED_EVENTS.map((event) => {
    const { eventName, entityType } = EVENT_SOURCES[event];
    return `${eventName} ${entityType}`;
  }),
);
const FOLLOWS = followsPk('');

const profileOf = (userId: string) => ({ userId, username: userId, bio: null, image: null, tokenVersion: 1 });

/** The graph in a SocialTable, with the writes and reads of the RealWorldApi: what is written is in feeds at once. */
export function socialSite(writeShards: number): Site {
  const tablesOf = ({ db }: Pick<Api, 'db'>) => ({ ...TABLES, shards: writeShards, db });
  const iso = ({ now }: Api) => new Date(now()).toISOString();
  return {
    streams: [TABLE],
    keys: {},
    hasImages: true,
    // One follower on the first shard is four, and two are eight.
    pullAbove: [1_000_000, 1, 4],
    items: (userIds, now) =>
      userIds.map((userId) => {
        const at = new Date(now).toISOString();
        const profile = { userId, username: userId, tokenVersion: 1, version: 1, createdAt: at, updatedAt: at };
        return { table: TABLE, item: PROFILE.item([userId], profile) };
      }),
    factOf: ({ key, before, after }) => {
      const item = after ?? before;
      const isThere = after !== undefined;
      if (item?.entityType === 'Follow') {
        return { isThere, follower: key.PK.slice(FOLLOWS.length), followee: key.SK.slice(FOLLOW_PREFIX.length) };
      }
      if (item?.entityType !== 'Article') return undefined;
      const { authorId, slug } = item as { authorId: string; slug: string };
      return { isThere, article: { articleId: idOf(key.SK), authorId, slug } };
    },
    isWanted: ({ eventName, dynamodb }) =>
      SOURCES.has(`${eventName} ${(dynamodb?.NewImage ?? dynamodb?.OldImage)?.entityType?.S}`),
    toMessage,
    nonsense: (number) => {
      const item = { PK: 'ARTICLE#', SK: `ARTICLE#${number}`, entityType: 'Article' };
      return { table: TABLE, item };
    },
    storeOf: (table) => new WorkerRepository({ ...table, social: TABLE, edgeDelay: SLACK }),
    readersOf: (table) => new ReadersRepository({ ...table, social: TABLE }),
    wrongIn: wrongChange,
    follow: async (api, follower, followee) =>
      void (await new ProfileRepository(tablesOf(api)).follow(follower, followee, iso(api))),
    unfollow: async (api, follower, followee) =>
      void (await new ProfileRepository(tablesOf(api)).unfollow(follower, followee, iso(api))),
    publish: async (api, authorId) => {
      const at = iso(api);
      const tail = Math.floor(api.random() * 2 ** 32).toString(16);
      const articleId = `${lowestIdAt(Date.parse(at)).slice(0, -8)}${tail.padStart(8, '0')}`;
      const text = { title: 'title', description: 'description', body: 'body', tagList: [], favoritesCount: 0 };
      const article = { ...text, articleId, authorId, slug: `slug-${articleId}`, createdAt: at, updatedAt: at };
      await new ArticleRepository(tablesOf(api)).create(article, article.slug);
    },
    remove: async (api, { articleId, authorId, slug }: Published) => {
      const record = { articleId, authorId, slug, slugBase: slug, tagList: [], commenterIds: [] };
      await new ArticleRepository(tablesOf(api)).delete(record, iso(api));
    },
    reader: (host, actor) => {
      const ports = portsOf(host, actor, tablesOf({ db: host.cloud.clientOf(actor) }));
      return (part) => compare(host, ports, part);
    },
  };
}

function portsOf(
  { settings, time, clockOf }: Host,
  actor: Actor,
  tables: ConstructorParameters<typeof FeedRepository>[0],
) {
  const now = clockOf(actor.name);
  const ports: FeedPorts = {
    sessions: {
      claimedBy: (token) => Promise.resolve(token),
      load: (token) => Promise.resolve({ viewer: profileOf(token!), userIds: [] }),
    },
    lists: new ListRepository(tables),
    feed: new FeedRepository(tables, { now, elapsed: () => time.now }),
    window: WINDOW,
    activity: settings.activeSeconds === undefined ? undefined : new ActivityRepository(tables, settings.activeSeconds),
    readCap: settings.readCap,
    ttl: settings.ttlSeconds * 1000,
    now,
  };
  return ports;
}

/** Every feed is the one that the graph calls for, unless something is further behind than readers provide for. */
async function compare(host: Host, ports: FeedPorts, { userId, limit, offset, strictly }: Part): Promise<void> {
  const { graph, tally, cloud } = host;
  const { ttlSeconds, readCap } = host.settings;
  const began = host.time.now;
  const owed = host.behindSince();
  const watched = graph.watch(() => graph.followeesOf(userId));
  const answer = await getFeed(ports, userId, { limit, offset }).finally(() => graph.unwatch(watched));
  if (began - owed >= WINDOW - SLACK - SETTLE) {
    if (strictly) throw new Disagreement('something is still to be done', { owed: began - owed });
    tally.passedOver++;
    return;
  }
  const age = (articleId: string) => began - timeOfId(articleId);
  const ttl = ttlSeconds * 1000;
  const newestOf = (ids: ReadonlySet<string>, isShown: (age: number) => boolean) =>
    [...ids]
      .filter((articleId) => isShown(age(articleId)))
      .sort()
      .reverse();
  const must = newestOf(watched.must, (ms) => ms < ttl - SLACK);
  const may = newestOf(watched.may, (ms) => ms < ttl + SLACK);
  const count = answer.articlesCount;
  const found = answer.articles.map(({ slug }) => slug.slice('slug-'.length));
  cloud.say('reader', `${userId} ${limit}+${offset} sees ${found.join(' ')} of ${count}`);
  const wrong = (what: string) =>
    new Disagreement(`the feed of ${userId} ${what}`, { found, count, must, may, limit, offset });
  tally.compared++;
  if (must.length === may.length) {
    tally.exact++;
    const all = must.slice(0, readCap);
    const page = all.slice(offset, offset + limit);
    if (page.join() !== found.join()) throw wrong('is another');
    if (count !== all.length) throw wrong('is counted wrongly');
    return;
  }
  const foreign = found.filter((articleId) => !may.includes(articleId));
  if (foreign.length > 0) throw wrong(`has what it must not have, ${foreign.join()}`);
  if ([...found].sort().reverse().join() !== found.join()) throw wrong('is in another order');
  if (count > may.length) throw wrong('counts too many');
  if (may.length <= readCap && offset === 0 && limit >= may.length) {
    const missing = must.filter((articleId) => !found.includes(articleId));
    if (missing.length > 0) throw wrong(`lacks ${missing.join()}`);
  }
}
