import { setTimeout as sleep } from 'node:timers/promises';
import {
  AdminConfirmSignUpCommand,
  AdminCreateUserCommand,
  ConfirmForgotPasswordCommand,
  ForgotPasswordCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { decodeJwt } from 'jose';
import { PASSWORD, startTestCognito, TestCognito, TestUsers } from './testing';

/** Functions that a pool asks: what they are told, what they may answer, and what is said where they fail. */

interface TriggerEvent {
  readonly triggerSource: string;
  readonly request: Record<string, unknown>;
  readonly response: Record<string, unknown>;
}

type Handler = (event: TriggerEvent) => unknown;

let running: TestCognito;
let counter = 0;

beforeAll(async () => {
  running = await startTestCognito();
}, 60_000);

afterAll(async () => running?.close());

/** A pool with a trigger, whose users are those of a client. */
async function usersWith(trigger: string, handler: Handler): Promise<TestUsers & { readonly name: string }> {
  const name = `${trigger}${(counter += 1)}`;
  const arn = running.trigger(name, (event) => handler(event as TriggerEvent));
  const pool = await running.pool(name, { LambdaConfig: { [trigger]: arn } });
  return Object.assign(new TestUsers(running, await running.client(name, pool)), { name });
}

function invocationsOf(name: string): readonly TriggerEvent[] {
  return running.services.invocations.filter((one) => one.name === name).map(({ event }) => event as TriggerEvent);
}

describe('PreSignUp', () => {
  test('may confirm the user and verify the address', async () => {
    const users = await usersWith('PreSignUp', (event) => ({
      ...event,
      response: { ...event.response, autoConfirmUser: true, autoVerifyEmail: true },
    }));
    const email = users.newEmail();
    const answer = await running.cognito.send(
      new SignUpCommand({
        ...{ ClientId: users.ClientId, Username: email, Password: PASSWORD },
        ValidationData: [{ Name: 'from', Value: 'test' }],
        ClientMetadata: { campaign: 'spring' },
      }),
    );
    expect(answer).toMatchObject({ UserConfirmed: true });
    expect(answer.CodeDeliveryDetails).toBeUndefined();
    expect(invocationsOf(users.name)).toEqual([
      expect.objectContaining({
        triggerSource: 'PreSignUp_SignUp',
        request: {
          userAttributes: { email },
          validationData: { from: 'test' },
          clientMetadata: { campaign: 'spring' },
        },
        response: { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false },
      }),
    ]);
    const { AuthenticationResult: result } = await running.cognito.send(users.signIn(email));
    expect(decodeJwt(result?.IdToken ?? '').email_verified).toBe(true);
  });

  test('refuses a user, of whom nothing is left', async () => {
    let refuses = true;
    const users = await usersWith('PreSignUp', (event) => {
      if (refuses) throw new Error('Only on Tuesdays');
      return event;
    });
    const email = users.newEmail();
    const command = new SignUpCommand({ ClientId: users.ClientId, Username: email, Password: PASSWORD });
    expect(await users.refusal(command)).toBe(
      'UserLambdaValidationException: PreSignUp failed with error Only on Tuesdays.',
    );
    refuses = false;
    expect(await users.refusal(command)).toBe('allowed');
  });

  test('of two who sign up at once with an address lets one in', async () => {
    const users = await usersWith('PreSignUp', async (event) => {
      await sleep(20);
      return event;
    });
    const command = new SignUpCommand({ ClientId: users.ClientId, Username: users.newEmail(), Password: PASSWORD });
    const both = await Promise.all([users.refusal(command), users.refusal(command)]);
    expect(both.sort()).toEqual([
      'UsernameExistsException: An account with the given email already exists.',
      'allowed',
    ]);
  });
});

describe('PostConfirmation', () => {
  test('is told of sign-ups, of administrators and of new passwords, and not of invitations', async () => {
    const users = await usersWith('PostConfirmation', (event) => event);
    const UserPoolId = running.services.host.facts().find(({ name }) => name === `user pool ${users.name}`)?.value;
    const email = await users.confirmed();
    const other = await users.signUp();
    await running.admin.send(new AdminConfirmSignUpCommand({ UserPoolId, Username: other }));
    await running.admin.send(new AdminCreateUserCommand({ UserPoolId, Username: users.newEmail() }));
    const { ClientId } = users;
    await running.cognito.send(new ForgotPasswordCommand({ ClientId, Username: email }));
    await running.cognito.send(
      new ConfirmForgotPasswordCommand({
        ...{ ClientId, Username: email, Password: PASSWORD },
        ConfirmationCode: running.sent(email, 'password reset'),
      }),
    );
    const context = (clientId: string): object => ({ awsSdkVersion: 'aws-sdk-unknown-unknown', clientId });
    expect(invocationsOf(users.name)).toMatchObject([
      { triggerSource: 'PostConfirmation_ConfirmSignUp', callerContext: context(ClientId) },
      { triggerSource: 'PostConfirmation_ConfirmSignUp', callerContext: context('CLIENT_ID_NOT_APPLICABLE') },
      { triggerSource: 'PostConfirmation_ConfirmForgotPassword', callerContext: context(ClientId) },
    ]);
  });
});

describe('PostAuthentication', () => {
  test('may refuse a sign-in, and is not asked at a refresh', async () => {
    let refuses = false;
    const users = await usersWith('PostAuthentication', (event) => {
      if (refuses) throw new Error('not today');
      return event;
    });
    const { email, refreshToken } = await users.session();
    refuses = true;
    expect(await users.refusal(users.refresh(refreshToken))).toBe('allowed');
    expect(await users.refusal(users.signIn(email))).toBe(
      'UserLambdaValidationException: PostAuthentication failed with error not today.',
    );
    expect(invocationsOf(users.name)[0]).toMatchObject({
      triggerSource: 'PostAuthentication_Authentication',
      request: { userAttributes: { email, 'cognito:user_status': 'CONFIRMED' }, newDeviceUsed: false },
    });
  });
});

describe('PreTokenGeneration', () => {
  test('changes claims of the ID token, and groups of both, but not who it is', async () => {
    const users = await usersWith('PreTokenGeneration', (event) => ({
      ...event,
      response: {
        claimsOverrideDetails: {
          claimsToAddOrOverride: { plan: 'gold', sub: 'somebody', email_verified: 'yes' },
          claimsToSuppress: ['email', 'iss'],
          groupOverrideDetails: { groupsToOverride: ['guests'] },
        },
      },
    }));
    const email = await users.confirmed();
    const { AuthenticationResult: result } = await running.cognito.send(users.signIn(email));
    const [id, access] = [decodeJwt(result?.IdToken ?? ''), decodeJwt(result?.AccessToken ?? '')];
    expect(id).toMatchObject({ plan: 'gold', 'cognito:groups': ['guests'], sub: access.sub, iss: access.iss });
    expect(id).not.toHaveProperty('email');
    expect(access).toMatchObject({ 'cognito:groups': ['guests'] });
    expect(access).not.toHaveProperty('plan');
    await running.cognito.send(users.refresh(result?.RefreshToken ?? ''));
    expect(invocationsOf(users.name).map(({ triggerSource }) => triggerSource)).toEqual([
      'TokenGeneration_Authentication',
      'TokenGeneration_RefreshTokens',
    ]);
  });
});

describe('a function', () => {
  test.each([
    ['nothing', undefined],
    ['a text', 'fine'],
    ['an answer without the event', { response: {} }],
    ['an event without its response', { ...{ version: '1', triggerSource: 'PreSignUp_SignUp' } }],
  ])('that gives back %s is not understood', async (_, answer) => {
    const users = await usersWith('PreSignUp', () => answer);
    const command = new SignUpCommand({ ClientId: users.ClientId, Username: users.newEmail(), Password: PASSWORD });
    expect(await users.refusal(command)).toBe('InvalidLambdaResponseException: Unrecognizable lambda output');
  });

  test('that is late is asked three times', async () => {
    const users = await usersWith('PreSignUp', async (event) => {
      await sleep(1000);
      return event;
    });
    const command = new SignUpCommand({ ClientId: users.ClientId, Username: users.newEmail(), Password: PASSWORD });
    expect(await users.refusal(command)).toContain('Socket timeout while invoking Lambda function');
    expect(invocationsOf(users.name)).toHaveLength(3);
  });

  test('that fails is asked once', async () => {
    const users = await usersWith('PreSignUp', () => {
      throw new Error('no');
    });
    const command = new SignUpCommand({ ClientId: users.ClientId, Username: users.newEmail(), Password: PASSWORD });
    await users.refusal(command);
    expect(invocationsOf(users.name)).toHaveLength(1);
  });

  test.each([
    ['without a permission', undefined],
    ['with a permission for another pool', 'arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_other'],
  ])('%s is not asked', async (_, sourceArn) => {
    const name = `forbidden${(counter += 1)}`;
    const permitted = running.services.host.functions.permissions as unknown[];
    if (sourceArn !== undefined) {
      permitted.push({
        ...{ functionName: name, action: 'lambda:InvokeFunction', principal: 'cognito-idp.amazonaws.com' },
        sourceArn,
      });
    }
    running.services.functions.set(name, (event) => event);
    const pool = await running.pool(name, {
      LambdaConfig: { PreSignUp: `arn:aws:lambda:us-east-1:000000000000:function:${name}` },
    });
    const users = new TestUsers(running, await running.client(name, pool));
    const command = new SignUpCommand({ ClientId: users.ClientId, Username: users.newEmail(), Password: PASSWORD });
    expect(await users.refusal(command)).toBe(
      'UnexpectedLambdaException: PreSignUp invocation failed due to error AccessDeniedException.',
    );
    expect(invocationsOf(name)).toEqual([]);
  });
});
