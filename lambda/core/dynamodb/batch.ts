import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  type BatchGetCommandOutput,
  BatchWriteCommand,
  type BatchWriteCommandInput,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { isContention } from './errors';
import type { Item, ItemRef, PromisedRef } from './items';
import { Busy } from '../busy';
import { CONTENTION, pause, retry } from '../retry';

/** Calls of one read that are under way at once. */
const CONCURRENCY = 8;

const sameKey = (item: Item, key: Readonly<Record<string, unknown>>) =>
  Object.entries(key).every(([name, value]) => item[name] === value);

/** How a read sees what was written. */
export interface Consistency {
  /** An eventually consistent read takes half of the units, and may miss what was written moments ago. @default true */
  readonly consistent?: boolean;
}

/**
 * Reads up to any number of items over any tables: 100 a call, calls side by side, unprocessed keys asked for again.
 * Answers in the order of the refs, `undefined` for what is not there.
 */
export async function batchGet(
  client: DynamoDBDocumentClient,
  refs: readonly ItemRef[],
  { consistent = true }: Consistency = {},
): Promise<(Item | undefined)[]> {
  const unique = new Map(refs.map((ref) => [refId(ref), ref]));
  const chunks: ItemRef[][] = [];
  for (const ref of unique.values()) {
    const last = chunks[chunks.length - 1];
    if (last && last.length < 100) {
      last.push(ref);
    } else {
      chunks.push([ref]);
    }
  }
  const found = new Map<string, Item>();
  // Side by side, but not all of a long list at once.
  const queue = chunks.values();
  const consume = async () => {
    for (const chunk of queue) {
      await readChunk(client, chunk, consistent, found);
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, chunks.length) }, consume));
  return refs.map((ref) => found.get(refId(ref)));
}

/**
 * As `batchGet`, for items that are known to be there, eventually consistent: those that changed lately are read
 * consistently instead, side by side, and those that the read lacks are asked for once more, consistently. As a rule an
 * item costs half. All items of a call's table are read the same way, so that the two kinds are two calls.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html a response may
 * not reflect a write that was completed recently, and repeated after a short time it does
 */
export async function batchGetEventually(
  client: DynamoDBDocumentClient,
  refs: readonly PromisedRef[],
): Promise<(Item | undefined)[]> {
  const [consistently, eventually] = await Promise.all(
    [true, false].map((consistent) => {
      const wanted = refs.filter(({ changedLately }) => changedLately === consistent);
      return itemsOf(client, wanted, consistent);
    }),
  );
  const missing = refs.filter((ref) => !ref.changedLately && !ref.optional && !eventually.has(ref));
  const found = new Map([...consistently, ...eventually, ...(await itemsOf(client, missing, true))]);
  return refs.map((ref) => found.get(ref));
}

/** Those that were found. */
async function itemsOf(client: DynamoDBDocumentClient, refs: readonly ItemRef[], consistent: boolean) {
  const items = await batchGet(client, refs, { consistent });
  return new Map(refs.flatMap((ref, index) => (items[index] ? [[ref, items[index]] as const] : [])));
}

const refId = (ref: ItemRef) => [ref.table, ...Object.values(ref.key)].join('\n');

async function readChunk(
  client: DynamoDBDocumentClient,
  chunk: readonly ItemRef[],
  consistent: boolean,
  found: Map<string, Item>,
) {
  let pending: readonly ItemRef[] = chunk;
  for (let attempt = 0; pending.length > 0; attempt++) {
    if (attempt >= CONTENTION.attempts) {
      throw new Busy(`BatchGetItem left ${pending.length} keys unprocessed after ${attempt} attempts`);
    }
    if (attempt > 0) {
      await pause(attempt);
    }
    const requests: NonNullable<BatchGetCommandOutput['UnprocessedKeys']> = {};
    for (const ref of pending) {
      const request = (requests[ref.table] ??= { Keys: [], ConsistentRead: consistent });
      request.Keys?.push(ref.key);
    }
    const answer = await client.send(new BatchGetCommand({ RequestItems: requests }));
    for (const ref of pending) {
      const item = answer.Responses?.[ref.table]?.find((candidate) => sameKey(candidate, ref.key));
      if (item) {
        found.set(refId(ref), item);
      }
    }
    const left = answer.UnprocessedKeys ?? {};
    pending = pending.filter((ref) => left[ref.table]?.Keys?.some((key) => sameKey(key, ref.key)));
  }
}

type BatchWrite = NonNullable<BatchWriteCommandInput['RequestItems']>[string][number];

/** Puts and deletes in batches of 25, in turn, unprocessed ones asked for again with full jitter. */
export function batchWrite(
  client: DynamoDBDocumentClient,
  table: string,
  writes: readonly BatchWrite[],
): Promise<void> {
  return inBatches(writes, async (batch) => {
    const answer = await client.send(new BatchWriteCommand({ RequestItems: { [table]: batch } }));
    return answer.UnprocessedItems?.[table];
  });
}

/**
 * As `batchWrite`, of writes as they are sent. Who writes rows of one shape by the thousand knows the types of their
 * attributes: finding them out again, for each row on its way there and for what was not processed on its way back, is
 * as much work as all else of the call.
 */
export function batchWriteWire(
  client: Pick<DynamoDBClient, 'send'>,
  table: string,
  writes: readonly WriteRequest[],
): Promise<void> {
  return inBatches(writes, async (batch) => {
    const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: batch } }));
    return answer.UnprocessedItems?.[table];
  });
}

/** @param send answers with those that were not processed */
async function inBatches<T>(writes: readonly T[], send: (batch: T[]) => Promise<T[] | undefined>): Promise<void> {
  for (let start = 0; start < writes.length; start += 25) {
    let pending = writes.slice(start, start + 25);
    for (let attempt = 0; pending.length > 0; attempt++) {
      if (attempt >= CONTENTION.attempts) {
        throw new Busy(`BatchWriteItem left ${pending.length} writes unprocessed after ${attempt} attempts`);
      }
      if (attempt > 0) {
        await pause(attempt);
      }
      const batch = pending;
      pending = (await retry(() => send(batch), isContention)) ?? [];
    }
  }
}
