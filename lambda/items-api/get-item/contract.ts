/** The schemas of this endpoint. */
export { itemAnswer as answer } from '../schemas/answers';
export { itemPath as path } from '../schemas/input';
