import { randomUUID } from 'node:crypto';
import { type AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchGetCommandOutput,
  BatchWriteCommand,
  BatchWriteCommandInput,
  DynamoDBDocumentClient,
  QueryCommand,
  QueryCommandInput,
  TransactWriteCommand,
  TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { CONTENTION, pause, retry } from './retry';

export type Item = Record<string, unknown>;

/** One item to read: its table and its key. */
export interface ItemRef {
  readonly table: string;
  readonly key: Record<string, string>;
}

/** Why one write of a transaction was refused. */
export interface CancellationReason {
  readonly code: string;
  /** The item as it was, where the write asked for it (`ReturnValuesOnConditionCheckFailure`). */
  readonly item?: Item;
}

/** A transaction that was refused by its own conditions; the reasons are in the order of the writes. */
export class TransactionRefused extends Error {
  public constructor(public readonly reasons: readonly CancellationReason[]) {
    super(`Transaction refused: ${reasons.map((reason) => reason.code).join(', ')}`);
    this.name = 'TransactionRefused';
  }

  /** Did the condition of the write at this place fail? */
  public failed(index: number): boolean {
    return this.reasons[index]?.code === 'ConditionalCheckFailed';
  }
}

type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** As the SDK throws it: the document client translates answers, not errors. */
interface RawReason {
  readonly Code?: string;
  readonly Item?: Record<string, AttributeValue>;
}

function rawReasons(error: unknown): readonly RawReason[] | undefined {
  return error instanceof Error && error.name === 'TransactionCanceledException'
    ? ((error as Error & { CancellationReasons?: RawReason[] }).CancellationReasons ?? [])
    : undefined;
}

const TRANSIENT_REASONS = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);
const TRANSIENT_ERRORS = new Set(['TransactionConflictException', 'TransactionInProgressException']);

/** Contention with another write. The SDK does not retry it inside a transaction, so the repository does. */
export function isContention(error: unknown): boolean {
  const reasons = rawReasons(error);
  if (reasons) {
    const codes = reasons.map((reason) => reason.Code ?? 'None');
    // A failed condition beside a conflict may be due to the very write that conflicts: ask again.
    return codes.some((code) => TRANSIENT_REASONS.has(code));
  }
  return error instanceof Error && TRANSIENT_ERRORS.has(error.name);
}

/** Did the condition of a single write fail? `Item` is there where it was asked for and existed, untranslated. */
export function isConditionFailure(
  error: unknown,
): error is Error & { Item?: unknown; $metadata?: { attempts?: number } } {
  return error instanceof Error && error.name === 'ConditionalCheckFailedException';
}

/** Writes all or nothing; contention is retried with full jitter. @throws TransactionRefused where a condition failed */
export async function transactWrite(client: DynamoDBDocumentClient, writes: readonly Write[]): Promise<void> {
  // A try that is still under way keeps its token, so that it is never done twice; one that was refused is over.
  let token = randomUUID();
  const attempt = async () => {
    try {
      await client.send(new TransactWriteCommand({ TransactItems: [...writes], ClientRequestToken: token }));
    } catch (error) {
      token = rawReasons(error) ? randomUUID() : token;
      throw error;
    }
  };
  try {
    await retry(attempt, isContention);
  } catch (error) {
    const reasons = rawReasons(error);
    if (reasons?.some((reason) => reason.Code === 'ConditionalCheckFailed')) {
      throw new TransactionRefused(
        reasons.map(({ Code, Item: item }) => ({ code: Code ?? 'None', item: item && unmarshall(item) })),
      );
    }
    throw error;
  }
}

/** Calls of one read that are under way at once. */
const LANES = 8;

const sameKey = (item: Item, key: Record<string, string>) =>
  Object.entries(key).every(([name, value]) => item[name] === value);

/**
 * Reads up to any number of items, consistently, over any tables: 100 a call, calls side by side, unprocessed keys
 * asked for again. Answers in the order of the refs, `undefined` for what is not there.
 */
export async function batchGet(
  client: DynamoDBDocumentClient,
  refs: readonly ItemRef[],
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
  const lane = async () => {
    for (const chunk of queue) {
      await readChunk(client, chunk, found);
    }
  };
  await Promise.all(Array.from({ length: Math.min(LANES, chunks.length) }, lane));
  return refs.map((ref) => found.get(refId(ref)));
}

const refId = (ref: ItemRef) => [ref.table, ...Object.values(ref.key)].join('\n');

async function readChunk(client: DynamoDBDocumentClient, chunk: readonly ItemRef[], found: Map<string, Item>) {
  let pending: readonly ItemRef[] = chunk;
  for (let attempt = 0; pending.length > 0; attempt++) {
    if (attempt >= CONTENTION.attempts) {
      throw new Error(`BatchGetItem left ${pending.length} keys unprocessed after ${attempt} attempts`);
    }
    if (attempt > 0) {
      await pause(attempt);
    }
    const requests: NonNullable<BatchGetCommandOutput['UnprocessedKeys']> = {};
    for (const ref of pending) {
      const request = (requests[ref.table] ??= { Keys: [], ConsistentRead: true });
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
export async function batchWrite(
  client: DynamoDBDocumentClient,
  table: string,
  writes: readonly BatchWrite[],
): Promise<void> {
  for (let start = 0; start < writes.length; start += 25) {
    let pending = writes.slice(start, start + 25);
    for (let attempt = 0; pending.length > 0; attempt++) {
      if (attempt >= CONTENTION.attempts) {
        throw new Error(`BatchWriteItem left ${pending.length} writes unprocessed after ${attempt} attempts`);
      }
      if (attempt > 0) {
        await pause(attempt);
      }
      const answer = await retry(
        () => client.send(new BatchWriteCommand({ RequestItems: { [table]: [...pending] } })),
        isContention,
      );
      pending = answer.UnprocessedItems?.[table] ?? [];
    }
  }
}

/** Follows pages until `max` items are there or none are left. Reads consistently unless the input says otherwise. */
export async function queryUpTo(
  client: DynamoDBDocumentClient,
  input: QueryCommandInput,
  max: number,
): Promise<{ items: Item[]; more: boolean }> {
  const items: Item[] = [];
  let cursor: QueryCommandInput['ExclusiveStartKey'];
  do {
    const page = await client.send(
      new QueryCommand({ ConsistentRead: true, ...input, Limit: max - items.length, ExclusiveStartKey: cursor }),
    );
    items.push(...(page.Items ?? []));
    cursor = page.LastEvaluatedKey;
  } while (cursor && items.length < max);
  return { items, more: cursor !== undefined };
}
