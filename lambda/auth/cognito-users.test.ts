import {
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { mockClient } from 'aws-sdk-client-mock';
import { CognitoUsers } from './cognito-users';
import { setEnvironment } from '../../test/support/function-environment';

/** Users of a pool whose users choose their names: one that is free again may be another's. */

const ADA = 'd9b2d63d-0000-4000-8000-00000000000a';
const MALLORY = 'd9b2d63d-0000-4000-8000-00000000000b';
const pool = mockClient(CognitoIdentityProviderClient);
let users: CognitoUsers;

beforeAll(() => {
  setEnvironment();
  users = new CognitoUsers('eu-west-1_abc');
});
beforeEach(() => pool.reset());

const has = (sub: string) =>
  pool.on(AdminGetUserCommand).resolves({
    UserAttributes: [
      { Name: 'sub', Value: sub },
      { Name: 'email', Value: 'a@example.com' },
      { Name: 'email_verified', Value: 'true' },
    ],
  });
const gone = Object.assign(new Error('User does not exist.'), { name: 'UserNotFoundException' });

test('who has the name and the id is found, and removed', async () => {
  has(ADA);
  expect(await users.find('ada', ADA)).toEqual({ email: 'a@example.com', emailVerified: true });
  await users.remove('ada', ADA);
  expect(pool.commandCalls(AdminDeleteUserCommand)).toHaveLength(1);
});

test('who has the name of somebody who is gone is neither shown nor removed', async () => {
  has(MALLORY);
  expect(await users.find('ada', ADA)).toBeUndefined();
  await users.remove('ada', ADA);
  expect(pool.commandCalls(AdminDeleteUserCommand)).toEqual([]);
});

test('who is gone already, or goes meanwhile, is removed', async () => {
  pool.on(AdminGetUserCommand).rejects(gone);
  await users.remove('ada', ADA);
  expect(pool.commandCalls(AdminDeleteUserCommand)).toEqual([]);
  has(ADA);
  pool.on(AdminDeleteUserCommand).rejects(gone);
  await users.remove('ada', ADA);
  expect(pool.commandCalls(AdminDeleteUserCommand)).toHaveLength(1);
});

test('other failures are told', async () => {
  pool.on(AdminGetUserCommand).rejects(new Error('throttled'));
  await expect(users.find('ada', ADA)).rejects.toThrow('throttled');
  await expect(users.remove('ada', ADA)).rejects.toThrow('throttled');
});
