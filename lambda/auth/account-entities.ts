import { accountKey, emailKey, passwordKey, signInKey } from './account-keys';
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
