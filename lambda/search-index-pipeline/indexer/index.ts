import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { indexRecords } from './use-case';
import { requireEnv } from '../../core/env';
import { logError } from '../../core/logger';
import { sendMessages, sqs } from '../../core/sqs';
import type { BulkItem } from '../bulk';
import { searchClient } from '../client';
import { DOCUMENT_SOURCE } from '../source';

const source = DOCUMENT_SOURCE.parse(JSON.parse(requireEnv('SOURCE')));
const alias = requireEnv('SEARCH_ALIAS');
const deadLetterQueueUrl = requireEnv('DEAD_LETTER_QUEUE_URL');

/** Of one bulk request, in ms: of some megabytes to a busy node. */
const BULK_TIMEOUT = 20_000;

/** The place in a bulk's answer is the place in its request; each has one key, the action. */
interface BulkAnswer {
  readonly items: readonly Readonly<Record<string, BulkItem>>[];
}

/** An index of the alias's name would be made by itself where the alias is not there. */
async function bulk(body: string): Promise<readonly BulkItem[]> {
  const path = `/${encodeURIComponent(alias)}/_bulk?require_alias=true`;
  const { items } = await searchClient().request<BulkAnswer>('POST', path, body, BULK_TIMEOUT);
  return items.flatMap((item) => Object.values(item));
}

export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const failed = await indexRecords(event.Records, source, {
    bulk,
    bury: (bodies) => sendMessages(sqs(), deadLetterQueueUrl, bodies),
    rejected: (record, reason) =>
      logError('record cannot be indexed', new Error(reason), {
        reason,
        eventId: record.eventID,
        sequenceNumber: record.dynamodb?.SequenceNumber,
      }),
    delayed: (error, changes) => logError('changes are not indexed yet', error, { changes }),
  });
  return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed }] };
}
