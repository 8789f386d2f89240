import { metaOf, upcast } from './aggregate';
import type { ListPlace } from './definition';
import type { Domain, View } from './domain';
import type { RecordedEvent, StoredEvent } from './events';
import { DomainFault, isPromise, running } from './fault';
import { MissingVersion } from './missing-version';
import type { ViewRow } from './ports';
import { canonicalJson, storedRecord } from './storable';

/** Bytes of the value of a list, and of what it is sorted by: a key takes 2048 and 1024, with names and an id. */
const MAX_PLACE_BYTES = 900;

/** Lists that a row stands in: with the row itself they are one transaction. */
const MAX_LISTS = 20;

/**
 * Bytes of what a row shows, as JSON, and of that and its places in lists together. DynamoDB takes 400 KB and 4 MB; what
 * it counts is at most half as much again, as of a list of digits.
 */
const MAX_ROW_BYTES = 200_000;
const MAX_ROWS_BYTES = 2_000_000;

const LIST = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** A view of a domain, by its name. */
export interface NamedView {
  readonly name: string;
  readonly domain: Domain;
  readonly view: View;
}

export const viewsOf = (domain: Domain): NamedView[] =>
  [...domain.views].map(([name, view]) => ({ name, domain, view }));

/** What became of a row by further events. */
export interface Folded {
  /** As far as its events could be taken; undefined where there were none. */
  readonly row?: ViewRow;
  /** The event that could not be taken, and why. */
  readonly stuck?: {
    readonly version: number;
    readonly reason: string;
    /** Where it was code of the domain: a log shows the place in it. */
    readonly fault?: DomainFault;
  };
  /** Where events were not in order: the one before this was not among them. */
  readonly missing?: MissingVersion;
}

/** A row that the code of now has made; events are folded anew for others. */
export const isOfNow = ({ view }: NamedView, row: ViewRow): boolean => row.projectionVersion === view.version;

/** The row after one more event. @throws DomainFault or MissingVersion */
function applied({ name, domain, view }: NamedView, row: ViewRow | undefined, event: StoredEvent): ViewRow {
  const position = (row?.position ?? 0) + 1;
  if (event.version !== position) {
    throw new MissingVersion(position, event);
  }
  const recorded = { ...metaOf(event), type: event.type, data: upcast(domain, event) };
  const place = `views.${name}`;
  const data = running(`${place}.apply of ${event.type}`, () => {
    const made = view.apply(row?.data, recorded as RecordedEvent<Record<string, Record<string, unknown>>>);
    return made === undefined ? undefined : storedRecord(`${place}.apply of ${event.type}`, made);
  });
  const owner = data && running(`${place}.owner`, () => ownerOf(place, view.owner?.(data)));
  const lists = data ? running(`${place}.lists`, () => placesOf(place, view.lists?.(data) ?? {})) : {};
  const bytes = Buffer.byteLength(JSON.stringify(data ?? null));
  const inAll = bytes * (1 + Object.keys(lists).length);
  if (bytes > MAX_ROW_BYTES || inAll > MAX_ROWS_BYTES) {
    throw new DomainFault(
      `${place} shows ${bytes} bytes, ${inAll} with lists, at most ${MAX_ROW_BYTES} and ${MAX_ROWS_BYTES} are taken`,
    );
  }
  return {
    id: event.id,
    position,
    data,
    owner,
    formerOwner:
      row?.owner === undefined || row.owner === owner ? row?.formerOwner : { sub: row.owner, version: position },
    lists,
    updatedAt: event.occurredAt,
    projectionVersion: view.version,
    revision: row?.revision ?? 0,
  };
}

function ownerOf(place: string, owner: unknown): string | undefined {
  if (owner !== undefined && (typeof owner !== 'string' || owner === '')) {
    const got = isPromise(owner) ? 'a promise' : typeof owner;
    throw new DomainFault(`${place}.owner must give a user's sub, got: ${got}`);
  }
  return owner;
}

function placesOf(place: string, lists: Readonly<Record<string, unknown>>): Record<string, ListPlace> {
  // Of those within it too: each that fails has to be somebody's.
  if ([lists, ...Object.values(lists)].filter(isPromise).length > 0) {
    throw new DomainFault(`${place}.lists must give {value, sort} by names of lists, got: a promise`);
  }
  const given = Object.entries(lists).filter(([, at]) => at !== undefined);
  if (given.length > MAX_LISTS) {
    throw new DomainFault(`${place}.lists gave ${given.length} lists, at most ${MAX_LISTS} are taken`);
  }
  return Object.fromEntries(
    given.map(([list, at]): [string, ListPlace] => {
      const { value, sort } = (at ?? {}) as Partial<Record<keyof ListPlace, unknown>>;
      if (!LIST.test(list) || !isKeyPart(value) || !isKeyPart(sort)) {
        throw new DomainFault(
          `${place}.lists must give {value, sort} of 1 to ${MAX_PLACE_BYTES} bytes each by names of lists`,
        );
      }
      return [list, { value, sort }];
    }),
  );
}

const isKeyPart = (part: unknown): part is string =>
  typeof part === 'string' && part !== '' && part.isWellFormed() && Buffer.byteLength(part) <= MAX_PLACE_BYTES;

/** Takes events into a row, until one cannot be taken. */
export function fold(view: NamedView, row: ViewRow | undefined, events: readonly StoredEvent[]): Folded {
  let now = row;
  for (const event of events) {
    try {
      now = applied(view, now, event);
    } catch (error) {
      if (error instanceof MissingVersion) {
        return { row: now, missing: error };
      }
      if (!(error instanceof DomainFault)) {
        throw error;
      }
      return { row: now, stuck: { version: event.version, reason: error.message, fault: error } };
    }
  }
  return { row: now };
}

/** Whether two rows show the same, whenever they were written. */
export const isSame = (one: ViewRow, other: ViewRow): boolean => contentOf(one) === contentOf(other);

const contentOf = ({ revision: _, ...content }: ViewRow): string => canonicalJson(content);
