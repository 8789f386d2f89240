/** The schemas of this endpoint. */
export { itemAnswer as answer } from '../schemas/answers';
export { itemContent as body } from '../schemas/input';
