import type { Item, Key } from './items';

/** A kind of item: its `entityType`, its key, and what it holds beside them. */
export interface Entity<Args extends readonly unknown[], Attributes extends object> {
  /** Written as `entityType`, by which readers of the stream tell kinds apart. */
  readonly type: string;
  readonly key: (...args: Args) => Key;
  /** The whole item. */
  item(args: Args, attributes: Attributes): Item;
  /** What the item holds. The table is written through its entities alone, so that it holds what they say. */
  read(item: Item): Attributes;
}

/**
 * Declares a kind of item: `entity<Attributes>()('Profile', profileKey)`.
 *
 * @param type what `entityType` says
 * @param key makes the key from what identifies the item
 */
export const entity =
  <Attributes extends object>() =>
  <Args extends readonly unknown[]>(type: string, key: (...args: Args) => Key): Entity<Args, Attributes> => ({
    type,
    key,
    item: (args, attributes) => ({ ...key(...args), entityType: type, ...attributes }),
    read: (item) => item as Attributes,
  });
