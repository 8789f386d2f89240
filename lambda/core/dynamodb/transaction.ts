import { randomUUID } from 'node:crypto';
import {
  type DynamoDBDocumentClient,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { cancellationReasons, isContention } from './errors';
import type { Item } from './items';
import { Busy } from '../busy';
import { CONTENTION, retry, type RetryOptions } from '../retry';

/** One write of a transaction. */
export type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** Writes of a transaction by name, so that a refusal is looked up by name and never by position. */
export type NamedWrites = Readonly<Record<string, Write | undefined>>;

/** A transaction that was refused by its own conditions. */
export class TransactionRefused extends Error {
  public constructor(private readonly reasons: ReadonlyMap<string, { code: string; item?: Item }>) {
    super(`Transaction refused: ${[...reasons].map(([name, { code }]) => `${name} ${code}`).join(', ')}`);
    this.name = 'TransactionRefused';
  }

  /** Did the condition of the write of this name fail? */
  public failed(name: string): boolean {
    return this.reasons.get(name)?.code === 'ConditionalCheckFailed';
  }

  /** Names of the writes whose conditions failed. */
  public get failures(): string[] {
    return [...this.reasons.keys()].filter((name) => this.failed(name));
  }

  /** The item as it was, where the write asked for it (`ReturnValuesOnConditionCheckFailure`). */
  public item(name: string): Item | undefined {
    return this.reasons.get(name)?.item;
  }
}

const defined = (writes: NamedWrites) =>
  Object.entries(writes).filter((entry): entry is [string, Write] => entry[1] !== undefined);

/**
 * Writes all or nothing, at most 100 items; names whose write is undefined are left out. Contention is retried with
 * full jitter.
 *
 * @param writes a function is asked again after each refusal: it may choose other shards
 * @param options bounds of the retry
 * @throws TransactionRefused where a condition failed
 * @throws Busy where others were in the way at every attempt
 */
export async function transactWrite(
  db: DynamoDBDocumentClient,
  writes: NamedWrites | (() => NamedWrites),
  options: RetryOptions = CONTENTION,
): Promise<void> {
  const next = typeof writes === 'function' ? writes : () => writes;
  let named = defined(next());
  // A try that is still under way keeps its token, so that it is never done twice; one that was refused is over.
  let token: string | undefined = randomUUID();
  const attempt = async () => {
    try {
      if (token === undefined) {
        token = randomUUID();
        named = defined(next());
      }
      const items = named.map(([, write]) => write);
      await db.send(new TransactWriteCommand({ TransactItems: items, ClientRequestToken: token }));
    } catch (error) {
      token = cancellationReasons(error) ? undefined : token;
      throw error;
    }
  };
  try {
    await retry(attempt, isContention, options);
  } catch (error) {
    const reasons = cancellationReasons(error);
    if (!reasons?.some(({ Code }) => Code === 'ConditionalCheckFailed')) {
      throw isContention(error) ? new Busy('A transaction met others on its items at every attempt') : error;
    }
    throw new TransactionRefused(
      new Map(
        named.map(([name], index) => {
          const { Code = 'None', Item: raw } = reasons[index] ?? {};
          return [name, { code: Code, item: raw && unmarshall(raw) }];
        }),
      ),
    );
  }
}
