/**
 * A client of Cognito's user pools for pages and programs: sign-up, sign-in by SRP-6a (the password never leaves), refresh.
 * No package, only what browsers and Node 20 have alike: `fetch`, `crypto.subtle`, BigInt. A browser has `crypto.subtle` on
 * https and on localhost alone.
 *
 * The protocol is that of amplify-js (packages/amazon-cognito-identity-js, AuthenticationHelper): 3072-bit group of RFC 3526
 * with the generator 2, SHA-256, HKDF with "Caldera Derived Key".
 */

const N = BigInt(
  `0x${[
    'FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD',
    'EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED',
    'EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F',
    '83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B',
    'E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510',
    '15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7',
    'ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C',
    'BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF',
  ].join('')}`,
);
const G = 2n;

/** Where users are, and as which app they sign in. */
export interface UserPoolClient {
  /** `https://cognito-idp.us-east-1.amazonaws.com`, or the address that the local runner prints; without a `/` at its end. */
  readonly endpoint: string;
  /** `us-east-1_AbCdEfGhI`. */
  readonly userPoolId: string;
  /** Of an app client without a secret, as pages have it. */
  readonly clientId: string;
}

/** What a sign-in gives. */
export interface Tokens {
  readonly accessToken: string;
  readonly idToken: string;
  /** Where a refresh gives none, the old one goes on. */
  readonly refreshToken: string;
  /** Seconds for which the first two are good. */
  readonly expiresIn: number;
}

/** How far a sign-in is: done, or asked for a new password in the place of a temporary one, or for a code of an app. */
export type SignInStep =
  | { readonly kind: 'signed in'; readonly tokens: Tokens }
  | { readonly kind: 'new password' | 'code'; readonly username: string; readonly session: string };

/** What Cognito refuses, with its code: `NotAuthorizedException`. */
export class CognitoError extends Error {
  public constructor(
    public readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'CognitoError';
  }
}

interface AuthAnswer {
  readonly ChallengeName?: string;
  readonly ChallengeParameters?: Readonly<Record<string, string>>;
  readonly Session?: string;
  readonly AuthenticationResult?: {
    readonly AccessToken: string;
    readonly IdToken: string;
    readonly RefreshToken?: string;
    readonly ExpiresIn: number;
  };
}

/** Makes an account. @returns whether it has to be confirmed by a code that was sent */
export async function signUp(pool: UserPoolClient, username: string, password: string): Promise<boolean> {
  const { UserConfirmed: confirmed } = (await call(pool, 'SignUp', {
    ...{ Username: username, Password: password },
    ...(username.includes('@') ? { UserAttributes: [{ Name: 'email', Value: username }] } : {}),
  })) as { readonly UserConfirmed?: boolean };
  return confirmed !== true;
}

/** Confirms an account by the code that was sent. */
export async function confirmSignUp(pool: UserPoolClient, username: string, code: string): Promise<void> {
  await call(pool, 'ConfirmSignUp', { Username: username, ConfirmationCode: code });
}

/** Sends another code to confirm an account. */
export async function resendCode(pool: UserPoolClient, username: string): Promise<void> {
  await call(pool, 'ResendConfirmationCode', { Username: username });
}

/** Signs in by SRP. @throws CognitoError, for a wrong password as well */
export async function signIn(pool: UserPoolClient, username: string, password: string): Promise<SignInStep> {
  const a = fromBytes(crypto.getRandomValues(new Uint8Array(32))) + 1n;
  const answer = (await call(pool, 'InitiateAuth', {
    AuthFlow: 'USER_SRP_AUTH',
    AuthParameters: { USERNAME: username, SRP_A: power(G, a).toString(16) },
  })) as AuthAnswer;
  const { ChallengeParameters: challenge = {} } = answer;
  if (answer.ChallengeName !== 'PASSWORD_VERIFIER') return stepOf(answer, username);
  const { USER_ID_FOR_SRP: userId = username } = challenge;
  const timestamp = timestampOf(new Date());
  return respond(pool, userId, 'PASSWORD_VERIFIER', undefined, {
    PASSWORD_CLAIM_SECRET_BLOCK: challenge.SECRET_BLOCK ?? '',
    PASSWORD_CLAIM_SIGNATURE: await signature(pool, { a, userId, password, timestamp, challenge }),
    TIMESTAMP: timestamp,
  });
}

/** Goes on with a new password in the place of a temporary one. */
export async function setNewPassword(
  pool: UserPoolClient,
  step: Exclude<SignInStep, { readonly kind: 'signed in' }>,
  password: string,
): Promise<SignInStep> {
  return respond(pool, step.username, 'NEW_PASSWORD_REQUIRED', step.session, { NEW_PASSWORD: password });
}

/** Goes on with the code of an authenticator app. */
export async function giveCode(
  pool: UserPoolClient,
  step: Exclude<SignInStep, { readonly kind: 'signed in' }>,
  code: string,
): Promise<SignInStep> {
  return respond(pool, step.username, 'SOFTWARE_TOKEN_MFA', step.session, { SOFTWARE_TOKEN_MFA_CODE: code });
}

/** Gives new tokens for a refresh token. */
export async function refresh(pool: UserPoolClient, refreshToken: string): Promise<Tokens> {
  const answer = (await call(pool, 'InitiateAuth', {
    AuthFlow: 'REFRESH_TOKEN_AUTH',
    AuthParameters: { REFRESH_TOKEN: refreshToken },
  })) as AuthAnswer;
  return tokensOf(answer, refreshToken);
}

/** Ends the session of a refresh token. */
export async function signOut(pool: UserPoolClient, refreshToken: string): Promise<void> {
  await call(pool, 'RevokeToken', { Token: refreshToken });
}

async function respond(
  pool: UserPoolClient,
  username: string,
  challenge: string,
  session: string | undefined,
  answers: Readonly<Record<string, string>>,
): Promise<SignInStep> {
  const answer = (await call(pool, 'RespondToAuthChallenge', {
    ChallengeName: challenge,
    ChallengeResponses: { USERNAME: username, ...answers },
    ...(session === undefined ? {} : { Session: session }),
  })) as AuthAnswer;
  return stepOf(answer, username);
}

function stepOf(answer: AuthAnswer, username: string): SignInStep {
  const { ChallengeName: challenge, Session: session = '' } = answer;
  const known = { NEW_PASSWORD_REQUIRED: 'new password', SOFTWARE_TOKEN_MFA: 'code' } as const;
  if (challenge === undefined) return { kind: 'signed in', tokens: tokensOf(answer, '') };
  if (challenge === 'NEW_PASSWORD_REQUIRED' || challenge === 'SOFTWARE_TOKEN_MFA') {
    return { kind: known[challenge], username, session };
  }
  throw new CognitoError('UnknownChallenge', `The challenge ${challenge} is not known here`);
}

function tokensOf({ AuthenticationResult: result }: AuthAnswer, refreshToken: string): Tokens {
  if (result === undefined) throw new CognitoError('NoTokens', 'The answer has no tokens');
  return {
    accessToken: result.AccessToken,
    idToken: result.IdToken,
    refreshToken: result.RefreshToken ?? refreshToken,
    expiresIn: result.ExpiresIn,
  };
}

async function call(pool: UserPoolClient, operation: string, input: object): Promise<unknown> {
  const response = await fetch(`${pool.endpoint}/`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify({ ClientId: pool.clientId, ...input }),
  });
  const text = await response.text();
  const answer = (text === '' ? {} : JSON.parse(text)) as { readonly __type?: string; readonly message?: string };
  if (response.ok) return answer;
  const code = (answer.__type ?? `Status${response.status}`).replace(/^.*#/, '');
  throw new CognitoError(code, answer.message ?? `Cognito answered ${response.status}`);
}

/** What a proof of the password is made of. */
interface Proof {
  readonly a: bigint;
  readonly userId: string;
  readonly password: string;
  readonly timestamp: string;
  readonly challenge: Readonly<Record<string, string>>;
}

/** Proves that the password is known. */
async function signature(pool: UserPoolClient, { a, userId, password, timestamp, challenge }: Proof): Promise<string> {
  const poolName = pool.userPoolId.split('_')[1] ?? '';
  const b = BigInt(`0x${challenge.SRP_B}`);
  const salt = BigInt(`0x${challenge.SALT}`);
  const u = await hashNumber(join(padded(power(G, a)), padded(b)));
  if (b % N === 0n || u === 0n) throw new CognitoError('InvalidChallenge', 'The challenge is no challenge of SRP');
  const identity = await hash(utf8(`${poolName}${userId}:${password}`));
  const x = await hashNumber(join(padded(salt), identity));
  const k = await hashNumber(join(padded(N), padded(G)));
  const base = (((b - k * power(G, x)) % N) + N) % N;
  const secret = await crypto.subtle.importKey('raw', padded(power(base, a + u * x)), 'HKDF', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits(
    { name: 'HKDF', hash: 'SHA-256', salt: padded(u), info: utf8('Caldera Derived Key') },
    secret,
    128,
  );
  const key = await crypto.subtle.importKey('raw', bits, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const block = Uint8Array.from(atob(challenge.SECRET_BLOCK ?? ''), (character) => character.charCodeAt(0));
  const signed = await crypto.subtle.sign('HMAC', key, join(utf8(`${poolName}${userId}`), block, utf8(timestamp)));
  return btoa(String.fromCharCode(...new Uint8Array(signed)));
}

/** `Tue Sep 25 00:09:40 UTC 2018`: the day has no zero before it. */
function timestampOf(date: Date): string {
  const [day = '', dayOfMonth = '', month = '', year = '', time = ''] = date.toUTCString().replace(',', '').split(' ');
  return `${day} ${month} ${Number(dayOfMonth)} ${time} UTC ${year}`;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % N;
  for (const bit of [...exponent.toString(2)].reverse()) {
    if (bit === '1') result = (result * square) % N;
    square = (square * square) % N;
  }
  return result;
}

/** The bytes of a number, with a zero before it where it would else look negative. */
function padded(value: bigint): Uint8Array<ArrayBuffer> {
  const hex = value.toString(16);
  const even = hex.length % 2 === 1 ? `0${hex}` : hex;
  const signed = /^[89a-f]/.test(even) ? `00${even}` : even;
  return Uint8Array.from(signed.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

function fromBytes(bytes: Uint8Array): bigint {
  return BigInt(`0x${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`);
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(new TextEncoder().encode(text));
}

async function hash(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

async function hashNumber(bytes: Uint8Array<ArrayBuffer>): Promise<bigint> {
  return fromBytes(await hash(bytes));
}
