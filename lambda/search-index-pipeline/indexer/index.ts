import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { Targets } from './targets';
import { indexRecords } from './use-case';
import { requireEnv } from '../../core/env';
import { logError } from '../../core/logger';
import { sendMessages, sqs } from '../../core/sqs';
import { searchClient } from '../client';
import { Indexes } from '../indexes';

const alias = requireEnv('SEARCH_ALIAS');
const deadLetterQueueUrl = requireEnv('DEAD_LETTER_QUEUE_URL');
const indexes = new Indexes(searchClient());
const targets = new Targets(
  () => indexes.targets(alias),
  () => Date.now(),
);

export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const failed = await indexRecords(event.Records, {
    targets: (afresh) => targets.get(afresh),
    bulk: (index, body) => indexes.bulk(index, body),
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
