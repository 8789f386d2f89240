/** The schemas of this endpoint. */
export { userAnswer as answer } from '../schemas/answers';
export { login as body } from '../schemas/users';
