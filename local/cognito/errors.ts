import { AwsError } from '../aws/protocol';

/**
 * The errors of the API, with the texts that clients of AWS see; applications compare them. The codes and when they come
 * are those of https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/; the texts are those that users
 * of Amplify and the SDKs report.
 */
export const refused = {
  parameter: (message: string) => new AwsError('InvalidParameterException', message),
  notAuthorized: (message: string) => new AwsError('NotAuthorizedException', message),
  wrongPassword: () => new AwsError('NotAuthorizedException', 'Incorrect username or password.'),
  noUser: () => new AwsError('UserNotFoundException', 'User does not exist.'),
  noUserOfClient: () => new AwsError('UserNotFoundException', 'Username/client id combination not found.'),
  notConfirmed: () => new AwsError('UserNotConfirmedException', 'User is not confirmed.'),
  resetRequired: () => new AwsError('PasswordResetRequiredException', 'Password reset required for the user'),
  userExists: (what: string) => new AwsError('UsernameExistsException', what),
  aliasExists: () => new AwsError('AliasExistsException', 'An account with the email already exists.'),
  wrongCode: () => new AwsError('CodeMismatchException', 'Invalid verification code provided, please try again.'),
  expiredCode: () => new AwsError('ExpiredCodeException', 'Invalid code provided, please request a code again.'),
  wrongTotp: () => new AwsError('CodeMismatchException', 'Invalid code received for user'),
  tooManyAttempts: () => new AwsError('LimitExceededException', 'Attempt limit exceeded, please try after some time.'),
  password: (what: string) => new AwsError('InvalidPasswordException', `Password did not conform with policy: ${what}`),
  noPool: (id: string) => new AwsError('ResourceNotFoundException', `User pool ${id} does not exist.`),
  noClient: (id: string) => new AwsError('ResourceNotFoundException', `User pool client ${id} does not exist.`),
};
