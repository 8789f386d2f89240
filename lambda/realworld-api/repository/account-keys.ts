import { fold, type Key } from '../../social-table/keys';

/** Keys of the accounts table, which has no stream: what is streamed is also exported and indexed. */

export const emailKey = (email: string): Key => ({ PK: `EMAIL#${fold(email)}`, SK: 'GUARD' });
export const accountKey = (userId: string): Key => ({ PK: `ACCOUNT#${userId}`, SK: 'ACCOUNT' });
export const passwordKey = (userId: string): Key => ({ PK: `PASSWORD#${userId}`, SK: 'PASSWORD' });
/** Failed sign-ins, by e-mail, whether there is such an account or not. */
export const signInKey = (email: string): Key => ({ PK: `SIGNIN#${fold(email)}`, SK: 'FAILURES' });
/** The public keys that tokens are verified with. */
export const JWKS_KEY: Key = { PK: 'JWKS', SK: 'JWKS' };
