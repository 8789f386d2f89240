import type { DynamoDBRecord } from 'aws-lambda';
import { bySource } from './targets';
import { lowestSequenceNumber, placeOf } from '../../core/stream-records';
import { type Bulk, type BulkItem, bulksOf, outcomesOf } from '../bulk';
import { type Change, changesOf, latest } from '../changes';
import type { DocumentSource } from '../source';

/** An index that takes writes, and what its documents are made of. */
interface WrittenIndex {
  readonly index: string;
  readonly source: DocumentSource;
}

/** What the indexer needs of the world. */
export interface IndexerPorts {
  /**
   * The indexes that take writes; none where they are not made yet.
   *
   * @param afresh whatever was answered a moment ago
   */
  targets(afresh: boolean): Promise<readonly WrittenIndex[]>;
  /** Sends one bulk request; answers line by line. Throws where the request as a whole was not taken. */
  bulk(index: string, body: string): Promise<readonly BulkItem[]>;
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

/** What became of a batch in one index. */
interface Brought {
  /** Records whose documents wait. */
  readonly again: ReadonlySet<DynamoDBRecord>;
  readonly rejected: ReadonlyMap<DynamoDBRecord, string>;
  /** Whether the index may be gone. */
  readonly missing: boolean;
  /** Why changes wait, and how many. */
  readonly delays: readonly { readonly error: unknown; readonly changes: number }[];
}

const describe = (record: DynamoDBRecord, reason: string) =>
  JSON.stringify({ type: 'unindexable-record', reason, ...placeOf(record) });

/**
 * Brings the changes of a batch of records into every index that takes writes: one for readers, and others that are
 * built, or kept so that readers can go back. A change is done when it is done in all of them. A record that cannot be a
 * document, or whose document OpenSearch will never take, goes to the dead-letter queue and does not hold up its batch.
 *
 * @returns the lowest sequence number that was not done, from which the stream must be read again; undefined if none
 */
export async function indexRecords(
  records: readonly DynamoDBRecord[],
  ports: IndexerPorts,
): Promise<string | undefined> {
  const again = new Set<DynamoDBRecord>();
  const reject = new Map<DynamoDBRecord, string>();
  for (const { again: waiting, rejected, delays } of await bringToAll(records, ports)) {
    waiting.forEach((record) => again.add(record));
    rejected.forEach((reason, record) => reject.set(record, reason));
    await Promise.all(delays.map(({ error, changes }) => ports.delayed(error, changes)));
  }
  const rejected = [...reject].filter(([record]) => !again.has(record));
  await Promise.all(rejected.map(([record, reason]) => ports.rejected(record, reason)));
  if (rejected.length > 0) {
    for (const { index } of await ports.bury(rejected.map(([record, reason]) => describe(record, reason)))) {
      again.add(rejected[index][0]);
    }
  }
  return lowestSequenceNumber([...again]);
}

/** Nothing of it is done. */
const allWait = (records: readonly DynamoDBRecord[], error: unknown): Brought[] => [
  { again: new Set(records), rejected: new Map(), missing: false, delays: [{ error, changes: records.length }] },
];

async function bringToAll(records: readonly DynamoDBRecord[], ports: IndexerPorts): Promise<Brought[]> {
  try {
    const targets = await ports.targets(false);
    if (targets.length === 0) {
      return allWait(records, new Error('no index takes writes'));
    }
    const brought = await bringTo(targets, records, ports);
    const missing = [...brought].filter(([, outcome]) => outcome.missing);
    if (missing.length > 0) {
      // What was dropped is missed by nobody; where nothing is left, everything waits.
      const left = await ports.targets(true);
      missing
        .filter(([index]) => !left.some((target) => target.index === index))
        .forEach(([index]) => brought.delete(index));
    }
    return brought.size > 0 ? [...brought.values()] : allWait(records, new Error('no index takes writes'));
  } catch (error) {
    return allWait(records, error);
  }
}

async function bringTo(
  targets: readonly WrittenIndex[],
  records: readonly DynamoDBRecord[],
  ports: IndexerPorts,
): Promise<Map<string, Brought>> {
  const brought = new Map<string, Brought>();
  await Promise.all(
    bySource(targets).flatMap((group) => {
      const { all, unreadable } = read(records, group[0].source);
      const bulks = bulksOf(latest(all));
      return group.map(async ({ index }) => {
        const results = await Promise.all(bulks.map((bulk) => send(index, bulk, ports)));
        const retry = new Set(results.flatMap((result) => result.retry));
        brought.set(index, {
          // Every record of its document is read again: one before it may be of another batch by then.
          again: new Set(all.filter(({ change }) => retry.has(change.id)).map(({ record }) => record)),
          rejected: new Map([...unreadable, ...results.flatMap((result) => result.reject)]),
          missing: results.some((result) => result.missing),
          delays: results.flatMap((result) => result.delays),
        });
      });
    }),
  );
  return brought;
}

/** The changes of records, and the records that have none that can be made out. */
function read(records: readonly DynamoDBRecord[], source: DocumentSource) {
  const all: Recorded[] = [];
  const unreadable: [DynamoDBRecord, string][] = [];
  for (const record of records) {
    try {
      all.push(...changesOf(record, source).map((change) => ({ record, change })));
    } catch (error) {
      unreadable.push([record, error instanceof Error ? error.message : 'unreadable']);
    }
  }
  return { all, unreadable };
}

async function send(index: string, bulk: Bulk<Recorded>, ports: IndexerPorts) {
  const retry: string[] = [];
  const reject: [DynamoDBRecord, string][] = [];
  let answer: readonly BulkItem[];
  try {
    answer = await ports.bulk(index, bulk.body);
  } catch (error) {
    const changes = bulk.changes.map(({ change }) => change.id);
    return { retry: changes, reject, missing: false, delays: [{ error, changes: changes.length }] };
  }
  const errors: string[] = [];
  outcomesOf(answer, bulk.changes).forEach((outcome, place) => {
    const { record, change } = bulk.changes[place];
    if (outcome.kind === 'later') {
      retry.push(change.id);
      errors.push(outcome.error);
    } else if (outcome.kind === 'never') {
      reject.push([record, outcome.error]);
    }
  });
  return {
    retry,
    reject,
    missing: answer.some(({ status, error }) => status === 404 && error !== undefined),
    delays: errors.length > 0 ? [{ error: new Error(errors[0]), changes: errors.length }] : [],
  };
}
