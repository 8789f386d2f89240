/** The schemas of this endpoint. */
export { articleAnswer as answer } from '../schemas/answers';
export { newArticle as body } from '../schemas/input';
