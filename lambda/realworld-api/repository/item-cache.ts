import { LatelyMemory } from './lately-memory';
import { type Clocks, isWithin, type Moment, momentOf } from '../../core/clocks';
import type { Item } from '../../core/dynamodb';
import { type Changes, LEEWAY_MS, UNSETTLED_MS } from '../domain/settling';

/** Items kept at most, the oldest given up first: some ten megabytes. */
const CAPACITY = 4_000;

interface Kept extends Moment {
  readonly item: Item;
  readonly consistent: boolean;
}

/**
 * Articles as lists show them and profiles, in the memory of a function. What is kept is shown only where the changes that
 * were read with the request, consistently, say that it is as it was: they are known from as far before the item was read
 * as an eventually consistent read may be behind, and none is of it. So nobody sees less than by reading it eventually
 * now, on one condition: whatever changes it tells so.
 */
export class ItemCache {
  /** The changes that tell whether what is kept is as it was. */
  public readonly lately: LatelyMemory;
  private readonly kept = new Map<string, Kept>();

  /** @param ttlMs for how long an item is kept at most, in ms: changes are to be read for as much longer */
  public constructor(
    public readonly ttlMs: number,
    private readonly clocks: Clocks,
  ) {
    this.lately = new LatelyMemory(ttlMs, clocks);
  }

  /** To be asked for before an item is read. */
  public moment(): Moment {
    return momentOf(this.clocks);
  }

  /** What was kept of an article or a user, where it is as it was. */
  public get(id: string, changed: Changes): Item | undefined {
    const kept = this.kept.get(id);
    if (!kept || !isWithin(this.ttlMs, kept, this.clocks)) {
      return undefined;
    }
    // What is read consistently may lack what is written from then on, whatever time that says.
    const behind = kept.consistent ? LEEWAY_MS : UNSETTLED_MS;
    const mayDiffer = changed.since?.(id, kept.now - behind) ?? true;
    return mayDiffer ? undefined : kept.item;
  }

  /** @param read the moment before it was read */
  public keep(id: string, item: Item, consistent: boolean, read: Moment): void {
    // What is kept anew goes to the end.
    this.kept.delete(id);
    this.kept.set(id, { ...read, item, consistent });
    if (this.kept.size > CAPACITY) {
      const [oldest] = this.kept.keys();
      this.kept.delete(oldest);
    }
  }
}
