import type { DynamoDBRecord } from 'aws-lambda';
import { lowestSequenceNumber, placeOf } from '../../core/stream-records';
import { type Bulk, type BulkItem, bulksOf, outcomesOf } from '../bulk';
import { type Change, changesOf, latest } from '../changes';
import type { DocumentSource } from '../source';

/** What the indexer needs of the world. */
export interface IndexerPorts {
  /** Sends one bulk request; answers line by line. Throws where the request as a whole was not taken. */
  bulk(body: string): Promise<readonly BulkItem[]>;
  /** Puts messages into the dead-letter queue; answers with the places of those that it did not take. */
  bury(bodies: readonly string[]): Promise<readonly { readonly index: number }[]>;
  /** Told once for each record that can never be indexed. */
  rejected(record: DynamoDBRecord, reason: string): Promise<void>;
  /** Told once for each request that was not taken and for each change that waits. */
  delayed(error: unknown, changes: number): Promise<void>;
}

interface Recorded {
  readonly record: DynamoDBRecord;
  readonly change: Change;
}

const describe = (record: DynamoDBRecord, reason: string) =>
  JSON.stringify({ type: 'unindexable-record', reason, ...placeOf(record) });

/**
 * Brings the changes of a batch of records into the index. A record that cannot be a document, or whose document
 * OpenSearch will never take, goes to the dead-letter queue and does not hold up its batch.
 *
 * @returns the lowest sequence number that was not done, from which the stream must be read again; undefined if none
 */
export async function indexRecords(
  records: readonly DynamoDBRecord[],
  source: DocumentSource,
  ports: IndexerPorts,
): Promise<string | undefined> {
  const retry = new Set<string>();
  const reject = new Map<DynamoDBRecord, string>();
  const all: Recorded[] = [];
  for (const record of records) {
    try {
      all.push(...changesOf(record, source).map((change) => ({ record, change })));
    } catch (error) {
      reject.set(record, error instanceof Error ? error.message : 'unreadable');
    }
  }
  await Promise.all(bulksOf(latest(all)).map((bulk) => send(bulk, ports, { retry, reject })));

  // A change that waits has every record of its document read again: one before it may be of another batch by then.
  const again = new Set(all.filter(({ change }) => retry.has(change.id)).map(({ record }) => record));
  const rejected = [...reject].filter(([record]) => !again.has(record));
  await Promise.all(rejected.map(([record, reason]) => ports.rejected(record, reason)));
  if (rejected.length > 0) {
    for (const { index } of await ports.bury(rejected.map(([record, reason]) => describe(record, reason)))) {
      again.add(rejected[index][0]);
    }
  }
  return lowestSequenceNumber([...again]);
}

async function send(
  bulk: Bulk<Recorded>,
  ports: IndexerPorts,
  { retry, reject }: { retry: Set<string>; reject: Map<DynamoDBRecord, string> },
): Promise<void> {
  let answer: readonly BulkItem[];
  try {
    answer = await ports.bulk(bulk.body);
  } catch (error) {
    bulk.changes.forEach(({ change }) => retry.add(change.id));
    return ports.delayed(error, bulk.changes.length);
  }
  const outcomes = outcomesOf(answer, bulk.changes);
  const errors: string[] = [];
  outcomes.forEach((outcome, place) => {
    const { record, change } = bulk.changes[place];
    if (outcome.kind === 'later') {
      retry.add(change.id);
      errors.push(outcome.error);
    } else if (outcome.kind === 'never') {
      reject.set(record, outcome.error);
    }
  });
  if (errors.length > 0) {
    await ports.delayed(new Error(errors[0]), errors.length);
  }
}
