import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetUserCommand, SignUpCommand } from '@aws-sdk/client-cognito-identity-provider';
import { CognitoApi } from './api';
import { PASSWORD, startTestCognito, TestCognito, TestUsers } from './testing';

/** User pools and clients as their templates say; what lasts; what is shown of them. */

const POOL = 'AWS::Cognito::UserPool';
const CLIENT = 'AWS::Cognito::UserPoolClient';
const GROUP = 'AWS::Cognito::UserPoolGroup';

let running: TestCognito;

beforeAll(async () => {
  running = await startTestCognito();
}, 60_000);

afterAll(async () => running?.close());

test('a pool has the id, ARN and addresses of AWS', async () => {
  const { ref, attributes } = await running.services.create(POOL, 'Forms', {});
  expect(ref).toMatch(/^us-east-1_[A-Za-z0-9]{9}$/);
  expect(attributes).toEqual({
    Arn: `arn:aws:cognito-idp:us-east-1:000000000000:userpool/${ref}`,
    ProviderName: `cognito-idp.us-east-1.amazonaws.com/${ref}`,
    ProviderURL: `https://cognito-idp.us-east-1.amazonaws.com/${ref}`,
    UserPoolId: ref,
  });
});

test('a client has an id, and a secret where it asks for one', async () => {
  const UserPoolId = await running.pool('Clients');
  const plain = await running.services.create(CLIENT, 'Plain', { UserPoolId, ClientName: 'web' });
  expect(plain.ref).toMatch(/^[a-z0-9]{26}$/);
  expect(plain.attributes).toEqual({ ClientId: plain.ref, Name: 'web' });
  const secret = await running.services.create(CLIENT, 'Confidential', { UserPoolId, GenerateSecret: true });
  expect(secret.attributes.ClientSecret).toMatch(/^[a-z0-9]{51}$/);
  const group = await running.services.create(GROUP, 'Group', { UserPoolId, GroupName: 'staff' });
  expect(group.ref).toBe('staff');
});

test.each<[object, string]>([
  [{ Surprise: 1 }, 'property Surprise is not supported here'],
  [{ UsernameAttributes: ['phone_number'] }, 'UsernameAttributes "phone_number" is not supported here, only email'],
  [{ AutoVerifiedAttributes: ['phone_number'] }, 'AutoVerifiedAttributes "phone_number" is not supported here'],
  [{ AliasAttributes: ['preferred_username'] }, 'AliasAttributes "preferred_username" is not supported here'],
  [{ UsernameAttributes: ['email'], AliasAttributes: ['email'] }, 'only one of UsernameAttributes or AliasAttributes'],
  [{ LambdaConfig: { CustomMessage: 'arn' } }, 'property CustomMessage is not supported here'],
  [{ LambdaConfig: { DefineAuthChallenge: 'arn' } }, 'property DefineAuthChallenge is not supported here'],
  [
    { LambdaConfig: { PreTokenGenerationConfig: { LambdaArn: 'arn', LambdaVersion: 'V2_0' } } },
    'PreTokenGenerationConfig V2_0 is not supported here, only V1_0',
  ],
  [{ MfaConfiguration: 'ON' }, 'MfaConfiguration ON is supported here with EnabledMfas SOFTWARE_TOKEN_MFA alone'],
  [{ MfaConfiguration: 'ON', EnabledMfas: ['SMS_MFA'] }, 'EnabledMfas "SMS_MFA" is not supported here'],
  [{ DeviceConfiguration: {} }, 'property DeviceConfiguration is not supported here'],
  [{ Policies: { PasswordPolicy: { MinimumLength: 5 } } }, 'MinimumLength must be 6 to 99, got 5'],
  [{ Policies: { PasswordPolicy: { PasswordHistorySize: 3 } } }, 'PasswordHistorySize is not supported here'],
  [{ Schema: [{ Name: 'plan', Required: true }] }, 'a custom attribute cannot be required'],
  [
    { VerificationMessageTemplate: { DefaultEmailOption: 'CONFIRM_WITH_LINK' } },
    'DefaultEmailOption CONFIRM_WITH_LINK is not supported here',
  ],
  [
    { UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] } },
    'AttributesRequireVerificationBeforeUpdate needs email in AutoVerifiedAttributes',
  ],
])('a pool with %j is refused by name', async (properties, message) => {
  await expect(running.services.create(POOL, 'Refused', { ...properties })).rejects.toThrow(message);
});

test.each<[object, string]>([
  [{ UserPoolId: 'us-east-1_nowhere' }, 'is no user pool of this app'],
  [{ Surprise: 1 }, 'property Surprise is not supported here'],
  [{ ExplicitAuthFlows: ['ALLOW_CUSTOM_AUTH'] }, 'ExplicitAuthFlows "ALLOW_CUSTOM_AUTH" is not supported here'],
  [{ SupportedIdentityProviders: ['COGNITO', 'Google'] }, 'SupportedIdentityProviders Google not supported here'],
  [{ RefreshTokenRotation: { Feature: 'ENABLED' } }, 'RefreshTokenRotation is not supported here'],
  [{ AccessTokenValidity: 4, TokenValidityUnits: { AccessToken: 'minutes' } }, 'must be 300 to 86400 seconds, got 240'],
  [{ AccessTokenValidity: 1, TokenValidityUnits: { AccessToken: 'weeks' } }, 'must be seconds, minutes, hours or days'],
  [{ RefreshTokenValidity: 3651 }, 'must be 3600 to 315360000 seconds, got 315446400'],
  [{ AuthSessionValidity: 16 }, 'AuthSessionValidity must be 3 to 15, got 16'],
  [{ ReadAttributes: ['custom:plan'] }, 'the user pool has no attribute "custom:plan"'],
  [{ PreventUserExistenceErrors: 'maybe' }, 'PreventUserExistenceErrors must be ENABLED or LEGACY, got maybe'],
])('a client with %j is refused by name', async (properties, message) => {
  const pool = await running.pool('OfRefused');
  await expect(running.client('Refused', pool, { ...properties })).rejects.toThrow(message);
});

test('what a pool does not say is as AWS has it: names with case, all kinds of characters, everybody may sign up', async () => {
  const { ref: UserPoolId } = await running.services.create(POOL, 'Defaults', {});
  const { ref: ClientId } = await running.services.create(CLIENT, 'Defaults', { UserPoolId });
  const users = new TestUsers(running, ClientId);
  const sign = (Username: string, Password = PASSWORD): SignUpCommand =>
    new SignUpCommand({ ClientId, Username, Password });
  expect(await users.refusal(sign('ann', 'password'))).toContain('must have uppercase characters');
  expect(await users.refusal(sign('ann'))).toBe('allowed');
  expect(await users.refusal(sign('ANN'))).toBe('allowed');
  expect(await users.refusal(users.signIn('ann'))).toContain('USER_PASSWORD_AUTH flow not enabled');
  expect(running.services.logs.join('\n')).not.toContain('for ann');
});

test('tokens last as the client says', async () => {
  const pool = await running.pool('Lasting');
  const client = await running.client('Lasting', pool, {
    AccessTokenValidity: 10,
    IdTokenValidity: 2,
    RefreshTokenValidity: 1,
    TokenValidityUnits: { AccessToken: 'minutes', RefreshToken: 'hours' },
  });
  const users = new TestUsers(running, client);
  const { AccessToken, refreshToken } = await users.session();
  running.pass(600_000);
  expect(await users.refusal(new GetUserCommand({ AccessToken }))).toContain('Access Token has expired');
  expect(await users.refusal(users.refresh(refreshToken))).toBe('allowed');
  running.pass(3_000_000);
  expect(await users.refusal(users.refresh(refreshToken))).toContain('Refresh Token has expired');
});

test('the page shows pools, users and what would have been mailed, and no secret', async () => {
  const users = new TestUsers(running, await running.client('Shown', await running.pool('Shown')));
  const email = await users.signUp('shown@example.com');
  const sections = await Promise.all(
    ['userPools', 'users', 'messages'].map(async (key) => running.services.section(key)),
  );
  expect(sections[1]).toContainEqual(expect.objectContaining({ email, status: 'UNCONFIRMED' }));
  expect(sections[2]?.[0]).toMatchObject({ to: email, text: `code ${running.sent(email, 'sign-up')}` });
  expect(JSON.stringify(sections)).not.toMatch(/salt|verifier|secret|Passw0rd/i);
});

test('the page about the runner names the operations that are there, and by whom they are called', () => {
  const page = readFileSync(join(__dirname, '../../docs/local.md'), 'utf8');
  const named = (who: string): string[] => {
    const row = page.split('\n').find((line) => line.startsWith(`| ${who} `)) ?? '';
    return [...row.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
  };
  const apis = running.services.host.running.flatMap((service) => service.apis ?? []);
  const api = apis.find((one) => one instanceof CognitoApi);
  expect([...named('anybody'), ...named('by a token')].sort()).toEqual([...(api?.unsigned ?? [])].sort());
  expect(named('signed (IAM)').sort()).toEqual([...(api?.signed ?? [])].sort());
});

describe('with a data folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cognito-data-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function run<T>(work: (again: TestCognito, users: TestUsers) => Promise<T>): Promise<T> {
    const again = await startTestCognito({ dataDir: folder });
    try {
      return await work(again, new TestUsers(again, await again.client('Web', await again.pool('Kept'))));
    } finally {
      await again.close();
    }
  }

  test('users, sessions and keys are there again, and no password', async () => {
    const first = await run(async (_, users) => ({ ...(await users.session()), client: users.ClientId }));
    const kept = readdirSync(join(folder, 'cognito')).map((file) =>
      readFileSync(join(folder, 'cognito', file), 'utf8'),
    );
    expect(kept).toHaveLength(1);
    for (const secret of [PASSWORD, first.refreshToken, first.AccessToken]) expect(kept[0]).not.toContain(secret);
    await run(async (_, users) => {
      expect(users.ClientId).toBe(first.client);
      expect(await users.refusal(new GetUserCommand({ AccessToken: first.AccessToken }))).toBe('allowed');
      expect(await users.refusal(users.refresh(first.refreshToken))).toBe('allowed');
      expect(await users.refusal(users.signIn(first.email))).toBe('allowed');
    });
  });

  test('and without one, they are others in each run', async () => {
    const [one, two] = [await startTestCognito(), await startTestCognito()];
    expect(await one.pool('Kept')).not.toBe(await two.pool('Kept'));
    await Promise.all([one.close(), two.close()]);
  });
});
