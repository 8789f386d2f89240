import type { DynamoDBRecord } from 'aws-lambda';
import { lowestSequenceNumber, placeOf } from '../../core/stream-records';

/** A queue and the types of events it wants. */
export interface Route {
  readonly queueUrl: string;
  readonly events: readonly string[];
}

/** A message that a queue did not take; `permanent` where sending it again fails again. */
export interface Refusal {
  readonly index: number;
  readonly permanent: boolean;
}

/** What a record is to consumers; undefined where it is nothing to them. @throws where it can never be read */
export type ReadRecord = (record: DynamoDBRecord) => { readonly type: string } | undefined;

/** What the router needs of the world. */
export interface RouterPorts {
  readonly toMessage: ReadRecord;
  readonly deadLetterQueueUrl: string;
  send(queueUrl: string, bodies: readonly string[]): Promise<readonly Refusal[]>;
  /** Told once for each record that can never be routed. */
  rejected(record: DynamoDBRecord, reason: unknown): Promise<void>;
}

const describe = (record: DynamoDBRecord) => JSON.stringify({ type: 'unroutable-record', ...placeOf(record) });

/**
 * Sends the events behind a batch of records to the queues that want them. A record that cannot be read, or whose
 * message a queue will never take, goes to the dead-letter queue and does not hold up its batch.
 *
 * @returns the lowest sequence number that was not sent, from which the stream must be read again; undefined if none
 */
export async function route(
  records: readonly DynamoDBRecord[],
  routes: readonly Route[],
  ports: RouterPorts,
): Promise<string | undefined> {
  const retry = new Set<DynamoDBRecord>();
  const reject = new Map<DynamoDBRecord, unknown>();
  const messages: { record: DynamoDBRecord; message: NonNullable<ReturnType<ReadRecord>> }[] = [];
  for (const record of records) {
    try {
      const message = ports.toMessage(record);
      if (message) {
        messages.push({ record, message });
      }
    } catch (error) {
      reject.set(record, error);
    }
  }
  await Promise.all(
    routes.map(async ({ queueUrl, events }) => {
      const wanted = messages.filter(({ message }) => events.includes(message.type));
      const refusals = await ports.send(
        queueUrl,
        wanted.map(({ message }) => JSON.stringify(message)),
      );
      for (const { index, permanent } of refusals) {
        const { record } = wanted[index];
        if (permanent) {
          reject.set(record, new Error('message refused by its queue'));
        } else {
          retry.add(record);
        }
      }
    }),
  );
  const rejected = [...reject.keys()].filter((record) => !retry.has(record));
  await Promise.all(rejected.map((record) => ports.rejected(record, reject.get(record))));
  for (const { index } of await ports.send(ports.deadLetterQueueUrl, rejected.map(describe))) {
    retry.add(rejected[index]);
  }
  return lowestSequenceNumber([...retry]);
}
