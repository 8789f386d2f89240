import type { DynamoDBRecord } from 'aws-lambda';
import type { Actor, Cloud, Weather } from './cloud';
import type { Fact, Graph, Published } from './spec';
import type { VirtualTime } from './time';
import type { Item } from '../../../lambda/core/dynamodb';
import type { FeedReaders, FeedStore } from '../../../lambda/feed-fanout/worker/ports';
import type { RowsTable } from '../../../lambda/feed-fanout/worker/rows-repository';
import type { ReadRecord } from '../../../lambda/social-table/stream-router/use-case';
import type { Change, KeyNames } from '../memory/dynamodb';

/** How far a stream may be behind by what readers of a SocialTable provide for: as FeedFanout sets it without props. */
export const WINDOW = 175_000;
/** Between clocks, and between the time that a write carries and its commit, in ms. */
export const SLACK = 8_000;
/** For how long a read may miss what was written. */
export const SETTLE = 10_000;

export const FEED_TABLE = 'feed';
export const SOCIAL_TABLE = 'social';

/** What the worker is told of. */
export const FEED_EVENTS = [
  ...(['article-created', 'article-deleted', 'followed', 'unfollowed'] as const),
  ...(['feed-reader-returned', 'feed-reader-left'] as const),
];

export interface Settings {
  readonly userIds: readonly string[];
  readonly weather: Weather;
  readonly readCap: number;
  readonly ttlSeconds: number;
  readonly pullAbove: number;
  /** How long somebody who does not read counts as active. @default - for ever */
  readonly activeSeconds?: number;
  readonly pageSize: number;
  /** Shards of each stream. */
  readonly shards: number;
  /** How long after its commit a record is read, in ms, at most. */
  readonly polling: number;
}

/** A read of a feed that does not agree with the graph. */
export class Disagreement extends Error {
  public constructor(what: string, found: unknown) {
    super(`${what}: ${JSON.stringify(found)}`);
    this.name = 'Disagreement';
  }
}

/** A part of a feed. */
export interface Part {
  readonly userId: string;
  readonly limit: number;
  readonly offset: number;
  /** Must all that was written be there? */
  readonly strictly: boolean;
}

/** Feeds that were compared, those of which it was certain what they have, and those that too much was behind of. */
export interface Tally {
  compared: number;
  exact: number;
  passedOver: number;
  /** Follows that were put to rest, and those that were restored. */
  rested: number;
  restored: number;
}

/** What those who act and read need of the world. */
export interface Host {
  readonly time: VirtualTime;
  readonly cloud: Cloud;
  readonly graph: Graph;
  readonly settings: Settings;
  readonly tally: Tally;
  readonly random: () => number;
  /** Milliseconds since 1970 by the clock of one machine. */
  clockOf(name: string): () => number;
  /** The oldest write of which something may not yet be where readers of the feed look for it. */
  behindSince(): number;
}

/** A process of an API, through which users act. */
export interface Api {
  readonly db: ReturnType<Cloud['clientOf']>;
  readonly now: () => number;
  readonly random: () => number;
}

/** A process that reads feeds and compares them with the graph. @throws Disagreement */
export type Reader = (part: Part) => Promise<void>;

/** Where the graph is, by whose code it is read and written, and what readers are promised of it. */
export interface Site {
  /** Tables with a stream, and the keys of those whose keys are not `PK` and `SK`. */
  readonly streams: readonly string[];
  readonly keys: Readonly<Record<string, KeyNames>>;
  /** Do records have more of an item than its key? */
  readonly hasImages: boolean;
  /** Thresholds beyond which authors are pulled, as few users may reach them. */
  readonly pullAbove: readonly [never: number, low: number, high: number];
  /** What is there before anything happens. */
  readonly items: (
    userIds: readonly string[],
    now: number,
  ) => readonly { readonly table: string; readonly item: Item }[];
  readonly factOf: (change: Change) => Fact | undefined;
  /** As the filter of the event source has it, so that the router is not called for others. */
  readonly isWanted: (record: DynamoDBRecord) => boolean;
  readonly toMessage: ReadRecord;
  /** An item that no version of what writes it makes. */
  readonly nonsense: (number: number) => { readonly table: string; readonly item: Item };
  readonly storeOf: (table: RowsTable) => FeedStore;
  /** Who reads feeds, where that is noted. */
  readonly readersOf?: (table: RowsTable) => FeedReaders;
  /** What must not happen, whatever comes after it. @returns what is wrong */
  readonly wrongIn?: (host: Host, change: Change) => string | undefined;
  readonly follow: (api: Api, follower: string, followee: string) => Promise<void>;
  readonly unfollow: (api: Api, follower: string, followee: string) => Promise<void>;
  readonly publish: (api: Api, authorId: string) => Promise<void>;
  readonly remove: (api: Api, article: Published) => Promise<void>;
  readonly reader: (host: Host, actor: Actor) => Reader;
}
