/** The schemas of this endpoint. */
export { userAnswer as answer } from '../schemas/answers';
export { newUser as body } from '../schemas/input';
