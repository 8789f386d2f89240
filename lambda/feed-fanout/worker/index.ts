import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type FeedMessage, parseMessage } from './messages';
import { FeedRepository } from './repository';
import { handleMessage } from './use-case';
import { dynamoDb } from '../../core/aws-clients';
import { numberEnv, requireEnv } from '../../core/env';
import { sendAll, sqs } from '../../core/sqs';
import { forEachMessage } from '../../core/sqs-batch';

const queueUrl = requireEnv('QUEUE_URL');
const settings = {
  readCap: numberEnv('FEED_READ_CAP'),
  ttlSeconds: numberEnv('FEED_TTL_SECONDS'),
  pullAbove: numberEnv('FEED_PULL_ABOVE'),
  now: () => Date.now(),
};
const store = new FeedRepository({
  db: dynamoDb(),
  social: requireEnv('TABLE_NAME'),
  feed: requireEnv('FEED_TABLE_NAME'),
  ttlSeconds: settings.ttlSeconds,
  now: settings.now,
});

const send = (messages: readonly FeedMessage[]) =>
  sendAll(
    sqs(),
    queueUrl,
    messages.map((message) => JSON.stringify(message)),
  );

export function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const reserve = context.getRemainingTimeInMillis() / 3;
  const timeIsShort = () => context.getRemainingTimeInMillis() < reserve;
  return forEachMessage(event, (body) => handleMessage({ ...settings, store, send, timeIsShort }, parseMessage(body)));
}
