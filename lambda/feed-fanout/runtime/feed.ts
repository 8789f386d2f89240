/**
 * Feeds for functions of your own: `cdk-social-backend/feed`. It needs `@aws-sdk/client-dynamodb` and
 * `@aws-sdk/lib-dynamodb`, which Lambda has, and is bundled with each function by whichever bundler you use.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ReadingRepository } from '../reading/repository';
import { type FeedItem, type FeedPage, type FeedQuery, type LoadingFeedQuery, readFeed } from '../reading/use-case';

export {
  type FeedItem,
  type FeedPage,
  type FeedQuery,
  InvalidCursor,
  type LoadingFeedQuery,
} from '../reading/use-case';

/** A `DynamoDBDocumentClient` of `@aws-sdk/lib-dynamodb`, by what it does: so types of feeds ask for none of the SDK. */
export interface DocumentClient {
  send(...args: never[]): unknown;
}

/** Where feeds are read. */
export interface FeedReaderOptions {
  /** Name of the `feedTable` of a FeedFanout. */
  readonly tableName: string;
  /** @default - a client of its own, by the environment of the function */
  readonly client?: DocumentClient;
}

/**
 * Reads a page of a feed.
 *
 * @throws RangeError for a limit out of bounds; InvalidCursor for a cursor that is none of this user's feed
 */
export interface FeedReader {
  /** The items, with what `load` says of each; those of which it says nothing are passed over. */
  <Loaded>(query: LoadingFeedQuery<Loaded>): Promise<FeedPage<Loaded>>;
  /** The ids of items and of their authors. */
  (query: FeedQuery): Promise<FeedPage<FeedItem>>;
}

/**
 * Makes a reader of feeds; once for a function, outside of its handler: it keeps for a minute which authors are pulled.
 * Feeds are filled from a stream, and behind by moments: an item, or a follow, is in them shortly after it was written.
 */
export function feedReader({ tableName, client }: FeedReaderOptions): FeedReader {
  const db = (client as DynamoDBDocumentClient | undefined) ?? DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const ports = new ReadingRepository({ db, feed: tableName });
  const items = async (found: readonly FeedItem[]) => found;
  return <Loaded>(query: FeedQuery & Partial<LoadingFeedQuery<Loaded | FeedItem>>) =>
    readFeed<Loaded | FeedItem>(ports, { ...query, load: query.load ?? items }) as Promise<FeedPage<never>>;
}
