import { ACCESS_TOKEN_PREFIX, claimedAccessToken, isSecretOf } from '../../auth/access-tokens';
import type { SignedInUser } from '../../auth/cognito-jwt';
import { InvalidToken } from '../../auth/tokens';
import { logWarning } from '../../core/logger';

/** How often it is written that a token was used, in ms: no oftener, so that reads of the API stay reads. */
export const LAST_USED_EVERY = 10 * 60_000;

/** An access token as it is kept. Times are ISO 8601. */
export interface KeptToken {
  readonly secretHash: string;
  readonly scopes: readonly string[];
  readonly username: string;
  readonly expiresAtTime: string;
  readonly lastUsedAt?: string;
}

/** What is read of credentials. Every read is consistent: what was revoked is good no more at once. */
export interface CredentialStore {
  /** Is the user gone? */
  isDeleted(userId: string): Promise<boolean>;
  /** A token, with whether its user is gone; one read. */
  accessToken(userId: string, tokenId: string): Promise<{ readonly token?: KeptToken; readonly isDeleted: boolean }>;
  /**
   * Writes that a token was used, if it still has this secret and nobody has written it since.
   *
   * @param since ISO 8601
   */
  used(userId: string, tokenId: string, secretHash: string, now: string, since: string): Promise<void>;
}

/** What the authorizer needs of the world. */
export interface AuthorizerPorts {
  readonly store: CredentialStore;
  /** Verifies an access token of the user pool. @throws InvalidToken */
  verify(token: string): Promise<SignedInUser>;
  /** In ms since 1970. */
  now(): number;
}

/** Who asks, as the function behind the route is told: text alone is passed on. */
export type AuthorizerContext = Readonly<Record<string, string>>;

/**
 * The token of an `Authorization: Bearer <token>` header.
 *
 * @param headers all that were sent by this name
 * @throws InvalidToken unless it is exactly one, of this scheme
 */
function bearerOf(headers: readonly string[]): string {
  const [header, ...more] = headers;
  const [, token] = /^bearer +(\S+)$/i.exec(header?.trim() ?? '') ?? [];
  if (token === undefined || more.length > 0) {
    throw new InvalidToken();
  }
  return token;
}

async function ofSignIn({ store, verify }: AuthorizerPorts, jwt: string): Promise<AuthorizerContext> {
  const { userId, username } = await verify(jwt);
  if (await store.isDeleted(userId)) {
    throw new InvalidToken();
  }
  return { userId, username, credential: 'jwt' };
}

/** Tells when a token was last used, which is nice to know: where it cannot be written, the request goes on. */
async function noteUse(ports: AuthorizerPorts, userId: string, tokenId: string, kept: KeptToken): Promise<void> {
  const now = ports.now();
  const since = new Date(now - LAST_USED_EVERY).toISOString();
  if (kept.lastUsedAt !== undefined && kept.lastUsedAt > since) {
    return;
  }
  try {
    await ports.store.used(userId, tokenId, kept.secretHash, new Date(now).toISOString(), since);
  } catch (error) {
    await logWarning('the last use of an access token was not written', error);
  }
}

async function ofAccessToken(ports: AuthorizerPorts, text: string): Promise<AuthorizerContext> {
  const claimed = claimedAccessToken(text);
  if (!claimed) {
    throw new InvalidToken();
  }
  const { userId, tokenId, secret } = claimed;
  const { token, isDeleted } = await ports.store.accessToken(userId, tokenId);
  // By our own clock: DynamoDB takes an item away some time after its own time, in days at worst.
  const isOver = !token || !(Date.parse(token.expiresAtTime) > ports.now());
  if (isDeleted || isOver || !isSecretOf(secret, token.secretHash)) {
    throw new InvalidToken();
  }
  await noteUse(ports, userId, tokenId, token);
  return { userId, username: token.username, credential: 'token', scopes: token.scopes.join(' '), tokenId };
}

/**
 * Who sends this token, a user's of the pool or one that they have made for a program?
 *
 * @throws InvalidToken for a token that is not good now; every other error says that it is not known
 */
export async function authorize(ports: AuthorizerPorts, headers: readonly string[]): Promise<AuthorizerContext> {
  const token = bearerOf(headers);
  return token.startsWith(ACCESS_TOKEN_PREFIX) ? ofAccessToken(ports, token) : ofSignIn(ports, token);
}
