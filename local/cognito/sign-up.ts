import { deliveryTo, sendCode, takeCode } from './codes';
import { Context, Operations } from './context';
import { refused } from './errors';
import { checkAttributes, checkSecretHash, checkWritable, isEmail, optionalText, pairs, text, texts } from './inputs';
import { checkPassword } from './passwords';
import { UserPool } from './pool';
import { ClientSettings } from './settings';
import { triggerAttributes } from './triggers';
import { User } from './user';
import { Json } from '../aws/protocol';

/** What has no meaning here: it is for analytics and threat protection. */
export const UNUSED_FIELDS = ['AnalyticsMetadata', 'UserContextData'];

/** Who signs up, and how the account is confirmed. */
export function signUpOperations(context: Context): Operations {
  return {
    SignUp: {
      fields: [
        ...['ClientId', 'SecretHash', 'Username', 'Password', 'UserAttributes', 'ValidationData', 'ClientMetadata'],
        ...UNUSED_FIELDS,
      ],
      run: async (input) => signUp(context, input),
    },
    ConfirmSignUp: {
      fields: [
        ...['ClientId', 'SecretHash', 'Username', 'ConfirmationCode', 'ForceAliasCreation', 'ClientMetadata'],
        ...UNUSED_FIELDS,
      ],
      run: async (input) => confirmSignUp(context, input),
    },
    ResendConfirmationCode: {
      fields: ['ClientId', 'SecretHash', 'Username', 'ClientMetadata', ...UNUSED_FIELDS],
      run: (input) => resendConfirmationCode(context, input),
    },
  };
}

/** The client of a call with its pool, once its secret is checked. */
export function clientOf(
  { pools }: Context,
  input: Json,
): { readonly pool: UserPool; readonly client: ClientSettings; readonly username: string } {
  const username = text(input, 'Username');
  const { pool, client } = pools.ofClient(text(input, 'ClientId'));
  checkSecretHash(client, username, optionalText(input, 'SecretHash'));
  return { pool, client, username };
}

/** The attributes that a new user of a name gets. @throws InvalidParameterException for a name that the pool does not take */
export function namedAttributes(
  { settings }: UserPool,
  username: string,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  if (settings.emailIsUsername) {
    if (!isEmail(username)) throw refused.parameter('Username should be an email.');
    if (given.email !== undefined && given.email !== username) {
      throw refused.parameter('The email attribute differs from the user name, which is an email address.');
    }
    return { ...given, email: username };
  }
  if (settings.emailIsAlias && isEmail(username)) {
    throw refused.parameter('Username cannot be of email format, since user pool is configured for email alias.');
  }
  return { ...given };
}

/** @throws UsernameExistsException */
export function checkFree(pool: UserPool, username: string): void {
  if (pool.find(username) === undefined) return;
  throw refused.userExists(
    pool.settings.emailIsUsername ? 'An account with the given email already exists.' : 'User already exists',
  );
}

async function signUp(context: Context, input: Json): Promise<Json> {
  const { pool, client, username } = clientOf(context, input);
  const { settings } = pool;
  const password = text(input, 'Password');
  if (!settings.signUpAllowed) throw refused.notAuthorized('SignUp is not permitted for this user pool');
  const given = pairs(input, 'UserAttributes');
  checkWritable(client, Object.keys(given));
  const attributes = namedAttributes(pool, username, given);
  checkAttributes(pool, attributes, { whole: true });
  checkPassword(password, settings.passwordPolicy);
  checkFree(pool, username);
  const answer = await context.triggers.run(pool, {
    trigger: 'PreSignUp',
    source: 'PreSignUp_SignUp',
    userName: username,
    clientId: client.id,
    request: {
      userAttributes: attributes,
      validationData: pairs(input, 'ValidationData'),
      clientMetadata: texts(input, 'ClientMetadata'),
    },
    response: { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false },
  });
  // While the function ran, another may have signed up.
  checkFree(pool, username);
  return create(context, { pool, client, username, attributes, password, answer, input });
}

interface NewUser {
  readonly pool: UserPool;
  readonly client: ClientSettings;
  readonly username: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly password: string;
  /** What PreSignUp said. */
  readonly answer: Json | undefined;
  readonly input: Json;
}

async function create(context: Context, made: NewUser): Promise<Json> {
  const { pool, client, username, attributes, password, answer, input } = made;
  const confirmed = answer?.autoConfirmUser === true;
  const { email } = attributes;
  const verified = answer?.autoVerifyEmail === true;
  if (verified && email === undefined) {
    throw refused.parameter('Cannot auto verify the email: the user has none.');
  }
  const user = pool.add(
    username,
    email === undefined ? attributes : { ...attributes, email_verified: String(verified) },
    confirmed ? 'CONFIRMED' : 'UNCONFIRMED',
  );
  pool.setPassword(user, password);
  const sends = !confirmed && pool.settings.verifiesEmail && email !== undefined;
  const details = sends ? sendCode(context, user, 'sign-up', email) : undefined;
  pool.save();
  if (confirmed) await postConfirmation(context, pool, user, client.id, input);
  return {
    UserConfirmed: confirmed,
    UserSub: user.sub,
    ...(details === undefined ? {} : { CodeDeliveryDetails: details }),
  };
}

async function confirmSignUp(context: Context, input: Json): Promise<Json> {
  const { pool, client, username } = clientOf(context, input);
  const code = text(input, 'ConfirmationCode');
  const user = pool.find(username);
  if (user === undefined) throw client.hidesExistence ? refused.expiredCode() : refused.noUserOfClient();
  if (user.status !== 'UNCONFIRMED') {
    throw refused.notAuthorized(`User cannot be confirmed. Current status is ${user.status}`);
  }
  if (!user.enabled) throw refused.notAuthorized('User is disabled.');
  const destination = user.codes['sign-up']?.destination;
  const owner = destination === undefined ? undefined : pool.ownerOfEmail(destination);
  const taken = owner !== undefined && owner !== user && pool.settings.emailIsAlias;
  if (taken && input.ForceAliasCreation !== true && user.codes['sign-up']?.code === code) throw refused.aliasExists();
  const email = takeCode(context, pool, user, 'sign-up', code);
  if (taken) owner.attributes.email_verified = 'false';
  if (user.attributes.email === email) user.attributes.email_verified = 'true';
  user.status = 'CONFIRMED';
  user.modified = context.now();
  pool.save();
  await postConfirmation(context, pool, user, client.id, input);
  return {};
}

/**
 * Tells PostConfirmation. The user is confirmed by then, and stays so when the function fails: the caller gets the error,
 * and a second ConfirmSignUp is refused, so that the function is not asked again ("the user is actually confirmed in the
 * user pool", https://github.com/aws-amplify/amplify-cli/issues/2735).
 *
 * @param clientId undefined where an administrator confirms
 */
export async function postConfirmation(
  context: Context,
  pool: UserPool,
  user: User,
  clientId: string | undefined,
  input: Json,
  source = 'PostConfirmation_ConfirmSignUp',
): Promise<void> {
  await context.triggers.run(pool, {
    trigger: 'PostConfirmation',
    source,
    userName: user.username,
    clientId,
    request: { userAttributes: triggerAttributes(user), ...clientMetadata(input) },
  });
}

/** What a client gives for the triggers, where it gives any. */
export function clientMetadata(input: Json): Json {
  return input.ClientMetadata === undefined ? {} : { clientMetadata: texts(input, 'ClientMetadata') };
}

function resendConfirmationCode(context: Context, input: Json): Json {
  const { pool, client, username } = clientOf(context, input);
  const user = pool.find(username);
  if (user === undefined) {
    if (!client.hidesExistence) throw refused.noUserOfClient();
    return { CodeDeliveryDetails: deliveryTo(username) };
  }
  if (user.status !== 'UNCONFIRMED') throw refused.parameter('User is already confirmed.');
  const { email } = user.attributes;
  if (!pool.settings.verifiesEmail || email === undefined) {
    throw refused.parameter('Cannot resend codes. Auto verification not turned on.');
  }
  const details = sendCode(context, user, 'sign-up', email);
  pool.save();
  return { CodeDeliveryDetails: details };
}
