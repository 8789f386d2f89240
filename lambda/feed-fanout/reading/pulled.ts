import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Clocks, isWithin, type Moment, momentOf } from '../../core/clocks';
import { queryUpTo } from '../../core/dynamodb/query';
import { pulledPk } from '../keys';
import { LIST_MEMORY_MS } from '../timing';

/** Authors read at most: some 8 MB, of a site with hundreds of millions of users. */
const LIMIT = 100_000;

/** The table of the feeds. */
export interface FeedTable {
  readonly db: DynamoDBDocumentClient;
  readonly feed?: string;
}

/**
 * The authors whose own lists readers lay over their feeds, kept in the sandbox for a minute: the worker leaves nothing
 * to a reader who may not know of an author by then.
 */
export class PulledAuthors {
  private known?: Moment & { readonly ids: ReadonlySet<string> };

  public constructor(
    private readonly tables: FeedTable,
    private readonly clocks: Clocks,
  ) {}

  public async ids(): Promise<ReadonlySet<string>> {
    if (this.known && isWithin(LIST_MEMORY_MS, this.known, this.clocks)) {
      return this.known.ids;
    }
    // Its age counts from before it is read.
    const read = momentOf(this.clocks);
    this.known = { ...read, ids: await this.read(read.now) };
    return this.known.ids;
  }

  private async read(now: number): Promise<Set<string>> {
    const { items } = await queryUpTo(
      this.tables.db,
      {
        TableName: this.tables.feed,
        KeyConditionExpression: 'PK = :pk',
        // By its expiry, not by its removal, which comes up to days later.
        FilterExpression: 'expiresAt > :now',
        ExpressionAttributeValues: { ':pk': pulledPk(), ':now': Math.floor(now / 1000) },
        ProjectionExpression: 'SK',
      },
      LIMIT,
    );
    return new Set(items.map(({ SK }) => String(SK)));
  }
}
