import type { Tables } from './tables';
import { timelineSince } from './timeline';
import type { Clocks } from '../../core/clocks';
import { queryUpTo } from '../../core/dynamodb';
import { authoredPk, feedPk } from '../../feed-fanout/keys';
import { PulledAuthors } from '../../feed-fanout/reading/pulled';
import { FOLLOW } from '../../social-table/entities';
import { FOLLOW_PREFIX, followsPk, idOf } from '../../social-table/keys';
import type { FeedPage, FeedRange } from '../domain/feed';
import type { ArticleRef, Follow } from '../domain/model';

/** Follows read at most. */
const FOLLOWS_LIMIT = 50_000;
/** Recent articles read at most for each shard of the timeline. */
const RECENT_LIMIT = 2_000;

/**
 * The rows that the stream has brought, and what it may have yet to bring. What the worker has written is read eventually
 * consistent, at half the price: the overlay is of longer than such a read can be behind. The graph itself, and the list
 * of pulled authors, by which others act, are read consistently.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html
 */
export class FeedRepository {
  private readonly pulledAuthors: PulledAuthors;

  public constructor(
    private readonly tables: Tables,
    clocks: Clocks,
  ) {
    this.pulledAuthors = new PulledAuthors(tables, clocks);
  }

  /** Authors whose articles may be in nobody's feed. */
  public pulled(): Promise<ReadonlySet<string>> {
    return this.pulledAuthors.ids();
  }

  /** Rows of a user's feed, newest first. */
  public async rows(userId: string, { max, now, before }: FeedRange): Promise<FeedPage> {
    const { items, more } = await queryUpTo(
      this.tables.db,
      {
        TableName: this.tables.feed,
        KeyConditionExpression: before === undefined ? 'PK = :pk' : 'PK = :pk AND SK < :before',
        // By its expiry, not by its removal, which comes up to days later.
        FilterExpression: 'attribute_not_exists(expiresAt) OR expiresAt > :now',
        ExpressionAttributeValues: { ':pk': feedPk(userId), ':now': Math.floor(now / 1000), ':before': before },
        ScanIndexForward: false,
        ConsistentRead: false,
      },
      max,
    );
    const rows = items.map((item) => ({ articleId: String(item.SK), authorId: String(item.authorId) }));
    return { rows, next: more ? rows[rows.length - 1].articleId : undefined };
  }

  public async follows(userId: string, { consistent }: { readonly consistent: boolean }): Promise<Follow[]> {
    const { items } = await queryUpTo(
      this.tables.db,
      {
        TableName: this.tables.social,
        KeyConditionExpression: 'PK = :pk AND begins_with(SK, :prefix)',
        ExpressionAttributeValues: { ':pk': followsPk(userId), ':prefix': FOLLOW_PREFIX },
        ConsistentRead: consistent,
      },
      FOLLOWS_LIMIT,
    );
    return items.map((item) => {
      const { createdAt, filledAt, dormant, restoredAt } = FOLLOW.read(item);
      return {
        followee: idOf(String(item.SK)),
        createdAt,
        filledAt,
        ...(dormant !== undefined && { isDormant: true }),
        ...(restoredAt !== undefined && { restoredAt }),
      };
    });
  }

  /** The newest articles of everybody since a moment. */
  public async articlesSince(since: number): Promise<ArticleRef[]> {
    const shards = await timelineSince(this.tables, since, RECENT_LIMIT);
    return shards.flatMap(({ items }) =>
      items.map((item) => ({ articleId: idOf(String(item.SK)), authorId: String(item.authorId) })),
    );
  }

  /** The newest articles of one author, from an id on: rows as small as a feed's, not the articles themselves. */
  public async articlesOf(authorId: string, oldest: string, max: number): Promise<ArticleRef[]> {
    const { items } = await queryUpTo(
      this.tables.db,
      {
        TableName: this.tables.feed,
        KeyConditionExpression: 'PK = :pk AND SK >= :oldest',
        ExpressionAttributeValues: { ':pk': authoredPk(authorId), ':oldest': oldest },
        ProjectionExpression: 'SK',
        ScanIndexForward: false,
        ConsistentRead: false,
      },
      max,
    );
    return items.map((item) => ({ articleId: String(item.SK), authorId }));
  }
}
