import { numberEnv } from '../../core/env';
import { registration } from '../schemas/users';

/** The schemas of this endpoint. */
export { userAnswer as answer } from '../schemas/answers';
/** The documents of a deployment say its own least length of a password. */
export const body = registration(numberEnv('PASSWORD_MINIMUM_LENGTH', 1));
