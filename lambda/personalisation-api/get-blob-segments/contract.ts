/** The schemas of this endpoint. */
export { anyAnswer as answer } from '../schemas/answers';
export { userPath as path } from '../schemas/input';
