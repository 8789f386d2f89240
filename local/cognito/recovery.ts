import { deliveryTo, sendCode, takeCode } from './codes';
import { Context, Operations } from './context';
import { refused } from './errors';
import { text } from './inputs';
import { checkPassword } from './passwords';
import { UserPool } from './pool';
import { clientOf, postConfirmation, UNUSED_FIELDS } from './sign-up';
import { User } from './user';
import { Json } from '../aws/protocol';

/**
 * A forgotten password. What a client is told of users who are not there, or cannot get a code:
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
 */
export function recoveryOperations(context: Context): Operations {
  return {
    ForgotPassword: {
      fields: ['ClientId', 'SecretHash', 'Username', 'ClientMetadata', ...UNUSED_FIELDS],
      run: (input) => forgotPassword(context, input),
    },
    ConfirmForgotPassword: {
      fields: [
        ...['ClientId', 'SecretHash', 'Username', 'ConfirmationCode', 'Password', 'ClientMetadata'],
        ...UNUSED_FIELDS,
      ],
      run: async (input) => confirmForgotPassword(context, input),
    },
  };
}

/** Why a user cannot get a code for a new password; undefined where one can. */
function obstacle({ settings }: UserPool, user: User | undefined): Error | undefined {
  if (user === undefined) return refused.noUserOfClient();
  if (!user.enabled) return refused.notAuthorized('User is disabled.');
  if (settings.recoversByEmail && user.attributes.email_verified === 'true') return undefined;
  return refused.parameter(
    'Cannot reset password for the user as there is no registered/verified email or phone_number',
  );
}

/** Sends a code for a new password. @returns CodeDeliveryDetails */
export function sendReset(context: Context, pool: UserPool, user: User): Json {
  const problem = obstacle(pool, user);
  const { email } = user.attributes;
  if (problem !== undefined || email === undefined) throw problem ?? refused.noUserOfClient();
  const details = sendCode(context, user, 'password reset', email);
  pool.save();
  return details;
}

function forgotPassword(context: Context, input: Json): Json {
  const { pool, client, username } = clientOf(context, input);
  const user = pool.find(username);
  if (user?.status === 'FORCE_CHANGE_PASSWORD' && user.enabled) {
    throw refused.notAuthorized('User password cannot be reset in the current state.');
  }
  const problem = obstacle(pool, user);
  if (problem !== undefined && client.hidesExistence) return { CodeDeliveryDetails: deliveryTo(username) };
  if (problem !== undefined || user === undefined) throw problem ?? refused.noUserOfClient();
  return { CodeDeliveryDetails: sendReset(context, pool, user) };
}

async function confirmForgotPassword(context: Context, input: Json): Promise<Json> {
  const { pool, client, username } = clientOf(context, input);
  const code = text(input, 'ConfirmationCode');
  const password = text(input, 'Password');
  const user = pool.find(username);
  if (user === undefined || !user.enabled) {
    if (client.hidesExistence) throw refused.wrongCode();
    throw user === undefined ? refused.noUserOfClient() : refused.notAuthorized('User is disabled.');
  }
  checkPassword(password, pool.settings.passwordPolicy);
  takeCode(context, pool, user, 'password reset', code);
  pool.setPassword(user, password);
  Object.assign(user, { status: 'CONFIRMED', modified: context.now(), wrongPasswords: 0, lockedUntil: 0 });
  pool.save();
  await postConfirmation(context, pool, user, client.id, input, 'PostConfirmation_ConfirmForgotPassword');
  return {};
}
