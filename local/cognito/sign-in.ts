import { createHash } from 'node:crypto';
import { makeTokens, SignIn } from './authentication';
import { afterPassword, respond } from './challenges';
import { Context, Operations } from './context';
import { refused } from './errors';
import { checkSecretHash, parameter, text, texts } from './inputs';
import { UserPool } from './pool';
import { ClientSettings } from './settings';
import { UNUSED_FIELDS } from './sign-up';
import { firstStep, makeVerifier } from './srp';
import { User } from './user';
import { Json } from '../aws/protocol';

const AUTH_FIELDS = ['ClientId', 'AuthFlow', 'AuthParameters', 'ClientMetadata', 'AnalyticsMetadata'];
const ANSWER_FIELDS = [
  'ClientId',
  'ChallengeName',
  'ChallengeResponses',
  'ClientMetadata',
  'Session',
  'AnalyticsMetadata',
];

/** What a flow asks of the client's ExplicitAuthFlows, and what is said where it is not there. */
const FLOWS: Readonly<Record<string, { readonly needs: string; readonly refusal: string }>> = {
  USER_SRP_AUTH: { needs: 'ALLOW_USER_SRP_AUTH', refusal: 'USER_SRP_AUTH is not enabled for the client.' },
  USER_PASSWORD_AUTH: {
    needs: 'ALLOW_USER_PASSWORD_AUTH',
    refusal: 'USER_PASSWORD_AUTH flow not enabled for this client',
  },
  ADMIN_USER_PASSWORD_AUTH: {
    needs: 'ALLOW_ADMIN_USER_PASSWORD_AUTH',
    refusal: 'Auth flow not enabled for this client',
  },
  REFRESH_TOKEN_AUTH: { needs: 'ALLOW_REFRESH_TOKEN_AUTH', refusal: 'Auth flow not enabled for this client' },
};

/** Other names of a flow. */
const SAME: Readonly<Record<string, string>> = {
  REFRESH_TOKEN: 'REFRESH_TOKEN_AUTH',
  ADMIN_NO_SRP_AUTH: 'ADMIN_USER_PASSWORD_AUTH',
};

/** How users sign in: by a password, sent or proven, and by a refresh token. */
export function signInOperations(context: Context): Operations {
  return {
    InitiateAuth: {
      fields: [...AUTH_FIELDS, ...UNUSED_FIELDS],
      run: async (input) => {
        const { pool, client } = context.pools.ofClient(text(input, 'ClientId'));
        if (/^ADMIN_/.test(text(input, 'AuthFlow'))) throw refused.parameter('Initiate Auth method not supported.');
        return initiate(context, pool, client, input);
      },
    },
    AdminInitiateAuth: {
      fields: ['UserPoolId', 'ContextData', ...AUTH_FIELDS],
      run: async (input) => {
        const { pool, client } = ofPool(context, input);
        if (input.AuthFlow === 'USER_PASSWORD_AUTH') throw refused.parameter('Initiate Auth method not supported.');
        return initiate(context, pool, client, input);
      },
    },
    RespondToAuthChallenge: {
      fields: [...ANSWER_FIELDS, ...UNUSED_FIELDS],
      run: async (input) => {
        const { pool, client } = context.pools.ofClient(text(input, 'ClientId'));
        return respond(context, pool, client, input);
      },
    },
    AdminRespondToAuthChallenge: {
      fields: ['UserPoolId', 'ContextData', ...ANSWER_FIELDS],
      run: async (input) => {
        const { pool, client } = ofPool(context, input);
        return respond(context, pool, client, input);
      },
    },
  };
}

function ofPool({ pools }: Context, input: Json): { readonly pool: UserPool; readonly client: ClientSettings } {
  const pool = pools.pool(text(input, 'UserPoolId'));
  const id = text(input, 'ClientId');
  const client = pool.clients.get(id);
  if (client === undefined) throw refused.noClient(id);
  return { pool, client };
}

async function initiate(context: Context, pool: UserPool, client: ClientSettings, input: Json): Promise<Json> {
  const asked = text(input, 'AuthFlow');
  const flow = FLOWS[SAME[asked] ?? asked];
  if (flow === undefined) throw refused.parameter(`AuthFlow ${asked} is not supported by the local runner`);
  if (!client.flows.has(flow.needs)) throw refused.parameter(flow.refusal);
  const parameters = texts(input, 'AuthParameters');
  switch (flow) {
    case FLOWS.REFRESH_TOKEN_AUTH:
      return refresh(context, pool, client, input, parameters);
    case FLOWS.USER_SRP_AUTH:
      return startSrp(context, pool, client, parameters);
    default:
      return checkPasswordOf(context, pool, client, input, parameters);
  }
}

/** @throws UserNotFoundException, or what hides it */
function userOf(pool: UserPool, client: ClientSettings, username: string): User {
  const user = pool.find(username);
  if (user === undefined) throw client.hidesExistence ? refused.wrongPassword() : refused.noUser();
  return user;
}

async function checkPasswordOf(
  context: Context,
  pool: UserPool,
  client: ClientSettings,
  input: Json,
  parameters: Readonly<Record<string, string>>,
): Promise<Json> {
  const username = parameter(parameters, 'USERNAME');
  const password = parameter(parameters, 'PASSWORD');
  checkSecretHash(client, username, parameters.SECRET_HASH);
  const user = userOf(pool, client, username);
  return afterPassword(context, { pool, client, user, input }, pool.hasPassword(user, password));
}

function startSrp(
  { sessions }: Context,
  pool: UserPool,
  client: ClientSettings,
  parameters: Readonly<Record<string, string>>,
): Json {
  const given = parameter(parameters, 'USERNAME');
  const aHex = parameter(parameters, 'SRP_A');
  checkSecretHash(client, given, parameters.SECRET_HASH);
  const user = pool.find(given);
  if (user === undefined && !client.hidesExistence) throw refused.noUser();
  const username = user?.username ?? shownName(pool, given);
  const kept = user?.password ?? fakeVerifier(pool, username);
  const srp = firstStep(aHex, kept);
  if (srp === undefined) throw refused.parameter('Invalid SRP_A');
  const block = sessions.add(
    {
      poolId: pool.settings.id,
      clientId: client.id,
      challenge: 'PASSWORD_VERIFIER',
      username,
      user,
      srp,
      wrongCodes: 0,
    },
    client.sessionSeconds,
  );
  return {
    ChallengeName: 'PASSWORD_VERIFIER',
    ChallengeParameters: {
      SALT: kept.salt,
      SECRET_BLOCK: block,
      SRP_B: srp.bPublic.toString(16),
      USERNAME: username,
      USER_ID_FOR_SRP: username,
    },
  };
}

/**
 * What stands for the user name of somebody who is not there: "the same 'salt' and internal user id in Universally Unique
 * Identifier (UUID) format for the same user name and user pool combination".
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
 */
function shownName(pool: UserPool, given: string): string {
  const hash = secretHash(pool, given);
  return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join('-');
}

/** A salt that stays, of a password that nobody has. */
function fakeVerifier(pool: UserPool, username: string): { readonly salt: string; readonly verifier: string } {
  const { verifier } = makeVerifier(pool.settings.id, username, secretHash(pool, `password ${username}`));
  return { salt: `1${secretHash(pool, `salt ${username}`).slice(0, 30)}`, verifier };
}

function secretHash(pool: UserPool, what: string): string {
  const { d } = pool.keys.kept().access;
  return createHash('sha256').update(`${d}/${what}`).digest('hex');
}

async function refresh(
  context: Context,
  pool: UserPool,
  client: ClientSettings,
  input: Json,
  parameters: Readonly<Record<string, string>>,
): Promise<Json> {
  const token = pool.refreshToken(parameter(parameters, 'REFRESH_TOKEN'));
  if (token === undefined || token.clientId !== client.id) throw refused.notAuthorized('Invalid Refresh Token');
  const user = pool.find(token.username);
  if (user === undefined) throw refused.notAuthorized('Invalid Refresh Token');
  checkSecretHash(client, user.username, parameters.SECRET_HASH);
  if (token.revoked) throw refused.notAuthorized('Refresh Token has been revoked');
  if (token.expires <= context.now()) throw refused.notAuthorized('Refresh Token has expired');
  if (!user.enabled) throw refused.notAuthorized('User is disabled.');
  const signIn: SignIn = { pool, client, user, input };
  const result = await makeTokens(context, signIn, token, 'TokenGeneration_RefreshTokens');
  return { AuthenticationResult: result, ChallengeParameters: {} };
}
