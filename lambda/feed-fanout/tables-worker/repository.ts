import { GetCommand, QueryCommand, type QueryCommandInput, type QueryCommandOutput } from '@aws-sdk/lib-dynamodb';
import { type FeedSource, idIn, type SourceTable } from '../source';
import { isTimedId } from '../worker/article-times';
import type { FeedStore, FollowerPage } from '../worker/ports';
import { RowsRepository, type RowsTable } from '../worker/rows-repository';

/** What the repository works on. */
export interface SourceTables extends RowsTable {
  readonly source: FeedSource;
}

/** Any text: a follow of such tables has no time by which it is told from an earlier one of the same two. */
const FOLLOWS = 'follows';

/** Items read at a time: those that are too old for feeds are found out so many at once. */
const ITEMS_PAGE = 100;

type Names = Readonly<Record<string, string>>;

const valueOf = (prefix: string, id: string) => `${prefix}${id}`;

/** The first and the last of some texts as DynamoDB sorts them: by the bytes of UTF-8, which is not how JavaScript does. */
function endsOf(texts: readonly string[]): [string, string] {
  const sorted = texts.map((text) => Buffer.from(text)).sort(Buffer.compare);
  return [sorted[0].toString(), sorted[sorted.length - 1].toString()];
}

/** Items by their author, and followers by whom they follow, in tables that are the user's. */
export class TablesRepository extends RowsRepository<SourceTables> implements FeedStore {
  /** Followers of one followee lie in one partition. */
  public readonly followerShards = 1;

  public articleExists(authorId: string, articleId: string): Promise<boolean> {
    return this.exists(this.tables.source.items, authorId, articleId);
  }

  public async followedSince(follower: string, followee: string): Promise<string | undefined> {
    return (await this.exists(this.tables.source.followers, followee, follower)) ? FOLLOWS : undefined;
  }

  /** Readers lay nothing over a feed until a follow is filled: there is nothing to mark, nor to tell from removals. */
  public markFilled(): Promise<void> {
    return Promise.resolve();
  }

  public override announceRemovals(): Promise<void> {
    return Promise.resolve();
  }

  public override removalInProgress(): Promise<boolean> {
    return Promise.resolve(true);
  }

  /** Nobody knows here who reads their feed. */
  public async followers(
    followee: string,
    _shard: number,
    after: string | undefined,
    max: number,
  ): Promise<FollowerPage> {
    const { followers } = this.tables.source;
    const answer = await this.under(followers, followee, { Limit: max, ...startAt(followers, followee, after) });
    const ids = idsIn(followers, answer);
    return { ids, next: lastOf(followers, answer), counted: ids.length };
  }

  public async countFollowers(followee: string, _shard: number, after: string | undefined, max: number) {
    const { followers } = this.tables.source;
    const answer = await this.under(followers, followee, {
      Limit: max,
      ...startAt(followers, followee, after),
      Select: 'COUNT',
      // An estimate: nothing depends on the last moments.
      ConsistentRead: false,
    });
    return { count: answer.Count ?? 0, next: lastOf(followers, answer) };
  }

  public followersAmong(followee: string, _shard: number, followers: readonly string[]): Promise<Set<string>> {
    return this.among(this.tables.source.followers, followee, followers);
  }

  public async newestArticles(authorId: string, max: number): Promise<string[]> {
    const { items } = this.tables.source;
    const newest: string[] = [];
    let next: string | undefined;
    do {
      const answer = await this.under(items, authorId, {
        ScanIndexForward: false,
        Limit: Math.min(ITEMS_PAGE, max - newest.length),
        ...startAt(items, authorId, next),
      });
      const ids = idsIn(items, answer).filter(isTimedId);
      const live = ids.filter((id) => !this.isExpired(id));
      newest.push(...live);
      // They sort by time: after one that is too old there are none.
      next = live.length < ids.length ? undefined : lastOf(items, answer);
    } while (next !== undefined && newest.length < max);
    return newest;
  }

  public articlesAmong(authorId: string, articleIds: readonly string[]): Promise<Set<string>> {
    return this.among(this.tables.source.items, authorId, articleIds);
  }

  private async exists({ tableName, partition, sort }: SourceTable, owner: string, id: string): Promise<boolean> {
    const answer = await this.tables.db.send(
      new GetCommand({
        TableName: tableName,
        Key: {
          [partition.attribute]: valueOf(partition.prefix, owner),
          [sort.attribute]: valueOf(sort.prefix, id),
        },
        ConsistentRead: true,
        ProjectionExpression: '#sk',
        ExpressionAttributeNames: { '#sk': sort.attribute },
      }),
    );
    return answer.Item !== undefined;
  }

  /** Those of some ids that are there. Neighbours are read by their range; others in it are not kept. */
  private async among(table: SourceTable, owner: string, ids: readonly string[]): Promise<Set<string>> {
    const found = new Set<string>();
    if (ids.length === 0) {
      return found;
    }
    const asked = new Set(ids);
    const [first, last] = endsOf(ids);
    let next: string | undefined;
    do {
      const answer = await this.query(
        table,
        owner,
        '#sk BETWEEN :first AND :last',
        { ':first': valueOf(table.sort.prefix, first), ':last': valueOf(table.sort.prefix, last) },
        startAt(table, owner, next),
      );
      idsIn(table, answer).forEach((id) => asked.has(id) && found.add(id));
      next = lastOf(table, answer);
    } while (next !== undefined);
    return found;
  }

  /** A page of what lies under an owner and is of this kind. */
  private under(table: SourceTable, owner: string, options: Partial<QueryCommandInput>): Promise<QueryCommandOutput> {
    const { prefix } = table.sort;
    return prefix === ''
      ? this.query(table, owner, undefined, {}, options)
      : this.query(table, owner, 'begins_with(#sk, :prefix)', { ':prefix': prefix }, options);
  }

  private query(
    { tableName, partition, sort }: SourceTable,
    owner: string,
    range: string | undefined,
    values: Names,
    options: Partial<QueryCommandInput>,
  ): Promise<QueryCommandOutput> {
    const counts = options.Select === 'COUNT';
    const names: Names = { '#pk': partition.attribute, ...((range || !counts) && { '#sk': sort.attribute }) };
    return this.tables.db.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: range ? `#pk = :pk AND ${range}` : '#pk = :pk',
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: { ':pk': valueOf(partition.prefix, owner), ...values },
        ...(!counts && { ProjectionExpression: '#sk' }),
        ConsistentRead: true,
        ...options,
      }),
    );
  }
}

/** Where a page begins that comes after an id: a place in the table itself, whose whole key is the two. */
function startAt(
  { partition, sort }: SourceTable,
  owner: string,
  after: string | undefined,
): Partial<QueryCommandInput> {
  return after === undefined
    ? {}
    : {
        ExclusiveStartKey: {
          [partition.attribute]: valueOf(partition.prefix, owner),
          [sort.attribute]: valueOf(sort.prefix, after),
        },
      };
}

const idsIn = ({ sort }: SourceTable, { Items = [] }: QueryCommandOutput): string[] =>
  Items.flatMap((item) => idIn(sort, String(item[sort.attribute])) ?? []);

const lastOf = ({ sort }: SourceTable, { LastEvaluatedKey }: QueryCommandOutput): string | undefined =>
  LastEvaluatedKey && idIn(sort, String(LastEvaluatedKey[sort.attribute]));
