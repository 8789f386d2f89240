import type { ListPlace } from './definition';
import type { StoredEvent } from './events';

/** The state of an aggregate at a version. */
export interface Snapshot {
  readonly version: number;
  /** Version of the shape of the state. */
  readonly schemaVersion: number;
  readonly state: unknown;
}

/** The newest snapshot that is of use, and the events after it. */
export interface History {
  readonly snapshot?: Snapshot;
  /** Ascending; all of them where there is no snapshot. */
  readonly events: readonly StoredEvent[];
}

export interface EventsPage {
  /** Ascending. */
  readonly events: readonly StoredEvent[];
  /** Whether there are further ones. */
  readonly more: boolean;
}

/** The events of the aggregates of one type. Every read is strongly consistent. */
export interface EventStore {
  /**
   * @param isUsable a snapshot for which this is false is passed over
   * @param every events from one snapshot to the next
   * @param upTo the last version that counts @default - that of now
   */
  history(
    id: string,
    query: {
      readonly every: number;
      readonly upTo?: number;
      /** The version that it has, as far as is known: no more is read at first than such an aggregate needs. */
      readonly likely?: number;
      isUsable(snapshot: Snapshot): boolean;
    },
  ): Promise<History>;
  /** Events after a version, at most `limit`, or as many as one read takes. */
  events(id: string, query: { readonly after: number; readonly limit: number }): Promise<EventsPage>;
  /** Puts a snapshot, unless there is one of this version and schema version. */
  putSnapshot(id: string, snapshot: Snapshot): Promise<void>;
}

/** A row of a view: what queries read, and how far it is. */
export interface ViewRow {
  /** Id of the aggregate. */
  readonly id: string;
  /** The version of the aggregate that is in it. */
  readonly position: number;
  /** What is shown; undefined where the view has nothing of this aggregate. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** `sub` of whose row it is. */
  readonly owner?: string;
  /** Whose it was before, where that was another's, and the version by which they lost it: they are told of that. */
  readonly formerOwner?: { readonly sub: string; readonly version: number };
  /** Where it stands in lists, by their names. */
  readonly lists: Readonly<Record<string, ListPlace>>;
  /** When the last event that is in it occurred. */
  readonly updatedAt: string;
  /** Version of the code that has made it. */
  readonly projectionVersion: number;
  /** Grows with every write, of the same position too: who has read another revision does not overwrite it. */
  readonly revision: number;
}

export interface RowKey {
  readonly view: string;
  readonly id: string;
}

/** The read model. Every read is strongly consistent. */
export interface ViewStore {
  /** In the order of their keys. */
  rows(keys: readonly RowKey[]): Promise<readonly (ViewRow | undefined)[]>;
  /**
   * Puts a row, and what lists have of it, all or nothing.
   *
   * @param before the row as it was read
   * @returns false where it is no more as it was read: nothing is written
   */
  put(view: string, row: ViewRow, before: ViewRow | undefined): Promise<boolean>;
}

/** The read model, with what lists show of a row. */
export interface ListedViewStore extends ViewStore {
  /** What is shown in each list that the row stands in; undefined where it is missing there. */
  listed(view: string, row: ViewRow): Promise<readonly (ViewRow['data'] | undefined)[]>;
}

/** That a row has changed, for whoever watches: nothing of what it shows. */
export interface ViewChange {
  readonly view: string;
  readonly id: string;
  /** Who is told: whose row it is, or was until then. */
  readonly owner?: string;
  /** The row is of this version, or a later one. */
  readonly version: number;
  readonly occurredAt: string;
  readonly commandId: string;
  readonly correlationId: string;
}

/** An aggregate of which a view cannot take the next event. */
export interface Parked {
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly view: string;
  /** The version that it cannot take. */
  readonly version: number;
  /** Names a place in the domain's code; holds nothing of the event. */
  readonly reason: string;
}

/** Where what cannot be projected waits for an operator. */
export interface Parking {
  /** Throws where they are not taken. */
  park(parked: readonly Parked[]): Promise<void>;
}

export interface Publisher {
  /**
   * Tells whoever watches, at least once, within bounded time. What cannot be told is noted, and does not fail what it
   * tells of.
   */
  publish(changes: readonly ViewChange[]): Promise<void>;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

export interface Ids {
  /** A new UUIDv7. */
  newId(): string;
}
