/** What a caller says of an item. */
export interface ItemContent {
  readonly name: string;
  readonly description?: string;
  readonly category?: string;
}

export interface Item extends ItemContent {
  readonly id: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: number;
}

export type Role = 'user' | 'admin';

export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: number;
}

/** Which items a list has. */
export interface ItemFilter {
  /** Whatever the case of its letters. */
  readonly category?: string;
  /** Only items made at this time or later: milliseconds since 1970. */
  readonly since?: number;
}
