import type { AccountItemKind } from '../core/account-key-prefixes';
import type { EndpointFacts, ItemRights } from '../core/endpoint';
import type { SocialItemKind } from '../social-table/key-prefixes';

/**
 * A setting of the construct that an endpoint's function gets as an environment variable.
 *
 * @internal
 */
export type RealWorldSetting =
  | 'FEED_TABLE_NAME'
  | 'FEED_READ_CAP'
  | 'FEED_TTL_SECONDS'
  | 'OVERLAY_WINDOW_SECONDS'
  | 'CLEAN_UP_WINDOW_SECONDS'
  | 'ITEM_CACHE_TTL_SECONDS'
  | 'SEARCH_WINDOW_SECONDS'
  | 'SEARCH_DELETED_WINDOW_SECONDS'
  | 'RECENT_UPDATES'
  | 'PASSWORD_MINIMUM_LENGTH'
  | 'TOKEN_LIFETIME_SECONDS';

/**
 * Facts about an endpoint of the RealWorld API.
 *
 * @internal
 */
export interface RealWorldEndpoint extends EndpointFacts {
  readonly social?: ItemRights<SocialItemKind>;
  readonly accounts?: ItemRights<AccountItemKind>;
  /** Hashes passwords and reads the private key that signs tokens. */
  readonly signs?: true;
  readonly readsFeed?: true;
  readonly settings?: readonly RealWorldSetting[];
  /** What it is with a search index; without this, the same. */
  readonly search?: WithSearch;
}

/**
 * What an endpoint is where a search index is composed in.
 *
 * @internal
 */
export interface WithSearch {
  /** There is no such endpoint without an index; or its function has other code with one: `get-tags-by-search`. */
  readonly code?: 'only' | 'other';
  /** Rights beside the others. */
  readonly social?: ItemRights<SocialItemKind>;
  /** Settings beside the others. */
  readonly settings?: readonly RealWorldSetting[];
}

/**
 * What a function logs when the table answers instead of the search index; a metric counts these lines.
 *
 * @internal
 */
export const SEARCH_FALLBACK = 'search index did not answer';

/**
 * Public keys, to verify tokens.
 *
 * @internal
 */
export const VERIFY = { BatchGetItem: ['jwks'] } as const;
