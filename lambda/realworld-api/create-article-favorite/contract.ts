/** The schemas of this endpoint. */
export { articleAnswer as answer } from '../schemas/answers';
export { slugPath as path } from '../schemas/input';
