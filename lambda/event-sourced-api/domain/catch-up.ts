import type { StoredEvent } from './events';
import type { EventStore, ViewRow, ViewStore } from './ports';
import { canonicalJson } from './storable';
import { fold, type Folded, isOfNow, type NamedView } from './views';
import { Busy } from '../../core/busy';

/** Events of one read: with ids and names, 100 of them are about as much as a read takes. */
const PAGE = 100;

/** Others write the same row: each of them brings it on, so that whoever loses this often has little left to do. */
const ATTEMPTS = 10;

export interface CatchUpPorts {
  readonly events: Pick<EventStore, 'events'>;
  readonly views: ViewStore;
}

/** How far a row is now, and what it could not take. */
export interface CaughtUp {
  readonly row?: ViewRow;
  readonly stuck?: Folded['stuck'];
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
}

/**
 * Brings the row of one aggregate up to all events that are known, or to all that there are: what is in it already is
 * passed over, what is missing is read. Row, position and lists change together, if nobody else has changed them.
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
    const { folded, last } = known
      ? { folded: fold(view, from, known), last: known.at(-1) }
      : await readOn(ports, wanted, from);
    const { stuck } = folded;
    const next = folded.row && { ...folded.row, revision: (row?.revision ?? 0) + 1 };
    const isBehind = stuck !== undefined && isAnew && (next?.position ?? 0) < (row?.position ?? 0);
    if (!next || isBehind || (!isAnew && next.position === position) || (isAnew && row && isSame(row, next))) {
      return { row, stuck, changed: false, last: isBehind ? undefined : last };
    }
    if (await ports.views.put(view.name, next, row)) {
      return { row: next, stuck, changed: true, last };
    }
    [row] = await ports.views.rows([{ view: view.name, id }]);
  }
  throw new Busy('Others changed the same row at every attempt');
}

/** Those that come right after a position, without a gap; undefined where the first of them is missing. */
function following(known: readonly StoredEvent[], position: number): readonly StoredEvent[] | undefined {
  const later = known.filter(({ version }) => version > position);
  return later.every(({ version }, index) => version === position + 1 + index) ? later : undefined;
}

/** Takes all events of the store that come after a row. */
async function readOn(
  { events: store }: CatchUpPorts,
  { view, id }: Wanted,
  from: ViewRow | undefined,
): Promise<{ folded: Folded; last?: StoredEvent }> {
  let folded: Folded = { row: from };
  let last: StoredEvent | undefined;
  for (;;) {
    const { events, more } = await store.events(id, { after: folded.row?.position ?? 0, limit: PAGE });
    folded = fold(view, folded.row, events);
    last = events.findLast(({ version }) => version <= (folded.row?.position ?? 0)) ?? last;
    if (!more || folded.stuck) {
      return { folded, last };
    }
  }
}

/** Whether two rows show the same, whenever they were written. */
const isSame = (one: ViewRow, other: ViewRow): boolean => contentOf(one) === contentOf(other);

const contentOf = ({ revision: _, ...content }: ViewRow): string => canonicalJson(content);
