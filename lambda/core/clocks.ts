/** Two clocks, because neither is enough to say how old something in memory is. */
export interface Clocks {
  /** Milliseconds since 1970; may be put back. */
  now(): number;
  /** Milliseconds since a moment; stands still where a sandbox is frozen. */
  elapsed(): number;
}

export const CLOCKS: Clocks = { now: () => Date.now(), elapsed: () => performance.now() };

/** A moment by both clocks. */
export interface Moment {
  readonly now: number;
  readonly elapsed: number;
}

export const momentOf = (clocks: Clocks): Moment => ({ now: clocks.now(), elapsed: clocks.elapsed() });

/** Whether less than so many ms have passed since a moment, by both clocks. */
export const isWithin = (ms: number, since: Moment, clocks: Clocks): boolean =>
  [clocks.now() - since.now, clocks.elapsed() - since.elapsed].every((age) => age >= 0 && age < ms);
