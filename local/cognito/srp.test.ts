import {
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { createSrpSession, signSrpSession, wrapAuthChallenge, wrapInitiateAuth } from 'cognito-srp-helper';
import { firstStep, isPassword, isSignature, makeVerifier } from './srp';
import { PASSWORD, startTestCognito, TestCognito } from './testing';
import {
  CognitoError,
  confirmSignUp,
  refresh,
  resendCode,
  setNewPassword,
  signIn,
  SignInStep,
  signOut,
  signUp,
  UserPoolClient,
} from '../../lambda/core/docs/cognito-sign-in';

/** Sign-in by SRP: this server, the client of the API explorer, and a third hand that knows neither. */

let running: TestCognito;
let page: UserPoolClient;
let named: UserPoolClient;

beforeAll(async () => {
  running = await startTestCognito();
  const userPoolId = await running.pool('Mail');
  page = { endpoint: running.endpoint, userPoolId, clientId: await running.client('MailWeb', userPoolId) };
  const other = await running.pool('Named', { UsernameAttributes: [] });
  named = { endpoint: running.endpoint, userPoolId: other, clientId: await running.client('NamedWeb', other) };
  await signUp(page, 'ann@example.com', PASSWORD);
  await confirmSignUp(page, 'ann@example.com', running.sent('ann@example.com', 'sign-up'));
  for (const name of ['bob', 'carol']) {
    await running.admin.send(
      new AdminCreateUserCommand({ UserPoolId: other, Username: name, TemporaryPassword: 'Temp0rary!' }),
    );
  }
  await running.admin.send(
    new AdminSetUserPasswordCommand({ UserPoolId: other, Username: 'bob', Password: PASSWORD, Permanent: true }),
  );
}, 60_000);

afterAll(async () => running?.close());

function tokensOf(step: SignInStep): Extract<SignInStep, { readonly kind: 'signed in' }>['tokens'] {
  if (step.kind !== 'signed in') throw new Error(`not signed in, but asked for a ${step.kind}`);
  return step.tokens;
}

describe('the client of the explorer', () => {
  test('signs in by e-mail address, whatever its case, refreshes, and signs out', async () => {
    const { accessToken, idToken, refreshToken, expiresIn } = tokensOf(await signIn(page, 'ANN@example.com', PASSWORD));
    expect([accessToken, idToken].map((token) => token.split('.').length)).toEqual([3, 3]);
    expect(expiresIn).toBe(3600);
    const again = await refresh(page, refreshToken);
    expect(again).toMatchObject({ refreshToken });
    expect(again.accessToken).not.toBe(accessToken);
    await signOut(page, refreshToken);
    await expect(refresh(page, refreshToken)).rejects.toMatchObject({
      code: 'NotAuthorizedException',
      message: 'Refresh Token has been revoked',
    });
  });

  test('signs in by name many times: the numbers are of any length', async () => {
    for (let time = 0; time < 8; time += 1) tokensOf(await signIn(named, 'bob', PASSWORD));
  });

  test('sets a new password in the place of a temporary one', async () => {
    const step = await signIn(named, 'carol', 'Temp0rary!');
    if (step.kind === 'signed in') throw new Error('the temporary password signed in');
    expect(step).toMatchObject({ kind: 'new password', username: 'carol' });
    await expect(setNewPassword(named, step, 'short')).rejects.toMatchObject({ code: 'InvalidPasswordException' });
    tokensOf(await setNewPassword(named, step, PASSWORD));
    tokensOf(await signIn(named, 'carol', PASSWORD));
  });

  test('asks for another code, and says what is refused', async () => {
    await signUp(page, 'dan@example.com', PASSWORD);
    await resendCode(page, 'dan@example.com');
    await confirmSignUp(page, 'dan@example.com', running.sent('dan@example.com', 'sign-up'));
    tokensOf(await signIn(page, 'dan@example.com', PASSWORD));
    await expect(resendCode(page, 'dan@example.com')).rejects.toBeInstanceOf(CognitoError);
  });

  test.each(['ann@example.com', 'nobody@example.com'])('is refused alike for a wrong password: %s', async (email) => {
    await expect(signIn(page, email, 'Wr0ng-one!')).rejects.toMatchObject({
      code: 'NotAuthorizedException',
      message: 'Incorrect username or password.',
    });
  });
});

async function byHelper(pool: UserPoolClient, username: string, password: string): Promise<string | undefined> {
  const { clientId: ClientId, userPoolId } = pool;
  const session = createSrpSession(username, password, userPoolId, false);
  const first = await running.cognito.send(
    new InitiateAuthCommand(
      wrapInitiateAuth(session, {
        ClientId,
        AuthFlow: 'USER_SRP_AUTH',
        AuthParameters: { CHALLENGE_NAME: 'SRP_A', USERNAME: username },
      }),
    ),
  );
  const signed = signSrpSession(session, first);
  const { AuthenticationResult: result } = await running.cognito.send(
    new RespondToAuthChallengeCommand(
      wrapAuthChallenge(signed, {
        ClientId,
        ChallengeName: 'PASSWORD_VERIFIER',
        ChallengeResponses: { USERNAME: first.ChallengeParameters?.USERNAME ?? '' },
      }),
    ),
  );
  return result?.AccessToken;
}

describe('an implementation that knows neither', () => {
  test('signs in by name', async () => {
    expect(await byHelper(named, 'bob', PASSWORD)).toBeDefined();
  });

  test('signs in by e-mail address', async () => {
    expect(await byHelper(page, 'ann@example.com', PASSWORD)).toBeDefined();
  });

  test('is refused for a wrong password', async () => {
    await expect(byHelper(named, 'bob', 'Wr0ng-one!')).rejects.toMatchObject({ name: 'NotAuthorizedException' });
  });
});

describe('the server', () => {
  const kept = makeVerifier('us-east-1_Abc', 'ann', PASSWORD);

  test('keeps nothing that a password can be read from, and knows the right one', () => {
    expect(JSON.stringify(kept)).not.toContain(PASSWORD);
    expect(isPassword('us-east-1_Abc', 'ann', PASSWORD, kept)).toBe(true);
    expect(isPassword('us-east-1_Abc', 'ann', `${PASSWORD} `, kept)).toBe(false);
    expect(isPassword('us-east-1_Abc', 'bob', PASSWORD, kept)).toBe(false);
    expect(makeVerifier('us-east-1_Abc', 'ann', PASSWORD)).not.toEqual(kept);
  });

  test.each(['0', 'xyz', '', '-1'])('takes no public number %j, which would make the secret known', (a) => {
    expect(firstStep(a, kept)).toBeUndefined();
  });

  test('takes no signature of an empty text', () => {
    const step = firstStep('abcdef', kept);
    if (step === undefined) throw new Error('no step');
    const claim = { poolId: 'us-east-1_Abc', username: 'ann', secretBlock: Buffer.alloc(0), timestamp: '' };
    expect(isSignature(step, kept, claim, '')).toBe(false);
  });

  test.each([
    ['Tue Sep 05 00:09:40 UTC 2018', 'with a zero before the day'],
    ['2018-09-05T00:09:40Z', 'of another form'],
  ])('takes no time %s: %s', async (timestamp) => {
    const answer = new RespondToAuthChallengeCommand({
      ClientId: named.clientId,
      ChallengeName: 'PASSWORD_VERIFIER',
      ChallengeResponses: {
        USERNAME: 'bob',
        PASSWORD_CLAIM_SECRET_BLOCK: 'x',
        PASSWORD_CLAIM_SIGNATURE: 'x',
        TIMESTAMP: timestamp,
      },
    });
    await expect(running.cognito.send(answer)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.',
    });
  });

  test('takes an answer once: who guesses begins anew', async () => {
    const session = createSrpSession('bob', PASSWORD, named.userPoolId, false);
    const { clientId: ClientId } = named;
    const first = await running.cognito.send(
      new InitiateAuthCommand(
        wrapInitiateAuth(session, { ClientId, AuthFlow: 'USER_SRP_AUTH', AuthParameters: { USERNAME: 'bob' } }),
      ),
    );
    const right = wrapAuthChallenge(signSrpSession(session, first), {
      ClientId,
      ChallengeName: 'PASSWORD_VERIFIER' as const,
      ChallengeResponses: { USERNAME: 'bob' },
    });
    const ChallengeResponses = { ...right.ChallengeResponses, PASSWORD_CLAIM_SIGNATURE: 'wrong' };
    await expect(
      running.cognito.send(new RespondToAuthChallengeCommand({ ...right, ChallengeResponses })),
    ).rejects.toThrow('Incorrect username or password.');
    await expect(running.cognito.send(new RespondToAuthChallengeCommand(right))).rejects.toThrow(
      'Invalid session for the user.',
    );
  });

  test('says the same of somebody who is not there at each try, in the form of a user', async () => {
    const ask = async (): Promise<Readonly<Record<string, string>>> => {
      const { ChallengeParameters } = await running.cognito.send(
        new InitiateAuthCommand({
          ClientId: page.clientId,
          AuthFlow: 'USER_SRP_AUTH',
          AuthParameters: { USERNAME: 'nobody@example.com', SRP_A: 'abcdef' },
        }),
      );
      return ChallengeParameters ?? {};
    };
    const [first, second] = [await ask(), await ask()];
    expect(first.USER_ID_FOR_SRP).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect([second.USER_ID_FOR_SRP, second.SALT]).toEqual([first.USER_ID_FOR_SRP, first.SALT]);
    expect(second.SRP_B).not.toBe(first.SRP_B);
  });
});
