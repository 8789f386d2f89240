/** The schemas of this endpoint. */
export { commentsAnswer as answer } from '../schemas/answers';
export { slugPath as path } from '../schemas/input';
