import { catchUp, type CatchUpPorts, type CaughtUp } from './catch-up';
import type { Domain } from './domain';
import type { StoredEvent } from './events';
import { DomainFault } from './fault';
import { inLanes } from './lanes';
import type { EventStore, Parked, Parking, Publisher, ViewChange, ViewRow } from './ports';
import { isSnapshotVersion, takeSnapshot } from './snapshots';
import { type Folded, type NamedView, viewsOf } from './views';

/** Aggregates that are worked on at once. */
export const LANES = 8;

export interface ProjectPorts extends CatchUpPorts {
  readonly events: EventStore;
  readonly publisher: Publisher;
  readonly parking: Parking;
  /** Under which names changes of a view are told: none where nobody reads it yet. */
  publishedAs(view: string): readonly string[];
  /** Told of what failed, without what events hold. */
  noteFailure(what: string, error: unknown, fields: Readonly<Record<string, string | number>>): Promise<void>;
}

/** The event that a view cannot take. */
type Stuck = NonNullable<Folded['stuck']>;

/** What became of one aggregate. */
interface Projected {
  readonly changes: readonly ViewChange[];
  readonly parked: readonly { readonly letter: Parked; readonly fault: DomainFault }[];
}

/**
 * Brings events into every view of the domain, stores snapshots, and tells whoever watches.
 *
 * Events come more than once, in any order, and some of an aggregate may never come: a row takes each once, in order, and
 * reads from the store what is missing before it. What the domain cannot take parks its aggregate, and the others go on.
 *
 * @returns the events that must come again: those of aggregates of which something could not be read or written
 */
export async function projectEvents(
  ports: ProjectPorts,
  domain: Domain,
  events: readonly StoredEvent[],
): Promise<ReadonlySet<StoredEvent>> {
  const again = new Set<StoredEvent>();
  const aggregates = byAggregate(events);
  const views = viewsOf(domain);
  const keys = [...aggregates.keys()].flatMap((id) => views.map(({ name }) => ({ view: name, id })));
  let rows: Awaited<ReturnType<typeof ports.views.rows>>;
  try {
    rows = await ports.views.rows(keys);
  } catch (error) {
    await ports.noteFailure('views are not read', error, { events: events.length });
    return new Set(events);
  }
  const rowOf = new Map(keys.map(({ view, id }, index) => [`${view} ${id}`, rows[index]]));
  const published: ViewChange[] = [];
  await inLanes(aggregates, LANES, async ([id, own]) => {
    try {
      const { changes, parked } = await projectAggregate(ports, domain, own, ({ name }) => rowOf.get(`${name} ${id}`));
      for (const { letter, fault } of parked) {
        const { view, version, reason } = letter;
        await ports.noteFailure('aggregate is parked', fault, { view, id, version, reason });
      }
      if (parked.length > 0) {
        await ports.parking.park(parked.map(({ letter }) => letter));
      }
      published.push(...changes);
    } catch (error) {
      await ports.noteFailure('events are not projected yet', error, { id, events: own.length });
      own.forEach((event) => again.add(event));
    }
  });
  // Before whoever is told can hold anything up.
  await inLanes(
    events.filter((event) => !again.has(event) && isSnapshotVersion(domain, event.version)),
    LANES,
    ({ id, version }) => snapshot(ports, domain, id, version),
  );
  // After the views, so that whoever is told reads what was told.
  await ports.publisher.publish(published);
  return again;
}

/** Ascending by version, each once. */
function byAggregate(events: readonly StoredEvent[]): Map<string, readonly StoredEvent[]> {
  const all = new Map<string, Map<number, StoredEvent>>();
  for (const event of events) {
    all.set(event.id, (all.get(event.id) ?? new Map<number, StoredEvent>()).set(event.version, event));
  }
  const ascending = (own: Map<number, StoredEvent>) =>
    [...own.values()].sort((one, other) => one.version - other.version);
  return new Map([...all].map(([id, own]) => [id, ascending(own)]));
}

async function projectAggregate(
  ports: ProjectPorts,
  domain: Domain,
  events: readonly StoredEvent[],
  rowOf: (view: NamedView) => CaughtUp['row'],
): Promise<Projected> {
  const [{ id }] = events;
  const changes: ViewChange[] = [];
  const parked: Projected['parked'][number][] = [];
  await Promise.all(
    viewsOf(domain).map(async (view) => {
      const caughtUp = await catchUp(ports, { view, id, row: rowOf(view), known: events });
      for (const name of ports.publishedAs(view.name)) {
        changes.push(...changesOf(name, caughtUp, events));
      }
      if (caughtUp.stuck && isNews(caughtUp, caughtUp.stuck, events)) {
        const { version, reason, fault = new DomainFault(reason) } = caughtUp.stuck;
        const letter = { aggregateType: domain.aggregate, aggregateId: id, view: view.name, version, reason };
        parked.push({ letter, fault });
      }
    }),
  );
  return { changes, parked };
}

/**
 * Whether an aggregate is to be parked: by whoever has the record of the event that its view cannot take, or has brought
 * the row up to it, or has code that is new to the row. A later event finds the same row before the same event: that
 * record has been there, or is to come. Of a view that is new there may be none; the job that makes its rows tells.
 */
const isNews = ({ changed, isAnew }: CaughtUp, { version }: Stuck, events: readonly StoredEvent[]): boolean =>
  changed || isAnew || events.some((event) => event.version === version);

/**
 * What is told of a row: one change for each command whose events came, also of those that were in it already, as what
 * was to be told of them may not have been; and one for what was read from the store beyond them. Whoever has lost the
 * row by these events is told too: it is gone from where they look.
 */
export function changesOf(view: string, { row, before, last }: CaughtUp, events: readonly StoredEvent[]): ViewChange[] {
  if (!row) {
    return [];
  }
  const seen = events.filter(({ version }) => version <= row.position);
  /** By command: the first version that the change tells of, and its newest event. */
  const told = new Map<string, { readonly first: number; readonly newest: StoredEvent }>();
  for (const event of seen) {
    told.set(event.commandId, { first: told.get(event.commandId)?.first ?? event.version, newest: event });
  }
  if (last && last.version > (seen.at(-1)?.version ?? 0)) {
    // It stands for all that was read.
    told.set(last.commandId, { first: (before?.position ?? 0) + 1, newest: last });
  }
  return [...told.values()].flatMap(({ first, newest: { id, version, occurredAt, commandId, correlationId } }) =>
    ownersOf(row, before, first).map((owner) => ({
      ...{ view, id, owner, version },
      ...{ occurredAt, commandId, correlationId },
    })),
  );
}

/** Who is told of a change that tells of versions from one on; nobody by name where the row is nobody's. */
function ownersOf({ owner, formerOwner }: ViewRow, before: ViewRow | undefined, first: number) {
  const lostBy = formerOwner?.version ?? Infinity;
  // Between the row before and this one, it may have been more than one's: who had it when views showed it is told.
  const former = first <= lostBy ? [before?.owner, formerOwner?.sub] : [];
  const owners = [owner, ...former].filter((sub) => sub !== undefined);
  return owners.length === 0 ? [undefined] : [...new Set(owners)];
}

/** Without it, commands read more events: nothing waits for it. */
async function snapshot(ports: ProjectPorts, domain: Domain, id: string, version: number): Promise<void> {
  try {
    await takeSnapshot(ports.events, domain, id, version);
  } catch (error) {
    await ports.noteFailure('snapshot is not taken', error, {
      ...{ id, version },
      ...(error instanceof DomainFault ? { reason: error.message } : {}),
    });
  }
}
