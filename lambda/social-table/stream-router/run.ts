import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { type ReadRecord, route } from './use-case';
import { requireEnv } from '../../core/env';
import { logError } from '../../core/logger';
import { sendMessages, sqs } from '../../core/sqs';

const ROUTES = z.array(z.object({ queueUrl: z.string(), events: z.array(z.string()) }));

/** The handler of a router between a stream and queues. Reads its routes as it is made. */
export function routing(toMessage: ReadRecord) {
  const routes = ROUTES.parse(JSON.parse(requireEnv('ROUTES')));
  const deadLetterQueueUrl = requireEnv('DEAD_LETTER_QUEUE_URL');
  return async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const failed = await route(event.Records, routes, {
      toMessage,
      deadLetterQueueUrl,
      send: (queueUrl, bodies) => sendMessages(sqs(), queueUrl, bodies),
      rejected: (record, reason) =>
        logError('record cannot be routed', reason, {
          eventId: record.eventID,
          sequenceNumber: record.dynamodb?.SequenceNumber,
        }),
    });
    return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed }] };
  };
}
