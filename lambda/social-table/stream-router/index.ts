import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { route } from './use-case';
import { requireEnv } from '../../core/env';
import { logError } from '../../core/logger';
import { sendMessages, sqs } from '../../core/sqs';

const ROUTES = z.array(z.object({ queueUrl: z.string(), events: z.array(z.string()) }));

const routes = ROUTES.parse(JSON.parse(requireEnv('ROUTES')));
const deadLetterQueueUrl = requireEnv('DEAD_LETTER_QUEUE_URL');

export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const failed = await route(event.Records, routes, {
    deadLetterQueueUrl,
    send: (queueUrl, bodies) => sendMessages(sqs(), queueUrl, bodies),
    rejected: (record, reason) =>
      logError('record cannot be routed', reason, {
        eventId: record.eventID,
        sequenceNumber: record.dynamodb?.SequenceNumber,
      }),
  });
  return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed }] };
}
