import { createHash } from 'node:crypto';
import { Delay } from './delayed-copy';

/** Places beyond this many share the counters of others: a run of any length keeps no more. */
const COUNTERS = 4096;

/** Of so many reads of a place, one after the other, the last is up to date. */
const ROUND = 3;

/** A number of 32 bits, the same for the same text on every machine. */
function hash(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}

/**
 * How late items of a table that is read late are. An eventually consistent read promises nothing of one item against
 * another, so half of the items, by their keys, are half as late as the rest.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html
 */
export function readDelays(lagMs: number): readonly Delay[] {
  const late = (key: string): boolean => hash(key) % 2 === 0;
  return [
    { ms: lagMs, of: late },
    { ms: lagMs / 2, of: (key) => !late(key) },
  ];
}

/**
 * Which reads of a place meet a replica that is up to date: repeated reads may be behind, be up to date, and be behind
 * again. Without chance, so that the first read after a test's write is behind wherever the test runs.
 */
export class ReplicaTurns {
  /** Of the first places by their texts; of others by their hash. */
  private readonly counts = new Map<string | number, number>();

  /** @param place an item or a partition that is read */
  public isUpToDate(place: string): boolean {
    const isKnown = this.counts.has(place) || this.counts.size < COUNTERS;
    const counter = isKnown ? place : hash(place) % COUNTERS;
    const turn = ((this.counts.get(counter) ?? 0) + 1) % ROUND;
    this.counts.set(counter, turn);
    return turn === 0;
  }
}
