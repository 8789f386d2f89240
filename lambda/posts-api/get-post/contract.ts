/** The schemas of this endpoint. */
export { postAnswer as answer } from '../schemas/answers';
export { postPath as path } from '../schemas/input';
