/** The schemas of this endpoint. */
export { userAnswer as answer } from '../schemas/answers';
export { userPath as path } from '../schemas/input';
