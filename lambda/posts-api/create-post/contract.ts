/** The schemas of this endpoint. */
export { postAnswer as answer } from '../schemas/answers';
export { newPost as body } from '../schemas/input';
