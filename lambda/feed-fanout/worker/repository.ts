import { QueryCommand as WireQueryCommand } from '@aws-sdk/client-dynamodb';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { FeedStore, FollowerPage } from './ports';
import { placeOf, RowsRepository, type RowsTable } from './rows-repository';
import { queryUpTo } from '../../core/dynamodb';
import { lowestIdAt } from '../../core/ids';
import { FOLLOW } from '../../social-table/entities';
import { ARTICLE_PREFIX, articleKey, articlesPk, followerPks, followKey, idOf } from '../../social-table/keys';
import { FOLLOWER_SHARDS } from '../../social-table/shards';
import { EDGE_DELAY_MS } from '../timing';

/** What the repository works on. */
export interface FeedTables extends RowsTable {
  readonly social: string;
  /** How long after the time that it carries an edge may come to be there, in ms. @default EDGE_DELAY_MS */
  readonly edgeDelay?: number;
}

/** The only part of fan-out that knows keys of a SocialTable. Every read is consistent. */
export class FeedRepository extends RowsRepository<FeedTables> implements FeedStore {
  public readonly followerShards = FOLLOWER_SHARDS;

  public async articleExists(authorId: string, articleId: string): Promise<boolean> {
    return (await this.get(articleKey(authorId, articleId), 'PK', this.tables.social)) !== undefined;
  }

  public async followedSince(follower: string, followee: string): Promise<string | undefined> {
    const item = await this.get(followKey(follower, followee), 'createdAt', this.tables.social);
    return item && FOLLOW.read(item).createdAt;
  }

  public async markFilled(follower: string, followee: string, since: string): Promise<void> {
    const filledAt = this.tables.now();
    // Where it is another follow by now, or none, that has a message of its own.
    await this.update(
      this.tables.social,
      followKey(follower, followee),
      { set: { filledAt } },
      { expression: 'createdAt = :since', values: { ':since': since } },
    );
  }

  public async followers(
    followee: string,
    shard: number,
    after: string | undefined,
    max: number,
    awake = false,
  ): Promise<FollowerPage> {
    const PK = followerPks(followee)[shard];
    return this.page({
      TableName: this.tables.social,
      KeyConditionExpression: 'PK = :pk',
      ...(awake && { FilterExpression: 'attribute_not_exists(dormant)' }),
      ExpressionAttributeValues: { ':pk': { S: PK } },
      ExclusiveStartKey: placeOf(PK, after),
      Limit: max,
    });
  }

  public async countFollowers(followee: string, shard: number, after: string | undefined, max: number) {
    const PK = followerPks(followee)[shard];
    const answer = await this.tables.db.send(
      new QueryCommand({
        TableName: this.tables.social,
        KeyConditionExpression: 'PK = :pk',
        ExpressionAttributeValues: { ':pk': PK },
        ExclusiveStartKey: after === undefined ? undefined : { PK, SK: after },
        Limit: max,
        Select: 'COUNT',
        // An estimate: nothing depends on the last moments.
        ConsistentRead: false,
      }),
    );
    return { count: answer.Count ?? 0, next: answer.LastEvaluatedKey?.SK as string | undefined };
  }

  public async followersAmong(
    followee: string,
    shard: number,
    followers: readonly string[],
    listedAt?: number,
  ): Promise<Set<string>> {
    const pk = followerPks(followee)[shard];
    const asked = new Set(followers);
    const stay = listedAt !== undefined && (await this.stay(pk, asked, listedAt));
    return stay ? asked : this.among(pk, followers);
  }

  /**
   * Do all follow still who were listed together, after a moment? Nearly always they do, and then one query finds it out that
   * answers with a count. False where it does not know.
   *
   * An edge that is older than the longest run was there when they were listed. So it is of one of these: there was no
   * other between the first and the last of them, and who unfollows and follows again has a new edge. Old edges are
   * counted, and cannot be of more than these. Others that follow by now have young edges, which are told apart by
   * their ids, as are young ones of these. The two numbers make up all of these only if none is missing. Where those were
   * left out who are dormant, an edge counts as old only if it is awake, and has been for that long.
   *
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Other.html ScannedCount is of the items that
   * match the key condition, before the filter
   */
  private async stay(pk: string, asked: ReadonlySet<string>, listedAt: number): Promise<boolean> {
    const young = listedAt - (this.tables.edgeDelay ?? EDGE_DELAY_MS);
    const sorted = [...asked].sort();
    const answer = await this.wire.send(
      new WireQueryCommand({
        TableName: this.tables.social,
        KeyConditionExpression: 'PK = :pk AND SK BETWEEN :first AND :last',
        // Also one that has no time is told by its id.
        FilterExpression: 'NOT createdAt < :young OR attribute_exists(dormant) OR awakeSince >= :young',
        ExpressionAttributeValues: {
          ':pk': { S: pk },
          ':first': { S: sorted[0] },
          ':last': { S: sorted[sorted.length - 1] },
          ':young': { S: new Date(young).toISOString() },
        },
        ProjectionExpression: 'SK',
        ConsistentRead: true,
      }),
    );
    const found = answer.Items ?? [];
    const old = (answer.ScannedCount ?? 0) - found.length;
    const there = old + found.filter(({ SK }) => asked.has(SK.S ?? '')).length;
    // So many edges are a tenth of a page: where there is another page, they are no edges as they are known here.
    return answer.LastEvaluatedKey === undefined && there === asked.size;
  }

  public async newestArticles(authorId: string, max: number): Promise<string[]> {
    const { items } = await queryUpTo(
      this.tables.db,
      {
        TableName: this.tables.social,
        KeyConditionExpression: 'PK = :pk AND SK BETWEEN :oldest AND :end',
        ExpressionAttributeValues: {
          ':pk': articlesPk(authorId),
          ':oldest': `${ARTICLE_PREFIX}${this.oldestId()}`,
          ':end': `${ARTICLE_PREFIX}~`,
        },
        ProjectionExpression: 'SK',
        ScanIndexForward: false,
      },
      max,
    );
    return items.map((item) => idOf(String(item.SK)));
  }

  public async articlesAmong(authorId: string, articleIds: readonly string[]): Promise<Set<string>> {
    const found = await this.among(
      articlesPk(authorId),
      articleIds.map((articleId) => `${ARTICLE_PREFIX}${articleId}`),
    );
    return new Set([...found].map(idOf));
  }

  /** Feeds show no article of below. */
  private oldestId(): string {
    return lowestIdAt(this.tables.now() - this.tables.ttlSeconds * 1000);
  }

  /** Those of some sort keys that are there. */
  private async among(pk: string, keys: readonly string[]): Promise<Set<string>> {
    const found = await this.range(this.tables.social, pk, keys, 'SK');
    return new Set(found.map(({ SK }) => String(SK)));
  }
}
