import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type CleanUpMessage, parseMessage } from './messages';
import { handleMessage } from './use-case';
import { requireEnv } from '../../core/env';
import { sendAll, sqs } from '../../core/sqs';
import { forEachMessage } from '../../core/sqs-batch';
import { cleanUpPorts } from '../ports';

const queueUrl = requireEnv('QUEUE_URL');
const ports = cleanUpPorts();
const send = (message: CleanUpMessage) => sendAll(sqs(), queueUrl, [JSON.stringify(message)]);

export function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const reserve = context.getRemainingTimeInMillis() / 3;
  const timeIsShort = () => context.getRemainingTimeInMillis() < reserve;
  return forEachMessage(event, (body) => handleMessage({ ...ports, send, timeIsShort }, parseMessage(body)));
}
