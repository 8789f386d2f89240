/** A query that shows one row of a view. */
export interface ViewField {
  readonly kind: 'view';
  /** Of `type Query`. */
  readonly name: string;
  /** The view's name, as the schema has it. */
  readonly view: string;
  /** Groups that may read every row, beside its owner; `*` is everybody who has signed in. */
  readonly readers: readonly string[];
}

/** A query that shows a list of a view. */
export interface ListField {
  readonly kind: 'list';
  readonly name: string;
  readonly view: string;
  readonly list: string;
  /** The argument that says which list it is; undefined for the caller's own. */
  readonly argument?: string;
  /** Groups that may read it; `*` is everybody who has signed in. None for the caller's own. */
  readonly readers: readonly string[];
  /** Whether rows come in the order of their sort values, and not the other way about. */
  readonly isAscending: boolean;
}

/** @internal */
export type QueryField = ViewField | ListField;
