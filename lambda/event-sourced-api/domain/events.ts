/** Who sends a command: a user of the Cognito pool. */
export interface Actor {
  /** Cognito's id of the user, which is never given to another. */
  readonly sub: string;
  readonly username: string;
  readonly groups: readonly string[];
}

/** What is known of an event beside what it says. */
export interface EventMeta {
  /** Id of the aggregate. */
  readonly id: string;
  /** The version of the aggregate that the event makes: 1, 2, and so on without gaps. */
  readonly version: number;
  /** ISO 8601 in UTC with milliseconds. */
  readonly occurredAt: string;
  /** `sub` of who sent the command. */
  readonly actor: string;
  readonly commandId: string;
  /** The same for all that comes of one cause; the command's own id where its sender says no other. */
  readonly correlationId: string;
  /** What caused the command, where its sender says so. */
  readonly causationId?: string;
}

/** A fact, as it is stored and never changed. */
export interface StoredEvent extends EventMeta {
  /** UUIDv7. */
  readonly eventId: string;
  readonly aggregateType: string;
  readonly type: string;
  /** Version of the shape of `data`. */
  readonly schemaVersion: number;
  readonly data: unknown;
}

/** An event as a decider gives it: its type, and its data as JSON has it. */
export type NewEvent<Events> = {
  readonly [Type in keyof Events & string]: { readonly type: Type; readonly data: Events[Type] };
}[keyof Events & string];

/** A stored event as views have it: of the schema version of now. */
export type RecordedEvent<Events> = {
  readonly [Type in keyof Events & string]: EventMeta & { readonly type: Type; readonly data: Events[Type] };
}[keyof Events & string];
