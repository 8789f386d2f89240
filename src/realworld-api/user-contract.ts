import { RealWorldEndpoint, VERIFY } from './shared-contract';

const USERS = 'User and Authentication';

/** @internal */
export const Login = {
  method: 'POST',
  path: '/users/login',
  summary: 'Sign in',
  tag: USERS,
  auth: 'none',
  input: ['body'],
  success: 200,
  errors: [401, 429],
  social: { BatchGetItem: ['profile'] },
  accounts: {
    BatchGetItem: ['email', 'signIn', 'account', 'password'],
    UpdateItem: ['signIn'],
    DeleteItem: ['signIn'],
  },
  signs: true,
  settings: ['TOKEN_LIFETIME_SECONDS'],
} as const satisfies RealWorldEndpoint;

/** @internal */
export const CreateUser = {
  method: 'POST',
  path: '/users',
  summary: 'Register',
  tag: USERS,
  auth: 'none',
  input: ['body'],
  success: 201,
  errors: [409],
  social: { PutItem: ['profile', 'username'] },
  accounts: { PutItem: ['email', 'account', 'password'] },
  signs: true,
  settings: ['PASSWORD_MINIMUM_LENGTH', 'TOKEN_LIFETIME_SECONDS'],
} as const satisfies RealWorldEndpoint;

/** @internal */
export const GetCurrentUser = {
  method: 'GET',
  path: '/user',
  summary: 'Get the current user',
  tag: USERS,
  auth: 'required',
  success: 200,
  social: { BatchGetItem: ['profile'] },
  accounts: { BatchGetItem: ['jwks', 'account'] },
} as const satisfies RealWorldEndpoint;

/** @internal */
export const UpdateCurrentUser = {
  method: 'PUT',
  path: '/user',
  summary: 'Change the current user',
  tag: USERS,
  auth: 'required',
  input: ['body'],
  success: 200,
  errors: [409],
  social: {
    BatchGetItem: ['profile'],
    UpdateItem: ['profile'],
    PutItem: ['username', 'changed'],
    DeleteItem: ['username'],
  },
  accounts: {
    BatchGetItem: ['jwks', 'account'],
    UpdateItem: ['account'],
    PutItem: ['email', 'password'],
    DeleteItem: ['email'],
  },
  signs: true,
  settings: ['TOKEN_LIFETIME_SECONDS'],
} as const satisfies RealWorldEndpoint;

/** @internal */
export const GetProfileByUsername = {
  method: 'GET',
  path: '/profiles/{username}',
  summary: 'Get a profile',
  tag: 'Profile',
  auth: 'optional',
  success: 200,
  errors: [404],
  social: { BatchGetItem: ['profile', 'username', 'follow'] },
  accounts: VERIFY,
} as const satisfies RealWorldEndpoint;

/** @internal */
export const FollowUserByUsername = {
  method: 'POST',
  path: '/profiles/{username}/follow',
  summary: 'Follow a user',
  tag: 'Profile',
  auth: 'required',
  success: 200,
  errors: [404],
  social: { BatchGetItem: ['profile', 'username'], PutItem: ['follow', 'follower', 'changed'] },
  accounts: VERIFY,
} as const satisfies RealWorldEndpoint;

/** @internal */
export const UnfollowUserByUsername = {
  method: 'DELETE',
  path: '/profiles/{username}/follow',
  summary: 'Stop following a user',
  tag: 'Profile',
  auth: 'required',
  success: 200,
  errors: [404],
  social: {
    BatchGetItem: ['profile', 'username'],
    DeleteItem: ['follow', 'follower'],
    PutItem: ['changed'],
  },
  accounts: VERIFY,
} as const satisfies RealWorldEndpoint;
