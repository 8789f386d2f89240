import { randomUUID } from 'node:crypto';
import { Context } from './context';
import { refused } from './errors';
import { optionalText, text } from './inputs';
import { UserPool } from './pool';
import { ClientSettings } from './settings';
import { clientMetadata } from './sign-up';
import { claimsOf } from './tokens';
import { triggerAttributes } from './triggers';
import { RefreshToken, User } from './user';
import { Json } from '../aws/protocol';

const SCOPE = 'aws.cognito.signin.user.admin';

/**
 * Claims that PreTokenGeneration cannot change.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
 */
const FIXED_CLAIMS = new Set([
  ...['acr', 'amr', 'at_hash', 'auth_time', 'azp', 'aud', 'exp', 'iat', 'iss', 'jti', 'nbf', 'nonce', 'origin_jti'],
  ...['sub', 'token_use', 'event_id', 'cognito:username', 'identities'],
]);

/** Who signs in where. */
export interface SignIn {
  readonly pool: UserPool;
  readonly client: ClientSettings;
  readonly user: User;
  /** Of the call. */
  readonly input: Json;
}

/** Ends a sign-in: tells PostAuthentication, and makes tokens. @returns AuthenticationResult */
export async function complete(context: Context, signIn: SignIn, tokenSource: string): Promise<Json> {
  const { pool, client, user, input } = signIn;
  await context.triggers.run(pool, {
    trigger: 'PostAuthentication',
    source: 'PostAuthentication_Authentication',
    userName: user.username,
    clientId: client.id,
    request: { userAttributes: triggerAttributes(user), newDeviceUsed: false, ...answerMetadata(input) },
  });
  const now = context.now();
  const session: RefreshToken = {
    username: user.username,
    clientId: client.id,
    origin: randomUUID(),
    eventId: randomUUID(),
    authTime: Math.floor(now / 1000),
    expires: now + client.refreshSeconds * 1000,
    revoked: false,
  };
  const tokens = await makeTokens(context, signIn, session, tokenSource);
  const result = { ...tokens, RefreshToken: pool.addRefreshToken(session) };
  pool.save();
  return result;
}

/** What InitiateAuth is given is not for these triggers; what answers a challenge is. */
function answerMetadata(input: Json): Json {
  return input.ChallengeName === undefined ? {} : clientMetadata(input);
}

/** Makes an ID token and an access token. */
export async function makeTokens(
  context: Context,
  { pool, client, user, input }: SignIn,
  session: RefreshToken,
  source: string,
): Promise<Json> {
  const answer = await context.triggers.run(pool, {
    trigger: 'PreTokenGeneration',
    source,
    userName: user.username,
    clientId: client.id,
    request: {
      userAttributes: triggerAttributes(user),
      groupConfiguration: groupConfiguration(pool, user),
      ...answerMetadata(input),
    },
    response: { claimsOverrideDetails: null },
  });
  const override = (answer?.claimsOverrideDetails ?? {}) as Json;
  const iat = Math.floor(context.now() / 1000);
  const both = {
    sub: user.sub,
    ...groupClaims(pool, user, override.groupOverrideDetails as Json | undefined),
    iss: issuerOf(pool.settings.id),
    ...(client.revocable ? { origin_jti: session.origin } : {}),
    event_id: session.eventId,
    auth_time: session.authTime,
    iat,
  };
  const { 'cognito:preferred_role': _role, 'cognito:roles': _roles, ...forAccess } = both as Json;
  const id = overridden(
    {
      ...both,
      ...attributeClaims(client, user),
      'cognito:username': user.username,
      aud: client.id,
      token_use: 'id',
      exp: iat + client.idSeconds,
      ...(client.revocable ? { jti: randomUUID() } : {}),
    },
    override,
  );
  const access = {
    ...forAccess,
    client_id: client.id,
    token_use: 'access',
    scope: SCOPE,
    exp: iat + client.accessSeconds,
    jti: randomUUID(),
    username: user.username,
  };
  return {
    AccessToken: pool.keys.sign('access', access),
    ExpiresIn: client.accessSeconds,
    IdToken: pool.keys.sign('id', id),
    TokenType: 'Bearer',
  };
}

/** As it stands in tokens, here as in AWS. */
export function issuerOf(poolId: string): string {
  return `https://cognito-idp.${poolId.split('_')[0]}.amazonaws.com/${poolId}`;
}

function groupConfiguration(pool: UserPool, user: User): Json {
  const roles = rolesOf(pool, user);
  return {
    groupsToOverride: user.groups,
    iamRolesToOverride: roles,
    preferredRole: preferredRole(pool, user) ?? null,
  };
}

function rolesOf(pool: UserPool, user: User): readonly string[] {
  return user.groups.flatMap((name) => pool.groups.get(name)?.roleArn ?? []);
}

/** The role of the group that comes first, where no other that comes first has another. */
function preferredRole(pool: UserPool, user: User): string | undefined {
  const groups = user.groups.flatMap((name) => pool.groups.get(name) ?? []);
  const first = Math.min(...groups.map(({ precedence }) => precedence ?? Infinity));
  const foremost = groups.filter(({ precedence }) => (precedence ?? Infinity) === first);
  const roles = new Set(foremost.flatMap(({ roleArn }) => roleArn ?? []));
  return roles.size === 1 ? [...roles][0] : undefined;
}

function groupClaims(pool: UserPool, user: User, override: Json | undefined): Json {
  const groups = (override?.groupsToOverride ?? user.groups) as readonly string[];
  const roles = (override?.iamRolesToOverride ?? rolesOf(pool, user)) as readonly string[];
  const preferred = override === undefined ? preferredRole(pool, user) : override.preferredRole;
  return {
    ...(groups.length === 0 ? {} : { 'cognito:groups': groups }),
    ...(roles.length === 0 ? {} : { 'cognito:roles': roles }),
    ...(preferred === undefined || preferred === null ? {} : { 'cognito:preferred_role': preferred }),
  };
}

/** Those that the client may read, as the ID token has them: whether something is verified is no text there. */
function attributeClaims({ readable }: ClientSettings, { attributes }: User): Json {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([name]) => readable === undefined || readable.has(name))
      .map(([name, value]) => [name, /^(email|phone_number)_verified$/.test(name) ? value === 'true' : value]),
  );
}

function overridden(claims: Json, { claimsToAddOrOverride, claimsToSuppress }: Json): Json {
  const free = (name: string): boolean => !FIXED_CLAIMS.has(name);
  const more = Object.entries((claimsToAddOrOverride ?? {}) as Json).filter(([name]) => free(name));
  const suppressed = ((claimsToSuppress ?? []) as readonly string[]).filter(free);
  return Object.fromEntries([...Object.entries(claims), ...more].filter(([name]) => !suppressed.includes(name)));
}

/** Who makes a call with an access token. */
export interface SignedIn {
  readonly pool: UserPool;
  readonly client: ClientSettings;
  readonly user: User;
}

/** The user of the access token of a call. @throws NotAuthorizedException for a token that is not good, or not any more */
export function signedIn({ pools, now }: Context, input: Json): SignedIn {
  const token = text(input, 'AccessToken');
  const { iss } = claimsOf(token) ?? {};
  const pool = pools.all().find(({ settings }) => issuerOf(settings.id) === iss);
  const claims = pool?.keys.read('access', token);
  if (pool === undefined || claims === undefined || claims.token_use !== 'access') {
    throw refused.notAuthorized('Invalid Access Token');
  }
  if (Number(claims.exp) * 1000 <= now()) throw refused.notAuthorized('Access Token has expired');
  const client = pool.clients.get(String(claims.client_id));
  if (client === undefined) throw refused.notAuthorized('Invalid Access Token');
  const user = pool.find(String(claims.username));
  if (user === undefined || user.sub !== claims.sub) throw refused.noUser();
  const signedOut = claims.origin_jti === undefined && Number(claims.iat) * 1000 <= user.signedOutAt;
  if (signedOut || pool.isOriginRevoked(claims.origin_jti)) {
    throw refused.notAuthorized('Access Token has been revoked');
  }
  if (!String(claims.scope).split(' ').includes(SCOPE)) {
    throw refused.notAuthorized('Access Token does not have required scopes');
  }
  if (!user.enabled) throw refused.notAuthorized('User is disabled.');
  return { pool, client, user };
}

/** The text of a session, where a call goes on with one. */
export function sessionOf(input: Json): string | undefined {
  return optionalText(input, 'Session');
}
