import type { PostConfirmationTriggerEvent } from 'aws-lambda';
import { useLogLines } from '../../test/support/log-lines';
import { usePeople } from '../../test/support/people-world';
import { userIdOf } from '../../test/support/samples';
import { profileKey } from '../social-table/keys';
import { USER_PROFILE } from '../social-table/post-entities';

/** The function that Cognito asks once a user is confirmed, on a DynamoDB of this machine. */

const ADA = { userId: userIdOf(1) };
const EMAIL = 'ada@example.com';
const AT = '2026-01-01T00:00:00.000Z';
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;

const logged = useLogLines();
const world = usePeople();

const profile = (given: object = {}) =>
  USER_PROFILE.item([ADA.userId], { userId: ADA.userId, createdAt: AT, updatedAt: AT, version: 1, ...given });
const signedUp = (given?: object) => world.tables.put(world.tables.social, [profile(given)]);
const kept = () => world.tables.item(world.tables.social, profileKey(ADA.userId));
const confirmed = (given: object = {}) =>
  ({
    version: '1',
    region: 'eu-west-1',
    userPoolId: world.pool.userPoolId,
    userName: 'ada',
    callerContext: { awsSdkVersion: 'x', clientId: 'x' },
    triggerSource: 'PostConfirmation_ConfirmSignUp',
    request: { userAttributes: { sub: ADA.userId, email: EMAIL, 'custom:note': 'words that somebody sent' } },
    response: {},
    ...given,
  }) as unknown as PostConfirmationTriggerEvent;
const trigger = (event: PostConfirmationTriggerEvent) =>
  jest
    .requireActual<{ handler: (given: PostConfirmationTriggerEvent) => Promise<unknown> }>('./post-confirmation')
    .handler(event);

test('a confirmed sign-up makes a profile, of the id alone, and answers with what it got', async () => {
  const event = confirmed();
  expect(await trigger(event)).toBe(event);
  expect(await kept()).toEqual({ ...profile(), createdAt: TIME, updatedAt: TIME });
});

test('a confirmed sign-up leaves a profile that is there, however often it is told', async () => {
  await signedUp({ bio: 'Poet' });
  for (const event of [confirmed(), confirmed()]) {
    expect(await trigger(event)).toBe(event);
  }
  expect(await kept()).toEqual(profile({ bio: 'Poet' }));
  expect(logged()).toEqual([]);
});

test('a confirmed sign-up makes none where it is a new password that was confirmed', async () => {
  const event = confirmed({ triggerSource: 'PostConfirmation_ConfirmForgotPassword' });
  expect(await trigger(event)).toBe(event);
  expect(await kept()).toBeUndefined();
});

test('a confirmed sign-up keeps nobody out where the profile cannot be made, and logs nothing of them', async () => {
  const endpoint = process.env.AWS_ENDPOINT_URL_DYNAMODB;
  for (const broken of ['http://127.0.0.1:9', world.pool.endpoint]) {
    process.env.AWS_ENDPOINT_URL_DYNAMODB = broken;
    world.pool.instead = () => true;
    await jest.isolateModulesAsync(async () => {
      const started = Date.now();
      const event = confirmed();
      expect(await trigger(event)).toBe(event);
      // Cognito waits for five seconds.
      expect(Date.now() - started).toBeLessThan(4000);
    });
  }
  process.env.AWS_ENDPOINT_URL_DYNAMODB = endpoint;
  const odd = confirmed({ request: { userAttributes: { sub: 'x', email: EMAIL } } });
  expect(await trigger(odd)).toBe(odd);
  expect(logged()).toHaveLength(3);
  expect(JSON.stringify(logged())).not.toMatch(/@example|words|"ada|0190/);
});
