/** The schemas of this endpoint. */
export { userAnswer as answer } from '../schemas/answers';
export { userUpdate as body } from '../schemas/users';
