import { EngineClient } from './engine-client';
import { TableInfo } from './model';
import { Cursor, StreamReader, viewOf } from './stream-reader';
import { Json } from '../aws/protocol';
import { FollowedRecord, SourceTable, StreamFollower } from '../storage';

/**
 * A table for what reads it whole and then follows it.
 *
 * @param reader of its stream, made when it is first needed
 * @param lagMs a record is due so much later than it was written
 */
export function sourceTable(
  table: TableInfo,
  client: EngineClient,
  reader: () => StreamReader,
  lagMs: number,
): SourceTable {
  const { arn, partitionKey, sortKey, keyArn, pointInTimeRecovery, streamArn, streamViewType } = table;
  return {
    ...{ arn, partitionKey, sortKey, keyArn, pointInTimeRecovery, streamArn, streamViewType },
    pages: () => pages(client, table.name),
    follow: async (from) => Follower.open(table, reader(), lagMs, from),
  };
}

async function* pages(client: EngineClient, name: string): AsyncIterable<readonly Json[]> {
  let start: unknown;
  do {
    const from = start === undefined ? {} : { ExclusiveStartKey: start };
    const page = await client.call('Scan', { TableName: name, ConsistentRead: true, ...from });
    yield page.Items as readonly Json[];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

/** A place in the stream of a table. */
class Follower implements StreamFollower {
  public static async open(
    table: TableInfo,
    reader: StreamReader,
    lagMs: number,
    from: string | undefined,
  ): Promise<Follower> {
    // That record is among them.
    const place = from === undefined ? 'TRIM_HORIZON' : { after: (BigInt(from) - 1n).toString() };
    return new Follower(table, reader, lagMs, await reader.cursor(place));
  }

  private constructor(
    private readonly table: TableInfo,
    private readonly reader: StreamReader,
    private readonly lagMs: number,
    private readonly cursor: Cursor,
  ) {}

  public get waiting(): number {
    return this.reader.end - this.cursor.position;
  }

  public next(limit: number): readonly FollowedRecord[] {
    return this.reader.from(this.cursor.position, limit).map(({ shardId, sequenceNumber, seen, event }) => {
      const { dynamodb } = viewOf(event, this.table.streamViewType ?? 'KEYS_ONLY');
      return {
        ...{ shardId, sequenceNumber, due: seen + this.lagMs, eventName: event.eventName },
        writtenAt: dynamodb.ApproximateCreationDateTime as number,
        keys: dynamodb.Keys as Json,
        newImage: dynamodb.NewImage as Json | undefined,
        oldImage: dynamodb.OldImage as Json | undefined,
      };
    });
  }

  public advance(count: number): void {
    this.cursor.position += count;
    this.reader.release();
  }

  public onRecords(listener: () => void): void {
    this.reader.onRecords(listener);
  }

  public async settle(): Promise<void> {
    await this.reader.settle();
  }
}
