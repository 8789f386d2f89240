import { type Clocks, isWithin, type Moment } from '../../core/clocks';
import { LEEWAY_MS, type LatelySince } from '../domain/settling';

/** A deletion may be committed so long after the time that it says: longer than any function of an API runs, in ms. */
const DELETING_MS = 35_000;

/** What is known to have happened lately, and from when on all of it is known. Times are in ms since 1970. */
export interface KnownLately {
  /** When something was last changed, by its id. */
  readonly changes: ReadonlyMap<string, number>;
  /** When an article was deleted, by its id. */
  readonly deletions: ReadonlyMap<string, number>;
  readonly known: LatelySince;
}

/** A request's part in what is remembered. */
export interface Recollection {
  /** From when on there is something to read. */
  readonly unread: LatelySince;
  /** All that is known, with what was read. @param read the moment before that */
  add(found: KnownLately, read: Moment): KnownLately;
}

const join = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>, from: number) => {
  const all = new Map([...a].filter(([, time]) => time >= from));
  b.forEach((time, id) => all.set(id, Math.max(time, all.get(id) ?? 0)));
  return all;
};

/**
 * What a function has read of what happened lately. The next request reads only what has come since: what is written
 * after a read says a time that is before it by no more than clocks and writes may differ. On a site where much is written
 * that is a fraction of what there is to know. Requests may look back for different times: what the longest of them needs
 * is kept, whoever asks in between.
 */
export class LatelyMemory {
  private last?: Moment & KnownLately;
  /** For how long back anybody wanted to know, in ms. */
  private readonly longest = { changed: 0, deleted: 0 };

  /** @param keepMs for how long something is kept, in ms */
  public constructor(
    private readonly keepMs: number,
    private readonly clocks: Clocks,
  ) {}

  /** What is to be read by whoever wants to know all since some moments, and what that and what is known say together. */
  public recall(wanted: LatelySince): Recollection {
    const last = this.lastFor(wanted);
    const needed = this.neededWith(wanted);
    const unread = last
      ? {
          changed: Math.max(wanted.changed, last.now - LEEWAY_MS),
          deleted: Math.max(wanted.deleted, last.now - DELETING_MS),
        }
      : wanted;
    // Where a read was cut off, there is a gap between what was known and what is known now.
    const from = (kind: keyof LatelySince, { known }: KnownLately) =>
      last && known[kind] <= unread[kind] ? Math.max(last.known[kind], needed[kind]) : known[kind];
    const add = (found: KnownLately, read: Moment) => {
      const deletionsFrom = (time: number) => join(last?.deletions ?? new Map(), found.deletions, time);
      const all = {
        changes: join(last?.changes ?? new Map(), found.changes, needed.changed),
        deletions: deletionsFrom(needed.deleted),
        known: { changed: from('changed', found), deleted: from('deleted', found) },
      };
      // Of two requests at the same time the later one's is kept: the next goes on from when it has read.
      if (!this.last || read.elapsed >= this.last.elapsed) {
        this.last = { ...read, ...all };
      }
      return { ...all, deletions: deletionsFrom(wanted.deleted) };
    };
    return { unread, add };
  }

  /** From when on is kept what is wanted now or may be wanted next. */
  private neededWith(wanted: LatelySince): LatelySince {
    const { longest } = this;
    const now = this.clocks.now();
    longest.changed = Math.max(longest.changed, now - wanted.changed);
    longest.deleted = Math.max(longest.deleted, now - wanted.deleted);
    return { changed: now - longest.changed, deleted: now - longest.deleted };
  }

  /** What was read before, where it is recent and goes back far enough. */
  private lastFor(wanted: LatelySince): (Moment & KnownLately) | undefined {
    const { last } = this;
    return last && last.known.deleted <= wanted.deleted && isWithin(this.keepMs, last, this.clocks) ? last : undefined;
  }
}
