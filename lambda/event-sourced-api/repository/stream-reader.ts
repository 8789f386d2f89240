import {
  type _Record,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { aggregatePk } from './keys';
import { clientConfig } from '../../core/client-config';
import type { StreamRange } from '../jobs/redrive';

/**
 * What a stream answers where it has records no more: after 24 hours, and once its shard is gone.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html
 */
const GONE = new Set(['TrimmedDataAccessException', 'ResourceNotFoundException']);

/** Reads of one range: each is up to 1 MB, and may be of nothing. */
const READS = 1000;

/** Reads parts of the event table's stream again. */
export class StreamReader {
  private client: DynamoDBStreamsClient | undefined;

  public constructor(private readonly aggregateType: string) {}

  /** Ids of the aggregates whose events are in a part of a stream; undefined where the stream has it no more. */
  public async aggregatesIn(range: StreamRange): Promise<readonly string[] | undefined> {
    try {
      const records = await this.records(range);
      const prefix = aggregatePk(this.aggregateType, '');
      const ids = records.flatMap(({ dynamodb }) => {
        const pk = dynamodb?.Keys?.PK?.S;
        return pk?.startsWith(prefix) ? [pk.slice(prefix.length)] : [];
      });
      return [...new Set(ids)];
    } catch (error) {
      if (error instanceof Error && GONE.has(error.name)) {
        return undefined;
      }
      throw error;
    }
  }

  private async records({ streamArn, shardId, startSequenceNumber, endSequenceNumber }: StreamRange) {
    this.client ??= new DynamoDBStreamsClient(clientConfig());
    const { ShardIterator } = await this.client.send(
      new GetShardIteratorCommand({
        StreamArn: streamArn,
        ShardId: shardId,
        ShardIteratorType: 'AT_SEQUENCE_NUMBER',
        SequenceNumber: startSequenceNumber,
      }),
    );
    const end = BigInt(endSequenceNumber);
    const numberOf = ({ dynamodb }: _Record) => BigInt(dynamodb?.SequenceNumber ?? 0);
    const all: _Record[] = [];
    let iterator = ShardIterator;
    for (let reads = 0; iterator !== undefined && reads < READS; reads++) {
      const page: { Records?: _Record[]; NextShardIterator?: string } = await this.client.send(
        new GetRecordsCommand({ ShardIterator: iterator }),
      );
      const records = page.Records ?? [];
      all.push(...records.filter((record) => numberOf(record) <= end));
      iterator = records.some((record) => numberOf(record) >= end) ? undefined : page.NextShardIterator;
    }
    return all;
  }
}
