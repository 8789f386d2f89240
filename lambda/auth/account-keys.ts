import { ACCOUNT_KEY_PREFIXES as PREFIX } from '../../src/core/account-key-prefixes';
import type { Key } from '../core/dynamodb/items';
import { fold } from '../core/folding';

/** Keys of the accounts table, which has no stream: what is streamed is also exported and indexed. */

export const emailKey = (email: string): Key => ({ PK: `${PREFIX.email}${fold(email)}`, SK: 'GUARD' });
export const accountKey = (userId: string): Key => ({ PK: `${PREFIX.account}${userId}`, SK: 'ACCOUNT' });
export const passwordKey = (userId: string): Key => ({ PK: `${PREFIX.password}${userId}`, SK: 'PASSWORD' });
/** Failed sign-ins, by e-mail, whether there is such an account or not. */
export const signInKey = (email: string): Key => ({ PK: `${PREFIX.signIn}${fold(email)}`, SK: 'FAILURES' });
/** Begins the sort key of a personal access token; ids are UUIDv7, so that they sort by the time they were made. */
export const TOKEN_SK_PREFIX = 'PAT#';
/** A user's personal access tokens. */
export const accessTokensPk = (userId: string) => `${PREFIX.accessToken}${userId}`;
export const accessTokenKey = (userId: string, tokenId: string): Key => ({
  PK: accessTokensPk(userId),
  SK: `${TOKEN_SK_PREFIX}${tokenId}`,
});
/** Moves with every token that is made: of two at once, one counts again. It lies after all of them. */
export const accessTokenCountKey = (userId: string): Key => ({ PK: accessTokensPk(userId), SK: 'TOTAL' });
/** The public keys that tokens are verified with. */
export const JWKS_KEY: Key = { PK: PREFIX.jwks, SK: 'JWKS' };
