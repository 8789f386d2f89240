/** An item as the document client gives it. */
export type Item = Record<string, unknown>;

/** Primary key of an item in the tables of this library. */
export type Key = { readonly PK: string; readonly SK: string };

/** One item to read: its table and its key. */
export interface ItemRef {
  readonly table: string;
  readonly key: Key;
}
