import {
  AdminUpdateUserAttributesCommand,
  ChangePasswordCommand,
  ConfirmForgotPasswordCommand,
  DeleteUserCommand,
  ForgotPasswordCommand,
  GetUserAttributeVerificationCodeCommand,
  GetUserCommand,
  GlobalSignOutCommand,
  RevokeTokenCommand,
  SignUpCommand,
  UpdateUserAttributesCommand,
  VerifyUserAttributeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { makePools, PASSWORD, startTestCognito, TestCognito, TestUsers, wrongCode } from './testing';

/** What users do with their own accounts, by the SDK's own client and without credentials. */

const HOUR = 3_600_000;

let running: TestCognito;
let users: TestUsers;
let UserPoolId: string;
let ClientId: string;
/** Of a pool with names, in which existence is shown. */
let legacy: string;

beforeAll(async () => {
  running = await startTestCognito();
  ({ UserPoolId, ClientId, legacy } = await makePools(running));
  users = new TestUsers(running, ClientId);
}, 60_000);

afterAll(async () => running?.close());

describe('an access token', () => {
  test('shows what the client may read', async () => {
    const { AccessToken, email } = await users.session();
    const { UserAttributes } = await running.cognito.send(new GetUserCommand({ AccessToken }));
    expect(UserAttributes).toEqual([
      { Name: 'sub', Value: expect.any(String) as string },
      { Name: 'email', Value: email },
      { Name: 'email_verified', Value: 'true' },
    ]);
  });

  test('ends after an hour', async () => {
    const { AccessToken } = await users.session();
    running.pass(HOUR);
    expect(await users.refusal(new GetUserCommand({ AccessToken }))).toBe(
      'NotAuthorizedException: Access Token has expired',
    );
  });

  test('of another kind, or changed, is none', async () => {
    const { email, AccessToken } = await users.session();
    const { AuthenticationResult: result } = await running.cognito.send(users.signIn(email));
    const [head = '', , signature = ''] = AccessToken.split('.');
    const forged = Buffer.from(JSON.stringify({ sub: 'x' })).toString('base64url');
    const claims = JSON.parse(Buffer.from(AccessToken.split('.')[1] ?? '', 'base64url').toString()) as object;
    const other = Buffer.from(JSON.stringify({ ...claims, exp: 9_999_999_999 })).toString('base64url');
    for (const token of [result?.IdToken, `${head}.${forged}.${signature}`, `${head}.${other}.${signature}`, 'x']) {
      expect(await users.refusal(new GetUserCommand({ AccessToken: token }))).toBe(
        'NotAuthorizedException: Invalid Access Token',
      );
    }
  });

  test('is not good after a sign-out everywhere, and no refresh token is', async () => {
    const { email, AccessToken, refreshToken } = await users.session();
    const { AuthenticationResult: other } = await running.cognito.send(users.signIn(email));
    await running.cognito.send(new GlobalSignOutCommand({ AccessToken }));
    for (const token of [AccessToken, other?.AccessToken]) {
      expect(await users.refusal(new GetUserCommand({ AccessToken: token }))).toBe(
        'NotAuthorizedException: Access Token has been revoked',
      );
    }
    for (const token of [refreshToken, other?.RefreshToken ?? '']) {
      expect(await users.refusal(users.refresh(token))).toBe('NotAuthorizedException: Refresh Token has been revoked');
    }
    await running.cognito.send(users.signIn(email));
  });

  test('ends with its refresh token, and with no other', async () => {
    const { email, AccessToken, refreshToken } = await users.session();
    const { AuthenticationResult: other } = await running.cognito.send(users.signIn(email));
    await running.cognito.send(new RevokeTokenCommand({ ClientId, Token: refreshToken }));
    expect(await users.refusal(new GetUserCommand({ AccessToken }))).toContain('Access Token has been revoked');
    await running.cognito.send(new GetUserCommand({ AccessToken: other?.AccessToken }));
    expect(await users.refusal(new RevokeTokenCommand({ ClientId, Token: AccessToken }))).toContain(
      'UnsupportedTokenTypeException',
    );
  });

  test('deletes the account, with all that is open', async () => {
    const { email, AccessToken, refreshToken } = await users.session();
    await running.cognito.send(new DeleteUserCommand({ AccessToken }));
    expect(await users.refusal(new GetUserCommand({ AccessToken }))).toBe(
      'UserNotFoundException: User does not exist.',
    );
    expect(await users.refusal(users.refresh(refreshToken))).toBe('NotAuthorizedException: Invalid Refresh Token');
    expect(await users.refusal(users.signIn(email))).toContain('Incorrect username or password.');
    await users.signUp(email);
  });
});

describe('a refresh token', () => {
  test('is of its client, and ends after 30 days', async () => {
    const { refreshToken } = await users.session();
    const { AuthenticationResult: result } = await running.cognito.send(users.refresh(refreshToken));
    expect(result).toMatchObject({ AccessToken: expect.any(String) as string, ExpiresIn: 3600 });
    expect(result?.RefreshToken).toBeUndefined();
    const other = await running.client('Other', UserPoolId);
    for (const client of [legacy, other]) {
      expect(await users.refusal(users.refresh(refreshToken, client))).toBe(
        'NotAuthorizedException: Invalid Refresh Token',
      );
    }
    expect(await users.refusal(users.refresh('x'))).toBe('NotAuthorizedException: Invalid Refresh Token');
    running.pass(30 * 24 * HOUR);
    expect(await users.refusal(users.refresh(refreshToken))).toBe('NotAuthorizedException: Refresh Token has expired');
  });
});

describe('a new e-mail address', () => {
  const set = (AccessToken: string, Value: string): UpdateUserAttributesCommand =>
    new UpdateUserAttributesCommand({ AccessToken, UserAttributes: [{ Name: 'email', Value }] });
  const verify = (AccessToken: string, Code: string): VerifyUserAttributeCommand =>
    new VerifyUserAttributeCommand({ AccessToken, AttributeName: 'email', Code });

  test('takes the place of the old one when it is verified', async () => {
    const { email, AccessToken } = await users.session();
    const next = users.newEmail();
    const { CodeDeliveryDetailsList } = await running.cognito.send(set(AccessToken, next));
    expect(CodeDeliveryDetailsList).toHaveLength(1);
    await running.cognito.send(users.signIn(email));
    expect(await users.refusal(users.signIn(next))).toContain('NotAuthorizedException');
    await running.cognito.send(new GetUserAttributeVerificationCodeCommand({ AccessToken, AttributeName: 'email' }));
    await running.cognito.send(verify(AccessToken, running.sent(next, 'email verification')));
    await running.cognito.send(users.signIn(next));
    expect(await users.refusal(users.signIn(email))).toContain('NotAuthorizedException');
  });

  test('that an administrator has overtaken is not verified any more', async () => {
    const { email, AccessToken } = await users.session();
    const [wanted, given] = [users.newEmail(), users.newEmail()];
    await running.cognito.send(set(AccessToken, wanted));
    const UserAttributes = [
      { Name: 'email', Value: given },
      { Name: 'email_verified', Value: 'true' },
    ];
    await running.admin.send(new AdminUpdateUserAttributesCommand({ UserPoolId, Username: email, UserAttributes }));
    expect(await users.refusal(verify(AccessToken, running.sent(wanted, 'email verification')))).toContain(
      'ExpiredCodeException',
    );
    expect(await users.refusal(users.signIn(given))).toBe('allowed');
  });

  test('of another user is refused', async () => {
    const [{ AccessToken }, other] = [await users.session(), await users.confirmed()];
    expect(await users.refusal(set(AccessToken, other))).toBe(
      'AliasExistsException: An account with the email already exists.',
    );
  });

  test('is a code away from who has it meanwhile', async () => {
    const [first, second] = [await users.session(), await users.session()];
    const wanted = users.newEmail();
    await running.cognito.send(set(first.AccessToken, wanted));
    const code = running.sent(wanted, 'email verification');
    await running.cognito.send(set(second.AccessToken, wanted));
    await running.cognito.send(verify(second.AccessToken, running.sent(wanted, 'email verification')));
    expect(await users.refusal(verify(first.AccessToken, code))).toContain('AliasExistsException');
  });

  test.each([
    ['birthdate', '2000-01-01', 'InvalidParameterException: user.birthdate: Attribute cannot be updated.'],
    ['custom:plan', 'gold', 'NotAuthorizedException: A client attempted to write unauthorized attribute'],
    ['email', '', 'InvalidParameterException: user.email: Attribute cannot be deleted.'],
  ])('and other attributes: %s to %j is refused', async (Name, Value, error) => {
    const { AccessToken } = await users.session();
    const command = new UpdateUserAttributesCommand({ AccessToken, UserAttributes: [{ Name, Value }] });
    expect(await users.refusal(command)).toBe(error);
  });
});

describe('a password', () => {
  test('is changed by who knows it', async () => {
    const { email, AccessToken } = await users.session();
    const change = (PreviousPassword: string, ProposedPassword: string): ChangePasswordCommand =>
      new ChangePasswordCommand({ AccessToken, PreviousPassword, ProposedPassword });
    expect(await users.refusal(change('Wr0ng-one!', 'N3w-one!!'))).toContain('Incorrect username or password.');
    expect(await users.refusal(change(PASSWORD, 'short'))).toContain('InvalidPasswordException');
    await running.cognito.send(change(PASSWORD, 'N3w-one!!'));
    await running.cognito.send(users.signIn(email, 'N3w-one!!'));
    expect(await users.refusal(users.signIn(email))).toContain('Incorrect username or password.');
  });

  test('that is forgotten is set by a code, good for an hour', async () => {
    const email = await users.confirmed();
    const ask = new ForgotPasswordCommand({ ClientId, Username: email });
    const set = (ConfirmationCode: string, Password = 'N3w-one!!'): ConfirmForgotPasswordCommand =>
      new ConfirmForgotPasswordCommand({ ClientId, Username: email, ConfirmationCode, Password });
    expect(await users.refusal(set('123456'))).toContain('ExpiredCodeException');
    await running.cognito.send(ask);
    running.pass(HOUR);
    expect(await users.refusal(set(running.sent(email, 'password reset')))).toContain('ExpiredCodeException');
    await running.cognito.send(ask);
    const code = running.sent(email, 'password reset');
    expect(await users.refusal(set(wrongCode(code)))).toContain('CodeMismatchException');
    expect(await users.refusal(set(code, 'short'))).toContain('InvalidPasswordException');
    await running.cognito.send(set(code));
    await running.cognito.send(users.signIn(email, 'N3w-one!!'));
    expect(await users.refusal(set(code))).toContain('ExpiredCodeException');
  });

  test('cannot be set anew for an address that is not verified', async () => {
    const email = users.newEmail();
    const sign = { ClientId: legacy, Username: email.replace('@', '.'), Password: PASSWORD };
    await running.cognito.send(new SignUpCommand({ ...sign, UserAttributes: [{ Name: 'email', Value: email }] }));
    expect(await users.refusal(new ForgotPasswordCommand({ ClientId: legacy, Username: sign.Username }))).toBe(
      'InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number',
    );
  });
});
