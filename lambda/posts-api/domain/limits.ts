/** Bounds of input. */
export const LIMITS = {
  /** Characters. */
  postName: 200,
  /** Bytes of UTF-8: an item of DynamoDB takes 400 kB. */
  contentBytes: 300_000,
  /** Tags of a post. */
  tags: 20,
  /** Users who may see a post. */
  allowedUsers: 1000,
  /** Characters. */
  tagName: 100,
  /** Characters. */
  tokenName: 100,
  /** Access tokens of a user. */
  tokens: 50,
  /** Days until an access token expires, at most. */
  tokenDays: 366,
  /** Of one that does not say. */
  defaultTokenDays: 90,
  /** Characters. */
  displayName: 100,
  /** Characters. */
  bio: 1000,
  pageSize: 100,
  /** Of a page that does not say. */
  defaultPageSize: 20,
} as const;
