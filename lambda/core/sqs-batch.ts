import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { logError } from './logger';

/**
 * Works on the messages of a batch side by side. One that fails is logged and reported alone, so that it comes again,
 * and ends in the dead-letter queue after the queue's number of tries, without holding up the others.
 */
export async function forEachMessage(
  event: SQSEvent,
  work: (body: unknown) => Promise<void>,
): Promise<SQSBatchResponse> {
  const failed = await Promise.all(
    event.Records.map(async (record): Promise<string | undefined> => {
      try {
        await work(JSON.parse(record.body));
        return undefined;
      } catch (error) {
        await logError('message failed', error, {
          messageId: record.messageId,
          receiveCount: record.attributes.ApproximateReceiveCount,
        });
        return record.messageId;
      }
    }),
  );
  return {
    batchItemFailures: failed.filter((id): id is string => id !== undefined).map((id) => ({ itemIdentifier: id })),
  };
}
