import { removeAttributes, setAttributes } from './account';
import { Context, Operations } from './context';
import { refused } from './errors';
import { checkAttributes, list, optionalText, pairs, text, texts } from './inputs';
import { checkPassword, temporaryPassword } from './passwords';
import { UserPool } from './pool';
import { sendReset } from './recovery';
import { checkFree, namedAttributes, postConfirmation } from './sign-up';
import { User } from './user';
import { attributeList, mfaOf, userView } from './views';
import { AwsError, Json } from '../aws/protocol';

const DAY_MS = 86_400_000;
const NAMED = ['UserPoolId', 'Username'];

type Act = (
  context: Context,
  found: { readonly pool: UserPool; readonly user: User },
  input: Json,
) => Json | Promise<Json>;

/** What administrators do: these calls are signed, and allowed by roles. */
export function adminOperations(context: Context): Operations {
  const onUser = (act: Act, ...fields: readonly string[]): Operations[string] => ({
    fields: [...NAMED, ...fields],
    run: async (input) => act(context, adminUser(context, input), input),
  });
  return {
    AdminCreateUser: {
      fields: [
        ...NAMED,
        ...['UserAttributes', 'ValidationData', 'TemporaryPassword', 'ForceAliasCreation', 'MessageAction'],
        ...['DesiredDeliveryMediums', 'ClientMetadata'],
      ],
      run: async (input) => createUser(context, input),
    },
    AdminGetUser: onUser(getUser),
    AdminSetUserPassword: onUser(setPassword, 'Password', 'Permanent'),
    AdminConfirmSignUp: onUser(confirmSignUp, 'ClientMetadata'),
    AdminUpdateUserAttributes: onUser(updateAttributes, 'UserAttributes', 'ClientMetadata'),
    AdminDeleteUserAttributes: onUser(deleteAttributes, 'UserAttributeNames'),
    AdminResetUserPassword: onUser(resetPassword, 'ClientMetadata'),
    AdminUserGlobalSignOut: onUser((_context, { pool, user }) => done(pool, () => pool.signOut(user))),
    AdminDeleteUser: onUser((_context, { pool, user }) => done(pool, () => pool.remove(user))),
    AdminDisableUser: onUser((_context, { pool, user }) => {
      // "deactivates a user profile and revokes all access tokens for the user": API_AdminDisableUser
      return done(pool, () => {
        user.enabled = false;
        pool.signOut(user);
      });
    }),
    AdminEnableUser: onUser((_context, { pool, user }) => done(pool, () => (user.enabled = true))),
  };
}

/** The user of a call. @throws ResourceNotFoundException, UserNotFoundException */
export function adminUser({ pools }: Context, input: Json): { readonly pool: UserPool; readonly user: User } {
  const pool = pools.pool(text(input, 'UserPoolId'));
  const user = pool.find(text(input, 'Username'));
  if (user === undefined) throw refused.noUser();
  return { pool, user };
}

function done(pool: UserPool, act: () => unknown): Json {
  act();
  pool.save();
  return {};
}

async function createUser(context: Context, input: Json): Promise<Json> {
  const pool = context.pools.pool(text(input, 'UserPoolId'));
  const username = text(input, 'Username');
  const action = optionalText(input, 'MessageAction');
  const temporary = optionalText(input, 'TemporaryPassword') ?? temporaryPassword(pool.settings.passwordPolicy);
  if (action === 'RESEND') return resend(context, pool, username, temporary, input);
  const attributes = namedAttributes(pool, username, pairs(input, 'UserAttributes'));
  checkAttributes(pool, attributes, { whole: true, admin: true });
  checkPassword(temporary, pool.settings.passwordPolicy);
  checkFree(pool, username);
  checkAlias(pool, attributes, input.ForceAliasCreation === true);
  await context.triggers.run(pool, {
    trigger: 'PreSignUp',
    source: 'PreSignUp_AdminCreateUser',
    userName: username,
    request: {
      userAttributes: attributes,
      validationData: pairs(input, 'ValidationData'),
      clientMetadata: texts(input, 'ClientMetadata'),
    },
    response: { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false },
  });
  checkFree(pool, username);
  const user = pool.add(username, attributes, 'FORCE_CHANGE_PASSWORD');
  giveTemporary(context, pool, user, temporary);
  if (action !== 'SUPPRESS') invite(context, user, temporary, input);
  pool.save();
  return { User: userView(user) };
}

/** A verified e-mail address signs in for one user alone: it is refused, or taken from the other. */
function checkAlias(pool: UserPool, attributes: Readonly<Record<string, string>>, force: boolean): void {
  const { email, email_verified: verified } = attributes;
  if (!pool.settings.emailIsAlias || email === undefined || verified !== 'true') return;
  const owner = pool.ownerOfEmail(email);
  if (owner === undefined) return;
  if (!force) throw refused.aliasExists();
  owner.attributes.email_verified = 'false';
}

function giveTemporary({ now }: Context, pool: UserPool, user: User, password: string): void {
  pool.setPassword(user, password);
  user.temporaryUntil = now() + pool.settings.passwordPolicy.temporaryDays * DAY_MS;
  user.modified = now();
}

/** "Specify EMAIL if email will be used to send the welcome message. [...] The default value is SMS": API_AdminCreateUser. */
function invite({ messages }: Context, { attributes }: User, password: string, input: Json): void {
  const mediums = input.DesiredDeliveryMediums === undefined ? ['SMS'] : list(input, 'DesiredDeliveryMediums');
  const addresses = { EMAIL: attributes.email, SMS: attributes.phone_number };
  for (const medium of mediums) {
    const to = medium === 'EMAIL' || medium === 'SMS' ? addresses[medium] : undefined;
    if (to !== undefined) messages.send({ kind: 'temporary password', text: password, to, purpose: 'invitation' });
  }
}

function resend(context: Context, pool: UserPool, username: string, password: string, input: Json): Json {
  const user = pool.find(username);
  if (user === undefined) throw refused.noUser();
  if (user.status !== 'FORCE_CHANGE_PASSWORD') {
    const message = `Resend not possible. ${user.username} status is not FORCE_CHANGE_PASSWORD`;
    throw new AwsError('UnsupportedUserStateException', message);
  }
  checkPassword(password, pool.settings.passwordPolicy);
  giveTemporary(context, pool, user, password);
  invite(context, user, password, input);
  pool.save();
  return { User: userView(user) };
}

const getUser: Act = (_context, { user }) => {
  const { Attributes: _attributes, ...view } = userView(user);
  return { ...view, UserAttributes: attributeList(user), ...mfaOf(user) };
};

const setPassword: Act = (context, { pool, user }, input) => {
  const password = text(input, 'Password');
  checkPassword(password, pool.settings.passwordPolicy);
  if (input.Permanent === true) {
    pool.setPassword(user, password);
    user.status = 'CONFIRMED';
  } else {
    giveTemporary(context, pool, user, password);
    user.status = 'FORCE_CHANGE_PASSWORD';
  }
  user.modified = context.now();
  pool.save();
  return {};
};

const confirmSignUp: Act = async (context, { pool, user }, input) => {
  if (user.status !== 'UNCONFIRMED') {
    throw refused.notAuthorized(`User cannot be confirmed. Current status is ${user.status}`);
  }
  user.status = 'CONFIRMED';
  delete user.codes['sign-up'];
  user.modified = context.now();
  pool.save();
  await postConfirmation(context, pool, user, undefined, input);
  return {};
};

const updateAttributes: Act = (context, { pool, user }, input) => {
  const given = pairs(input, 'UserAttributes');
  checkAttributes(pool, given, { admin: true });
  setAttributes(context, pool, user, given);
  return {};
};

const deleteAttributes: Act = (context, { pool, user }, input) => {
  removeAttributes(pool, user, list(input, 'UserAttributeNames'));
  user.modified = context.now();
  pool.save();
  return {};
};

const resetPassword: Act = (context, { pool, user }) => {
  if (user.status === 'FORCE_CHANGE_PASSWORD') {
    throw refused.notAuthorized('User password cannot be reset in the current state.');
  }
  sendReset(context, pool, user);
  user.status = 'RESET_REQUIRED';
  pool.save();
  return {};
};
