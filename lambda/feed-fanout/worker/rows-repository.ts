import {
  type DynamoDBClient,
  QueryCommand as WireQueryCommand,
  type QueryCommandInput as WireQuery,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { expiryOf } from './article-times';
import type { FeedRow, FeedRows, FollowerPage, IdPage, PulledAuthor } from './ports';
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
import { retry } from '../../core/retry';
import { authoredKey, authoredPk, feedKey, feedPk, pulledKey, removalKey, removalsPk } from '../keys';

/** What every repository of fan-out works on: the table of the feeds. */
export interface RowsTable {
  readonly db: DynamoDBDocumentClient;
  /** For what is many: calls with items as they are sent. @default db */
  readonly wire?: Pick<DynamoDBClient, 'send'>;
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

/** The only part of fan-out that knows keys of the feed table. Every read is consistent. */
export abstract class RowsRepository<Tables extends RowsTable = RowsTable> implements FeedRows {
  public constructor(protected readonly tables: Tables) {}

  protected get wire(): Pick<DynamoDBClient, 'send'> {
    return this.tables.wire ?? this.tables.db;
  }

  public announceRemovals(authorId: string, followers: readonly string[]): Promise<void> {
    const expiresAt = { N: String(Math.ceil((this.tables.now() + REMOVAL_MS) / 1000)) };
    return this.write(followers, (follower) => ({
      PutRequest: { Item: { ...wireKey(removalKey(follower, authorId)), expiresAt } },
    }));
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

  public rowsOfAuthor(follower: string, authorId: string, after: string | undefined): Promise<IdPage> {
    const PK = feedPk(follower);
    return this.page({
      TableName: this.tables.feed,
      KeyConditionExpression: 'PK = :pk',
      FilterExpression: 'authorId = :author',
      ExpressionAttributeValues: { ':pk': { S: PK }, ':author': { S: authorId } },
      ExclusiveStartKey: placeOf(PK, after),
    });
  }

  public putRows(authorId: string, rows: readonly FeedRow[]): Promise<void> {
    const author = { S: authorId };
    const expiries = new Map<string, { readonly N: string }>();
    // Nearly all rows are of one article.
    const expiry = (articleId: string) => {
      let found = expiries.get(articleId);
      if (!found) {
        found = { N: String(expiryOf(articleId, this.tables.ttlSeconds)) };
        expiries.set(articleId, found);
      }
      return found;
    };
    return this.write(rows, ({ follower, articleId }) => ({
      PutRequest: {
        Item: { ...wireKey(feedKey(follower, articleId)), authorId: author, expiresAt: expiry(articleId) },
      },
    }));
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
    const item = await this.get(authoredKey(authorId, articleId), 'PK, pulled');
    return item && item.pulled === true;
  }

  public async decisions(authorId: string, articleIds: readonly string[]): Promise<Map<string, boolean>> {
    const found = await this.range(this.tables.feed, authoredPk(authorId), articleIds, 'SK, pulled');
    return new Map(found.map(({ SK, pulled }) => [String(SK), pulled === true]));
  }

  public async pulledAuthor(authorId: string): Promise<PulledAuthor | undefined> {
    const item = await this.get(pulledKey(authorId), 'expiresAt, since, pulls');
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
    return this.write([authoredKey(authorId, articleId)], deletion);
  }

  public removeRows(rows: readonly FeedRow[]): Promise<void> {
    return this.write(rows, ({ follower, articleId }) => deletion(feedKey(follower, articleId)));
  }

  public isExpired(articleId: string): boolean {
    return expiryOf(articleId, this.tables.ttlSeconds) * 1000 <= this.tables.now();
  }

  protected async get(key: Key, attributes: string, table = this.tables.feed): Promise<Item | undefined> {
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
  protected update(table: string, key: Key, changes: Changes, condition: Condition): Promise<boolean> {
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

  protected async page(input: WireQuery): Promise<FollowerPage> {
    const answer = await this.wire.send(
      new WireQueryCommand({ ...input, ConsistentRead: true, ProjectionExpression: 'SK' }),
    );
    const ids = (answer.Items ?? []).map(({ SK }) => SK.S ?? '');
    return { ids, next: answer.LastEvaluatedKey?.SK.S, counted: answer.ScannedCount ?? ids.length };
  }

  /**
   * Those of some items that are there. Neighbours are read by their range: forty small items cost what a single one
   * costs to get. Others in the range are not kept.
   */
  protected async range(table: string, pk: string, keys: readonly string[], attributes: string): Promise<Item[]> {
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

  /** Batches of 25, a few side by side, each made when its turn comes. */
  private async write<T>(rows: readonly T[], request: (row: T) => WriteRequest): Promise<void> {
    let start = 0;
    const consume = async () => {
      while (start < rows.length) {
        const batch = rows.slice(start, start + BATCH);
        start += BATCH;
        await batchWriteWire(this.wire, this.tables.feed, batch.map(request));
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, consume));
  }
}

const wireKey = ({ PK, SK }: Key) => ({ PK: { S: PK }, SK: { S: SK } });
const deletion = (key: Key): WriteRequest => ({ DeleteRequest: { Key: wireKey(key) } });

/** Where a page begins that comes after an item. */
export const placeOf = (PK: string, after: string | undefined) =>
  after === undefined ? undefined : wireKey({ PK, SK: after });
