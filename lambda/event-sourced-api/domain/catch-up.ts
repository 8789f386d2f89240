import { LAST_VERSION } from './bounds';
import type { StoredEvent } from './events';
import { REREADS } from './missing-version';
import type { Clock, EventStore, ViewRow, ViewStore } from './ports';
import { fold, type Folded, isOfNow, isSame, type NamedView } from './views';
import { Busy } from '../../core/busy';
import { pause } from '../../core/retry';

/** Events of one read: with ids and names, 100 of them are about as much as a read takes. */
const PAGE = 100;

/** Others write the same row: each of them brings it on, so that whoever loses this often has little left to do. */
const ATTEMPTS = 10;

export interface CatchUpPorts extends Clock {
  readonly events: Pick<EventStore, 'events'>;
  readonly views: ViewStore;
}

/** How far a row is now, and what it could not take. */
export interface CaughtUp {
  readonly row?: ViewRow;
  /** The row that it has taken the place of, where there was one. */
  readonly before?: ViewRow;
  readonly stuck?: Folded['stuck'];
  /** Whether other code had made the row that was there, or it was asked for: then it is folded from its first event on. */
  readonly isAnew: boolean;
  /** Whether anything was written. */
  readonly changed: boolean;
  /** The last event that was taken. */
  readonly last?: StoredEvent;
}

/** What is to be done with a row. */
export interface Wanted {
  readonly view: NamedView;
  readonly id: string;
  /** The row as it was read; `undefined` where there was none. */
  readonly row: ViewRow | undefined;
  /**
   * Events that are known without a read, ascending: where one before them is missing, the store is read.
   *
   * @default - the store is read
   */
  readonly known?: readonly StoredEvent[];
  /** Whether it is folded from its first event on, whatever it says. @default - only if other code has made it */
  readonly anew?: boolean;
  /** Whether it is written though it shows what it should, as lists do not. @default false */
  readonly always?: boolean;
}

/**
 * Brings the row of one aggregate up to all events that are known, or to all that there are: what is in it already is
 * passed over, what is missing is read. Row, position and lists change together, if nobody else has changed them.
 *
 * @throws Busy where others are in the way, or are still writing: the same may succeed in a moment
 */
export async function catchUp(ports: CatchUpPorts, wanted: Wanted): Promise<CaughtUp> {
  const { view, id } = wanted;
  let { row } = wanted;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const from = wanted.anew || (row && !isOfNow(view, row)) ? undefined : row;
    const position = from?.position ?? 0;
    const isAnew = from === undefined && row !== undefined;
    // A row that is folded anew loses nothing that it had: it takes all that there is.
    const known = isAnew ? undefined : wanted.known && following(wanted.known, position);
    const { folded, last } = known ? foldKnown(view, from, known) : await readOn(ports, wanted, from);
    const { stuck } = folded;
    const next = folded.row && { ...folded.row, revision: (row?.revision ?? 0) + 1 };
    const isBehind = stuck !== undefined && isAnew && (next?.position ?? 0) < (row?.position ?? 0);
    if (
      !next ||
      isBehind ||
      (!isAnew && next.position === position) ||
      (isAnew && row && isSame(row, next) && !wanted.always)
    ) {
      return { row, stuck, isAnew, changed: false, last: isBehind ? undefined : last };
    }
    if (await ports.views.put(view.name, next, row)) {
      return { row: next, before: row, stuck, isAnew, changed: true, last };
    }
    [row] = await ports.views.rows([{ view: view.name, id }]);
  }
  throw new Busy('Others changed the same row at every attempt');
}

function foldKnown(view: NamedView, from: ViewRow | undefined, known: readonly StoredEvent[]) {
  const folded = fold(view, from, known);
  return { folded, last: taken(folded, known) };
}

/** Those that come right after a position, without a gap; undefined where the first of them is missing. */
function following(known: readonly StoredEvent[], position: number): readonly StoredEvent[] | undefined {
  const later = known.filter(({ version }) => version > position);
  return later.every(({ version }, index) => version === position + 1 + index) ? later : undefined;
}

/**
 * Takes the events of the store that come after a row.
 *
 * @param upTo the last version that is taken @default - all
 * @returns `next` where there are events after that version
 * @throws MissingVersion where events are still being written
 */
export async function readOn(
  { events: store, now }: CatchUpPorts,
  { view, id, upTo = LAST_VERSION }: { readonly view: NamedView; readonly id: string; readonly upTo?: number },
  from: ViewRow | undefined,
): Promise<{ readonly folded: Folded; readonly last?: StoredEvent; readonly next?: StoredEvent }> {
  let folded: Folded = { row: from };
  let last: StoredEvent | undefined;
  for (let rereads = 0; ;) {
    const { events, more } = await store.events(id, { after: folded.row?.position ?? 0, limit: PAGE });
    const wanted = events.filter(({ version }) => version <= upTo);
    folded = fold(view, folded.row, wanted);
    last = taken(folded, wanted) ?? last;
    const { row, missing } = folded;
    if (missing && rereads < REREADS.attempts - 1) {
      await pause(rereads++, REREADS);
      continue;
    }
    if (missing) {
      if (!missing.isLost(now())) {
        throw missing;
      }
      folded = { row, stuck: { version: missing.later.version, reason: missing.message } };
    }
    if (!more || folded.stuck || wanted.length < events.length) {
      return { folded, last, next: events.find(({ version }) => version > upTo) };
    }
  }
}

/** The last of these events that a row has taken. */
const taken = ({ row }: Folded, events: readonly StoredEvent[]): StoredEvent | undefined =>
  events.findLast(({ version }) => version <= (row?.position ?? 0));
