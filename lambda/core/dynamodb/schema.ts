import type { Item, Key } from './items';

/**
 * Turns an item of one schema version into what it is in the next: usually itself, changed; also several items, or
 * none. Pure: readers call it with what they have read, and the migration with what it is about to write.
 *
 * @param related the items that its kind asks for
 */
export type UpConverter = (item: Item, related: readonly Item[]) => readonly Item[];

/** Items of one partition whose sort keys begin so. */
export interface Related {
  readonly pk: string;
  readonly prefix: string;
}

/** A kind of item whose shape has changed since it was first written. */
export interface VersionedKind {
  /** As counts and examples name it. */
  readonly type: string;
  /** What is written now. */
  readonly schemaVersion: number;
  /** By the version that they begin with: one for each before `schemaVersion`. */
  readonly upConverters: Readonly<Record<number, UpConverter>>;
  /** Whether an item, of any version, is of this kind. */
  isKind(item: Item): boolean;
  /**
   * What else a converter from the version of this item needs to see. Whoever writes such items writes the item too, so
   * that the two belong together while that stays as it was.
   *
   * @default - nothing
   */
  related?(item: Item): Related;
}

/** An item that no converter makes sense of. Says what is wrong, and no value: it is logged. */
export class Unconvertible extends Error {
  public constructor(what: string) {
    super(what);
    this.name = 'Unconvertible';
  }
}

/** Items that were written before there were versions are of version 1. */
export const schemaVersionOf = ({ schemaVersion }: Item): number =>
  typeof schemaVersion === 'number' ? schemaVersion : 1;

/** What an item of an earlier schema version is now. */
export interface Conversion {
  readonly type: string;
  readonly from: number;
  readonly to: number;
  readonly items: readonly Item[];
}

const kindOf = (kinds: readonly VersionedKind[], item: Item): VersionedKind | undefined =>
  kinds.find((kind) => kind.isKind(item) && schemaVersionOf(item) < kind.schemaVersion);

/** What else is to be read for `upConvert` of this item. */
export const relatedOf = (kinds: readonly VersionedKind[], item: Item): Related | undefined =>
  kindOf(kinds, item)?.related?.(item);

const isSame = (one: Item, other: Item) => one.PK === other.PK && one.SK === other.SK;

/**
 * Brings an item to the schema versions of now, through all that lie between; so too what it turns into on the way.
 *
 * @returns undefined where it is of none of these kinds, or needs nothing; one of a later version is left alone
 * @throws Unconvertible where a converter says so
 */
export function upConvert(
  kinds: readonly VersionedKind[],
  item: Item,
  related: readonly Item[] = [],
): Conversion | undefined {
  const kind = kindOf(kinds, item);
  if (!kind) {
    return undefined;
  }
  const from = schemaVersionOf(item);
  const converter = kind.upConverters[from];
  if (!converter) {
    throw new Unconvertible(`${kind.type} has no converter from version ${from}`);
  }
  const next = converter(item, related);
  if (next.some((one) => isSame(one, item) && kind.isKind(one) && schemaVersionOf(one) <= from)) {
    throw new Unconvertible(`the converter of ${kind.type} from version ${from} leads to no later one`);
  }
  const items = next.flatMap((one) => upConvert(kinds, one, related)?.items ?? [one]);
  return { type: kind.type, from, to: kind.schemaVersion, items };
}

/**
 * Items as they are after the migration, for whoever reads before it: each of an earlier version is what it turns into.
 * Where an item that was read, and one that another turns into, have the same key, the one that was read counts, as the
 * migration leaves it.
 *
 * @param items those that are wanted, with all that `relatedOf` names
 */
export function upToDate(kinds: readonly VersionedKind[], items: readonly Item[]): (key: Key) => Item | undefined {
  const text = ({ PK, SK }: Item | Key) => `${String(PK)}\n${String(SK)}`;
  const relatedTo = (item: Item) => {
    const related = relatedOf(kinds, item);
    return items.filter(({ PK, SK }) => related?.pk === PK && String(SK).startsWith(related?.prefix ?? ''));
  };
  const now = new Map<string, Item>();
  const converted = items.map((item) => upConvert(kinds, item, relatedTo(item))?.items);
  converted.forEach((made) => made?.forEach((item) => now.set(text(item), item)));
  items.forEach((item, place) => converted[place] ?? now.set(text(item), item));
  return (key) => now.get(text(key));
}
