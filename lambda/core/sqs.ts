import { ChangeMessageVisibilityCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientConfig } from './client-config';
import { logError } from './logger';

let client: SQSClient | undefined;

/** The function's one SQS client, made on first use and kept for the life of the sandbox. */
export function sqs(): SQSClient {
  client ??= new SQSClient(clientConfig());
  return client;
}

/** What SendMessageBatch takes at most: messages, and bytes of them all. */
const BATCH_MESSAGES = 10;
const BATCH_BYTES = 256 * 1024;

/** A message that the queue did not take. */
export interface SendFailure {
  /** Its place among the messages given. */
  readonly index: number;
  /** The message itself is at fault: sending it again fails again. */
  readonly permanent: boolean;
}

/** Cuts messages into batches, in order; a message larger than a batch goes alone, for SQS to refuse. */
export function batches(bodies: readonly string[]): { index: number; body: string }[][] {
  const all: { index: number; body: string }[][] = [];
  let bytes = 0;
  bodies.forEach((body, index) => {
    const size = Buffer.byteLength(body);
    const last = all[all.length - 1];
    if (last && last.length < BATCH_MESSAGES && bytes + size <= BATCH_BYTES) {
      last.push({ index, body });
      bytes += size;
    } else {
      all.push([{ index, body }]);
      bytes = size;
    }
  });
  return all;
}

/**
 * Sends messages, batches side by side; answers with those that were not taken instead of throwing.
 *
 * @param delaySeconds until they can be received, at most 900
 */
export async function sendMessages(
  sender: SQSClient,
  queueUrl: string,
  bodies: readonly string[],
  delaySeconds?: number,
): Promise<SendFailure[]> {
  const failures = await Promise.all(
    batches(bodies).map(async (batch): Promise<SendFailure[]> => {
      try {
        const answer = await sender.send(
          new SendMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: batch.map(({ index, body }) => ({
              Id: String(index),
              MessageBody: body,
              DelaySeconds: delaySeconds,
            })),
          }),
        );
        return (answer.Failed ?? []).map(({ Id, SenderFault }) => ({
          index: Number(Id),
          permanent: SenderFault === true,
        }));
      } catch (error) {
        await logError('messages not sent', error, { messages: batch.length });
        return batch.map(({ index }) => ({ index, permanent: false }));
      }
    }),
  );
  return failures.flat();
}

/** Sends messages or throws: for a function that does its work again where one was not taken. */
export async function sendAll(
  sender: SQSClient,
  queueUrl: string,
  bodies: readonly string[],
  delaySeconds?: number,
): Promise<void> {
  const failures = await sendMessages(sender, queueUrl, bodies, delaySeconds);
  if (failures.length > 0) {
    throw new Error(`${failures.length} of ${bodies.length} messages were not taken by the queue`);
  }
}

/**
 * Has a message that was received, and will not be deleted, come again in so many seconds, instead of after the queue's
 * visibility time-out.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
 */
export async function delayMessage(
  sender: SQSClient,
  queueUrl: string,
  receiptHandle: string,
  seconds: number,
): Promise<void> {
  await sender.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: queueUrl,
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: Math.round(seconds),
    }),
  );
}
