/** A key of a table or an index. */
export interface BrowsedKey {
  readonly partition: string;
  readonly sort?: string;
}

/** A table as the page of tables lists it. */
export interface BrowsedTable {
  readonly name: string;
  readonly key: BrowsedKey;
  /** As the template names them, with their keys. */
  readonly indexes: readonly (BrowsedKey & { readonly name: string; readonly local: boolean })[];
  /** Types of the key attributes: `S`, `N` or `B`. */
  readonly types: Readonly<Record<string, string>>;
  readonly itemCount: number;
  readonly ttlAttribute?: string;
}

/** How a sort key is compared. */
export const COMPARISONS = ['=', 'begins_with', '<', '<=', '>', '>='] as const;

export type Comparison = (typeof COMPARISONS)[number];

/** Which items are asked for: of one partition, or all. */
export interface ItemQuery {
  readonly table: string;
  /** @default - the table itself */
  readonly index?: string;
  /** As a person writes it: bytes in base64. @default - all partitions */
  readonly partition?: string;
  /** Only with a partition. @default - all of it */
  readonly sort?: { readonly comparison: Comparison; readonly value: string };
  /** From the last to the first; only with a partition. @default false */
  readonly descending?: boolean;
  /** `next` of the page before. @default - the first page */
  readonly start?: string;
  readonly limit: number;
}

/** A page of items with DynamoDB's types: `{ PK: { S: 'x' } }`. */
export interface ItemPage {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  /** Where the next page starts; undefined on the last. */
  readonly next?: string;
}

/** A query that cannot be done; the message is for the person who asked. */
export class ItemQueryRefused extends Error {}

/** Tables whose items a person may look through. */
export interface ItemBrowser {
  list(): Promise<readonly BrowsedTable[]>;
  /** @throws ItemQueryRefused */
  page(query: ItemQuery): Promise<ItemPage>;
}
