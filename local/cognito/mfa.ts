import { sessionOf, signedIn } from './authentication';
import { Context, Operations } from './context';
import { refused } from './errors';
import { optionalText, text } from './inputs';
import { UserPool } from './pool';
import { newTotpSecret, totpStep } from './totp';
import { User } from './user';
import { AwsError, Json } from '../aws/protocol';

/** Authenticator apps: setting one up, with an access token or on the way of a sign-in. */
export function mfaOperations(context: Context): Operations {
  return {
    AssociateSoftwareToken: { fields: ['AccessToken', 'Session'], run: (input) => associate(context, input) },
    VerifySoftwareToken: {
      fields: ['AccessToken', 'Session', 'UserCode', 'FriendlyDeviceName'],
      run: (input) => verify(context, input),
    },
    SetUserMFAPreference: {
      fields: ['AccessToken', 'SoftwareTokenMfaSettings'],
      run: (input) => setPreference(context, input),
    },
  };
}

/** True where a code is right; it is good once. @throws ExpiredCodeException for one that was used */
export function takeTotp({ now }: Context, user: User, secret: string | undefined, code: string): boolean {
  const step = secret === undefined ? undefined : totpStep(secret, code, now());
  if (step === undefined) return false;
  if (step <= (user.totpStep ?? -1)) {
    throw new AwsError('ExpiredCodeException', 'Your software token has already been used once.');
  }
  user.totpStep = step;
  return true;
}

function checkOn({ settings }: UserPool): void {
  if (settings.mfa !== 'OFF') return;
  throw new AwsError('SoftwareTokenMFANotFoundException', 'Software Token MFA has not been enabled by the userPool');
}

function associate(context: Context, input: Json): Json {
  const secret = newTotpSecret();
  const token = sessionOf(input);
  if (token !== undefined) {
    context.sessions.find(token, undefined, 'MFA_SETUP').totpSecret = secret;
    return { SecretCode: secret, Session: token };
  }
  const { pool, user } = signedIn(context, input);
  checkOn(pool);
  user.pendingTotpSecret = secret;
  pool.save();
  return { SecretCode: secret };
}

function verify(context: Context, input: Json): Json {
  const code = text(input, 'UserCode');
  optionalText(input, 'FriendlyDeviceName');
  const token = sessionOf(input);
  const session = token === undefined ? undefined : context.sessions.find(token, undefined, 'MFA_SETUP');
  const { user, pool } =
    session === undefined ? signedIn(context, input) : { user: session.user, pool: context.pools.pool(session.poolId) };
  checkOn(pool);
  const secret = session?.totpSecret ?? user?.pendingTotpSecret;
  if (user === undefined || secret === undefined || !takeTotp(context, user, secret, code)) {
    throw new AwsError('EnableSoftwareTokenMFAException', 'Code mismatch');
  }
  user.totpSecret = secret;
  user.pendingTotpSecret = undefined;
  if (session !== undefined) {
    session.totpVerified = true;
    user.totpEnabled = true;
  }
  pool.save();
  return { Status: 'SUCCESS', ...(token === undefined ? {} : { Session: token }) };
}

function setPreference(context: Context, input: Json): Json {
  const { pool, user } = signedIn(context, input);
  const { Enabled: enabled, PreferredMfa: preferred } = (input.SoftwareTokenMfaSettings ?? {}) as Json;
  if (enabled === true && user.totpSecret === undefined) {
    throw refused.parameter('User has not verified software token mfa');
  }
  if (preferred === true && enabled !== true) throw refused.parameter('Preferred MFA must be enabled');
  if (enabled === false && pool.settings.mfa === 'ON') {
    throw refused.parameter('User pool requires MFA: it cannot be disabled for the user');
  }
  if (typeof enabled === 'boolean') user.totpEnabled = enabled;
  user.totpPreferred = preferred === true;
  pool.save();
  return {};
}
