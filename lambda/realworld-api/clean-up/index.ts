import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type CleanUpMessage, parseMessage } from './messages';
import { CleanUpRepository } from './repository';
import { handleMessage } from './use-case';
import { dynamoDb } from '../../core/aws-clients';
import { requireEnv } from '../../core/env';
import { sendAll, sqs } from '../../core/sqs';
import { forEachMessage } from '../../core/sqs-batch';
import { writeShards } from '../../social-table/shards';

const queueUrl = requireEnv('QUEUE_URL');
const store = new CleanUpRepository(dynamoDb(), requireEnv('TABLE_NAME'), writeShards());
const send = (message: CleanUpMessage) => sendAll(sqs(), queueUrl, [JSON.stringify(message)]);

export function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const reserve = context.getRemainingTimeInMillis() / 3;
  const timeIsShort = () => context.getRemainingTimeInMillis() < reserve;
  return forEachMessage(event, (body) => handleMessage({ store, send, timeIsShort }, parseMessage(body)));
}
