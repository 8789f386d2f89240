import { accessTokenCountKey, accessTokenKey, accountKey, emailKey, passwordKey, signInKey } from './account-keys';
import { entity } from '../core/dynamodb/entity';

/** The kinds of items in a table of accounts. */

/** Makes an e-mail unique. */
export const EMAIL = entity<{ readonly userId: string }>()('Email', emailKey);
export const ACCOUNT = entity<{ readonly userId: string; readonly email: string }>()('Account', accountKey);
export const PASSWORD = entity<{ readonly passwordHash: string }>()('Password', passwordKey);
/**
 * Sign-ins for an e-mail that were tried and that failed, until `expiresAt` (epoch seconds): of all sources, and in
 * attributes of its own, `tries_<source>` and `failures_<source>`, of each.
 */
export const SIGN_IN = entity<{ readonly tries: number; readonly failures?: number; readonly expiresAt: number }>()(
  'SignIn',
  signInKey,
);

export interface AccessTokenItem {
  /** SHA-256 of the secret, base64url. */
  readonly secretHash: string;
  readonly name: string;
  /** What it may do. */
  readonly scopes: readonly string[];
  /** What the user pool knows the user by. */
  readonly username: string;
  readonly createdAt: string;
  /** When it got the secret that it has, ISO 8601: its life begins there. */
  readonly issuedAt: string;
  /** ISO 8601: from then on it is good no more, whether the item is still there or not. */
  readonly expiresAtTime: string;
  /** ISO 8601; behind by minutes, and not there as long as the secret was never used. */
  readonly lastUsedAt?: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}
/** A personal access token: in no table that is streamed, because what is streamed is also exported and indexed. */
export const ACCESS_TOKEN = entity<AccessTokenItem>()('AccessToken', accessTokenKey);
/** Which token was made last: there is no number in it, because tokens also end by themselves. */
export const ACCESS_TOKEN_COUNT = entity<{ readonly lastTokenId: string }>()('AccessTokenCount', accessTokenCountKey);
