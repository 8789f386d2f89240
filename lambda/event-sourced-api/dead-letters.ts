import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { sqs } from '../core/sqs';
import type { DeadLetter } from './jobs/redrive';

/** The dead-letter queue, as an operator works it off. */
export class DeadLetters {
  public constructor(private readonly queueUrl: string) {}

  /** Those received are hidden from others while they are worked on: five minutes, and a command takes less. */
  public async receive(): Promise<readonly DeadLetter[]> {
    const { Messages: messages } = await sqs().send(
      new ReceiveMessageCommand({ QueueUrl: this.queueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 300 }),
    );
    return (messages ?? []).map(({ MessageId = '', Body = '', ReceiptHandle = '' }) => ({
      ...{ messageId: MessageId, body: Body, receipt: ReceiptHandle },
    }));
  }

  public async remove({ receipt }: DeadLetter): Promise<void> {
    await sqs().send(new DeleteMessageCommand({ QueueUrl: this.queueUrl, ReceiptHandle: receipt }));
  }
}
