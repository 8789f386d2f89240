import { complete, sessionOf, SignIn } from './authentication';
import { Context } from './context';
import { refused } from './errors';
import { checkAttributes, checkSecretHash, checkWritable, parameter, text, texts } from './inputs';
import { takeTotp } from './mfa';
import { checkPassword } from './passwords';
import { UserPool } from './pool';
import { Session } from './sessions';
import { ClientSettings } from './settings';
import { isSignature } from './srp';
import { User } from './user';
import { Json } from '../aws/protocol';

/** Wrong codes of an authenticator app before a sign-in has to begin again. */
const WRONG_CODES = 5;

const LOCK_MOST_MS = 15 * 60_000;

/** `Tue Sep 25 00:09:40 UTC 2018`: the day has no zero before it. */
const TIMESTAMP =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [1-3]?\d \d\d:\d\d:\d\d UTC \d{4}$/;

type Answers = Readonly<Record<string, string>>;

/** Answers a challenge. */
export async function respond(context: Context, pool: UserPool, client: ClientSettings, input: Json): Promise<Json> {
  const challenge = text(input, 'ChallengeName');
  const answers = texts(input, 'ChallengeResponses');
  const username = parameter(answers, 'USERNAME');
  checkSecretHash(client, username, answers.SECRET_HASH);
  switch (challenge) {
    case 'PASSWORD_VERIFIER':
      return verifyPassword(context, pool, client, input, answers);
    case 'NEW_PASSWORD_REQUIRED':
      return newPassword(context, pool, client, input, answers);
    case 'SOFTWARE_TOKEN_MFA':
      return softwareToken(context, pool, client, input, answers);
    case 'MFA_SETUP':
      return mfaSetUp(context, pool, client, input, answers);
    default:
      throw refused.parameter(`ChallengeName ${challenge} is not supported by the local runner`);
  }
}

/**
 * Goes on when it is known whether the password was right.
 *
 * "After five failed sign-in attempts with a user's password, [...] Amazon Cognito locks out your user for one second. The
 * lockout duration then doubles after each additional one failed attempt, up to a maximum of approximately 15 minutes.
 * Attempts made during a lockout period generate a Password attempts exceeded exception, and don't affect the duration of
 * subsequent lockout periods."
 * https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html
 */
export async function afterPassword(context: Context, signIn: SignIn, right: boolean): Promise<Json> {
  const { pool, user } = signIn;
  const now = context.now();
  if (user.lockedUntil > now) throw refused.notAuthorized('Password attempts exceeded');
  if (!right) {
    if (now - user.lastWrongPassword > LOCK_MOST_MS) user.wrongPasswords = 0;
    user.wrongPasswords += 1;
    user.lastWrongPassword = now;
    const over = user.wrongPasswords - 5;
    if (over >= 0) user.lockedUntil = now + Math.min(LOCK_MOST_MS, 1000 * 2 ** over);
    pool.save();
    throw refused.wrongPassword();
  }
  if (user.wrongPasswords > 0) {
    user.wrongPasswords = 0;
    pool.save();
  }
  checkState(user, now);
  if (user.status === 'FORCE_CHANGE_PASSWORD') return challengeOf(context, signIn, 'NEW_PASSWORD_REQUIRED');
  return secondFactor(context, signIn, 'TokenGeneration_Authentication');
}

function checkState(user: User, now: number): void {
  if (!user.enabled) throw refused.notAuthorized('User is disabled.');
  if (user.status === 'UNCONFIRMED') throw refused.notConfirmed();
  if (user.status === 'RESET_REQUIRED') throw refused.resetRequired();
  if (user.temporaryUntil !== undefined && user.temporaryUntil <= now) {
    throw refused.notAuthorized('Temporary password has expired and must be reset by an administrator.');
  }
}

/** Asks for a code of an authenticator app where the user has one, or must have one; makes tokens otherwise. */
async function secondFactor(context: Context, signIn: SignIn, tokenSource: string): Promise<Json> {
  const { pool, user } = signIn;
  const { mfa } = pool.settings;
  if (mfa !== 'OFF' && user.totpEnabled === true) return challengeOf(context, signIn, 'SOFTWARE_TOKEN_MFA');
  if (mfa === 'ON') return challengeOf(context, signIn, 'MFA_SETUP');
  return { AuthenticationResult: await complete(context, signIn, tokenSource), ChallengeParameters: {} };
}

function challengeOf(
  { sessions }: Context,
  { pool, client, user }: SignIn,
  challenge: Exclude<Session['challenge'], 'PASSWORD_VERIFIER'>,
): Json {
  const { username } = user;
  const session = { poolId: pool.settings.id, clientId: client.id, challenge, username, user, wrongCodes: 0 };
  const parameters: Readonly<Record<typeof challenge, Json>> = {
    NEW_PASSWORD_REQUIRED: {
      USER_ID_FOR_SRP: username,
      requiredAttributes: JSON.stringify(missingAttributes(pool, user).map((name) => `userAttributes.${name}`)),
      userAttributes: JSON.stringify(user.attributes),
    },
    SOFTWARE_TOKEN_MFA: { USER_ID_FOR_SRP: username },
    MFA_SETUP: { USER_ID_FOR_SRP: username, MFAS_CAN_SETUP: '["SOFTWARE_TOKEN_MFA"]' },
  };
  return {
    ChallengeName: challenge,
    ChallengeParameters: parameters[challenge],
    Session: sessions.add(session, client.sessionSeconds),
  };
}

function missingAttributes({ settings }: UserPool, { attributes }: User): readonly string[] {
  return [...settings.attributes].flatMap(([name, { required }]) =>
    required && name !== 'sub' && attributes[name] === undefined ? [name] : [],
  );
}

/** The sign-in of a session; the user must still be there, and named as the challenge did. */
function signInOf(pool: UserPool, client: ClientSettings, session: Session, input: Json, answers: Answers): SignIn {
  const { user } = session;
  const named = answers.USERNAME ?? '';
  const gone = user === undefined || session.poolId !== pool.settings.id || pool.find(user.username) !== user;
  if (gone || pool.find(named) !== user) throw refused.notAuthorized('Invalid session for the user.');
  return { pool, client, user, input };
}

async function verifyPassword(
  context: Context,
  pool: UserPool,
  client: ClientSettings,
  input: Json,
  answers: Answers,
): Promise<Json> {
  const block = parameter(answers, 'PASSWORD_CLAIM_SECRET_BLOCK');
  const signature = parameter(answers, 'PASSWORD_CLAIM_SIGNATURE');
  const timestamp = parameter(answers, 'TIMESTAMP');
  if (!TIMESTAMP.test(timestamp)) {
    throw refused.parameter('TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.');
  }
  const session = context.sessions.find(block, client.id, 'PASSWORD_VERIFIER');
  // It is good once: who guesses begins anew, and is counted.
  context.sessions.close(block);
  if (session.user === undefined) throw refused.wrongPassword();
  const signIn = signInOf(pool, client, session, input, answers);
  const { password } = signIn.user;
  const secretBlock = Buffer.from(block, 'base64');
  const claim = { poolId: pool.settings.id, username: session.username, secretBlock, timestamp };
  const right =
    password !== undefined && session.srp !== undefined && isSignature(session.srp, password, claim, signature);
  return afterPassword(context, signIn, right);
}

async function newPassword(
  context: Context,
  pool: UserPool,
  client: ClientSettings,
  input: Json,
  answers: Answers,
): Promise<Json> {
  const token = sessionToken(input);
  const signIn = signInOf(
    pool,
    client,
    context.sessions.find(token, client.id, 'NEW_PASSWORD_REQUIRED'),
    input,
    answers,
  );
  const { user } = signIn;
  const password = parameter(answers, 'NEW_PASSWORD');
  const attributes = Object.fromEntries(
    Object.entries(answers).flatMap(([name, value]) =>
      name.startsWith('userAttributes.') ? [[name.slice('userAttributes.'.length), value]] : [],
    ),
  );
  checkWritable(client, Object.keys(attributes));
  checkAttributes(pool, attributes);
  const missing = missingAttributes(pool, user).filter((name) => (attributes[name] ?? '') === '');
  if (missing.length > 0) throw refused.parameter(`Invalid attributes given, ${missing.join(', ')} is missing`);
  checkPassword(password, pool.settings.passwordPolicy);
  context.sessions.close(token);
  if (attributes.email !== undefined) attributes.email_verified = 'false';
  Object.assign(user.attributes, attributes);
  pool.setPassword(user, password);
  user.status = 'CONFIRMED';
  user.modified = context.now();
  pool.save();
  return secondFactor(context, signIn, 'TokenGeneration_NewPasswordChallenge');
}

async function softwareToken(
  context: Context,
  pool: UserPool,
  client: ClientSettings,
  input: Json,
  answers: Answers,
): Promise<Json> {
  const token = sessionToken(input);
  const session = context.sessions.find(token, client.id, 'SOFTWARE_TOKEN_MFA');
  const signIn = signInOf(pool, client, session, input, answers);
  const code = parameter(answers, 'SOFTWARE_TOKEN_MFA_CODE');
  if (!takeTotp(context, signIn.user, signIn.user.totpSecret, code)) {
    session.wrongCodes += 1;
    if (session.wrongCodes >= WRONG_CODES) context.sessions.close(token);
    throw refused.wrongTotp();
  }
  context.sessions.close(token);
  pool.save();
  const result = await complete(context, signIn, 'TokenGeneration_Authentication');
  return { AuthenticationResult: result, ChallengeParameters: {} };
}

/** The app was set up on the way, by AssociateSoftwareToken and VerifySoftwareToken with the session. */
async function mfaSetUp(
  context: Context,
  pool: UserPool,
  client: ClientSettings,
  input: Json,
  answers: Answers,
): Promise<Json> {
  const token = sessionToken(input);
  const session = context.sessions.find(token, client.id, 'MFA_SETUP');
  const signIn = signInOf(pool, client, session, input, answers);
  if (session.totpVerified !== true) throw refused.parameter('MFA is not set up for the user');
  context.sessions.close(token);
  const result = await complete(context, signIn, 'TokenGeneration_Authentication');
  return { AuthenticationResult: result, ChallengeParameters: {} };
}

function sessionToken(input: Json): string {
  const token = sessionOf(input);
  if (token === undefined) throw refused.parameter('Missing required parameter Session');
  return token;
}
