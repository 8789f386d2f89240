import { createHash } from 'node:crypto';

/** How often each fault comes, between 0 and 1. */
export interface FaultRates {
  /** Throttled before anything happened. */
  readonly throttle: number;
  /** Internal error before anything happened. */
  readonly internalError: number;
  /** Connection reset after the call was applied: the client cannot know and retries. */
  readonly dropAnswer: number;
  /** A transaction or a write refused for another transaction on one of its items. */
  readonly conflict: number;
  /** A function's process gone after an invocation: the next one finds nothing that a function keeps in memory. */
  readonly coldStart: number;
  /** A batch answered in part, the rest as UnprocessedKeys or UnprocessedItems. */
  readonly partialBatch: number;
  /** A stream batch or queue message delivered twice. */
  readonly duplicate: number;
  /** Stream records of different items, or queue messages, in another order. */
  readonly reorder: number;
}

/** As rare as a client with the usual attempts gets through. */
export const DEFAULT_FAULT_RATES: FaultRates = {
  throttle: 0.02,
  internalError: 0.01,
  dropAnswer: 0.01,
  conflict: 0.02,
  coldStart: 0.02,
  partialBatch: 0.05,
  duplicate: 0.03,
  reorder: 0.05,
};

/** A fault that was done, for `/_local` and for reading a failed run. */
export interface FaultRecord {
  readonly fault: keyof FaultRates;
  /** What it was done to, for example `dynamodb:PutItem`. */
  readonly site: string;
  /** Which call at that site, from 1. */
  readonly call: number;
}

const RING = 1000;

/** Invocations are forgotten beyond so many. */
const INVOCATIONS = 1000;

/** Faults of a site that one invocation meets at most: the last of a client's usual three attempts gets through. */
const MOST_OF_INVOCATION = 2;

/**
 * Faults by a seed. Each site (an operation, a mapping) has a sequence of its own, so that the same calls meet the
 * same faults whatever else runs beside them.
 */
export class FaultSchedule {
  private readonly counts = new Map<string, number>();
  private readonly ring: FaultRecord[] = [];
  /** Faults done, by site and invocation, those that came first first. */
  private readonly met = new Map<string, number>();

  private readonly rates: FaultRates;

  /**
   * @param seed no faults at all when undefined
   * @param rates in place of the usual ones
   */
  public constructor(
    private readonly seed: number | undefined,
    rates: Partial<FaultRates> = {},
    private readonly log: (line: string) => void = () => undefined,
  ) {
    this.rates = { ...DEFAULT_FAULT_RATES, ...rates };
  }

  public get enabled(): boolean {
    return this.seed !== undefined;
  }

  /** The last faults done, oldest first. */
  public get done(): readonly FaultRecord[] {
    return this.ring;
  }

  /**
   * Decides once for a call at a site which of the faults, if any, it meets.
   *
   * @param invocationId of a function: without it, any number of calls one after the other may meet a fault
   */
  public next(site: string, among: readonly (keyof FaultRates)[], invocationId?: string): Fault | undefined {
    if (this.seed === undefined) return undefined;
    const call = (this.counts.get(site) ?? 0) + 1;
    this.counts.set(site, call);
    const random = generator(`${this.seed}/${site}/${call}`);
    const roll = random();
    let sum = 0;
    for (const fault of among) {
      sum += this.rates[fault];
      if (roll < sum) {
        if (!this.mayMeet(site, invocationId)) return undefined;
        this.ring.push({ fault, site, call });
        if (this.ring.length > RING) this.ring.shift();
        this.log(`fault: ${fault} at ${site}, call ${call}`);
        return { kind: fault, random };
      }
    }
    return undefined;
  }

  private mayMeet(site: string, invocationId: string | undefined): boolean {
    if (invocationId === undefined) return true;
    const key = `${invocationId} ${site}`;
    const met = this.met.get(key) ?? 0;
    if (met >= MOST_OF_INVOCATION) return false;
    this.met.set(key, met + 1);
    if (this.met.size > INVOCATIONS) this.met.delete([...this.met.keys()][0]);
    return true;
  }
}

/** A fault to be done now, with the randomness for its details. */
export interface Fault {
  readonly kind: keyof FaultRates;
  readonly random: () => number;
}

/** Fisher-Yates with the given randomness; a new list. */
export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}

/** Numbers in [0, 1) by counting into a hash: the same for the same key on every machine. */
function generator(key: string): () => number {
  let count = 0;
  return () => createHash('sha256').update(`${key}/${count++}`).digest().readUInt32BE(0) / 2 ** 32;
}
