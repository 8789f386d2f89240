import { LIMITS } from './limits';
import type { AccessToken, Page, Principal, TokenScope } from './model';
import { nextCursorOf, type PageRequest, startOf } from './paging';
import { newAccessToken } from '../../auth/access-tokens';
import { Busy } from '../../core/busy';
import { isUuid } from '../../core/ids';
import { pause } from '../../core/retry';
import { conflict, invalid, notFound, unauthorized } from '../errors';

/** A token as it is kept: of its secret there is a digest. */
export interface KeptAccessToken extends AccessToken {
  readonly secretHash: string;
}

/** Which tokens of a user there are. */
export interface TokenCensus {
  /** How many are good. */
  readonly good: number;
  /** Some of those that are over, and are taken away by the next write. */
  readonly over: readonly string[];
  /** Which was made last; undefined where none ever was. */
  readonly last?: string;
}

/** What became of a new token. */
export type NewTokenOutcome = 'done' | 'owner-gone' | 'changed';

/** What the rules about tokens need of storage. Every read is consistent; of tokens that are over it knows nothing. */
export interface TokenStore {
  /** Newest first. @param after begins below this one */
  page(userId: string, now: string, limit: number, after?: string): Promise<Page<AccessToken>>;
  find(userId: string, tokenId: string, now: string): Promise<KeptAccessToken | undefined>;
  /** Unless it has another secret by now than `before`. */
  replace(userId: string, before: KeptAccessToken, after: KeptAccessToken): Promise<'done' | 'gone' | 'changed'>;
  delete(userId: string, tokenId: string, now: string): Promise<'done' | 'gone'>;
}

/** What makes tokens. */
export interface TokenMaker {
  census(userId: string, now: string): Promise<TokenCensus>;
  /** Unless its owner is deleted, or another was made since the census. */
  create(owner: Principal, token: KeptAccessToken, census: TokenCensus): Promise<NewTokenOutcome>;
}

interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

export interface TokenPorts extends Clock {
  readonly tokens: TokenStore;
}

export interface TokenMakerPorts extends Clock {
  readonly maker: TokenMaker;
  newId(): string;
}

/** A new token, as the API takes it. */
interface NewToken {
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly expires_at?: string;
}

const DAY = 24 * 3600_000;
/** Tries of what other new tokens of the same user get in the way of. */
const ATTEMPTS = 20;

const iso = (time: number) => new Date(time).toISOString();

const tokenView = (token: AccessToken) => ({
  token_id: token.tokenId,
  name: token.name,
  scopes: token.scopes,
  created_at: token.createdAt,
  expires_at: token.expiresAt,
  last_used_at: token.lastUsedAt ?? null,
});

/** @throws HttpError 400 where it is not between now and the longest life of a token */
function expiryOf(given: string | undefined, now: number): number {
  if (given === undefined) {
    return now + LIMITS.defaultTokenDays * DAY;
  }
  const time = Date.parse(given);
  if (time <= now) {
    throw invalid('expires_at', 'must be in the future');
  }
  if (time > now + LIMITS.tokenDays * DAY) {
    throw invalid('expires_at', `must be within ${LIMITS.tokenDays} days`);
  }
  return time;
}

/** Its text is in this answer and in no other: of the secret a digest is kept. */
export async function createToken(ports: TokenMakerPorts, owner: Principal, input: NewToken) {
  const now = ports.now();
  const expiresAt = iso(expiryOf(input.expires_at, now));
  const tokenId = ports.newId();
  const { text, secretHash } = newAccessToken({ userId: owner.userId, tokenId });
  const { name, scopes } = input;
  const token = { tokenId, name, scopes, createdAt: iso(now), issuedAt: iso(now), expiresAt, secretHash };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const census = await ports.maker.census(owner.userId, token.createdAt);
    if (census.good >= LIMITS.tokens) {
      throw conflict(`There are ${LIMITS.tokens} access tokens, which are all that a user may have: revoke one first`);
    }
    const outcome = await ports.maker.create(owner, token, census);
    if (outcome === 'owner-gone') {
      throw unauthorized();
    }
    if (outcome === 'done') {
      return { ...tokenView(token), token: text };
    }
    await pause(attempt);
  }
  throw new Busy(`Others of a user's tokens were made in ${ATTEMPTS} attempts to make one`);
}

/** Newest first. A token that is over is none any more. */
export async function listTokens(ports: TokenPorts, { userId }: Principal, request: PageRequest) {
  const binding = ['GetTokens', userId];
  const after = startOf(binding, request);
  const page = await ports.tokens.page(userId, iso(ports.now()), request.limit, after);
  return { tokens: page.items.map(tokenView), next_cursor: nextCursorOf(binding, page) };
}

/** It is good no more at once: nothing keeps what was read of it. @throws HttpError 404 */
export async function deleteToken(ports: TokenPorts, { userId }: Principal, tokenId: string): Promise<void> {
  const outcome = isUuid(tokenId) ? await ports.tokens.delete(userId, tokenId, iso(ports.now())) : 'gone';
  if (outcome === 'gone') {
    throw notFound('token');
  }
}

/**
 * Gives a token another secret, and as long a life as it had; the old one is good no more at once. That it was last used
 * is forgotten: when it is known again, its user has the new one. A token that is over is none, and has no more lives.
 *
 * @throws HttpError 404; 409 where it was rotated at the same moment: of two new secrets one only can be good
 */
export async function rotateToken(ports: TokenPorts, { userId }: Principal, tokenId: string) {
  const now = ports.now();
  const before = isUuid(tokenId) ? await ports.tokens.find(userId, tokenId, iso(now)) : undefined;
  if (!before) {
    throw notFound('token');
  }
  const { text, secretHash } = newAccessToken({ userId, tokenId });
  const life = Date.parse(before.expiresAt) - Date.parse(before.issuedAt);
  const times = { issuedAt: iso(now), expiresAt: iso(now + life), lastUsedAt: undefined };
  const after: KeptAccessToken = { ...before, ...times, secretHash };
  const outcome = await ports.tokens.replace(userId, before, after);
  if (outcome === 'gone') {
    throw notFound('token');
  }
  if (outcome === 'changed') {
    throw conflict('The access token was rotated at this moment');
  }
  return { ...tokenView(after), token: text };
}
