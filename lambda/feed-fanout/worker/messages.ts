import * as z from 'zod/mini';
import { id, SOCIAL_MESSAGES } from '../../social-table/messages';
import { FOLLOWER_SHARDS } from '../../social-table/shards';

const shard = z.number().check(z.int(), z.minimum(0), z.maximum(FOLLOWER_SHARDS - 1));

/**
 * A continuation: this shard alone, from here on, and the number of followers before, where they are counted. Tags are of
 * no use to feeds.
 */
const rest = {
  from: z.optional(z.object({ shard, after: id, counted: z.optional(z.number().check(z.int(), z.minimum(0))) })),
};
/** A continuation: rows, or follows of a reader, up to here are done. */
const after = { after: z.optional(id) };

/** What the worker is told: events of the social table, and what it tells itself. */
const MESSAGE = z.discriminatedUnion('type', [
  z.extend(z.omit(SOCIAL_MESSAGES['article-created'], { tagList: true }), rest),
  z.extend(z.omit(SOCIAL_MESSAGES['article-deleted'], { tagList: true }), rest),
  z.extend(SOCIAL_MESSAGES.followed, after),
  z.extend(SOCIAL_MESSAGES.unfollowed, after),
  z.extend(SOCIAL_MESSAGES['feed-reader-returned'], after),
  z.extend(SOCIAL_MESSAGES['feed-reader-left'], after),
  z.object({
    type: z.literal('fill'),
    userId: id,
    follows: z.array(
      z.object({
        followee: id,
        /** What the follow was dormant by as its articles were listed. */
        dormant: id,
        /** Articles that the feed may lack, ascending. */
        articleIds: z.array(id),
        /** There are more of them, above these. */
        more: z.optional(z.boolean()),
      }),
    ),
  }),
  z.object({
    type: z.literal('deliver'),
    articleId: id,
    authorId: id,
    shard,
    /** Some of that shard, ascending. */
    followers: z.array(id).check(z.minLength(1)),
    /** A moment (in ms) before they were listed: they are all of that shard from the first to the last of them. */
    listedAt: z.optional(z.number().check(z.int(), z.minimum(0))),
    /** The article was there and these were followers when this was sent: write first, and read the graph after it. */
    writeFirst: z.optional(z.boolean()),
  }),
]);

export type FeedMessage = z.infer<typeof MESSAGE>;
export type ArticleMessage = Extract<FeedMessage, { type: 'article-created' | 'article-deleted' }>;
export type FollowMessage = Extract<FeedMessage, { type: 'followed' | 'unfollowed' }>;
export type ReaderMessage = Extract<FeedMessage, { type: 'feed-reader-returned' | 'feed-reader-left' }>;
export type FillMessage = Extract<FeedMessage, { type: 'fill' }>;
export type DeliverMessage = Extract<FeedMessage, { type: 'deliver' }>;

/** @throws for anything that is no message of the worker's: it goes to the dead-letter queue */
export function parseMessage(body: unknown): FeedMessage {
  return MESSAGE.parse(body);
}
