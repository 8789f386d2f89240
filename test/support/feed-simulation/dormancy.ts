import { DeleteCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import { Disagreement, FEED_TABLE, type Host, SOCIAL_TABLE } from './site';
import type { Item, Key } from '../../../lambda/core/dynamodb';
import { authoredKey, feedKey, pulledKey } from '../../../lambda/feed-fanout/keys';
import { creationTime } from '../../../lambda/feed-fanout/worker/article-times';
import { FOLLOW_PREFIX, followerKey, followerPks, followKey, followsPk } from '../../../lambda/social-table/keys';
import type { Change } from '../memory/dynamodb';

/** How a call goes of which nothing is known: at once, with all that holds. */
const PLAIN = { pageSize: Infinity, lag: () => 0, random: () => 0 };

const itemOf = ({ cloud }: Host, TableName: string, key: Key): Item | undefined =>
  (cloud.db.apply(new GetCommand({ TableName, Key: key, ConsistentRead: true }), PLAIN) as { Item?: Item }).Item;

/** Follows of which new articles do not come into the follower's feed, as the follower's edges say. */
export function dormantFollows({ cloud }: Host): Set<string> {
  const dormant = cloud.db
    .items(SOCIAL_TABLE)
    .filter((item) => item.entityType === 'Follow' && item.dormant !== undefined)
    .map(({ PK, SK }) => `${String(PK).slice(followsPk('').length)}>${String(SK).slice(FOLLOW_PREFIX.length)}`);
  return new Set(dormant);
}

/** With nothing left to do, who has a mark has no dormant follow. */
export function checkDormancy(world: Host): void {
  const items = world.cloud.db.items(SOCIAL_TABLE);
  const marks = new Set(
    items.filter(({ entityType }) => entityType === 'FeedReader').map(({ userId }) => String(userId)),
  );
  for (const { entityType, PK, SK, dormant } of items) {
    if (entityType === 'Follow' && dormant !== undefined && marks.has(String(PK).slice(followsPk('').length))) {
      throw new Disagreement('the follow of an active reader rests', { PK, SK });
    }
  }
}

/**
 * What a change of a follow's edges must not be, at any moment: the followee's edge dormant alone, or the end of it before
 * the feed has every article that was passed over. Those of whose delivery something is still to be done do not count.
 *
 * @returns what is wrong
 */
export function wrongChange(host: Host, { before, after, key }: Change): string | undefined {
  if (after?.entityType === 'Follower' && after.dormant) {
    const followee = key.PK.slice(followerPks('')[0].length - 2, -2);
    const other = itemOf(host, SOCIAL_TABLE, followKey(key.SK, followee));
    return other && other.dormant === undefined ? `${key.SK}>${followee} rests on one edge alone` : undefined;
  }
  if (after?.entityType !== 'Follow') return undefined;
  if (after.dormant !== undefined) {
    host.tally.rested += Number(before?.dormant === undefined);
    return undefined;
  }
  if (before?.dormant === undefined) return undefined;
  host.tally.restored++;
  const [follower, followee] = [key.PK.slice(followsPk('').length), key.SK.slice(FOLLOW_PREFIX.length)];
  if (itemOf(host, SOCIAL_TABLE, followerKey(followee, follower))?.dormant) {
    return `${follower}>${followee} is awake on one edge alone`;
  }
  const lacking = [...host.graph.articles.values()].find(
    ({ articleId, authorId }) =>
      authorId === followee && after.filledAt !== undefined && isLacking(host, follower, followee, articleId),
  );
  return lacking && `the feed of ${follower} lacks ${lacking.articleId}`;
}

/** Is an article not in a feed, of whose delivery nothing is still to be done? */
function isLacking(host: Host, follower: string, authorId: string, articleId: string): boolean {
  const { cloud, settings, time } = host;
  const isLaidOver = itemOf(host, FEED_TABLE, pulledKey(authorId)) !== undefined;
  return (
    itemOf(host, FEED_TABLE, authoredKey(authorId, articleId)) !== undefined &&
    !isLaidOver &&
    settings.readCap >= 1_000 &&
    creationTime(articleId) + settings.ttlSeconds * 1000 - 8_000 > time.now &&
    !cloud.queue.some(({ body }) => body.includes(articleId) && !body.includes('"type":"fill"')) &&
    itemOf(host, FEED_TABLE, feedKey(follower, articleId)) === undefined
  );
}

/** Removes some marks of activity, whatever they say: nothing that readers see may depend on them. */
export function loseMarks({ cloud }: Host, isLost: () => boolean): void {
  for (const { entityType, PK, SK } of cloud.db.items(SOCIAL_TABLE)) {
    if (entityType !== 'FeedReader' || !isLost()) continue;
    cloud.say('expiry', `takes ${String(PK)}`);
    cloud.db.apply(new DeleteCommand({ TableName: SOCIAL_TABLE, Key: { PK, SK } }), PLAIN);
  }
}
