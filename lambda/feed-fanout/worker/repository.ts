import type { AttributeValue, WriteRequest } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { expiryOf } from './article-times';
import type { FeedRow, FeedStore, IdPage, PulledAuthor } from './ports';
import {
  batchWriteWire,
  type Changes,
  type Condition,
  EXISTS,
  isConditionFailure,
  isContention,
  type Item,
  type Key,
  queryUpTo,
  updateOf,
} from '../../core/dynamodb';
import { lowestIdAt } from '../../core/ids';
import { retry } from '../../core/retry';
import { FOLLOW } from '../../social-table/entities';
import { ARTICLE_PREFIX, articleKey, articlesPk, followerPks, followKey, idOf } from '../../social-table/keys';
import { authoredKey, authoredPk, feedKey, feedPk, pulledKey, removalKey, removalsPk } from '../keys';

/** What the repository works on. */
export interface FeedTables {
  readonly db: DynamoDBDocumentClient;
  readonly social: string;
  readonly feed: string;
  /** How long after its creation an article is in feeds, in seconds. */
  readonly ttlSeconds: number;
  /** Milliseconds since 1970. */
  now(): number;
}

/** BatchWriteItem calls of one message under way at a time. */
const CONCURRENCY = 4;
const BATCH = 25;

/** How long a removal counts as under way, in ms: a run of the worker ends long before, at Lambda's 15 minutes. */
const REMOVAL_MS = 60 * 60 * 1000;

/** Rows hold texts, numbers and truths alone. */
type Row = Readonly<Record<string, string | number | boolean>>;
type Write = { readonly PutRequest: { readonly Item: Row } } | { readonly DeleteRequest: { readonly Key: Key } };

/** The only part of fan-out that knows keys. Every read is consistent. */
export class FeedRepository implements FeedStore {
  public constructor(private readonly tables: FeedTables) {}

  public async articleExists(authorId: string, articleId: string): Promise<boolean> {
    return (await this.get(articleKey(authorId, articleId), 'PK')) !== undefined;
  }

  public async followedSince(follower: string, followee: string): Promise<string | undefined> {
    const item = await this.get(followKey(follower, followee), 'createdAt');
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

  public announceRemovals(authorId: string, followers: readonly string[]): Promise<void> {
    const expiresAt = Math.ceil((this.tables.now() + REMOVAL_MS) / 1000);
    return this.write(
      followers.map((follower) => ({ PutRequest: { Item: { ...removalKey(follower, authorId), expiresAt } } })),
    );
  }

  public async removalInProgress(follower: string, authorId: string): Promise<boolean> {
    const { items } = await queryUpTo(
      this.tables.db,
      {
        TableName: this.tables.feed,
        KeyConditionExpression: 'PK = :pk AND SK = :author',
        ExpressionAttributeValues: { ':pk': removalsPk(follower), ':author': authorId },
      },
      1,
    );
    return items.some((item) => Number(item.expiresAt) * 1000 > this.tables.now());
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

  public rowsOfAuthor(follower: string, authorId: string, after: string | undefined): Promise<IdPage> {
    const PK = feedPk(follower);
    return this.page({
      TableName: this.tables.feed,
      KeyConditionExpression: 'PK = :pk',
      FilterExpression: 'authorId = :author',
      ExpressionAttributeValues: { ':pk': PK, ':author': authorId },
      ExclusiveStartKey: after === undefined ? undefined : { PK, SK: after },
    });
  }

  public putRows(authorId: string, rows: readonly FeedRow[]): Promise<void> {
    return this.write(
      rows.map((row) => ({
        PutRequest: {
          Item: {
            ...feedKey(row.follower, row.articleId),
            authorId,
            expiresAt: expiryOf(row.articleId, this.tables.ttlSeconds),
          },
        },
      })),
    );
  }

  public async decide(authorId: string, articleId: string, pulled: boolean): Promise<boolean> {
    const Item = {
      ...authoredKey(authorId, articleId),
      expiresAt: expiryOf(articleId, this.tables.ttlSeconds),
      ...(pulled && { pulled }),
    };
    const put = await this.put(Item, { expression: 'attribute_not_exists(PK)' });
    // Where it is gone again, the article is too.
    return put ? pulled : ((await this.decision(authorId, articleId)) ?? pulled);
  }

  public async decision(authorId: string, articleId: string): Promise<boolean | undefined> {
    const item = await this.get(authoredKey(authorId, articleId), 'PK, pulled', this.tables.feed);
    return item && item.pulled === true;
  }

  public async decisions(authorId: string, articleIds: readonly string[]): Promise<Map<string, boolean>> {
    const found = await this.range(this.tables.feed, authoredPk(authorId), articleIds, 'SK, pulled');
    return new Map(found.map(({ SK, pulled }) => [String(SK), pulled === true]));
  }

  public async pulledAuthor(authorId: string): Promise<PulledAuthor | undefined> {
    const item = await this.get(pulledKey(authorId), 'expiresAt, since, pulls', this.tables.feed);
    const since = item?.since as number | undefined;
    return item && { expiresAt: Number(item.expiresAt), since, pulls: item.pulls === true };
  }

  public async putPulled(authorId: string, expiresAt: number, unlessAfter: number): Promise<void> {
    await this.put(
      { ...pulledKey(authorId), expiresAt },
      {
        expression: 'attribute_not_exists(PK) OR expiresAt <= :unlessAfter',
        values: { ':unlessAfter': unlessAfter },
      },
    );
  }

  public async startPulling(authorId: string, since: number): Promise<void> {
    const changes = { set: { pulls: true }, setOnce: { since } };
    await this.update(this.tables.feed, pulledKey(authorId), changes, EXISTS);
  }

  public async stopPulling(authorId: string): Promise<void> {
    await this.update(this.tables.feed, pulledKey(authorId), { set: { pulls: false } }, EXISTS);
  }

  public async raisePulled(authorId: string, since: number, expiresAt: number): Promise<PulledAuthor | undefined> {
    await this.update(
      this.tables.feed,
      pulledKey(authorId),
      { set: { expiresAt } },
      {
        expression: 'since = :since AND expiresAt < :expiresAt',
        values: { ':since': since, ':expiresAt': expiresAt },
      },
    );
    return this.pulledAuthor(authorId);
  }

  public removeAuthored(authorId: string, articleId: string): Promise<void> {
    return this.write([{ DeleteRequest: { Key: authoredKey(authorId, articleId) } }]);
  }

  public removeRows(rows: readonly FeedRow[]): Promise<void> {
    return this.write(rows.map((row) => ({ DeleteRequest: { Key: feedKey(row.follower, row.articleId) } })));
  }

  public isExpired(articleId: string): boolean {
    return expiryOf(articleId, this.tables.ttlSeconds) * 1000 <= this.tables.now();
  }

  /** Feeds show no article of below. */
  private oldestId(): string {
    return lowestIdAt(this.tables.now() - this.tables.ttlSeconds * 1000);
  }

  private async get(key: Key, attributes: string, table = this.tables.social): Promise<Item | undefined> {
    const answer = await this.tables.db.send(
      new GetCommand({ TableName: table, Key: key, ConsistentRead: true, ProjectionExpression: attributes }),
    );
    return answer.Item;
  }

  /** Puts a row of the feed table. @returns false where the condition does not hold */
  private put(Item: Item, { expression, values }: Condition): Promise<boolean> {
    return this.conditionally(
      new PutCommand({
        TableName: this.tables.feed,
        Item,
        ConditionExpression: expression,
        ExpressionAttributeValues: values,
      }),
    );
  }

  /** @returns false where the condition does not hold */
  private update(table: string, key: Key, changes: Changes, condition: Condition): Promise<boolean> {
    return this.conditionally(new UpdateCommand(updateOf(table, key, changes, condition)));
  }

  private async conditionally(command: PutCommand | UpdateCommand): Promise<boolean> {
    try {
      await retry(() => this.tables.db.send(command as UpdateCommand), isContention);
      return true;
    } catch (error) {
      if (isConditionFailure(error)) {
        return false;
      }
      throw error;
    }
  }

  private async page(input: QueryCommandInput): Promise<IdPage> {
    const answer = await this.tables.db.send(
      new QueryCommand({ ...input, ConsistentRead: true, ProjectionExpression: 'SK' }),
    );
    const next = answer.LastEvaluatedKey?.SK as string | undefined;
    return { ids: (answer.Items ?? []).map((item) => String(item.SK)), next };
  }

  /** Those of some sort keys that are there. */
  private async among(pk: string, keys: readonly string[]): Promise<Set<string>> {
    const found = await this.range(this.tables.social, pk, keys, 'SK');
    return new Set(found.map(({ SK }) => String(SK)));
  }

  /**
   * Those of some items that are there. Neighbours are read by their range: forty small items cost what a single one
   * costs to get. Others in the range are not kept.
   */
  private async range(table: string, pk: string, keys: readonly string[], attributes: string): Promise<Item[]> {
    const found: Item[] = [];
    if (keys.length === 0) {
      return found;
    }
    const asked = new Set(keys);
    const sorted = [...keys].sort();
    let cursor: QueryCommandInput['ExclusiveStartKey'];
    do {
      const answer = await this.tables.db.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'PK = :pk AND SK BETWEEN :first AND :last',
          ExpressionAttributeValues: { ':pk': pk, ':first': sorted[0], ':last': sorted[sorted.length - 1] },
          ProjectionExpression: attributes,
          ConsistentRead: true,
          ExclusiveStartKey: cursor,
        }),
      );
      found.push(...(answer.Items ?? []).filter(({ SK }) => asked.has(String(SK))));
      cursor = answer.LastEvaluatedKey;
    } while (cursor);
    return found;
  }

  /** Batches of 25, a few side by side. */
  private async write(writes: readonly Write[]): Promise<void> {
    let start = 0;
    const consume = async () => {
      while (start < writes.length) {
        const batch = writes.slice(start, start + BATCH);
        start += BATCH;
        await batchWriteWire(this.tables.db, this.tables.feed, batch.map(wireWrite));
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, consume));
  }
}

function wireRow(row: Row): Record<string, AttributeValue> {
  const item: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(row)) {
    item[name] =
      typeof value === 'string' ? { S: value } : typeof value === 'number' ? { N: String(value) } : { BOOL: value };
  }
  return item;
}

/** As it is sent: made of rows that are known, a batch at a time. */
const wireWrite = (write: Write): WriteRequest =>
  'PutRequest' in write
    ? { PutRequest: { Item: wireRow(write.PutRequest.Item) } }
    : { DeleteRequest: { Key: wireRow(write.DeleteRequest.Key) } };
