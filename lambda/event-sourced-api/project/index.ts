import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { bringUpOf, type BringUpAnswer } from './messages';
import { readRecords } from './records';
import { dynamoDb } from '../../core/aws-clients';
import { requireEnv } from '../../core/env';
import { logError } from '../../core/logger';
import { sendMessages, sqs } from '../../core/sqs';
import { lowestSequenceNumber, placeOf } from '../../core/stream-records';
import { bringUp } from '../domain/bring-up';
import { projectEvents, type ProjectPorts } from '../domain/project-events';
import { loadDomain } from '../load-domain';
import { QueueParking } from '../parking';
import { clock } from '../ports';
import { publishedAs } from '../published-views';
import { AppSyncPublisher } from '../publisher';
import { DynamoEventStore } from '../repository/event-store';
import { DynamoViewStore } from '../repository/view-store';

const domain = loadDomain();
const deadLetterQueueUrl = requireEnv('DEAD_LETTER_QUEUE_URL');
const ports: ProjectPorts = {
  events: new DynamoEventStore({
    db: dynamoDb(),
    table: requireEnv('EVENT_TABLE'),
    aggregateType: domain.aggregate,
  }),
  views: new DynamoViewStore({ db: dynamoDb(), table: requireEnv('READ_MODEL_TABLE') }),
  publisher: new AppSyncPublisher(requireEnv('GRAPHQL_ENDPOINT')),
  parking: new QueueParking(deadLetterQueueUrl, clock.now),
  now: clock.now,
  publishedAs: publishedAs(process.env.LIVE_VIEWS),
  noteFailure: logError,
};

/** Brings batches of the event table's stream into the read model, and aggregates that operators name. */
export async function handler(event: unknown): Promise<DynamoDBBatchResponse | BringUpAnswer> {
  return isOfStream(event) ? project(event) : { left: [...(await bringUp(ports, domain, bringUpOf(event)))] };
}

const isOfStream = (event: unknown): event is DynamoDBStreamEvent =>
  typeof event === 'object' && event !== null && 'Records' in event;

async function project({ Records: records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const { events, unreadable } = readRecords(records, domain.aggregate);
  const failed = await projectEvents(ports, domain, [...events.keys()]);
  const again = [...failed].flatMap((event) => events.get(event) ?? []);
  if (unreadable.length > 0) {
    // Where it is found, and nothing of what it holds.
    const bodies = unreadable.map((record) => JSON.stringify({ type: 'unreadable-record', ...placeOf(record) }));
    await logError('records are no events', new Error('unreadable'), { records: unreadable.length });
    again.push(...(await sendMessages(sqs(), deadLetterQueueUrl, bodies)).map(({ index }) => unreadable[index]));
  }
  // From the first that failed on, all comes again: what is done by then is passed over.
  const from = lowestSequenceNumber(again);
  return { batchItemFailures: from === undefined ? [] : [{ itemIdentifier: from }] };
}
