import { BatchWriteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startTestServices, TABLE, TestOptions, TestServices } from '../testing';

interface Records {
  readonly Records: readonly {
    readonly eventName: string;
    readonly eventSourceARN: string;
    readonly userIdentity?: unknown;
    readonly body: string;
    readonly messageId: string;
    readonly dynamodb: {
      readonly Keys: { readonly SK: { readonly S: string } };
      readonly SequenceNumber: string;
      readonly NewImage?: unknown;
      readonly ApproximateCreationDateTime: number;
    };
  }[];
}

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:worker';
const MAPPING = 'AWS::Lambda::EventSourceMapping';

describe('event source mappings', () => {
  let test: TestServices;
  let dynamodb: DynamoDBClient;
  let sqs: SQSClient;
  let table: string;
  let streamArn: string;

  async function begin(options: TestOptions = {}, extra = {}): Promise<void> {
    test = await startTestServices(options);
    dynamodb = new DynamoDBClient(test.client);
    sqs = new SQSClient(test.client);
    const created = await test.create('AWS::DynamoDB::Table', 'Table', { ...TABLE, ...extra });
    table = created.ref;
    streamArn = String(created.attributes.StreamArn);
  }

  afterEach(async () => {
    dynamodb.destroy();
    sqs.destroy();
    await test.close();
  });

  async function map(properties: Record<string, unknown>): Promise<void> {
    await test.create(MAPPING, 'Mapping', {
      FunctionName: FUNCTION,
      EventSourceArn: streamArn,
      StartingPosition: 'TRIM_HORIZON',
      ...properties,
    });
  }

  async function put(...sks: readonly string[]): Promise<void> {
    for (const sk of sks) {
      await dynamodb.send(
        new PutItemCommand({
          TableName: table,
          Item: { PK: { S: 'p' }, SK: { S: sk }, expiresAt: { N: '1000000000' } },
        }),
      );
    }
  }

  const batches = (): string[][] =>
    test.invocations.map(({ event }) => (event as Records).Records.map(({ dynamodb: { Keys } }) => Keys.SK.S));

  it('delivers the records of a stream in order, in batches, in the shape that Lambda has', async () => {
    await begin({}, { StreamSpecification: { StreamViewType: 'KEYS_ONLY' } });
    await map({ BatchSize: 2 });
    await put('1', '2', '3');
    await test.host.deployed();
    await test.host.idle();
    expect(batches()).toEqual([['1', '2'], ['3']]);
    const [record] = (test.invocations[0].event as Records).Records;
    expect(record).toMatchObject({
      eventName: 'INSERT',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      eventSourceARN: streamArn,
    });
    expect(record.dynamodb.NewImage).toBeUndefined();
    expect(record.dynamodb.SequenceNumber).toMatch(/^\d{21,}$/);
    expect(Math.abs(record.dynamodb.ApproximateCreationDateTime - Date.now() / 1000)).toBeLessThan(60);
    expect(await test.section('eventSources')).toEqual([
      { function: 'worker', source: streamArn, delivered: 3, failed: 0 },
    ]);
  });

  it('drops what the filter does not let through, and what was written before LATEST', async () => {
    await begin();
    await put('before');
    const pattern = { eventName: ['INSERT'], dynamodb: { Keys: { SK: { S: [{ prefix: 'A#' }] } } } };
    await map({ StartingPosition: 'LATEST', FilterCriteria: { Filters: [{ Pattern: JSON.stringify(pattern) }] } });
    await test.host.deployed();
    await put('A#1', 'B#1', 'A#1', 'A#2');
    await test.host.idle();
    expect(batches().flat()).toEqual(['A#1', 'A#2']);
  });

  it('goes on at the first failed record of a batch', async () => {
    await begin();
    await map({ FunctionResponseTypes: ['ReportBatchItemFailures'] });
    let failed = false;
    test.functions.set('worker', (event) => {
      const bad = (event as Records).Records.find(({ dynamodb: { Keys } }) => Keys.SK.S === '2');
      if (failed || bad === undefined) return { batchItemFailures: [] };
      failed = true;
      return { batchItemFailures: [{ itemIdentifier: bad.dynamodb.SequenceNumber }] };
    });
    await put('1', '2', '3');
    await test.host.deployed();
    await test.host.idle();
    expect(batches()).toEqual([
      ['1', '2', '3'],
      ['2', '3'],
    ]);
  });

  it('halves a failing batch and sends what cannot be done to the queue', async () => {
    await begin();
    const queue = await test.create('AWS::SQS::Queue', 'Failed', {});
    const destination = { OnFailure: { Destination: queue.attributes.Arn } };
    await map({ BisectBatchOnFunctionError: true, MaximumRetryAttempts: 1, DestinationConfig: destination });
    test.functions.set('worker', (event) => {
      if ((event as Records).Records.some(({ dynamodb: { Keys } }) => Keys.SK.S === '3')) throw new Error('poison');
      return undefined;
    });
    await put('1', '2', '3', '4');
    await test.host.deployed();
    await test.host.idle();
    expect(batches()).toEqual([['1', '2', '3', '4'], ['1', '2'], ['3', '4'], ['3'], ['3'], ['4']]);
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue.ref }));
    expect(JSON.parse(Messages?.[0].Body ?? '{}')).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', functionArn: FUNCTION, approximateInvokeCount: 2 },
      responseContext: { functionError: 'Unhandled' },
      DDBStreamBatchInfo: { batchSize: 1, streamArn },
    });
  });

  it('is idle without what a function that fails for ever has yet to take, and with all else done', async () => {
    await begin();
    let isAway = true;
    test.functions.set('worker', () => {
      if (isAway) throw new Error('away');
    });
    const other = { FunctionName: FUNCTION.replace('worker', 'other'), EventSourceArn: streamArn };
    await map({});
    await test.create(MAPPING, 'Other', { ...other, StartingPosition: 'TRIM_HORIZON' });
    await test.host.deployed();
    await put('1', '2', '3');
    await test.host.idle(new Set(['worker']));
    const delivered = async (): Promise<readonly unknown[]> =>
      (await test.section('eventSources')).map((mapping) => mapping.delivered);
    expect(await delivered()).toEqual([0, 3]);
    isAway = false;
    await test.host.idle();
    expect(await delivered()).toEqual([3, 3]);
  });

  it('marks what TTL deleted', async () => {
    await begin();
    await map({ FilterCriteria: { Filters: [{ Pattern: '{"userIdentity":{"type":["Service"]}}' }] } });
    await test.host.deployed();
    const expiresAt = { N: String(Math.floor(Date.now() / 1000) - 10) };
    await dynamodb.send(
      new PutItemCommand({ TableName: table, Item: { PK: { S: 'p' }, SK: { S: 'gone' }, expiresAt } }),
    );
    await dynamodb.send(new PutItemCommand({ TableName: table, Item: { PK: { S: 'p' }, SK: { S: 'stays' } } }));
    expect(await test.sweepExpired()).toBe(1);
    await test.host.idle();
    expect(batches()).toEqual([['gone']]);
  });

  it('keeps a stream behind by the asked lag', async () => {
    await begin({ lag: { stream: 300 } });
    await map({ BatchSize: 1 });
    let deliveredAt = 0;
    test.functions.set('worker', () => (deliveredAt = performance.now()));
    await test.host.deployed();
    const writtenAt = performance.now();
    await put('1');
    await test.host.idle();
    expect(deliveredAt - writtenAt).toBeGreaterThanOrEqual(300);
  });

  it('refuses to start when the role cannot read the stream', async () => {
    await begin();
    await map({});
    test.denied.add('dynamodb:GetRecords');
    await expect(test.host.deployed()).rejects.toThrow('worker is not authorized to perform: dynamodb:GetRecords');
  });

  it.each([
    ['of the queue that it reads', 'kms:Decrypt', 'Source'],
    ['of the queue for what fails', 'kms:GenerateDataKey', 'Failed'],
  ])('refuses to start when the role may not use the key %s', async (_, action, keyed) => {
    await begin();
    const queue = async (id: string) => {
      const { attributes } = await test.create('AWS::SQS::Queue', id, id === keyed ? { KmsMasterKeyId: 'mine' } : {});
      return String(attributes.Arn);
    };
    const [source, failed] = [await queue('Source'), await queue('Failed')];
    await test.create(MAPPING, 'OfQueue', { FunctionName: FUNCTION, EventSourceArn: source });
    await map({ DestinationConfig: { OnFailure: { Destination: failed } } });
    test.denied.add(action);
    await expect(test.host.deployed()).rejects.toThrow(
      `worker is not authorized to perform: ${action} on resource: arn:aws:kms:us-east-1:000000000000:key/mine`,
    );
  });

  it('refuses by name what it does not do', async () => {
    await begin();
    await expect(map({ TumblingWindowInSeconds: 5 })).rejects.toThrow('TumblingWindowInSeconds is not supported');
    await expect(map({ SelfManagedEventSource: {} })).rejects.toThrow('SelfManagedEventSource is not supported');
    const odd = { Filters: [{ Pattern: '{"eventName":[{"cidr":"10.0.0.0/8"}]}' }] };
    await expect(map({ FilterCriteria: odd })).rejects.toThrow('operator cidr of eventName is not supported');
  });

  it('delivers the same records twice, or some items early, by a seed, and the same again with the same seed', async () => {
    const run = async (): Promise<string[][]> => {
      const rates = {
        throttle: 0,
        internalError: 0,
        dropAnswer: 0,
        conflict: 0,
        coldStart: 0,
        partialBatch: 0,
        duplicate: 0.5,
        reorder: 0.5,
      };
      await begin({ faultSeed: 7, faultRates: rates });
      await map({ BatchSize: 4 });
      const items = Array.from({ length: 12 }, (_, index) => ({
        PutRequest: { Item: { PK: { S: `${index}` }, SK: { S: `${index}` } } },
      }));
      await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [table]: items } }));
      await test.host.deployed();
      await test.host.idle();
      return batches();
    };
    const first = await run();
    dynamodb.destroy();
    sqs.destroy();
    await test.close();
    expect(await run()).toEqual(first);
    expect(new Set(first.flat()).size).toBe(12);
    expect(first.length).toBeGreaterThan(3);
  });

  it('delivers a queue, tries failed messages again and gives up to the dead-letter queue', async () => {
    await begin();
    const dead = await test.create('AWS::SQS::Queue', 'Dead', {});
    const queue = await test.create('AWS::SQS::Queue', 'Queue', {
      VisibilityTimeout: 60,
      RedrivePolicy: { deadLetterTargetArn: dead.attributes.Arn, maxReceiveCount: 2 },
    });
    const pattern = JSON.stringify({ body: { kind: ['good', 'bad'] } });
    await test.create(MAPPING, 'Mapping', {
      FunctionName: FUNCTION,
      EventSourceArn: queue.attributes.Arn,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      FilterCriteria: { Filters: [{ Pattern: pattern }] },
    });
    const seen: string[] = [];
    test.functions.set('worker', (event) => {
      const { Records: records } = event as Records;
      seen.push(...records.map(({ body }) => body));
      const bad = records.filter(({ body }) => body.includes('bad'));
      return { batchItemFailures: bad.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    });
    await test.host.deployed();
    for (const kind of ['good', 'bad', 'other']) {
      await sqs.send(new SendMessageCommand({ QueueUrl: queue.ref, MessageBody: JSON.stringify({ kind }) }));
    }
    await test.host.idle();
    expect([...seen].sort()).toEqual(['{"kind":"bad"}', '{"kind":"bad"}', '{"kind":"good"}']);
    const attributes = new GetQueueAttributesCommand({
      QueueUrl: dead.ref,
      AttributeNames: ['ApproximateNumberOfMessages'],
    });
    expect((await sqs.send(attributes)).Attributes).toEqual({ ApproximateNumberOfMessages: '1' });
  });
});
