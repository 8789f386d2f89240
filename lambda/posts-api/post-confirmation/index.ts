import type { PostConfirmationTriggerEvent } from 'aws-lambda';
import { isUuid } from '../../core/ids';
import { logError } from '../../core/logger';
import { tables } from '../repository/tables';
import { UserRepository } from '../repository/users';

/**
 * Cognito waits five seconds for a trigger, and fails what called it after three tries.
 *
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
 */
const WITHIN_MS = 2500;

const users = new UserRepository(tables());

/**
 * Makes the profile of somebody whose sign-up was just confirmed. This trigger is called for a new password, too
 * (`PostConfirmation_ConfirmForgotPassword`).
 *
 * It never fails: the user is confirmed by then, an error would tell them that they are not, and they could not try
 * again. The first `GET /me` makes the profile that is missing.
 */
export async function handler(event: PostConfirmationTriggerEvent): Promise<PostConfirmationTriggerEvent> {
  if (event.triggerSource !== 'PostConfirmation_ConfirmSignUp') {
    return event;
  }
  try {
    const { sub } = event.request.userAttributes;
    if (!isUuid(sub)) {
      throw new Error('The sub of a user is a UUID');
    }
    await users.welcome(sub, new Date().toISOString(), WITHIN_MS);
  } catch (error) {
    await logError('a profile was not made', error);
  }
  return event;
}
