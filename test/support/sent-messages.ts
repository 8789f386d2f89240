import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';

/**
 * An SQS in the place of AWS's that takes what is sent, unless a test says otherwise: called once a file of tests, it
 * begins anew with each of them.
 */
export function useSentMessages() {
  const queue = mockClient(SQSClient);
  beforeEach(() => {
    queue.reset();
    queue.on(SendMessageBatchCommand).resolves({});
  });
  /** Bodies of messages, in the order in which they were sent: to one queue, or to all. */
  const sent = (queueUrl?: string): Record<string, unknown>[] =>
    queue
      .commandCalls(SendMessageBatchCommand)
      .filter(({ args }) => queueUrl === undefined || args[0].input.QueueUrl === queueUrl)
      .flatMap(({ args }) => args[0].input.Entries ?? [])
      .map(({ MessageBody = '' }) => JSON.parse(MessageBody) as Record<string, unknown>);
  return { queue, sent };
}
