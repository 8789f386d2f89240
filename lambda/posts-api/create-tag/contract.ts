/** The schemas of this endpoint. */
export { tagAnswer as answer } from '../schemas/answers';
export { newTag as body } from '../schemas/input';
