import { get as getByHttp, type IncomingMessage } from 'node:http';
import { get as getByHttps } from 'node:https';
import { JwtVerifier } from 'aws-jwt-verify';
import { validateCognitoJwtFields } from 'aws-jwt-verify/cognito-verifier';
import { JwkValidationError, JwksValidationError, JwtBaseError } from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import type { JwtHeader, JwtPayload } from 'aws-jwt-verify/jwt-model';
import { InvalidToken } from './tokens';
import { isUuid } from '../core/ids';

/** What Cognito signs with. */
const ALGORITHM = 'RS256';
/** All headers of a request to API Gateway are at most this long: what is longer is no token. */
const MAX_LENGTH = 10_240;

/** Bound of one attempt at reading the keys, in ms, from the look-up of the name to the last byte. */
const ATTEMPT_MS = 1500;
const ATTEMPTS = 2;

/** A user pool, and the clients of it whose users may come in. */
export interface UserPoolFacts {
  readonly userPoolId: string;
  readonly clientIds: readonly string[];
  /** Where the user pool is reached, if not at AWS: as the SDK's own variables say it. Issuers stay AWS's. */
  readonly endpoint?: string;
}

/** Who has signed in. */
export interface SignedInUser {
  /** Cognito's `sub`: it stays the same whatever else changes. */
  readonly userId: string;
  readonly username: string;
}

/**
 * The keys of the user pool could not be read: whether a token is good is not known. It says neither why nor where,
 * because what a function throws is logged.
 */
export class KeysUnavailable extends Error {
  public constructor() {
    super('The keys of the user pool could not be read');
    this.name = 'KeysUnavailable';
  }
}

/** By Node's own client: `fetch` costs every cold start 45 ms. */
function answerOf(address: URL): Promise<IncomingMessage> {
  const get = address.protocol === 'http:' ? getByHttp : getByHttps;
  return new Promise((resolve, reject) => {
    get(address, { signal: AbortSignal.timeout(ATTEMPT_MS) }, resolve).on('error', reject);
  });
}

async function readKeys(address: URL): Promise<ArrayBuffer> {
  const answer = await answerOf(address);
  if (answer.statusCode !== 200) {
    answer.destroy();
    throw new KeysUnavailable();
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer) {
    chunks.push(chunk as Buffer);
  }
  return Uint8Array.from(Buffer.concat(chunks)).buffer;
}

/** Tries again at once: what fails here is a connection, not a service that needs a rest. @throws KeysUnavailable */
async function fetchKeys(address: string): Promise<ArrayBuffer> {
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    try {
      return await readKeys(new URL(address));
    } catch {
      continue;
    }
  }
  return readKeys(new URL(address)).catch(() => {
    throw new KeysUnavailable();
  });
}

/** Node decodes other alphabets and stray bits as well: with these, one token would have many texts. */
const isCanonical = (token: string) =>
  token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);

function check({ header, payload }: { header: JwtHeader; payload: JwtPayload }, clientIds: readonly string[]): void {
  // An id token tells a client who has signed in, with e-mail and all: it is made to be read, not to be sent to an API,
  // and clients hand it on where they would never hand on what opens doors. What is for one purpose is good for no other.
  validateCognitoJwtFields(payload, { tokenUse: 'access', clientId: [...clientIds] });
  // `crit` names extensions that must be understood (RFC 7515, 4.1.11): there is none here. What has no end is not good.
  if (header.alg !== ALGORITHM || 'crit' in header || payload.exp === undefined) {
    throw new InvalidToken();
  }
}

function toUser({ sub, username }: JwtPayload): SignedInUser {
  // A client of its own right (client credentials) has a `sub` that is no user's, and no name.
  if (sub === undefined || !isUuid(sub) || typeof username !== 'string' || username === '') {
    throw new InvalidToken();
  }
  return { userId: sub, username };
}

/** Is it the key set that is at fault, and not the token? */
const isOfKeys = (error: unknown) => error instanceof JwksValidationError || error instanceof JwkValidationError;

/**
 * Verifies the access tokens of a user pool. Its keys are kept for the life of the sandbox, and read again for a token
 * with a key that is not among them, but not within ten seconds of such a one that was not found: strangers cannot make
 * every request of theirs one to Cognito. In these seconds a key that is not there counts as none of the pool's.
 *
 * A session that was ended (`GlobalSignOut`, `RevokeToken`) leaves its access tokens good until they expire: Cognito
 * alone knows of it.
 */
export class UserPoolVerifier {
  private readonly verifier;

  public constructor({ userPoolId, clientIds, endpoint }: UserPoolFacts) {
    const [region] = userPoolId.split('_');
    const original = `https://cognito-idp.${region}.amazonaws.com`;
    const jwksUri = `${(endpoint ?? original).replace(/\/+$/, '')}/${userPoolId}/.well-known/jwks.json`;
    // A pool is one or the other by its `IssuerConfiguration`:
    // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_IssuerConfigurationType.html
    // The keys come from one place for both, so that who claims the other one sends nobody to a host that is not there.
    const issuers = [original, `https://issuer-cognito-idp.${region}.amazonaws.com`];
    this.verifier = JwtVerifier.create(
      issuers.map((issuer) => ({
        issuer: `${issuer}/${userPoolId}`,
        jwksUri,
        // Of access tokens there is `client_id` instead, which `check` looks at.
        audience: null,
        customJwtCheck: (token: { header: JwtHeader; payload: JwtPayload }) => check(token, clientIds),
      })),
      { jwksCache: new SimpleJwksCache({ fetcher: { fetch: fetchKeys } }) },
    );
  }

  /**
   * @throws InvalidToken where the token is none of the pool's, or is good no more
   * @throws KeysUnavailable where that cannot be known
   */
  public async verify(token: string): Promise<SignedInUser> {
    if (token.length > MAX_LENGTH || !isCanonical(token)) {
      throw new InvalidToken();
    }
    try {
      return toUser(await this.verifier.verify(token));
    } catch (error) {
      // Its messages quote the token.
      throw isOfKeys(error) ? new KeysUnavailable() : error instanceof JwtBaseError ? new InvalidToken() : error;
    }
  }
}
