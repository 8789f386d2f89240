import { Json } from './aws/protocol';

/** What services offer each other of their data: tables that are read whole and then followed, and buckets. */

/** A bucket. */
export interface ObjectBucket {
  readonly arn: string;
  /** ARN of the KMS key that its objects are encrypted with; undefined for S3's own. */
  readonly keyArn?: string;
  put(key: string, body: string): void;
}

/** A table that can be read whole, and followed by its stream. */
export interface SourceTable {
  readonly arn: string;
  readonly partitionKey: string;
  readonly sortKey?: string;
  /** ARN of the customer's KMS key that its items are encrypted with. */
  readonly keyArn?: string;
  readonly pointInTimeRecovery: boolean;
  readonly streamArn?: string;
  readonly streamViewType?: string;
  /** All items, in DynamoDB's JSON, a page at a time. */
  pages(): AsyncIterable<readonly Json[]>;
  /**
   * Follows the stream. What it has not been told to pass over stays.
   *
   * @param from a sequence number to begin with; the oldest record that is there when undefined
   */
  follow(from: string | undefined): Promise<StreamFollower>;
}

/** A record of a stream. */
export interface FollowedRecord {
  readonly shardId: string;
  readonly sequenceNumber: string;
  /** When it may be seen, of `performance.now()`. */
  readonly due: number;
  /** Seconds since 1970 when the item was written, whole ones. */
  readonly writtenAt: number;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly keys: Json;
  /** Undefined where there is none, or where the stream has none. */
  readonly newImage?: Json;
  readonly oldImage?: Json;
}

/** A place in a stream. */
export interface StreamFollower {
  /** How many records are behind this place. */
  readonly waiting: number;
  /** The next records in their order, also those that are not due yet. */
  next(limit: number): readonly FollowedRecord[];
  /** Passes over records. */
  advance(count: number): void;
  /** Called after new records came. */
  onRecords(listener: () => void): void;
  /** Resolves when what was written before the call is there. */
  settle(): Promise<void>;
}
