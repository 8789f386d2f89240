import {
  AdminAddUserToGroupCommand,
  AdminConfirmSignUpCommand,
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminInitiateAuthCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminResetUserPasswordCommand,
  AdminRespondToAuthChallengeCommand,
  AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  AdminUserGlobalSignOutCommand,
  GetUserCommand,
  ListUsersCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { decodeJwt } from 'jose';
import { FLOWS, PASSWORD, startTestCognito, TestCognito, TestUsers } from './testing';

/** What administrators and functions do with users: calls that are signed, and allowed by roles. */

const DAY = 86_400_000;

let running: TestCognito;
let users: TestUsers;
let UserPoolId: string;
let ClientId: string;

beforeAll(async () => {
  running = await startTestCognito();
  UserPoolId = await running.pool('Users', {
    Policies: { PasswordPolicy: { MinimumLength: 8, TemporaryPasswordValidityDays: 3 } },
  });
  ClientId = await running.client('Web', UserPoolId, {
    ExplicitAuthFlows: [...FLOWS, 'ALLOW_ADMIN_USER_PASSWORD_AUTH'],
  });
  users = new TestUsers(running, ClientId);
  await running.services.create('AWS::Cognito::UserPoolGroup', 'Staff', {
    UserPoolId,
    GroupName: 'staff',
    RoleArn: 'arn:aws:iam::000000000000:role/staff',
  });
}, 60_000);

afterAll(async () => running?.close());

async function invited(): Promise<{ readonly Username: string; readonly password: string }> {
  const email = users.newEmail();
  const { User } = await running.admin.send(
    new AdminCreateUserCommand({ UserPoolId, Username: email, DesiredDeliveryMediums: ['EMAIL'] }),
  );
  expect(User).toMatchObject({ UserStatus: 'FORCE_CHANGE_PASSWORD', Enabled: true });
  return { Username: email, password: running.sent(email, 'invitation') };
}

function adminSignIn(USERNAME: string, password = PASSWORD): AdminInitiateAuthCommand {
  return new AdminInitiateAuthCommand({
    ...{ UserPoolId, ClientId },
    AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME, PASSWORD: password },
  });
}

async function statusOf(Username: string): Promise<string | undefined> {
  return (await running.admin.send(new AdminGetUserCommand({ UserPoolId, Username }))).UserStatus;
}

test('who is invited sets a password of their own at the first sign-in', async () => {
  const { Username, password } = await invited();
  const { ChallengeName, ChallengeParameters, Session } = await running.admin.send(adminSignIn(Username, password));
  expect(ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
  expect(JSON.parse(ChallengeParameters?.userAttributes ?? '')).toEqual({ email: Username });
  const answer = (named = Username): AdminRespondToAuthChallengeCommand =>
    new AdminRespondToAuthChallengeCommand({
      ...{ UserPoolId, ClientId, ChallengeName, Session },
      ChallengeResponses: { USERNAME: named, NEW_PASSWORD: PASSWORD },
    });
  await expect(running.admin.send(answer(await users.confirmed()))).rejects.toThrow('Invalid session for the user.');
  const { AuthenticationResult: result } = await running.admin.send(answer());
  expect(result?.AccessToken).toBeDefined();
  expect(await statusOf(Username)).toBe('CONFIRMED');
  await expect(running.admin.send(answer())).rejects.toThrow('Invalid session for the user.');
});

test('a sign-in that waits is over after three minutes', async () => {
  const { Username, password } = await invited();
  const { ChallengeName, Session } = await running.admin.send(adminSignIn(Username, password));
  running.pass(3 * 60_000 + 1);
  await expect(
    running.admin.send(
      new AdminRespondToAuthChallengeCommand({
        ...{ UserPoolId, ClientId, ChallengeName, Session },
        ChallengeResponses: { USERNAME: Username, NEW_PASSWORD: PASSWORD },
      }),
    ),
  ).rejects.toThrow('Invalid session for the user, session is expired.');
});

test('a temporary password ends, and another may be sent', async () => {
  const { Username, password } = await invited();
  running.pass(3 * DAY);
  await expect(running.admin.send(adminSignIn(Username, password))).rejects.toThrow(
    'Temporary password has expired and must be reset by an administrator.',
  );
  const resend = { UserPoolId, Username, MessageAction: 'RESEND', DesiredDeliveryMediums: ['EMAIL'] } as const;
  await running.admin.send(new AdminCreateUserCommand({ ...resend, DesiredDeliveryMediums: ['EMAIL'] }));
  const again = await running.admin.send(adminSignIn(Username, running.sent(Username, 'invitation')));
  expect(again.ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
});

test('an invitation goes where it is asked to, and nowhere where nobody asks', async () => {
  const [silent, suppressed] = [users.newEmail(), users.newEmail()];
  await running.admin.send(new AdminCreateUserCommand({ UserPoolId, Username: silent }));
  await running.admin.send(
    new AdminCreateUserCommand({
      ...{ UserPoolId, Username: suppressed, MessageAction: 'SUPPRESS' },
      DesiredDeliveryMediums: ['EMAIL'],
    }),
  );
  expect(running.services.logs.filter((line) => line.includes(silent) || line.includes(suppressed))).toEqual([]);
});

test('an administrator confirms who signed up, sets a password, and ends sessions', async () => {
  const email = await users.signUp();
  await running.admin.send(new AdminConfirmSignUpCommand({ UserPoolId, Username: email }));
  const user = await running.admin.send(new AdminGetUserCommand({ UserPoolId, Username: email }));
  expect(user).toMatchObject({ UserStatus: 'CONFIRMED', Enabled: true });
  expect(user.UserAttributes).toContainEqual({ Name: 'email_verified', Value: 'false' });
  const set = { UserPoolId, Username: email, Password: 'An0ther-one' };
  await running.admin.send(new AdminSetUserPasswordCommand({ ...set, Permanent: true }));
  const { AuthenticationResult: result } = await running.admin.send(adminSignIn(email, 'An0ther-one'));
  await running.admin.send(new AdminUserGlobalSignOutCommand({ UserPoolId, Username: email }));
  expect(await users.refusal(new GetUserCommand({ AccessToken: result?.AccessToken }))).toContain('has been revoked');
  await running.admin.send(new AdminSetUserPasswordCommand({ ...set, Permanent: false }));
  expect(await statusOf(email)).toBe('FORCE_CHANGE_PASSWORD');
});

test('who is disabled signs in no more, and goes on with no token', async () => {
  const { email, AccessToken, refreshToken } = await users.session();
  await running.admin.send(new AdminDisableUserCommand({ UserPoolId, Username: email }));
  expect(await users.refusal(users.signIn(email))).toBe('NotAuthorizedException: User is disabled.');
  expect(await users.refusal(users.refresh(refreshToken))).toContain('NotAuthorizedException');
  expect(await users.refusal(new GetUserCommand({ AccessToken }))).toContain('NotAuthorizedException');
  await running.admin.send(new AdminEnableUserCommand({ UserPoolId, Username: email }));
  expect(await users.refusal(users.signIn(email))).toBe('allowed');
});

test('a reset asks for a new password', async () => {
  const email = await users.confirmed();
  await running.admin.send(new AdminResetUserPasswordCommand({ UserPoolId, Username: email }));
  expect(await users.refusal(users.signIn(email))).toBe(
    'PasswordResetRequiredException: Password reset required for the user',
  );
  expect(running.sent(email, 'password reset')).toMatch(/^\d{6}$/);
});

test('an administrator says which address is verified', async () => {
  const email = await users.confirmed();
  const next = users.newEmail();
  const UserAttributes = [
    { Name: 'email', Value: next },
    { Name: 'email_verified', Value: 'true' },
  ];
  await running.admin.send(new AdminUpdateUserAttributesCommand({ UserPoolId, Username: email, UserAttributes }));
  const user = await running.admin.send(new AdminGetUserCommand({ UserPoolId, Username: next }));
  expect(user.UserAttributes).toEqual(expect.arrayContaining(UserAttributes));
});

test('a user who is deleted is not there', async () => {
  const email = await users.confirmed();
  await running.admin.send(new AdminDeleteUserCommand({ UserPoolId, Username: email }));
  await expect(running.admin.send(new AdminGetUserCommand({ UserPoolId, Username: email }))).rejects.toMatchObject({
    name: 'UserNotFoundException',
    message: 'User does not exist.',
  });
});

test('groups stand in the tokens, their roles in the ID token alone', async () => {
  const email = await users.confirmed();
  const named = { UserPoolId, Username: email, GroupName: 'staff' };
  await running.admin.send(new AdminAddUserToGroupCommand(named));
  const { AuthenticationResult: result } = await running.cognito.send(users.signIn(email));
  const access = decodeJwt(result?.AccessToken ?? '');
  expect(access['cognito:groups']).toEqual(['staff']);
  expect(access).not.toHaveProperty('cognito:roles');
  expect(decodeJwt(result?.IdToken ?? '')).toMatchObject({
    'cognito:groups': ['staff'],
    'cognito:roles': ['arn:aws:iam::000000000000:role/staff'],
    'cognito:preferred_role': 'arn:aws:iam::000000000000:role/staff',
  });
  const list = new AdminListGroupsForUserCommand({ UserPoolId, Username: email });
  expect((await running.admin.send(list)).Groups).toMatchObject([{ GroupName: 'staff' }]);
  await running.admin.send(new AdminRemoveUserFromGroupCommand(named));
  expect((await running.admin.send(list)).Groups).toEqual([]);
  await expect(
    running.admin.send(new AdminAddUserToGroupCommand({ ...named, GroupName: 'nobody' })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('users are listed a page at a time, and found by what a filter says', async () => {
  const pool = await running.pool('Listed');
  const emails = ['x1@example.com', 'x2@example.com', 'y@example.com'];
  for (const Username of emails) await running.admin.send(new AdminCreateUserCommand({ UserPoolId: pool, Username }));
  const list = async (input: object): Promise<{ readonly found: unknown[]; readonly token?: string }> => {
    const { Users = [], PaginationToken: token } = await running.admin.send(
      new ListUsersCommand({ UserPoolId: pool, AttributesToGet: ['email'], ...input }),
    );
    return { found: Users.map(({ Attributes }) => Attributes?.map(({ Value }) => Value).join()), token };
  };
  const first = await list({ Limit: 2 });
  expect(first.found).toEqual(emails.slice(0, 2));
  expect(await list({ Limit: 2, PaginationToken: first.token })).toEqual({ found: emails.slice(2), token: undefined });
  expect((await list({ Filter: 'email ^= "x"' })).found).toEqual(emails.slice(0, 2));
  expect((await list({ Filter: 'email = "y@example.com"' })).found).toEqual(emails.slice(2));
  await expect(list({ Filter: 'custom:plan = "gold"' })).rejects.toThrow('Error while parsing filter');
  await expect(list({ Limit: 61 })).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

describe('a call', () => {
  test('is checked against the caller’s role, on the ARN of the pool', async () => {
    const { authorizations, denied } = running.services;
    const get = new AdminGetUserCommand({ UserPoolId, Username: 'nobody' });
    denied.add('cognito-idp:AdminGetUser');
    await expect(running.admin.send(get)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    denied.clear();
    expect(authorizations.at(-1)).toEqual({
      principal: 'caller',
      action: 'cognito-idp:AdminGetUser',
      resources: [`arn:aws:cognito-idp:us-east-1:000000000000:userpool/${UserPoolId}`],
    });
  });

  test('of a user is checked against no role', async () => {
    const { AccessToken } = await users.session();
    const before = running.services.authorizations.length;
    await running.admin.send(new GetUserCommand({ AccessToken }));
    expect(running.services.authorizations).toHaveLength(before);
  });

  test('without a signature is refused', async () => {
    await expect(running.cognito.send(new AdminGetUserCommand({ UserPoolId, Username: 'x' }))).rejects.toThrow();
    const response = await fetch(`${running.endpoint}/`, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.AdminGetUser' },
      body: JSON.stringify({ UserPoolId, Username: 'x' }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
  });

  test('on a pool that is not there says so', async () => {
    const get = new AdminGetUserCommand({ UserPoolId: 'us-east-1_nowhere', Username: 'x' });
    await expect(running.admin.send(get)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'User pool us-east-1_nowhere does not exist.',
    });
  });

  test('by the password of an administrator is of the client’s own pool', async () => {
    const other = await running.pool('Other');
    const foreign = new AdminInitiateAuthCommand({ ...adminSignIn('x').input, UserPoolId: other });
    await expect(running.admin.send(foreign)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `User pool client ${ClientId} does not exist.`,
    });
  });

  test.each([
    ['ListUserPools', {}, 'UnknownOperationException', 'cognito-idp ListUserPools is not supported'],
    ['constructor', {}, 'UnknownOperationException', 'cognito-idp constructor is not supported'],
    ['AdminGetUser', { More: 1 }, 'InvalidParameterException', 'AdminGetUser: More not supported'],
  ])('%s with %j is refused by name', async (operation, input, code, message) => {
    const response = await fetch(`${running.services.client.endpoint}/`, {
      method: 'POST',
      headers: {
        'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
        authorization: 'AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/cognito-idp/aws4_request, Signature=x',
      },
      body: JSON.stringify({ UserPoolId, Username: 'x', ...input }),
    });
    expect(await response.json()).toEqual({ __type: code, message: expect.stringContaining(message) as string });
  });
});
