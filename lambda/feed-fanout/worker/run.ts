import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type FeedMessage, parseMessage } from './messages';
import type { FeedReaders, FeedStore } from './ports';
import type { RowsTable } from './rows-repository';
import { handleMessage } from './use-case';
import { dynamoDb, dynamoDbWire } from '../../core/aws-clients';
import { numberEnv, requireEnv } from '../../core/env';
import { sendAll, sqs } from '../../core/sqs';
import { forEachMessage } from '../../core/sqs-batch';

/**
 * The handler of a worker: what it is told is the same for every graph. Reads its settings as it is made.
 *
 * @param readersOf who reads feeds, where the graph knows
 */
export function feedWorker(storeOf: (table: RowsTable) => FeedStore, readersOf?: (table: RowsTable) => FeedReaders) {
  const queueUrl = requireEnv('QUEUE_URL');
  const settings = {
    readCap: numberEnv('FEED_READ_CAP'),
    ttlSeconds: numberEnv('FEED_TTL_SECONDS'),
    pullAbove: numberEnv('FEED_PULL_ABOVE'),
    activeSeconds: numberEnv('FEED_ACTIVE_SECONDS', 0) || undefined,
    now: () => Date.now(),
  };
  const table = {
    db: dynamoDb(),
    wire: dynamoDbWire(),
    feed: requireEnv('FEED_TABLE_NAME'),
    ttlSeconds: settings.ttlSeconds,
    now: settings.now,
  };
  const store = storeOf(table);
  const readers = readersOf?.(table);
  const send = (messages: readonly FeedMessage[]) =>
    sendAll(
      sqs(),
      queueUrl,
      messages.map((message) => JSON.stringify(message)),
    );
  return (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const reserve = context.getRemainingTimeInMillis() / 3;
    const timeIsShort = () => context.getRemainingTimeInMillis() < reserve;
    return forEachMessage(event, (body) =>
      handleMessage({ ...settings, store, readers, send, timeIsShort }, parseMessage(body)),
    );
  };
}
