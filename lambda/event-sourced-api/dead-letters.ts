import { ChangeMessageVisibilityBatchCommand, DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { logWarning } from '../core/logger';
import { sqs } from '../core/sqs';
import type { DeadLetter } from './jobs/redrive';

/** What one call takes at most. */
const BATCH = 10;

/** The dead-letter queue, as an operator works it off. */
export class DeadLetters {
  public constructor(private readonly queueUrl: string) {}

  /**
   * Those received are hidden from others while they are worked on: five minutes, and a command takes less. It waits a
   * second: a call that does not wait asks some of the queue's servers, and may find none where there are some.
   *
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
   */
  public async receive(): Promise<readonly DeadLetter[]> {
    const { Messages: messages } = await sqs().send(
      new ReceiveMessageCommand({
        QueueUrl: this.queueUrl,
        MaxNumberOfMessages: BATCH,
        VisibilityTimeout: 300,
        WaitTimeSeconds: 1,
      }),
    );
    return (messages ?? []).map(({ MessageId = '', Body = '', ReceiptHandle = '' }) => ({
      ...{ messageId: MessageId, body: Body, receipt: ReceiptHandle },
    }));
  }

  public async remove({ receipt }: DeadLetter): Promise<void> {
    await sqs().send(new DeleteMessageCommand({ QueueUrl: this.queueUrl, ReceiptHandle: receipt }));
  }

  /**
   * Shows messages to the next command at once. Those of which that fails come again all the same, once they have been
   * hidden for long enough: what was done with the others stands.
   *
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html
   */
  public async release(letters: readonly DeadLetter[]): Promise<void> {
    for (let from = 0; from < letters.length; from += BATCH) {
      const batch = letters.slice(from, from + BATCH);
      try {
        const { Failed: failed = [] } = await sqs().send(
          new ChangeMessageVisibilityBatchCommand({
            QueueUrl: this.queueUrl,
            Entries: batch.map(({ receipt }, index) => ({
              Id: String(index),
              ReceiptHandle: receipt,
              VisibilityTimeout: 0,
            })),
          }),
        );
        if (failed.length > 0) {
          throw new Error(`${failed.length} were not taken`);
        }
      } catch (error) {
        await logWarning('dead letters stay hidden for five minutes', error);
      }
    }
  }
}
