import {
  CancelMessageMoveTaskCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { type MadeQueue, type TestQueues, useTestQueues } from '../../test/support/queues';
import type { TestServices } from '../testing';

describe('messages sent back from a dead-letter queue', () => {
  let test: TestServices;
  let client: SQSClient;
  let make: TestQueues['make'];
  let dead: MadeQueue;
  let work: MadeQueue;

  const feeding = (deadLetterTargetArn: string) => make({ RedrivePolicy: { deadLetterTargetArn, maxReceiveCount: 1 } });

  useTestQueues(async (queues) => {
    ({ test, client, make } = queues);
    dead = await make();
    work = await feeding(dead.arn);
  });

  const send = (queue: MadeQueue, body: string) =>
    client.send(
      new SendMessageCommand({
        QueueUrl: queue.url,
        MessageBody: body,
        MessageAttributes: { kind: { DataType: 'String', StringValue: 'x' } },
      }),
    );
  const receive = async (queue: MadeQueue, visibility = 30) => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queue.url,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: visibility,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    return Messages;
  };
  /** Messages that were received once by a queue, and are its dead letters now. */
  async function fail(queue: MadeQueue, ...bodies: readonly string[]) {
    for (const body of bodies) await send(queue, body);
    await receive(queue, 0);
    expect(await receive(queue, 0)).toEqual([]);
  }
  const bodies = async (queue: MadeQueue) => (await receive(queue)).map(({ Body }) => Body).sort();
  const start = (input: { SourceArn?: string; DestinationArn?: string; MaxNumberOfMessagesPerSecond?: number } = {}) =>
    client.send(new StartMessageMoveTaskCommand({ SourceArn: dead.arn, ...input }));
  const list = async (options: { SourceArn?: string; MaxResults?: number } = {}) =>
    (await client.send(new ListMessageMoveTasksCommand({ SourceArn: dead.arn, ...options }))).Results ?? [];
  const cancel = (TaskHandle: string | undefined) => client.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
  async function over(): Promise<ListMessageMoveTasksResultEntry> {
    for (;;) {
      const [task] = await list();
      if (task.Status !== 'RUNNING' && task.Status !== 'CANCELLING') return task;
    }
  }

  it('go to the queues that they came from, as new messages with their attributes', async () => {
    const other = await feeding(dead.arn);
    await fail(work, 'a', 'b');
    await fail(other, 'c');
    const letters = await receive(dead, 0);
    expect(letters.map(({ Body, Attributes }) => [Body, Attributes?.DeadLetterQueueSourceArn])).toEqual([
      ['a', work.arn],
      ['b', work.arn],
      ['c', other.arn],
    ]);
    const before = Date.now();
    await start();
    expect(await over()).toEqual({
      Status: 'COMPLETED',
      SourceArn: dead.arn,
      ApproximateNumberOfMessagesMoved: 3,
      ApproximateNumberOfMessagesToMove: 3,
      StartedTimestamp: expect.any(Number) as number,
    });
    expect(await receive(dead)).toEqual([]);
    const back = await receive(work);
    expect(back.map(({ Body, MessageAttributes }) => [Body, MessageAttributes?.kind.StringValue])).toEqual([
      ['a', 'x'],
      ['b', 'x'],
    ]);
    for (const { MessageId, Attributes = {} } of back) {
      expect(letters.map((letter) => letter.MessageId)).not.toContain(MessageId);
      expect(Number(Attributes.SentTimestamp)).toBeGreaterThanOrEqual(before);
      expect(Attributes.ApproximateReceiveCount).toBe('1');
      expect(Attributes.DeadLetterQueueSourceArn).toBeUndefined();
    }
    expect(await bodies(other)).toEqual(['c']);
    const logged = test.logs.filter((line) => line.startsWith('redrive of '));
    expect(logged).toEqual([expect.stringMatching(/^redrive of Test\/Queue\d+: COMPLETED, 3 of 3 moved$/)]);
  });

  it('go to another queue where one is named, also those that were sent to the dead-letter queue', async () => {
    const aside = await make({ DelaySeconds: 900 });
    await fail(work, 'a');
    await send(dead, 'b');
    await start({ DestinationArn: aside.arn });
    expect(await over()).toMatchObject({ Status: 'COMPLETED', DestinationArn: aside.arn });
    // As messages that are sent, they wait for as long as the queue says.
    const AttributeNames = ['ApproximateNumberOfMessagesDelayed' as const];
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl: aside.url, AttributeNames }));
    expect(Attributes).toEqual({ ApproximateNumberOfMessagesDelayed: '2' });
    expect(await receive(work)).toEqual([]);
  });

  it('stop where one has come from no queue, and what came before it is moved', async () => {
    await fail(work, 'a');
    await send(dead, 'sent by hand');
    await start();
    expect(await over()).toMatchObject({
      Status: 'FAILED',
      FailureReason: 'CouldNotDetermineMessageSource',
      ApproximateNumberOfMessagesMoved: 1,
      ApproximateNumberOfMessagesToMove: 2,
    });
    expect(await bodies(work)).toEqual(['a']);
    expect(await bodies(dead)).toEqual(['sent by hand']);
  });

  it('stop where the other queue does not take one', async () => {
    const small = await make({ MaximumMessageSize: 1024 });
    await fail(work, 'x'.repeat(2000));
    await start({ DestinationArn: small.arn });
    expect(await over()).toMatchObject({ Status: 'FAILED', FailureReason: 'InvalidParameterValue' });
    expect(await receive(dead)).toHaveLength(1);
  });

  it('leave out what somebody has received', async () => {
    await fail(work, 'a', 'b');
    const [{ Body: held }] = (
      await client.send(new ReceiveMessageCommand({ QueueUrl: dead.url, MaxNumberOfMessages: 1 }))
    ).Messages ?? [{}];
    await start();
    expect(await over()).toMatchObject({ Status: 'COMPLETED', ApproximateNumberOfMessagesToMove: 1 });
    expect(await bodies(work)).toEqual(['a', 'b'].filter((body) => body !== held));

    // Also where it was received since the task began.
    await fail(work, 'c');
    await start({ MaxNumberOfMessagesPerSecond: 4 });
    expect(await bodies(dead)).toEqual(['c']);
    expect(await over()).toMatchObject({ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 0 });
    expect(await receive(work)).toEqual([]);
  });

  it('go no faster than asked', async () => {
    await fail(work, ...'abcdefghij');
    await start({ MaxNumberOfMessagesPerSecond: 50 });
    const task = await over();
    expect(task).toMatchObject({ Status: 'COMPLETED', MaxNumberOfMessagesPerSecond: 50 });
    expect(Date.now() - Number(task.StartedTimestamp)).toBeGreaterThanOrEqual(195);
  });

  it('are moved by one task at a time, which can be cancelled', async () => {
    await fail(work, 'a', 'b', 'c');
    const { TaskHandle } = await start({ MaxNumberOfMessagesPerSecond: 3 });
    expect(await list()).toMatchObject([{ TaskHandle, Status: 'RUNNING', ApproximateNumberOfMessagesMoved: 0 }]);
    await expect(start()).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining('There is already a task running.') as string,
    });
    expect(await cancel(TaskHandle)).toMatchObject({ ApproximateNumberOfMessagesMoved: 0 });
    expect(await list()).toMatchObject([{ Status: 'CANCELLING' }]);
    await expect(start()).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    expect(await over()).toMatchObject({ Status: 'CANCELLED', ApproximateNumberOfMessagesMoved: 0 });
    expect((await list())[0].TaskHandle).toBeUndefined();
    await expect(cancel(TaskHandle)).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    expect(await bodies(dead)).toEqual(['a', 'b', 'c']);
  });

  it('leave behind their last ten tasks, the newest first', async () => {
    for (let n = 1; n <= 11; n++) {
      await start({ MaxNumberOfMessagesPerSecond: 489 + n });
      await over();
    }
    expect(await list()).toMatchObject([{ MaxNumberOfMessagesPerSecond: 500 }]);
    const all = await list({ MaxResults: 10 });
    expect(all.map((task) => task.MaxNumberOfMessagesPerSecond)).toEqual(
      Array.from({ length: 10 }, (_, index) => 500 - index),
    );
  });

  it.each<[string, () => Promise<unknown>, string, string]>([
    [
      'a queue that is nobody’s dead-letter queue',
      () => start({ SourceArn: work.arn }),
      'InvalidParameterValue',
      'Source queue must be',
    ],
    ['a queue that is not there', () => start({ SourceArn: `${dead.arn}x` }), 'ResourceNotFoundException', 'SourceArn'],
    ['no queue', () => start({ SourceArn: '' }), 'MissingParameter', 'SourceArn'],
    [
      'another that is not there',
      () => start({ DestinationArn: `${work.arn}x` }),
      'ResourceNotFoundException',
      'DestinationArn',
    ],
    ['itself', () => start({ DestinationArn: dead.arn }), 'InvalidParameterValue', 'cannot be the same'],
    ['none a second', () => start({ MaxNumberOfMessagesPerSecond: 0 }), 'InvalidParameterValue', 'between 1 and 500'],
    ['501 a second', () => start({ MaxNumberOfMessagesPerSecond: 501 }), 'InvalidParameterValue', 'between 1 and 500'],
    ['tasks of none', () => list({ SourceArn: `${dead.arn}x` }), 'ResourceNotFoundException', 'SourceArn'],
    ['11 tasks', () => list({ MaxResults: 11 }), 'InvalidParameterValue', 'between 1 and 10'],
    ['a handle of nothing', () => cancel('foobared'), 'InvalidParameterValue', 'TaskHandle is invalid'],
    ['a handle without a task', () => cancel(handle({})), 'InvalidParameterValue', 'TaskHandle is invalid'],
    [
      'a task that is not there',
      () => cancel(handle({ taskId: 'x', sourceArn: dead.arn })),
      'ResourceNotFoundException',
      'Task does not exist.',
    ],
    [
      'a task of no queue',
      () => cancel(handle({ taskId: 'x', sourceArn: 'x' })),
      'ResourceNotFoundException',
      'SourceArn',
    ],
  ])('%s is refused', async (_, call, name, message) => {
    await expect(call()).rejects.toMatchObject({ name, message: expect.stringContaining(message) as string });
    expect(await list({ MaxResults: 10 })).toEqual([]);
  });
  const handle = (task: object) => Buffer.from(JSON.stringify(task)).toString('base64');

  it('need the rights to all that a task does', async () => {
    const asked = () => test.authorizations.splice(0).map(({ action, resources }) => [action, ...resources]);
    const own = (action: string) =>
      [action, 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'].map((one) => [one, dead.arn]);
    const { TaskHandle } = await start({ MaxNumberOfMessagesPerSecond: 10 });
    expect(asked()).toEqual([...own('sqs:StartMessageMoveTask'), ['sqs:SendMessage', work.arn]]);
    await cancel(TaskHandle);
    expect(asked()).toEqual(own('sqs:CancelMessageMoveTask'));
    await over();
    expect(asked().slice(0, 2)).toEqual([
      ['sqs:ListMessageMoveTasks', dead.arn],
      ['sqs:GetQueueAttributes', dead.arn],
    ]);
    const aside = await make();
    await start({ DestinationArn: aside.arn });
    expect(asked().pop()).toEqual(['sqs:SendMessage', aside.arn]);
    await over();
    test.denied.add('sqs:SendMessage');
    await expect(start()).rejects.toMatchObject({ name: expect.stringContaining('AccessDenied') as string });
  });

  it('need the keys of queues that are encrypted with one, also of that where a message comes from', async () => {
    const keyed = async (id: string, more = {}) => make({ KmsMasterKeyId: id, ...more });
    const key = (id: string) => `arn:aws:kms:us-east-1:000000000000:key/${id}`;
    const grave = async () => {
      const { arn } = await keyed('grave');
      await keyed('source', { RedrivePolicy: { deadLetterTargetArn: arn, maxReceiveCount: 1 } });
      return arn;
    };
    const asked = () =>
      test.authorizations
        .splice(0)
        .filter(({ action }) => action.startsWith('kms:'))
        .map(({ action, resources, context }) => [action, ...resources, context?.['kms:ViaService']]);
    const via = 'sqs.us-east-1.amazonaws.com';
    const decrypts = ['grave', 'source'].map((id) => ['kms:Decrypt', key(id), via]);
    const to = (id: string) => ['kms:GenerateDataKey', 'kms:Decrypt'].map((action) => [action, key(id), via]);
    const move = async (input: object) =>
      client.send(new StartMessageMoveTaskCommand({ SourceArn: await grave(), ...input }));
    await move({});
    expect(asked()).toEqual([...decrypts, ...to('source')]);
    await move({ DestinationArn: (await keyed('aside')).arn });
    expect(asked()).toEqual([...decrypts, ...to('aside')]);
    test.denied.add('kms:Decrypt');
    await expect(move({})).rejects.toMatchObject({ name: expect.stringContaining('AccessDenied') as string });
  });
});
