/** The schemas of this endpoint. */
export { tokenAnswer as answer } from '../schemas/answers';
export { tokenPath as path } from '../schemas/input';
