import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { signToken } from './signing';
import { claimed } from './tokens';
import { newPair, type TestPair, verified as verify } from '../../test/support/keys';
import { awsError } from '../../test/support/secrets';

const secrets = mockClient(SecretsManagerClient);
const CLAIMS = { userId: '01900000-0001-7000-8000-000000000001', generation: 2 };
const MINUTE = 60_000;

let pair: TestPair;
let next: TestPair;
let now = Date.now();

const holds = ({ signing }: TestPair) =>
  secrets.on(GetSecretValueCommand).resolves({ SecretString: JSON.stringify(signing) });
const reads = () => secrets.commandCalls(GetSecretValueCommand).length;
const kid = async () => claimed(await signToken(CLAIMS)).kid;

beforeAll(async () => {
  Object.assign(process.env, { AWS_REGION: 'eu-west-1', SIGNING_KEY_SECRET_ARN: 'arn:secret' });
  [pair, next] = await Promise.all([newPair('key-1'), newPair('key-2')]);
});

beforeEach(() => {
  secrets.reset();
  holds(pair);
  // What a test of before has read is too old for this one.
  now += 60 * MINUTE;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  process.env.TOKEN_LIFETIME_SECONDS = '120';
});

afterEach(() => jest.restoreAllMocks());

test('a token is signed with the current key of the secret, for the lifetime that is set', async () => {
  const token = await signToken(CLAIMS);
  await expect(verify(token, pair.keys)).resolves.toMatchObject(CLAIMS);
  expect(secrets.commandCalls(GetSecretValueCommand)[0].args[0].input).toEqual({
    SecretId: 'arn:secret',
    VersionStage: 'AWSCURRENT',
  });
  const { exp, iat } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()) as Record<string, number>;
  expect(exp - iat).toBe(120);
});

test('tokens live thirty days where no lifetime is set', async () => {
  delete process.env.TOKEN_LIFETIME_SECONDS;
  const payload = (await signToken(CLAIMS)).split('.')[1];
  const { exp, iat } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, number>;
  expect(exp - iat).toBe(30 * 24 * 3600);
});

test('the key is read once, also for tokens that are asked for at the same time', async () => {
  await Promise.all([1, 2, 3].map(() => signToken(CLAIMS)));
  await signToken(CLAIMS);
  expect(reads()).toBe(1);
});

test('a rotated key is in use within five minutes', async () => {
  expect(await kid()).toBe('key-1');
  holds(next);
  now += 5 * MINUTE;
  expect(await kid()).toBe('key-1');
  now += 1;
  expect(await kid()).toBe('key-2');
  expect(reads()).toBe(2);
});

test.each([
  ['cannot be read', () => secrets.on(GetSecretValueCommand).rejects(awsError('InternalServiceError'))],
  ['holds no key yet', () => secrets.on(GetSecretValueCommand).resolves({ SecretString: 'made-at-random' })],
  ['is empty', () => secrets.on(GetSecretValueCommand).resolves({})],
  ['holds half a key', () => secrets.on(GetSecretValueCommand).resolves({ SecretString: '{"kid":"key-1"}' })],
])('a secret that %s fails that token, and is read again for the next', async (_, breaks) => {
  breaks();
  await expect(signToken(CLAIMS)).rejects.toThrow();
  holds(pair);
  expect(await kid()).toBe('key-1');
});
