import { createHmac } from 'node:crypto';
import {
  ConfirmForgotPasswordCommand,
  ConfirmSignUpCommand,
  ForgotPasswordCommand,
  GetUserCommand,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { makePools, PASSWORD, startTestCognito, TestCognito, TestUsers, wrongCode } from './testing';

/** How users of an app sign up and in, by the SDK's own client and without credentials. */

const HOUR = 3_600_000;

let running: TestCognito;
let users: TestUsers;
let ClientId: string;
/** Of a pool with names, in which existence is shown. */
let legacy: string;

beforeAll(async () => {
  running = await startTestCognito();
  ({ ClientId, legacy } = await makePools(running));
  users = new TestUsers(running, ClientId);
}, 60_000);

afterAll(async () => running?.close());

describe('signing up', () => {
  test.each([
    ['Ab1!xyz', 'Password not long enough'],
    ['passw0rd!', 'Password must have uppercase characters'],
    ['PASSW0RD!', 'Password must have lowercase characters'],
    ['Password!', 'Password must have numeric characters'],
    ['Passw0rdX', 'Password must have symbol characters'],
  ])('takes no password %s', async (Password, why) => {
    expect(await users.refusal(new SignUpCommand({ ClientId, Username: users.newEmail(), Password }))).toBe(
      `InvalidPasswordException: Password did not conform with policy: ${why}`,
    );
  });

  test.each<[string, Partial<SignUpCommand['input']>, string]>([
    ['of no e-mail address', { Username: 'ann' }, 'InvalidParameterException: Username should be an email.'],
    ['without a password', { Password: undefined }, 'InvalidParameterException: 1 validation error detected'],
    ['with an unknown client', { ClientId: 'nobody' }, 'ResourceNotFoundException: User pool client nobody does not'],
    [
      'with an attribute that the client may not write',
      { UserAttributes: [{ Name: 'custom:plan', Value: 'gold' }] },
      'NotAuthorizedException: A client attempted to write unauthorized attribute',
    ],
    [
      'with an address that says it is verified',
      { UserAttributes: [{ Name: 'email_verified', Value: 'true' }] },
      'NotAuthorizedException: A client attempted to write unauthorized attribute',
    ],
    [
      'with a value that is too long',
      { UserAttributes: [{ Name: 'birthdate', Value: '2000-01-011' }] },
      'InvalidParameterException: Attributes did not conform to the schema: birthdate',
    ],
    ['with a secret that the client has not', { SecretHash: 'x' }, 'NotAuthorizedException: Unable to verify secret'],
  ])('%s is refused', async (_, input, error) => {
    const command = new SignUpCommand({ ClientId, Username: users.newEmail(), Password: PASSWORD, ...input });
    expect(await users.refusal(command)).toContain(error);
  });

  test('twice with an address is refused, whatever its case', async () => {
    const email = await users.signUp();
    const again = new SignUpCommand({ ClientId, Username: email.toUpperCase(), Password: PASSWORD });
    expect(await users.refusal(again)).toBe('UsernameExistsException: An account with the given email already exists.');
  });

  test('where only administrators make users is refused', async () => {
    const pool = await running.pool('Closed', { AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } });
    const client = await running.client('ClosedWeb', pool);
    const command = new SignUpCommand({ ClientId: client, Username: users.newEmail(), Password: PASSWORD });
    expect(await users.refusal(command)).toBe('NotAuthorizedException: SignUp is not permitted for this user pool');
  });

  test('says where the code went, and gives an id as the name', async () => {
    const answer = await running.cognito.send(
      new SignUpCommand({ ClientId, Username: 'Zoe@Example.com', Password: PASSWORD }),
    );
    expect(answer).toMatchObject({
      UserConfirmed: false,
      UserSub: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      CodeDeliveryDetails: { AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: 'Z***@E***' },
    });
  });
});

describe('a code', () => {
  test('is good once, for its user', async () => {
    const [email, other] = [await users.signUp(), await users.signUp()];
    const code = running.sent(email, 'sign-up');
    if (code !== running.sent(other, 'sign-up')) {
      expect(await users.refusal(users.confirm(other, code))).toContain('CodeMismatchException');
    }
    await running.cognito.send(users.confirm(email, code));
    expect(await users.refusal(users.confirm(email, code))).toBe(
      'NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED',
    );
  });

  test('is good for a day', async () => {
    const email = await users.signUp();
    running.pass(24 * HOUR);
    expect(await users.refusal(users.confirm(email, running.sent(email, 'sign-up')))).toBe(
      'ExpiredCodeException: Invalid code provided, please request a code again.',
    );
  });

  test('in the place of another ends it', async () => {
    const email = await users.signUp();
    const first = running.sent(email, 'sign-up');
    await running.cognito.send(new ResendConfirmationCodeCommand({ ClientId, Username: email }));
    const second = running.sent(email, 'sign-up');
    if (first !== second) expect(await users.refusal(users.confirm(email, first))).toContain('CodeMismatchException');
    await running.cognito.send(users.confirm(email, second));
    expect(await users.refusal(new ResendConfirmationCodeCommand({ ClientId, Username: email }))).toBe(
      'InvalidParameterException: User is already confirmed.',
    );
  });

  test('can be guessed 15 times in an hour, and be sent 5 times', async () => {
    const email = await users.signUp();
    const right = running.sent(email, 'sign-up');
    for (let time = 0; time < 15; time += 1) {
      expect(await users.refusal(users.confirm(email, wrongCode(right)))).toBe(
        'CodeMismatchException: Invalid verification code provided, please try again.',
      );
    }
    const limit = 'LimitExceededException: Attempt limit exceeded, please try after some time.';
    expect(await users.refusal(users.confirm(email, right))).toBe(limit);
    const resend = new ResendConfirmationCodeCommand({ ClientId, Username: email });
    for (let time = 1; time < 5; time += 1) await running.cognito.send(resend);
    expect(await users.refusal(resend)).toBe(limit);
    running.pass(HOUR + 1000);
    await running.cognito.send(users.confirm(email, running.sent(email, 'sign-up')));
  });
});

describe('signing in', () => {
  test('waits for the confirmation, and tells it only who has the password', async () => {
    const email = await users.signUp();
    expect(await users.refusal(users.signIn(email))).toBe('UserNotConfirmedException: User is not confirmed.');
    expect(await users.refusal(users.signIn(email, 'Wr0ng-one!'))).toBe(
      'NotAuthorizedException: Incorrect username or password.',
    );
  });

  test('is locked by five wrong passwords, for a second, then for two', async () => {
    const email = await users.confirmed();
    const wrong = users.signIn(email, 'Wr0ng-one!');
    for (let time = 0; time < 5; time += 1) {
      expect(await users.refusal(wrong)).toContain('Incorrect username or password.');
    }
    expect(await users.refusal(users.signIn(email))).toBe('NotAuthorizedException: Password attempts exceeded');
    running.pass(1000);
    expect(await users.refusal(wrong)).toContain('Incorrect username or password.');
    running.pass(1000);
    expect(await users.refusal(users.signIn(email))).toContain('Password attempts exceeded');
    running.pass(1000);
    await running.cognito.send(users.signIn(email));
  });

  test.each([
    ['USER_PASSWORD_AUTH', 'USER_PASSWORD_AUTH flow not enabled for this client'],
    ['USER_SRP_AUTH', 'USER_SRP_AUTH is not enabled for the client.'],
    ['ADMIN_USER_PASSWORD_AUTH', 'Initiate Auth method not supported.'],
    ['CUSTOM_AUTH', 'AuthFlow CUSTOM_AUTH is not supported by the local runner'],
  ] as const)('by %s is refused where the client has it not', async (AuthFlow, message) => {
    const pool = await running.pool(`Flows${AuthFlow}`);
    const client = await running.client(`Flows${AuthFlow}`, pool, { ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'] });
    const AuthParameters = { USERNAME: 'ann@example.com', PASSWORD };
    expect(await users.refusal(new InitiateAuthCommand({ ClientId: client, AuthFlow, AuthParameters }))).toBe(
      `InvalidParameterException: ${message}`,
    );
  });

  test('needs the hash of the secret of a client that has one', async () => {
    const pool = await running.pool('Secret');
    const { ref, attributes } = await running.services.create('AWS::Cognito::UserPoolClient', 'SecretWeb', {
      UserPoolId: pool,
      GenerateSecret: true,
    });
    const signUpWith = (SecretHash?: string): SignUpCommand =>
      new SignUpCommand({ ClientId: ref, Username: 'sec@example.com', Password: PASSWORD, SecretHash });
    expect(await users.refusal(signUpWith())).toBe(
      `NotAuthorizedException: Client ${ref} is configured with secret but SECRET_HASH was not received`,
    );
    expect(await users.refusal(signUpWith('x'))).toBe(
      `NotAuthorizedException: Unable to verify secret hash for client ${ref}`,
    );
    const hash = createHmac('sha256', String(attributes.ClientSecret)).update(`sec@example.com${ref}`).digest('base64');
    expect(await users.refusal(signUpWith(hash))).toBe('allowed');
  });
});

describe('who is not there', () => {
  const nobody = 'nobody@example.com';

  test('is hidden where the client asks for it', async () => {
    expect(await users.refusal(users.signIn(nobody))).toBe('NotAuthorizedException: Incorrect username or password.');
    expect(await users.refusal(users.confirm(nobody, '123456'))).toContain('ExpiredCodeException');
    const { CodeDeliveryDetails } = await running.cognito.send(
      new ForgotPasswordCommand({ ClientId, Username: nobody }),
    );
    expect(CodeDeliveryDetails).toMatchObject({ DeliveryMedium: 'EMAIL', Destination: 'n***@e***' });
    const reset = { ClientId, Username: nobody, ConfirmationCode: '123456', Password: PASSWORD };
    expect(await users.refusal(new ConfirmForgotPasswordCommand(reset))).toContain('CodeMismatchException');
    expect(running.services.logs.join('\n')).not.toContain(nobody);
  });

  test('is told otherwise', async () => {
    expect(await users.refusal(users.signIn('nobody', PASSWORD, legacy))).toBe(
      'UserNotFoundException: User does not exist.',
    );
    for (const command of [
      users.confirm('nobody', '123456', legacy),
      new ForgotPasswordCommand({ ClientId: legacy, Username: 'nobody' }),
      new ResendConfirmationCodeCommand({ ClientId: legacy, Username: 'nobody' }),
    ]) {
      expect(await users.refusal(command)).toBe('UserNotFoundException: Username/client id combination not found.');
    }
  });
});

describe('an e-mail address beside a name', () => {
  const sign = (Username: string, email: string): SignUpCommand =>
    new SignUpCommand({
      ClientId: legacy,
      Username,
      Password: PASSWORD,
      UserAttributes: [{ Name: 'email', Value: email }],
    });

  test('signs in when it is verified, and for one user alone', async () => {
    const email = users.newEmail();
    await running.cognito.send(sign('ann', email));
    expect(await users.refusal(users.signIn(email, PASSWORD, legacy))).toContain('UserNotFoundException');
    await running.cognito.send(users.confirm('ann', running.sent(email, 'sign-up'), legacy));
    await running.cognito.send(users.signIn(email, PASSWORD, legacy));
    await running.cognito.send(sign('bob', email));
    const code = running.sent(email, 'sign-up');
    expect(await users.refusal(users.confirm('bob', code, legacy))).toBe(
      'AliasExistsException: An account with the email already exists.',
    );
    const force = { ClientId: legacy, Username: 'bob', ConfirmationCode: code, ForceAliasCreation: true };
    await running.cognito.send(new ConfirmSignUpCommand(force));
    const { AuthenticationResult: result } = await running.cognito.send(users.signIn(email, PASSWORD, legacy));
    const { Username } = await running.cognito.send(new GetUserCommand({ AccessToken: result?.AccessToken }));
    expect(Username).toBe('bob');
  });

  test('is no name', async () => {
    expect(await users.refusal(sign('ann@example.com', 'ann@example.com'))).toContain(
      'Username cannot be of email format, since user pool is configured for email alias.',
    );
    expect(await users.refusal(sign('ann', users.newEmail()))).toBe('UsernameExistsException: User already exists');
  });
});
