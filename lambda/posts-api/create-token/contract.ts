/** The schemas of this endpoint. */
export { tokenAnswer as answer } from '../schemas/answers';
export { newToken as body } from '../schemas/input';
