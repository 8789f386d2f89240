import type { Target } from '../indexes';
import { canonical } from '../json';
import { TARGETS_MS } from '../names';

/** What is known of the indexes that take writes, for the life of a sandbox. */
export class Targets {
  private known: readonly Target[] = [];
  private askedAt = -Infinity;

  public constructor(
    private readonly ask: () => Promise<readonly Target[]>,
    private readonly now: () => number,
  ) {}

  /** @param afresh whatever is known: an index that was written to is not there */
  public async get(afresh: boolean): Promise<readonly Target[]> {
    const now = this.now();
    // One that is announced is open from one moment to the next.
    const isSettled = this.known.length > 0 && this.known.every(({ isOpen }) => isOpen);
    if (afresh || !isSettled || now - this.askedAt >= TARGETS_MS) {
      this.known = await this.ask();
      this.askedAt = now;
    }
    return this.known.filter(({ isOpen }) => isOpen);
  }
}

/** The targets by what their documents are made of: what is made for one is made for all of them. */
export function bySource<T extends Pick<Target, 'source'>>(targets: readonly T[]): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const target of targets) {
    const source = canonical(target.source);
    groups.set(source, [...(groups.get(source) ?? []), target]);
  }
  return [...groups.values()];
}
