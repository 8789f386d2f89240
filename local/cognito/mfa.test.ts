import { createHmac } from 'node:crypto';
import {
  AssociateSoftwareTokenCommand,
  GetUserCommand,
  RespondToAuthChallengeCommand,
  SetUserMFAPreferenceCommand,
  VerifySoftwareTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { PASSWORD, startTestCognito, TestCognito, TestUsers } from './testing';
import { totpStep } from './totp';
import { giveCode, signIn } from '../../lambda/core/docs/cognito-sign-in';

/** Codes of an authenticator app, as the second factor of a sign-in. */

let running: TestCognito;
let optional: TestUsers;
let optionalPool: string;
let required: TestUsers;
/** How far the clock is ahead. */
let ahead = 0;

beforeAll(async () => {
  running = await startTestCognito();
  const make = async (MfaConfiguration: string): Promise<TestUsers> => {
    const pool = await running.pool(MfaConfiguration, { MfaConfiguration, EnabledMfas: ['SOFTWARE_TOKEN_MFA'] });
    if (MfaConfiguration === 'OPTIONAL') optionalPool = pool;
    return new TestUsers(running, await running.client(MfaConfiguration, pool));
  };
  optional = await make('OPTIONAL');
  required = await make('ON');
}, 60_000);

afterAll(async () => running?.close());

/** What an authenticator app shows, of its own reckoning. */
function appCode(secret: string): string {
  const counter = Buffer.alloc(8);
  counter.writeUInt32BE(Math.floor((Date.now() + ahead) / 30_000), 4);
  let bits = '';
  for (const one of secret) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(one).toString(2).padStart(5, '0');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const mac = createHmac('sha1', key).update(counter).digest('hex');
  const offset = parseInt(mac.slice(-1), 16) * 2;
  return String(parseInt(mac.slice(offset, offset + 8), 16) % 2 ** 31)
    .slice(-6)
    .padStart(6, '0');
}

/** A code is good once: the next one comes with the next half minute. */
function nextCode(): void {
  running.pass(30_000);
  ahead += 30_000;
}

// Test vectors of RFC 6238, appendix B, for SHA-1: the last six of the eight digits.
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [20_000_000_000, '353130'],
])('the code at second %d is that of the RFC', (second, code) => {
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  const step = Math.floor(second / 30);
  expect(totpStep(secret, code, second * 1000)).toBe(step);
  expect(totpStep(secret, code, (second + 30) * 1000)).toBe(step);
  expect(totpStep(secret, code, (second + 60) * 1000)).toBeUndefined();
});

test('a code of the next half minute is none yet', () => {
  expect(totpStep('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', '081804', 1_111_111_109_000 - 30_000)).toBeUndefined();
});

test('who set an app up is asked for its code, which is good once', async () => {
  const { email, AccessToken } = await optional.session();
  const { SecretCode = '' } = await running.cognito.send(new AssociateSoftwareTokenCommand({ AccessToken }));
  const verify = (UserCode: string): VerifySoftwareTokenCommand =>
    new VerifySoftwareTokenCommand({ AccessToken, UserCode });
  const wrong = appCode(SecretCode) === '000000' ? '000001' : '000000';
  await expect(running.cognito.send(verify(wrong))).rejects.toMatchObject({ name: 'EnableSoftwareTokenMFAException' });
  expect(await running.cognito.send(verify(appCode(SecretCode)))).toMatchObject({ Status: 'SUCCESS' });
  await running.cognito.send(
    new SetUserMFAPreferenceCommand({ AccessToken, SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true } }),
  );
  expect(await running.cognito.send(new GetUserCommand({ AccessToken }))).toMatchObject({
    UserMFASettingList: ['SOFTWARE_TOKEN_MFA'],
    PreferredMfaSetting: 'SOFTWARE_TOKEN_MFA',
  });
  const { ChallengeName, Session, AuthenticationResult } = await running.cognito.send(optional.signIn(email));
  expect([ChallengeName, AuthenticationResult]).toEqual(['SOFTWARE_TOKEN_MFA', undefined]);
  const answer = (code: string): RespondToAuthChallengeCommand =>
    new RespondToAuthChallengeCommand({
      ...{ ClientId: optional.ClientId, ChallengeName, Session },
      ChallengeResponses: { USERNAME: email, SOFTWARE_TOKEN_MFA_CODE: code },
    });
  await expect(running.cognito.send(answer(appCode(SecretCode)))).rejects.toMatchObject({
    name: 'ExpiredCodeException',
    message: 'Your software token has already been used once.',
  });
  nextCode();
  await expect(running.cognito.send(answer('00000x'))).rejects.toMatchObject({ name: 'CodeMismatchException' });
  const { AuthenticationResult: result } = await running.cognito.send(answer(appCode(SecretCode)));
  expect(result?.AccessToken).toBeDefined();
  nextCode();
  const page = { endpoint: running.endpoint, userPoolId: optionalPool, clientId: optional.ClientId };
  const step = await signIn(page, email, PASSWORD);
  if (step.kind !== 'code') throw new Error(`not asked for a code: ${step.kind}`);
  expect(await giveCode(page, step, appCode(SecretCode))).toMatchObject({ kind: 'signed in' });
});

test('five wrong codes end the sign-in', async () => {
  const { email, AccessToken } = await optional.session();
  const { SecretCode = '' } = await running.cognito.send(new AssociateSoftwareTokenCommand({ AccessToken }));
  await running.cognito.send(new VerifySoftwareTokenCommand({ AccessToken, UserCode: appCode(SecretCode) }));
  await running.cognito.send(
    new SetUserMFAPreferenceCommand({ AccessToken, SoftwareTokenMfaSettings: { Enabled: true } }),
  );
  const { ChallengeName, Session } = await running.cognito.send(optional.signIn(email));
  const wrong = new RespondToAuthChallengeCommand({
    ...{ ClientId: optional.ClientId, ChallengeName, Session },
    ChallengeResponses: { USERNAME: email, SOFTWARE_TOKEN_MFA_CODE: '00000x' },
  });
  for (let time = 0; time < 5; time += 1) {
    await expect(running.cognito.send(wrong)).rejects.toMatchObject({ name: 'CodeMismatchException' });
  }
  await expect(running.cognito.send(wrong)).rejects.toThrow('Invalid session for the user.');
});

test('where everybody must have one, it is set up on the way', async () => {
  const email = await required.confirmed();
  const { ChallengeName, Session } = await running.cognito.send(required.signIn(email));
  expect(ChallengeName).toBe('MFA_SETUP');
  const finish = new RespondToAuthChallengeCommand({
    ...{ ClientId: required.ClientId, ChallengeName, Session },
    ChallengeResponses: { USERNAME: email },
  });
  await expect(running.cognito.send(finish)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  const { SecretCode = '' } = await running.cognito.send(new AssociateSoftwareTokenCommand({ Session }));
  await running.cognito.send(new VerifySoftwareTokenCommand({ Session, UserCode: appCode(SecretCode) }));
  const { AuthenticationResult: result } = await running.cognito.send(finish);
  expect(result?.AccessToken).toBeDefined();
  const again = await running.cognito.send(required.signIn(email));
  expect(again.ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
  const off = new SetUserMFAPreferenceCommand({
    AccessToken: result?.AccessToken,
    SoftwareTokenMfaSettings: { Enabled: false },
  });
  await expect(running.cognito.send(off)).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test('a pool without it has it not', async () => {
  const users = new TestUsers(running, await running.client('Plain', await running.pool('Plain')));
  const { AccessToken } = await users.session();
  await expect(running.cognito.send(new AssociateSoftwareTokenCommand({ AccessToken }))).rejects.toMatchObject({
    name: 'SoftwareTokenMFANotFoundException',
  });
});
