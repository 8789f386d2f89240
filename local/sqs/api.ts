import { bounded, required, sqsError } from './errors';
import { keyRights } from './key-rights';
import { MOVE_OPERATIONS, MoveApi } from './move-api';
import { md5, md5OfAttributes, Message, MessageAttribute, messageSize, Queue } from './queue';
import { queueName, Queues } from './queues';
import { awsJson } from '../aws/json-protocol';
import {
  AwsAnswer,
  AwsApi,
  AwsError,
  AwsRequest,
  Json,
  Permission,
  refuseOtherFields,
  requireString,
  unknownOperation,
} from '../aws/protocol';

const BATCH_BYTES = 1024 * 1024;

/** The action behind each operation that is here. */
const ACTIONS: Readonly<Record<string, string>> = {
  SendMessage: 'SendMessage',
  SendMessageBatch: 'SendMessage',
  ReceiveMessage: 'ReceiveMessage',
  DeleteMessage: 'DeleteMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibility: 'ChangeMessageVisibility',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
  GetQueueAttributes: 'GetQueueAttributes',
  GetQueueUrl: 'GetQueueUrl',
  PurgeQueue: 'PurgeQueue',
  ListQueues: 'ListQueues',
};

/** Actions that have to do with what messages say. */
const USES: Readonly<Record<string, 'send' | 'receive'>> = { SendMessage: 'send', ReceiveMessage: 'receive' };

const MOVES: ReadonlySet<string> = new Set(MOVE_OPERATIONS);

const SEND_FIELDS = ['QueueUrl', 'MessageBody', 'MessageAttributes', 'DelaySeconds', 'Id', 'MessageSystemAttributes'];
const RECEIVE_FIELDS = [
  ...['QueueUrl', 'MaxNumberOfMessages', 'WaitTimeSeconds', 'VisibilityTimeout', 'AttributeNames'],
  ...['MessageAttributeNames', 'MessageSystemAttributeNames'],
];

/** SQS for standard queues. */
export class SqsApi implements AwsApi {
  public readonly prefix = 'sqs';
  public readonly protocol = awsJson('AmazonSQS', '1.0');

  public constructor(
    private readonly queues: Queues,
    private readonly moves: MoveApi,
    private readonly arnPrefix: string,
  ) {}

  public permissions({ operation, input }: AwsRequest): readonly Permission[] {
    if (MOVES.has(operation)) return this.moves.permissions(operation, input);
    const action = ACTIONS[operation];
    if (action === undefined) throw unknownOperation(`sqs ${operation}`);
    if (operation === 'ListQueues') return [{ action: 'sqs:ListQueues', resources: ['*'] }];
    const name =
      operation === 'GetQueueUrl' ? requireString(input, 'QueueName') : queueName(requireString(input, 'QueueUrl'));
    const arn = `${this.arnPrefix}${name}`;
    const use = USES[action];
    const ofKey = use === undefined ? [] : keyRights(this.queues.byArn(arn), use);
    return [{ action: `sqs:${action}`, resources: [arn] }, ...ofKey];
  }

  public async handle({ operation, input, caller, signal }: AwsRequest): Promise<AwsAnswer> {
    if (MOVES.has(operation)) return { body: this.moves.handle(operation, input) };
    if (operation === 'ListQueues') {
      const prefix = typeof input.QueueNamePrefix === 'string' ? input.QueueNamePrefix : '';
      const found = this.queues.all().filter(({ settings }) => settings.name.startsWith(prefix));
      return { body: { QueueUrls: found.map(({ settings }) => settings.url) } };
    }
    if (operation === 'GetQueueUrl') {
      return { body: { QueueUrl: this.queues.get(String(input.QueueName)).settings.url } };
    }
    const queue = this.queues.get(requireString(input, 'QueueUrl'));
    switch (operation) {
      case 'SendMessage':
        return { body: send(queue, input, caller.principal.name) };
      case 'SendMessageBatch':
        return { body: this.sendBatch(queue, input, caller.principal.name) };
      case 'ReceiveMessage':
        return { body: await receive(queue, input, signal) };
      case 'DeleteMessage':
        queue.delete(requireString(input, 'ReceiptHandle'));
        return { body: {} };
      case 'DeleteMessageBatch':
        return { body: batch(input, (entry) => queue.delete(requireString(entry, 'ReceiptHandle'))) };
      case 'ChangeMessageVisibility':
        changeVisibility(queue, input);
        return { body: {} };
      case 'ChangeMessageVisibilityBatch':
        return { body: batch(input, (entry) => changeVisibility(queue, entry)) };
      case 'GetQueueAttributes':
        return { body: attributes(queue, input) };
      default:
        queue.purge();
        return { body: {} };
    }
  }

  private sendBatch(queue: Queue, input: Json, sender: string): Json {
    const total = entries(input).reduce(
      (sum, entry) => sum + messageSize(String(entry.MessageBody), messageAttributes(entry)),
      0,
    );
    if (total > BATCH_BYTES) {
      throw sqsError(
        'BatchRequestTooLong',
        `Batch requests cannot be longer than ${BATCH_BYTES} bytes. You have sent ${total} bytes.`,
      );
    }
    return batch(input, (entry) => send(queue, entry, sender));
  }
}

function entries(input: Json): readonly Json[] {
  const list = (input.Entries ?? []) as readonly Json[];
  const ids = new Set(list.map(({ Id }) => Id));
  if (list.length === 0) throw sqsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (list.length > 10) {
    throw sqsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${list.length}.`,
    );
  }
  if (ids.size < list.length) {
    throw sqsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
  return list;
}

function batch(input: Json, each: (entry: Json) => Json | void): Json {
  const successful: Json[] = [];
  const failed: Json[] = [];
  for (const entry of entries(input)) {
    try {
      successful.push({ Id: entry.Id, ...(each(entry) ?? {}) });
    } catch (cause) {
      if (!(cause instanceof AwsError)) throw cause;
      failed.push({ Id: entry.Id, Code: cause.code, Message: cause.message, SenderFault: true });
    }
  }
  return { Successful: successful, ...(failed.length === 0 ? {} : { Failed: failed }) };
}

function send(queue: Queue, input: Json, sender: string): Json {
  refuseOtherFields('sqs SendMessage', input, SEND_FIELDS);
  const delay = bounded(input, 'DelaySeconds', 0, 900);
  const message = queue.send(required(input, 'MessageBody'), messageAttributes(input), sender, delay);
  const named = Object.keys(message.attributes).length > 0;
  return {
    MessageId: message.id,
    MD5OfMessageBody: md5(message.body),
    ...(named ? { MD5OfMessageAttributes: md5OfAttributes(message.attributes) } : {}),
  };
}

function messageAttributes(input: Json): Readonly<Record<string, MessageAttribute>> {
  return (input.MessageAttributes ?? {}) as Readonly<Record<string, MessageAttribute>>;
}

async function receive(queue: Queue, input: Json, signal: AbortSignal): Promise<Json> {
  refuseOtherFields('sqs ReceiveMessage', input, RECEIVE_FIELDS);
  const visibility = bounded(input, 'VisibilityTimeout', 0, 43_200);
  const messages = await queue.receive({
    max: bounded(input, 'MaxNumberOfMessages', 1, 10) ?? 1,
    waitMs: (bounded(input, 'WaitTimeSeconds', 0, 20) ?? queue.settings.waitTimeSeconds) * 1000,
    ...(visibility === undefined ? {} : { visibilityMs: visibility * 1000 }),
    signal,
  });
  if (messages.length === 0) return {};
  const system = [...names(input.AttributeNames), ...names(input.MessageSystemAttributeNames)];
  const wanted = names(input.MessageAttributeNames);
  return { Messages: messages.map((message) => wireMessage(message, system, wanted)) };
}

function names(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

function wireMessage(message: Message, system: readonly string[], wanted: readonly string[]): Json {
  const all = systemAttributes(message);
  const chosen = Object.entries(all).filter(([name]) => system.includes('All') || system.includes(name));
  const matches = (name: string): boolean =>
    wanted.some(
      (pattern) =>
        pattern === 'All' || pattern === name || (/\.\*$/.test(pattern) && name.startsWith(pattern.slice(0, -2))),
    );
  const own = Object.fromEntries(Object.entries(message.attributes).filter(([name]) => matches(name)));
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: md5(message.body),
    ...(chosen.length === 0 ? {} : { Attributes: Object.fromEntries(chosen) }),
    ...(Object.keys(own).length === 0 ? {} : { MessageAttributes: own, MD5OfMessageAttributes: md5OfAttributes(own) }),
  };
}

/** The attributes that SQS itself gives a received message. */
export function systemAttributes(message: Message): Readonly<Record<string, string>> {
  return {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAt),
    SenderId: message.sender,
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? message.sentAt),
    ...(message.deadLetterSource === undefined ? {} : { DeadLetterQueueSourceArn: message.deadLetterSource }),
  };
}

function changeVisibility(queue: Queue, input: Json): void {
  const seconds = bounded(input, 'VisibilityTimeout', 0, 43_200) ?? 0;
  if (!queue.changeVisibility(requireString(input, 'ReceiptHandle'), seconds * 1000)) {
    throw sqsError('MessageNotInflight', 'The specified message is not in flight.');
  }
}

function attributes(queue: Queue, input: Json): Json {
  const { settings, depth } = queue;
  const redrive = settings.redrive;
  const all: Record<string, string> = {
    QueueArn: settings.arn,
    ApproximateNumberOfMessages: String(depth.visible),
    ApproximateNumberOfMessagesNotVisible: String(depth.inFlight),
    ApproximateNumberOfMessagesDelayed: String(depth.delayed),
    VisibilityTimeout: String(settings.visibilityTimeout),
    DelaySeconds: String(settings.delaySeconds),
    MaximumMessageSize: String(settings.maximumMessageSize),
    MessageRetentionPeriod: String(settings.retentionSeconds),
    ReceiveMessageWaitTimeSeconds: String(settings.waitTimeSeconds),
  };
  if (redrive !== undefined) {
    all.RedrivePolicy = JSON.stringify({
      deadLetterTargetArn: redrive.deadLetterArn,
      maxReceiveCount: redrive.maxReceiveCount,
    });
  }
  const wanted = names(input.AttributeNames);
  const unknown = wanted.filter((name) => name !== 'All' && all[name] === undefined && name !== 'RedrivePolicy');
  if (unknown.length > 0) {
    throw sqsError('InvalidAttributeName', `attribute ${unknown.join(', ')} not supported by the local runner`);
  }
  const chosen = Object.entries(all).filter(([name]) => wanted.includes('All') || wanted.includes(name));
  return { Attributes: Object.fromEntries(chosen) };
}
