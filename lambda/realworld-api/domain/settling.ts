import type { Profile } from './model';

/**
 * After so long an eventually consistent read is taken to have whatever was written, in ms. AWS promises no bound; all
 * copies are there usually within a second, and this is ten times as long.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html
 */
export const SETTLE_MS = 10_000;
/** Between two clocks, and from the time that a row says to its write, in ms. */
export const LEEWAY_MS = 5_000;

/** How far before a read what it lacks may say that it was written, in ms. */
export const UNSETTLED_MS = SETTLE_MS + LEEWAY_MS;

/** From when on changes may not be in every copy yet, in ms since 1970. */
export const unsettledSince = (now: number): number => now - UNSETTLED_MS;

/**
 * How far ahead of a reader's clock a change may say that it was written, in ms: by LEEWAY_MS for the writer's clock and by as
 * much where a write says when it will be over at the latest. It is three times that, for clocks that are off: to lose a
 * change is worse than to believe in one for so much longer.
 */
const AHEAD_MS = 30_000;

/** Until when changes may say that they were written, by whoever asks for those since `unsettledSince`; in ms since 1970. */
export const toldUntil = (since: number): number => since + UNSETTLED_MS + AHEAD_MS;

/** So long after the time that its row says, in ms, a change is told once more: clocks may differ by the rest. */
const LATE_MS = 2_000;

/** What tells of changes. */
export interface Telling {
  /** Tells that an article or a user was changed, or whom a user follows. @param at ISO 8601 */
  tell(id: string, at: string): Promise<void>;
}

/**
 * To be asked once a change is written, before it is answered: one that took long says a time from before what others
 * have read by then, and is told once more. So is one that goes on from a time far ahead, as an article may have it that
 * was imported or written by a clock that was wrong: readers pass over it.
 *
 * @param at the time that it was told by: ISO 8601
 */
export async function tellIfLate(by: Telling, id: string, at: string, now: number): Promise<void> {
  const age = now - Date.parse(at);
  if (age > LATE_MS || age < -LEEWAY_MS) {
    await by.tell(id, new Date(now).toISOString());
  }
}

/** From when on deletions and changes are asked for, or known, in ms since 1970. */
export interface LatelySince {
  readonly deleted: number;
  /** Where it is asked for: `unsettledSince` now. */
  readonly changed: number;
}

/** Articles and users that may have been changed. */
export interface Changes {
  /** Whether one may have been, since `unsettledSince`. */
  has(id: string): boolean;
  /** Whether one may have been since a moment, in ms since 1970, or been deleted. Where it is left out, any may have. */
  since?(id: string, moment: number): boolean;
}

/** What is known of changes: where a moment is not covered, anything may have changed. */
export class ChangeLog implements Changes {
  /**
   * @param last when something was last changed, in ms since 1970, by its id
   * @param known from when on all changes are known, and all deletions
   * @param unsettled since when `has` asks
   */
  public constructor(
    private readonly last: ReadonlyMap<string, number>,
    private readonly known: LatelySince,
    private readonly unsettled: number,
  ) {}

  public has(id: string): boolean {
    return this.isTold(id, this.unsettled);
  }

  public since(id: string, moment: number): boolean {
    return moment < this.known.deleted || this.isTold(id, moment);
  }

  private isTold(id: string, moment: number): boolean {
    return moment < this.known.changed || (this.last.get(id) ?? -Infinity) >= moment;
  }
}

/** What happened lately: ids of articles that were deleted, and articles and users that may have been changed. */
export interface Lately {
  readonly deleted: ReadonlySet<string>;
  readonly changed: Changes;
}

/** What a reader knows better than an eventually consistent read. */
export interface Unsettled {
  /** Read before what is read now. */
  readonly changed: Changes;
  /** Whose profile was read a moment ago. */
  readonly viewer?: Profile;
}
