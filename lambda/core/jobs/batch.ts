import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { logError, type LogFields } from '../logger';
import { delayMessage, sqs } from '../sqs';

/** What a function does with the messages of its jobs. */
export interface JobWork {
  /** Where the messages come from. */
  readonly queueUrl: string;
  work(record: SQSRecord): Promise<void>;
  /** Remembers an error, for whoever looks at the job. */
  noteError(error: unknown): Promise<void>;
  /** What the log says of an error, beside its name. */
  describe?(error: unknown): LogFields;
}

/** What is no batch of messages is a command: the function of a job is invoked with both. */
export const isBatch = (event: unknown): event is SQSEvent =>
  typeof event === 'object' && event !== null && 'Records' in event;

/** Seconds until a message that failed comes again: 5, 10, and so on to 5 minutes. */
const backoffOf = ({ attributes }: SQSRecord) =>
  Math.min(300, 5 * 2 ** Math.min(10, Number(attributes.ApproximateReceiveCount) - 1));

/** Works off messages of jobs, one after another. One that fails comes again, later each time. */
export async function workOnMessages({ Records: records }: SQSEvent, job: JobWork): Promise<SQSBatchResponse> {
  const failed: string[] = [];
  for (const record of records) {
    try {
      await job.work(record);
    } catch (error) {
      failed.push(record.messageId);
      await noteFailure(record, error, job);
    }
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** What comes of this helps whoever looks, and is not needed. */
async function noteFailure(record: SQSRecord, error: unknown, job: JobWork): Promise<void> {
  await logError('message of a job failed', error, {
    messageId: record.messageId,
    receiveCount: record.attributes.ApproximateReceiveCount,
    ...job.describe?.(error),
  });
  try {
    await delayMessage(sqs(), job.queueUrl, record.receiptHandle, backoffOf(record));
    await job.noteError(error);
  } catch (other) {
    await logError('failure was not noted', other);
  }
}
