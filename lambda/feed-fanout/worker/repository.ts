import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { FeedStore, IdPage } from './ports';
import { RowsRepository, type RowsTable } from './rows-repository';
import { queryUpTo } from '../../core/dynamodb';
import { lowestIdAt } from '../../core/ids';
import { FOLLOW } from '../../social-table/entities';
import { ARTICLE_PREFIX, articleKey, articlesPk, followerPks, followKey, idOf } from '../../social-table/keys';
import { FOLLOWER_SHARDS } from '../../social-table/shards';

/** What the repository works on. */
export interface FeedTables extends RowsTable {
  readonly social: string;
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

  public async followers(followee: string, shard: number, after: string | undefined, max: number): Promise<IdPage> {
    const PK = followerPks(followee)[shard];
    return this.page({
      TableName: this.tables.social,
      KeyConditionExpression: 'PK = :pk',
      ExpressionAttributeValues: { ':pk': PK },
      ExclusiveStartKey: after === undefined ? undefined : { PK, SK: after },
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

  public followersAmong(followee: string, shard: number, followers: readonly string[]): Promise<Set<string>> {
    return this.among(followerPks(followee)[shard], followers);
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
