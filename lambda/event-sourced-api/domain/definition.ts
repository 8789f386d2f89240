import { checkDomain } from './domain-checks';
import type { Actor, EventMeta, NewEvent, RecordedEvent } from './events';

/** Arguments of a command: those of its mutation, without ids and versions. AppSync has checked their types. */
export type Arguments = Readonly<Record<string, unknown>>;

/** What a decider knows beside state and arguments. */
export interface CommandContext {
  readonly actor: Actor;
  /** ISO 8601 in UTC with milliseconds. */
  readonly now: string;
  /** Id of the aggregate. */
  readonly id: string;
  /** Version of the aggregate; 0 where it does not exist yet. */
  readonly version: number;
  readonly commandId: string;
  readonly correlationId: string;
  readonly causationId?: string;
  /** A new UUIDv7. */
  newId(): string;
}

/**
 * Decides what a command comes to: events, or none where nothing is to change. It refuses by `reject`. Pure: it awaits
 * nothing, and the same state, arguments and context give the same events.
 */
export type Decider<State, Args, Events> = (
  state: State,
  args: Args,
  context: CommandContext,
) => NewEvent<Events> | readonly NewEvent<Events>[];

/** Makes of data of one schema version that of the next. */
export type Upcaster = (data: Readonly<Record<string, unknown>>) => unknown;

/** Where a row stands in a list. */
export interface ListPlace {
  /** Rows of one value are a list: a user's id, a status. 1 to 900 bytes. */
  readonly value: string;
  /** Orders the list; rows of the same are ordered by their ids. 1 to 900 bytes. */
  readonly sort: string;
}

/** A read model: rows that are folded from the events of one aggregate each, and lists of those rows. */
export interface ViewDefinition<View, Events> {
  /** Of the code below: rows of another version are folded anew. 1, 2, and so on. */
  readonly version: number;
  /** The row after an event; `undefined` where there is none (yet, or any more). Pure. */
  readonly apply: (view: View | undefined, event: RecordedEvent<Events>) => View | undefined;
  /** `sub` of the user whose row it is. @default - nobody's */
  readonly owner?: (view: View) => string | undefined;
  /** Where the row stands in each list, by the names of lists. @default - in none */
  readonly lists?: (view: View) => Readonly<Record<string, ListPlace | undefined>>;
}

/** When the state of an aggregate is stored beside its events, so that not all of them are read for a command. */
export interface SnapshotDefinition<State> {
  /** Events from one snapshot to the next: 2 to 1000. @default 50 */
  readonly every?: number;
  /** Version of the shape of the state. @default 1 */
  readonly schemaVersion?: number;
  /**
   * The state of a snapshot of another schema version as it is now; `undefined` where it is to be folded from events.
   *
   * @default - folded from events
   */
  readonly upgrade?: (state: unknown, schemaVersion: number) => State | undefined;
}

/**
 * A domain: one kind of aggregate, what commands come to, what events do to its state, and what is shown of it.
 *
 * All of it is plain code without AWS. States, data of events and views are JSON: what is no JSON is lost when stored.
 */
export interface DomainDefinition<State, Events, Commands, Views> {
  /** The kind of aggregate: a letter, then letters, digits and `_`, 64 at most; not `COMMAND`. */
  readonly aggregate: string;
  /** The state of version 0. */
  readonly initial: () => State;
  /** Deciders, by the fields of `type Mutation`. */
  readonly commands: { readonly [Name in keyof Commands]: Decider<State, Commands[Name], Events> };
  /** Reducers, by types of events. Pure. */
  readonly evolve: {
    readonly [Type in keyof Events]: (state: State, data: Events[Type], meta: EventMeta) => State;
  };
  /** The schema version that events of a type are written with. @default - 1 each */
  readonly schemaVersions?: { readonly [Type in keyof Events]?: number };
  /** By type, and by the schema version that they begin with: one for each before that of now. @default - none */
  readonly upcasters?: { readonly [Type in keyof Events]?: Readonly<Record<number, Upcaster>> };
  /** @default - every 50 events, of schema version 1 */
  readonly snapshot?: SnapshotDefinition<State>;
  /** By name: a letter, then letters, digits, `_` and `-`, 64 at most; not `JOB`. */
  readonly views: { readonly [Name in keyof Views]: ViewDefinition<Views[Name], Events> };
}

/**
 * Makes a domain, and checks it: `export const domain = defineDomain<State, Events>({ ... })`.
 *
 * `Events` are the data of each type of event, `Commands` the arguments of each command, `Views` the rows of each view,
 * all by name. Without the last two, arguments and rows are records of whatever.
 *
 * @throws Error that names everything that is malformed
 */
export function defineDomain<
  State,
  Events extends object,
  Commands extends object = Readonly<Record<string, Arguments>>,
  Views extends object = Readonly<Record<string, Readonly<Record<string, unknown>>>>,
>(definition: DomainDefinition<State, Events, Commands, Views>): DomainDefinition<State, Events, Commands, Views> {
  checkDomain(definition);
  return definition;
}
