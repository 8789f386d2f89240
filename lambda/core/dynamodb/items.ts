/** An item as the document client gives it. */
export type Item = Record<string, unknown>;

/** Primary key of an item in the tables of this library. */
export type Key = { readonly PK: string; readonly SK: string };

/** One item to read: its table and its key. */
export interface ItemRef {
  readonly table: string;
  readonly key: Key;
}

/** One item that is known to be there. */
export interface PromisedRef extends ItemRef {
  /** So that it may not be in every copy of the table yet. */
  readonly changedLately: boolean;
  /** Whether it may be absent after all: where a read lacks it, it is not asked for again. @default false */
  readonly optional?: boolean;
}
