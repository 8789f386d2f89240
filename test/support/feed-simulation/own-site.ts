import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Actor } from './cloud';
import { type Api, Disagreement, FEED_TABLE, type Host, type Part, type Reader, type Site, SLACK } from './site';
import type { Fact } from './spec';
import type { Item } from '../../../lambda/core/dynamodb';
import { lowestIdAt } from '../../../lambda/core/ids';
import { type FeedItem, type FeedReader, feedReader } from '../../../lambda/feed-fanout/runtime/feed';
import type { FeedSource, SourceTable } from '../../../lambda/feed-fanout/source';
import { toMessage } from '../../../lambda/feed-fanout/tables-router/record';
import { TablesRepository } from '../../../lambda/feed-fanout/tables-worker/repository';
import { creationTime } from '../../../lambda/feed-fanout/worker/article-times';
import type { KeyNames } from '../memory/dynamodb';

const keyPart = (attribute: string, prefix = '') => ({ attribute, prefix });

/** Tables as users have them; in one table there are items of other kinds too. */
const SHAPES: readonly { readonly source: FeedSource; readonly others: (userId: string) => readonly Item[] }[] = [
  {
    source: {
      items: { tableName: 'posts', partition: keyPart('author'), sort: keyPart('id') },
      followers: { tableName: 'follows', partition: keyPart('followee'), sort: keyPart('follower') },
    },
    others: () => [],
  },
  {
    source: {
      items: { tableName: 'app', partition: keyPart('PK', 'USER#'), sort: keyPart('SK', 'POST#') },
      followers: { tableName: 'app', partition: keyPart('PK', 'USER#'), sort: keyPart('SK', 'FOLLOWER#') },
    },
    others: (userId) => ['ABOUT', 'FOLLOWERS', `LIKE#${userId}`, 'PROFILE'].map((SK) => ({ PK: `USER#${userId}`, SK })),
  },
  {
    source: {
      items: { tableName: 'app', partition: keyPart('owner', 'AUTHOR#'), sort: keyPart('what') },
      followers: { tableName: 'app', partition: keyPart('owner', 'FOLLOWERS#'), sort: keyPart('what', '@') },
    },
    others: (userId) => [
      { owner: `FOLLOWERS#${userId}`, what: 'COUNT' },
      { owner: `USER#${userId}`, what: '@' },
    ],
  },
];

export const SHAPE_COUNT = SHAPES.length;

export type IdKind = 'uuid' | 'ulid';

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** An id as an application makes it: by its clock and by chance. */
function idAt(kind: IdKind, time: number, random: () => number): string {
  if (kind === 'uuid') {
    const tail = Math.floor(random() * 2 ** 32).toString(16);
    return `${lowestIdAt(time).slice(0, -8)}${tail.padStart(8, '0')}`;
  }
  const digits = Array.from({ length: 10 }, (_, place) => DIGITS[Math.floor(time / 32 ** (9 - place)) % 32]);
  return digits.join('') + Array.from({ length: 16 }, () => DIGITS[Math.floor(random() * 32)]).join('');
}

const keyOf = ({ partition, sort }: SourceTable, owner: string, own: string): Record<string, string> => ({
  [partition.attribute]: partition.prefix + owner,
  [sort.attribute]: sort.prefix + own,
});

/** Feeds of tables of a user's own, read with `cdk-social-backend/feed`: they are right moments after what is written. */
export function ownSite(shape: number, kind: IdKind): Site {
  const { source, others } = SHAPES[shape];
  const { items, followers } = source;
  const keyNames = ({ partition, sort }: SourceTable): KeyNames => [partition.attribute, sort.attribute];
  const holds = ({ partition, sort }: SourceTable, key: readonly [string, string]) =>
    key[0].startsWith(partition.prefix) && key[1].startsWith(sort.prefix);
  /** The two ids of a key; undefined where it is of another kind. */
  const idsIn = (table: SourceTable, name: string, owner: string, own: string) =>
    table.tableName === name && holds(table, [owner, own])
      ? ([owner.slice(table.partition.prefix.length), own.slice(table.sort.prefix.length)] as const)
      : undefined;
  const put = async (api: Api, { tableName }: SourceTable, item: Item) =>
    void (await api.db.send(new PutCommand({ TableName: tableName, Item: item })));
  const remove = async (api: Api, table: SourceTable, owner: string, own: string) =>
    void (await api.db.send(new DeleteCommand({ TableName: table.tableName, Key: keyOf(table, owner, own) })));
  return {
    streams: [...new Set([items.tableName, followers.tableName])],
    keys: { [items.tableName]: keyNames(items), [followers.tableName]: keyNames(followers) },
    hasImages: false,
    // Two followers are above one, three above two.
    pullAbove: [1_000_000, 1, 2],
    items: (userIds) => userIds.flatMap((userId) => others(userId).map((item) => ({ table: items.tableName, item }))),
    factOf: ({ table, key, after }): Fact | undefined => {
      const isThere = after !== undefined;
      const [authorId, articleId] = idsIn(items, table, key.PK, key.SK) ?? [];
      if (authorId !== undefined && articleId !== undefined) {
        return { isThere, article: { articleId, authorId, slug: articleId } };
      }
      const [followee, follower] = idsIn(followers, table, key.PK, key.SK) ?? [];
      return followee !== undefined && follower !== undefined ? { isThere, followee, follower } : undefined;
    },
    isWanted: ({ eventName, eventSourceARN, dynamodb }) =>
      eventName !== 'MODIFY' &&
      [items, followers].some(
        ({ tableName, partition, sort }) =>
          eventSourceARN?.includes(`:table/${tableName}/`) === true &&
          [partition, sort].every(({ attribute, prefix }) => dynamodb?.Keys?.[attribute].S?.startsWith(prefix)),
      ),
    toMessage: (record) => toMessage(source, record),
    nonsense: (number) => ({ table: items.tableName, item: keyOf(items, 'nobody', `no-time-${number}`) }),
    storeOf: (table) => new TablesRepository({ ...table, source }),
    follow: (api, follower, followee) => put(api, followers, keyOf(followers, followee, follower)),
    unfollow: (api, follower, followee) => remove(api, followers, followee, follower),
    publish: (api, authorId) =>
      put(api, items, { ...keyOf(items, authorId, idAt(kind, api.now(), api.random)), text: '' }),
    remove: (api, { authorId, articleId }) => remove(api, items, authorId, articleId),
    reader: (host, actor) => ownReader(host, actor),
  };
}

/** Pages of a walk at most. */
const MAX_PAGES = 6;

/**
 * Walks down a feed. At each moment it has nothing of those who are not followed, nothing that is gone where items are
 * loaded, nothing twice, and all that was there, and of an author followed, before the oldest write that is still being
 * worked off; pages are full while there is more.
 */
function ownReader(host: Host, actor: Actor): Reader {
  const now = host.clockOf(actor.name);
  const read = feedReader({ tableName: FEED_TABLE, client: host.cloud.clientOf(actor) });
  return (part) => {
    // What it reads off its clock by itself.
    host.time.skew = now() - Math.floor(host.time.now);
    return compare(host, read, part);
  };
}

async function compare(host: Host, read: FeedReader, { userId, limit, offset, strictly }: Part): Promise<void> {
  const { graph, time, tally, settings, cloud } = host;
  const began = time.now;
  const follows = graph.followeesOf(userId);
  const settled = host.behindSince();
  const watched = graph.watch(() => follows);
  const loads = !strictly && host.random() < 0.7;
  const load = async (items: readonly FeedItem[]) => {
    await time.pause(host.random() * 20);
    return items.map((item) => (graph.articles.has(item.id) ? item : undefined));
  };
  const found: string[] = [];
  const pages: number[] = [];
  let cursor: string | undefined;
  try {
    do {
      const query = { userId, follows, limit, cursor };
      const page = await (loads ? read({ ...query, load }) : read(query));
      found.push(...page.items.map(({ id }) => id));
      pages.push(page.items.length);
      cursor = page.cursor;
    } while (cursor !== undefined && pages.length <= offset && pages.length < MAX_PAGES);
  } finally {
    graph.unwatch(watched);
  }
  const age = (id: string) => began - creationTime(id);
  const ttl = settings.ttlSeconds * 1000;
  // Of an author, a follow brings in the newest alone.
  const broughtIn = (id: string) => {
    const { authorId } = graph.articles.get(id)!;
    return [...graph.articlesOf(new Set([authorId]))].filter((other) => other > id).length < settings.readCap;
  };
  const must = [...watched.must].filter(
    (id) => age(id) < ttl - SLACK && graph.wasInFeedBefore(settled, userId, id) && broughtIn(id),
  );
  // Of what is gone, rows are moments behind.
  const may = [...(loads || strictly ? watched.may : graph.everOf(follows))];
  const last = found.at(-1) ?? '';
  cloud.say('reader', `${userId} ${pages.join('+')} of ${limit} sees ${found.join(' ')}`);
  const wrong = (what: string) =>
    new Disagreement(`the feed of ${userId} ${what}`, {
      found,
      pages,
      must,
      may,
      limit,
      cursor,
      behind: began - settled,
    });
  tally.compared++;
  if (must.length === may.length) tally.exact++;
  const foreign = found.filter((id) => !may.includes(id) || age(id) > ttl + SLACK);
  if (foreign.length > 0) throw wrong(`has what it must not have, ${foreign.join()}`);
  if (found.some((id, place) => place > 0 && id >= found[place - 1])) throw wrong('is in another order');
  const missing = must.filter((id) => !found.includes(id) && (cursor === undefined || id > last));
  if (missing.length > 0) throw wrong(`lacks ${missing.join()}`);
  const isShort = pages.some((length, place) => length < limit && (cursor !== undefined || place < pages.length - 1));
  if (isShort) throw wrong('has a page that is not full');
  if (strictly && began > settled) throw new Disagreement('something is still to be done', { owed: began - settled });
}
