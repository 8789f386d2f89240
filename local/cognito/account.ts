import { timingSafeEqual } from 'node:crypto';
import { signedIn } from './authentication';
import { countAttempt, sendCode, takeCode } from './codes';
import { Context, Operations } from './context';
import { refused } from './errors';
import { checkAttributes, checkWritable, list, optionalText, pairs, text } from './inputs';
import { checkPassword } from './passwords';
import { UserPool } from './pool';
import { User } from './user';
import { attributeList, mfaOf } from './views';
import { AwsError, Json } from '../aws/protocol';

/** "ChangePassword" with a wrong password, of a user in an hour. */
const WRONG_PASSWORDS = 5;

/** What users do with their own accounts, by an access token. */
export function accountOperations(context: Context): Operations {
  return {
    GetUser: { fields: ['AccessToken'], run: (input) => getUser(context, input) },
    UpdateUserAttributes: {
      fields: ['AccessToken', 'UserAttributes', 'ClientMetadata'],
      run: (input) => updateAttributes(context, input),
    },
    DeleteUserAttributes: {
      fields: ['AccessToken', 'UserAttributeNames'],
      run: (input) => deleteAttributes(context, input),
    },
    GetUserAttributeVerificationCode: {
      fields: ['AccessToken', 'AttributeName', 'ClientMetadata'],
      run: (input) => sendVerification(context, input),
    },
    VerifyUserAttribute: {
      fields: ['AccessToken', 'AttributeName', 'Code'],
      run: (input) => verifyAttribute(context, input),
    },
    ChangePassword: {
      fields: ['AccessToken', 'PreviousPassword', 'ProposedPassword'],
      run: (input) => changePassword(context, input),
    },
    GlobalSignOut: { fields: ['AccessToken'], run: (input) => signOut(context, input) },
    RevokeToken: { fields: ['Token', 'ClientId', 'ClientSecret'], run: (input) => revoke(context, input) },
    DeleteUser: { fields: ['AccessToken'], run: (input) => deleteUser(context, input) },
  };
}

function getUser(context: Context, input: Json): Json {
  const { client, user } = signedIn(context, input);
  return { Username: user.username, UserAttributes: attributeList(user, client.readable), ...mfaOf(user) };
}

function updateAttributes(context: Context, input: Json): Json {
  const { pool, client, user } = signedIn(context, input);
  const given = pairs(input, 'UserAttributes');
  checkWritable(client, Object.keys(given));
  checkAttributes(pool, given);
  const details = setAttributes(context, pool, user, given);
  return { CodeDeliveryDetailsList: details };
}

/**
 * Changes attributes. An e-mail address that is new is not verified: where the pool waits for that, the old one stays.
 *
 * @returns where codes went
 */
export function setAttributes(
  context: Context,
  pool: UserPool,
  user: User,
  { email, ...others }: Readonly<Record<string, string>>,
): readonly Json[] {
  const changed = email !== undefined && email !== '' && email !== user.attributes.email;
  if (changed && pool.settings.emailIsUsername) checkEmailFree(pool, user, email);
  if (email === '') removeAttributes(pool, user, ['email']);
  for (const [name, value] of Object.entries(others)) setAttribute(pool, user, name, value);
  if (others.phone_number !== undefined && others.phone_number_verified === undefined) {
    user.attributes.phone_number_verified = 'false';
  }
  const details = changed ? changeEmail(context, pool, user, email, others.email_verified === 'true') : [];
  user.modified = context.now();
  pool.save();
  return details;
}

function setAttribute(pool: UserPool, user: User, name: string, value: string): void {
  if (value === '') removeAttributes(pool, user, [name]);
  else user.attributes[name] = value;
}

function changeEmail(
  context: Context,
  { settings }: UserPool,
  user: User,
  email: string,
  verified: boolean,
): readonly Json[] {
  if (verified || !settings.verifiesBeforeUpdate) {
    Object.assign(user.attributes, { email, email_verified: String(verified) });
    user.pendingEmail = undefined;
  } else {
    user.pendingEmail = email;
  }
  return verified || !settings.verifiesEmail ? [] : [sendCode(context, user, 'email verification', email)];
}

function checkEmailFree(pool: UserPool, user: User, email: string): void {
  const owner = pool.ownerOfEmail(email);
  if (owner !== undefined && owner !== user) throw refused.aliasExists();
}

/** @throws InvalidParameterException for one that a user must have */
export function removeAttributes({ settings }: UserPool, user: User, names: readonly string[]): void {
  for (const name of names) {
    const rule = settings.attributes.get(name);
    if (rule === undefined || rule.required || !rule.mutable) {
      throw refused.parameter(`user.${name}: Attribute cannot be deleted.`);
    }
    delete user.attributes[name];
    delete user.attributes[`${name}_verified`];
  }
}

function deleteAttributes(context: Context, input: Json): Json {
  const { pool, client, user } = signedIn(context, input);
  const names = list(input, 'UserAttributeNames');
  checkWritable(client, names);
  removeAttributes(pool, user, names);
  user.modified = context.now();
  pool.save();
  return {};
}

function attributeName(input: Json): void {
  const name = text(input, 'AttributeName');
  if (name !== 'email') {
    throw refused.parameter(`AttributeName ${name} is not supported by the local runner, only email`);
  }
}

function sendVerification(context: Context, input: Json): Json {
  const { pool, user } = signedIn(context, input);
  attributeName(input);
  const email = user.pendingEmail ?? user.attributes.email;
  if (email === undefined) throw refused.parameter('User has no attribute email');
  const details = sendCode(context, user, 'email verification', email);
  pool.save();
  return { CodeDeliveryDetails: details };
}

function verifyAttribute(context: Context, input: Json): Json {
  const { pool, user } = signedIn(context, input);
  attributeName(input);
  const code = text(input, 'Code');
  const sent = user.codes['email verification'];
  if (sent !== undefined && sent.code === code && (pool.settings.emailIsAlias || pool.settings.emailIsUsername)) {
    checkEmailFree(pool, user, sent.destination);
  }
  const email = takeCode(context, pool, user, 'email verification', code);
  if (email !== user.pendingEmail && email !== user.attributes.email) throw refused.expiredCode();
  user.pendingEmail = undefined;
  Object.assign(user.attributes, { email, email_verified: 'true' });
  user.modified = context.now();
  pool.save();
  return {};
}

function changePassword(context: Context, input: Json): Json {
  const { pool, user } = signedIn(context, input);
  const previous = text(input, 'PreviousPassword');
  const proposed = text(input, 'ProposedPassword');
  checkPassword(proposed, pool.settings.passwordPolicy);
  countAttempt(user, 'change password', WRONG_PASSWORDS, context.now());
  if (!pool.hasPassword(user, previous)) {
    pool.save();
    throw refused.wrongPassword();
  }
  delete user.attempts['change password'];
  pool.setPassword(user, proposed);
  user.modified = context.now();
  pool.save();
  return {};
}

function signOut(context: Context, input: Json): Json {
  const { pool, user } = signedIn(context, input);
  pool.signOut(user);
  pool.save();
  return {};
}

/** Ends the session of a refresh token: its access tokens are refused here from then on. */
function revoke(context: Context, input: Json): Json {
  const { pool, client } = context.pools.ofClient(text(input, 'ClientId'));
  const secret = optionalText(input, 'ClientSecret');
  const [shown, known] = [Buffer.from(secret ?? ''), Buffer.from(client.secret ?? '')];
  if (shown.length !== known.length || !timingSafeEqual(shown, known)) {
    throw new AwsError('UnauthorizedException', 'Invalid client or client secret');
  }
  if (!client.revocable) {
    throw new AwsError('UnsupportedOperationException', 'Token revocation is not enabled for the client');
  }
  const token = text(input, 'Token');
  if (pool.keys.read('access', token) !== undefined || pool.keys.read('id', token) !== undefined) {
    throw new AwsError('UnsupportedTokenTypeException', 'Only refresh tokens can be revoked');
  }
  const session = pool.refreshToken(token);
  if (session !== undefined && session.clientId !== client.id) {
    throw new AwsError('UnauthorizedException', 'The token is of another client');
  }
  if (session !== undefined) session.revoked = true;
  pool.save();
  return {};
}

function deleteUser(context: Context, input: Json): Json {
  const { pool, user } = signedIn(context, input);
  pool.remove(user);
  pool.save();
  return {};
}
