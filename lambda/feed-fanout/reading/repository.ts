import { type FeedTable, PulledAuthors } from './pulled';
import type { ItemPage, ReadingPorts } from './use-case';
import { CLOCKS } from '../../core/clocks';
import { queryUpTo } from '../../core/dynamodb/query';
import { authoredPk, feedPk } from '../keys';

/**
 * What the worker has written, read eventually consistent, at half the price: feeds are behind by moments anyway. The
 * list of pulled authors, by which the worker acts, is read consistently, once a minute.
 */
export class ReadingRepository implements ReadingPorts {
  private readonly pulledAuthors: PulledAuthors;

  public constructor(private readonly table: FeedTable) {
    this.pulledAuthors = new PulledAuthors(table, CLOCKS);
  }

  public pulled(): Promise<ReadonlySet<string>> {
    return this.pulledAuthors.ids();
  }

  public rows(userId: string, before: string | undefined, max: number): Promise<ItemPage> {
    return this.read(feedPk(userId), before, max);
  }

  public authored(authorId: string, before: string | undefined, max: number): Promise<ItemPage> {
    return this.read(authoredPk(authorId), before, max, authorId);
  }

  private async read(pk: string, before: string | undefined, max: number, authorId?: string): Promise<ItemPage> {
    const { items, more } = await queryUpTo(
      this.table.db,
      {
        TableName: this.table.feed,
        KeyConditionExpression: before === undefined ? 'PK = :pk' : 'PK = :pk AND SK < :before',
        // By its expiry, not by its removal, which comes up to days later.
        FilterExpression: 'expiresAt > :now',
        ExpressionAttributeValues: {
          ':pk': pk,
          ':now': Math.floor(Date.now() / 1000),
          ...(before !== undefined && { ':before': before }),
        },
        ScanIndexForward: false,
        ConsistentRead: false,
      },
      max,
    );
    const found = items.map((item) => ({ id: String(item.SK), authorId: authorId ?? String(item.authorId) }));
    return { items: found, next: more ? found[found.length - 1]?.id : undefined };
  }
}
