/**
 * How the partition keys of each kind of item in a table of accounts begin. No prefix is also one of SocialTable's:
 * where one call reads both tables, a right on one never covers an item of the other.
 *
 * @internal
 */
export const ACCOUNT_KEY_PREFIXES = {
  email: 'EMAIL#',
  account: 'ACCOUNT#',
  password: 'PASSWORD#',
  signIn: 'SIGNIN#',
  jwks: 'JWKS',
  accessToken: 'PATS#',
} as const;

/** @internal */
export type AccountItemKind = keyof typeof ACCOUNT_KEY_PREFIXES;
