/**
 * How the partition keys of each kind of item begin, in the table and in its indexes. Keys are made from these, and
 * grants name them.
 *
 * @internal
 */
export const ITEMS_KEY_PREFIXES = {
  /** Items; in GSI1, those of a category. */
  item: 'ITEM#',
  /** In GSI2, all items. */
  itemList: 'ITEMS#',
  /** Users; in GSI1, by their e-mail. */
  user: 'USER#',
  /** Says whose an e-mail is: no two users have one. */
  email: 'EMAIL#',
} as const;

/** @internal */
export type ItemsKind = keyof typeof ITEMS_KEY_PREFIXES;

/**
 * Indexes of the table: all are made with it, because CloudFormation changes one an update.
 *
 * @internal
 */
export const ITEMS_INDEXES = ['GSI1', 'GSI2'] as const;

/** @internal */
export type ItemsIndex = (typeof ITEMS_INDEXES)[number];
