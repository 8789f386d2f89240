/** The schemas of this endpoint. */
export { commentAnswer as answer } from '../schemas/answers';
export { slugPath as path, newComment as body } from '../schemas/input';
