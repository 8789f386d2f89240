import { NAMESPACE } from './model';
import { AwsError, Json } from '../aws/protocol';

const ONGOING = 'Transaction is ongoing for the item';

/** A cancellation reason as in TransactionCanceledException. */
export type CancellationReason = Json & { readonly Code: string };

/** For how long a finished token counts as the same transaction, as in AWS. */
const TOKEN_LIFE_MS = 10 * 60 * 1000;

/**
 * The items that transactions and single writes hold at this moment. No local engine has conflicts, because none
 * overlaps two calls; here a transaction holds its items from its arrival to its answer.
 */
export class Conflicts {
  private readonly transactions = new Set<string>();
  private readonly singles = new Map<string, number>();
  private readonly tokensUnderWay = new Set<string>();
  private readonly tokensDone = new Map<string, number>();

  /** @param holdMs how much longer than the engine's call a transaction holds its items */
  public constructor(private readonly holdMs: number) {}

  /**
   * Runs a write transaction; `others` gives the reasons of the members that do not conflict.
   *
   * @param pretended a key that counts as held by another transaction
   */
  public async transactWrite<T>(
    keys: readonly string[],
    token: string | undefined,
    run: () => Promise<T>,
    others: (free: readonly number[]) => Promise<readonly CancellationReason[]>,
    pretended?: string,
  ): Promise<T> {
    if (token !== undefined) {
      if (this.tokensUnderWay.has(token)) {
        throw new AwsError(
          'TransactionInProgressException',
          'The transaction with the given request token is already in progress.',
          400,
          {},
          NAMESPACE,
        );
      }
      // A repeated token writes nothing, so it takes no item.
      if ((this.tokensDone.get(token) ?? 0) > Date.now()) return run();
      this.tokensUnderWay.add(token);
    }
    try {
      const free = keys.flatMap((key, index) => (this.transactions.has(key) || key === pretended ? [] : [index]));
      if (free.length < keys.length) {
        const reasons = await others(free);
        throw cancelled(
          keys.map((_, index) => (free.includes(index) ? (reasons[free.indexOf(index)] ?? NONE) : CONFLICT)),
        );
      }
      const mine = new Set(keys);
      for (const key of mine) this.transactions.add(key);
      try {
        if (this.holdMs > 0) await new Promise((resolve) => setTimeout(resolve, this.holdMs));
        const result = await run();
        if (token !== undefined) this.finish(token);
        return result;
      } finally {
        for (const key of mine) this.transactions.delete(key);
      }
    } finally {
      if (token !== undefined) this.tokensUnderWay.delete(token);
    }
  }

  /**
   * Refuses a transactional read of items that are being written.
   *
   * @param pretended a key that counts as being written
   */
  public transactRead(keys: readonly string[], pretended?: string): void {
    const busy = keys.map((key) => this.transactions.has(key) || this.singles.has(key) || key === pretended);
    if (busy.includes(true)) throw cancelled(busy.map((conflict) => (conflict ? CONFLICT : NONE)));
  }

  /**
   * Runs a single write, refused while a transaction holds the item.
   *
   * @param pretended a key that counts as held by a transaction
   */
  public async write<T>(key: string, run: () => Promise<T>, pretended?: string): Promise<T> {
    if (this.transactions.has(key) || key === pretended) {
      throw new AwsError('TransactionConflictException', ONGOING, 400, {}, NAMESPACE);
    }
    return this.during([key], run);
  }

  /** Whether a transaction holds the item now. */
  public holds(key: string): boolean {
    return this.transactions.has(key);
  }

  /** Runs while the keys count as being written. */
  public async during<T>(keys: readonly string[], run: () => Promise<T>): Promise<T> {
    for (const key of keys) this.singles.set(key, (this.singles.get(key) ?? 0) + 1);
    try {
      return await run();
    } finally {
      for (const key of keys) {
        const left = (this.singles.get(key) ?? 1) - 1;
        if (left === 0) this.singles.delete(key);
        else this.singles.set(key, left);
      }
    }
  }

  private finish(token: string): void {
    const now = Date.now();
    for (const [old, expiry] of this.tokensDone) {
      if (expiry > now) break;
      this.tokensDone.delete(old);
    }
    this.tokensDone.set(token, now + TOKEN_LIFE_MS);
  }
}

/** A member of a transaction that is not why it was cancelled. */
export const NONE: CancellationReason = { Code: 'None' };
const CONFLICT: CancellationReason = { Code: 'TransactionConflict', Message: ONGOING };

/** A transaction that was cancelled, by the reasons of its members. */
export function cancelled(reasons: readonly CancellationReason[]): AwsError {
  const codes = reasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  const fields = { CancellationReasons: reasons, Message: message };
  return new AwsError('TransactionCanceledException', message, 400, fields, NAMESPACE);
}
