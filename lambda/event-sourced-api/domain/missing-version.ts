import type { StoredEvent } from './events';
import { Busy } from '../../core/busy';
import type { RetryOptions } from '../../core/retry';

/** How often a read is made again that did not find a version; a transaction is seen whole within milliseconds. */
export const REREADS: RetryOptions = { attempts: 4, baseMs: 20, capMs: 200 };

/** By then no write is under way any more, and what its event is to bring into views is there as a rule. */
const SETTLED_MS = 5 * 60_000;

/** Whether an event has been stored for so long that nothing of it is still on its way. */
export const isSettled = ({ occurredAt }: Pick<StoredEvent, 'occurredAt'>, now: number): boolean =>
  now - Date.parse(occurredAt) > SETTLED_MS;

/**
 * A version that a read did not find, though it found a later one. A query sees a transaction that is being written item
 * by item (it is read-committed), however consistent it is: whoever asks again finds all of it.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-isolation
 */
export class MissingVersion extends Busy {
  public constructor(
    version: number,
    /** The event that was found. */
    public readonly later: StoredEvent,
  ) {
    super(`version ${version} is missing before version ${later.version}`);
  }

  /** Whether it is not just being written: something has removed it. */
  public isLost(now: number): boolean {
    return isSettled(this.later, now);
  }
}
