/** The schemas of this endpoint. */
export { itemAnswer as answer } from '../schemas/answers';
export { itemContent as body, itemPath as path } from '../schemas/input';
