import { EngineClient, parse } from './engine-client';
import { Tables } from './model';
import { StreamEvent, viewOf } from './stream-reader';
import { awsJson } from '../aws/json-protocol';
import { AwsAnswer, AwsApi, AwsError, AwsRequest, Permission, requireString, unknownOperation } from '../aws/protocol';

const TARGET = 'DynamoDBStreams_20120810';
const CACHE_LIMIT = 10_000;

/** The DynamoDB Streams API for a function that reads a stream by itself; event source mappings do not come by here. */
export class StreamsApi implements AwsApi {
  public readonly prefix = 'dynamodb';
  public readonly protocol = awsJson(TARGET, '1.0');
  /** Stream of each iterator given out: an iterator names no stream that IAM could check. */
  private readonly iterators = new Map<string, string>();

  /** @param engineArn the engine's ARN of a stream by the ARN that the template sees */
  public constructor(
    private readonly client: EngineClient,
    private readonly tables: Tables,
    private readonly engineArn: (streamArn: string) => string | undefined,
  ) {}

  public permissions({ operation, input }: AwsRequest): readonly Permission[] {
    const action = `dynamodb:${operation}`;
    switch (operation) {
      case 'ListStreams':
        return [{ action, resources: ['*'] }];
      case 'DescribeStream':
      case 'GetShardIterator':
        return [{ action, resources: [requireString(input, 'StreamArn')] }];
      case 'GetRecords':
        return [{ action, resources: [this.streamOf(requireString(input, 'ShardIterator'))] }];
      default:
        throw unknownOperation(`dynamodb streams ${operation}`);
    }
  }

  public async handle({ operation, input }: AwsRequest): Promise<AwsAnswer> {
    if (operation === 'ListStreams') {
      const streams = this.tables
        .all()
        .flatMap(({ name, streamArn }) =>
          streamArn === undefined || (input.TableName !== undefined && input.TableName !== name)
            ? []
            : [{ StreamArn: streamArn, TableName: name, StreamLabel: streamArn.split('/').pop() }],
        );
      return { body: { Streams: streams } };
    }
    const streamArn =
      operation === 'GetRecords' ? this.streamOf(String(input.ShardIterator)) : requireString(input, 'StreamArn');
    const known = this.engineArn(streamArn);
    if (known === undefined) {
      throw new AwsError('ResourceNotFoundException', `Requested resource not found: Stream: ${streamArn} not found`);
    }
    const engineInput = operation === 'GetRecords' ? input : { ...input, StreamArn: known };
    const answer = await this.client.raw(TARGET, operation, JSON.stringify(engineInput));
    const body = parse(answer);
    for (const iterator of [body.ShardIterator, body.NextShardIterator]) {
      if (typeof iterator === 'string') this.remember(iterator, streamArn);
    }
    const table = this.tables.byStreamArn(streamArn);
    if (operation === 'DescribeStream') {
      const description = {
        ...(body.StreamDescription as object),
        StreamArn: streamArn,
        StreamViewType: table?.streamViewType,
      };
      return { body: { StreamDescription: description } };
    }
    if (operation === 'GetRecords' && table?.streamViewType !== undefined) {
      const { streamViewType } = table;
      const records = (body.Records as readonly StreamEvent[]).map((record) => viewOf(record, streamViewType));
      return { body: { ...body, Records: records } };
    }
    return { body };
  }

  private streamOf(iterator: string): string {
    const stream = this.iterators.get(iterator);
    if (stream === undefined) {
      throw new AwsError('ExpiredIteratorException', 'The shard iterator is not known to the local runner');
    }
    return stream;
  }

  private remember(iterator: string, streamArn: string): void {
    this.iterators.set(iterator, streamArn);
    if (this.iterators.size > CACHE_LIMIT) this.iterators.delete([...this.iterators.keys()][0]);
  }
}
