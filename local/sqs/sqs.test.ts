import { createHash } from 'node:crypto';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type TestQueues, useTestQueues } from '../../test/support/queues';
import type { TestServices } from '../testing';

describe('SQS through the endpoint', () => {
  let test: TestServices;
  let client: SQSClient;
  let make: TestQueues['make'];
  let url: string;
  let arn: string;

  useTestQueues(async (queues) => {
    ({ test, client, make } = queues);
    ({ url, arn } = await queues.make({ VisibilityTimeout: 30 }));
  });

  const receive = async (
    options = {},
  ): Promise<{ Body?: string; ReceiptHandle?: string; Attributes?: object; MessageAttributes?: object }[]> =>
    (await client.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, ...options }))).Messages ??
    [];

  it('asks for the key of a queue that is encrypted with one of the app, and for none of AWS', async () => {
    const key = 'arn:aws:kms:us-east-1:000000000000:key/mine';
    const asked = async (KmsMasterKeyId: string) => {
      const { url: QueueUrl } = await make({ KmsMasterKeyId });
      test.authorizations.length = 0;
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
      await client.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'b', MessageBody: 'b' }] }));
      const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages?.[0].ReceiptHandle }));
      await client.send(new PurgeQueueCommand({ QueueUrl }));
      return test.authorizations
        .filter(({ action }) => action.startsWith('kms:'))
        .map(({ action, resources }) => [action, ...resources]);
    };
    const sends = [
      ['kms:GenerateDataKey', key],
      ['kms:Decrypt', key],
    ];
    for (const id of [key, 'mine']) expect(await asked(id)).toEqual([...sends, ...sends, ['kms:Decrypt', key]]);
    expect(await asked('alias/aws/sqs')).toEqual([]);
    await expect(make({ KmsMasterKeyId: 'alias/mine' })).rejects.toThrow('must be the id or the ARN of a key here');
    test.denied.add('kms:Decrypt');
    await expect(asked(key)).rejects.toMatchObject({ name: expect.stringContaining('AccessDenied') as string });
  });

  it('sends, receives and deletes, checked by the client against MD5', async () => {
    await client.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: 'häll o',
        MessageAttributes: {
          kind: { DataType: 'String', StringValue: 'x' },
          n: { DataType: 'Number', StringValue: '1' },
        },
      }),
    );
    const [message] = await receive({
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    expect(message).toMatchObject({
      Body: 'häll o',
      Attributes: { ApproximateReceiveCount: '1' },
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'x' } },
    });
    await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message.ReceiptHandle }));
    expect((await test.section('queues')).find(({ name }) => url.endsWith(`/${name}`))).toMatchObject({
      visible: 0,
      inFlight: 0,
    });
    expect(test.authorizations.map(({ action, resources }) => [action, ...resources])).toEqual([
      ['sqs:SendMessage', arn],
      ['sqs:ReceiveMessage', arn],
      ['sqs:DeleteMessage', arn],
    ]);
  });

  it('has the MD5 of attributes that AWS documents', async () => {
    const answer = await client.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: 'x',
        MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } },
      }),
    );
    // Lengths and values of name, type and value, with 1 for a text: the algorithm written out by hand.
    const bytes = Buffer.from('\0\0\0\x01a\0\0\0\x06String\x01\0\0\0\x01b', 'latin1');
    expect(answer.MD5OfMessageAttributes).toBe(createHash('md5').update(bytes).digest('hex'));
  });

  it('hides a received message until its visibility is changed', async () => {
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' }));
    const [message] = await receive();
    expect(await receive()).toEqual([]);
    await client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: 0 }),
    );
    expect(await receive()).toHaveLength(1);
  });

  it('answers a long poll when a message comes or its delay is over', async () => {
    const waiting = receive({ WaitTimeSeconds: 20 });
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'now' }));
    expect((await waiting)[0].Body).toBe('now');
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'later', DelaySeconds: 1 }));
    expect(await receive()).toEqual([]);
    expect((await receive({ WaitTimeSeconds: 5 }))[0].Body).toBe('later');
  });

  it('takes no message for a client that went away', async () => {
    const abort = new AbortController();
    const gone = client.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 }), {
      abortSignal: abort.signal,
    });
    while (test.authorizations.length === 0) await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    await expect(gone).rejects.toMatchObject({ name: 'AbortError' });
    // The call is recorded when the endpoint has noticed.
    while (!test.calls.some(({ operation, end, start }) => operation === 'ReceiveMessage' && end > start)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'kept' }));
    expect(await receive({ WaitTimeSeconds: 5 })).toHaveLength(1);
  });

  it('sends and deletes batches, within their limits', async () => {
    const Entries = ['1', '2'].map((Id) => ({ Id, MessageBody: Id }));
    expect((await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }))).Successful).toHaveLength(2);
    const messages = await receive();
    const handles = messages.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }));
    expect(
      (await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: handles }))).Successful,
    ).toHaveLength(2);
    const eleven = Array.from({ length: 11 }, (_, index) => ({ Id: `${index}`, MessageBody: 'x' }));
    await expect(client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: eleven }))).rejects.toMatchObject({
      name: 'TooManyEntriesInBatchRequest',
    });
    const big = ['1', '2'].map((Id) => ({ Id, MessageBody: 'x'.repeat(600_000) }));
    await expect(client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: big }))).rejects.toMatchObject({
      name: 'BatchRequestTooLong',
    });
  });

  it('gives URLs, attributes and lists, and purges', async () => {
    const name = url.split('/').pop();
    expect((await client.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl).toBe(url);
    expect((await client.send(new ListQueuesCommand({ QueueNamePrefix: name }))).QueueUrls).toEqual([url]);
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' }));
    const attributes = new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ['QueueArn', 'ApproximateNumberOfMessages'],
    });
    expect((await client.send(attributes)).Attributes).toEqual({ QueueArn: arn, ApproximateNumberOfMessages: '1' });
    await client.send(new PurgeQueueCommand({ QueueUrl: url }));
    expect(await receive()).toEqual([]);
  });

  it('refuses by name what it does not do', async () => {
    await expect(client.send(new CreateQueueCommand({ QueueName: 'x' }))).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
    await expect(test.create('AWS::SQS::Queue', 'Fifo', { FifoQueue: true })).rejects.toThrow(
      'FIFO queues are not supported',
    );
    await expect(test.create('AWS::SQS::Queue', 'Odd', { Odd: 1 })).rejects.toThrow(
      'Test/Odd (AWS::SQS::Queue): property Odd is not supported here',
    );
    await expect(client.send(new SendMessageCommand({ QueueUrl: `${url}x`, MessageBody: 'x' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
    const allow = {
      Statement: [
        { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::999999999999:root' }, Action: 'sqs:*', Resource: '*' },
      ],
    };
    await expect(
      test.create('AWS::SQS::QueuePolicy', 'Policy', { Queues: [url], PolicyDocument: allow }),
    ).rejects.toThrow('PolicyDocument.Statement[0] is not supported');
  });
});
