import { seeded } from '../../support/seeded';

/** Choices that follow from a seed. */
export class Random {
  private readonly next: () => number;

  public constructor(seed: number) {
    this.next = seeded(seed);
  }

  public below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  public chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of a list that is not empty. */
  public of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** Up to `most` different ones, in any order. */
  public some<T>(list: readonly T[], most: number): T[] {
    const left = [...list];
    return Array.from({ length: Math.min(this.below(most + 1), left.length) }, () => {
      return left.splice(this.below(left.length), 1)[0];
    });
  }

  /** Of entries with their weights, one. */
  public weighted<T>(entries: readonly (readonly [number, T])[]): T {
    let left = this.next() * entries.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of entries) {
      left -= weight;
      if (left < 0) return value;
    }
    return entries[entries.length - 1][1];
  }
}
