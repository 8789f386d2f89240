/** The schemas of this endpoint. */
export { namesAnswer as answer } from '../schemas/answers';
export { userPath as path } from '../schemas/input';
