/**
 * Facts about an endpoint of an HTTP API, without imports: the construct makes its route and function from them, the
 * function's code is typed by them, and the API documents are written from them.
 *
 * The name under which a table of endpoints holds them is the operation's one name: construct id of the function, the
 * `operationId` in the API documents and, in kebab case, the folder of the function's code.
 *
 * @internal
 */
export interface EndpointFacts {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the API's base path; `{name}` is a path parameter. */
  readonly path: string;
  /** What it does, as a sentence without a full stop. */
  readonly summary: string;
  /** Under which heading the API documents show it. */
  readonly tag: string;
  /**
   * Whether a request needs credentials, may have them, or is never asked for them; or whether that is the
   * deployment's choice: its gateway asks, where it has an authorizer, and the function never does.
   */
  readonly auth: 'none' | 'optional' | 'required' | 'deployment';
  /** Where a request carries input beside its path. */
  readonly input?: readonly ('query' | 'body')[];
  /** Status of a success; 204 has no body. */
  readonly success: 200 | 201 | 202 | 204;
  /** Status of a success that has made the resource, where one that was there is answered otherwise. */
  readonly created?: 201;
  /**
   * Whether answers carry an ETag. A `GET` then knows `If-None-Match` (304), a `PUT`, `PATCH` or `DELETE` knows
   * `If-Match` (412).
   */
  readonly etag?: true;
  /** Statuses of the errors it may answer beside 401, which follows from `auth`, and the API's own for bad input. */
  readonly errors?: readonly number[];
}

/**
 * Actions on the items of one table, each with the kinds of items on which it is allowed. Kinds are names in a table
 * of key prefixes.
 *
 * @internal
 */
export type ItemRights<Kind extends string> = Readonly<Partial<Record<ItemAction, readonly Kind[]>>>;

/**
 * Actions of DynamoDB that a condition on leading keys bounds.
 *
 * @internal
 */
export type ItemAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'BatchWriteItem'
  | 'ConditionCheckItem';
