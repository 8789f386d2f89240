/** The schemas of this endpoint. */
export { articleAnswer as answer } from '../schemas/answers';
export { slugPath as path, articleUpdate as body } from '../schemas/input';
