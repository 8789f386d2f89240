/** The schemas of this endpoint. */
export { postTagsAnswer as answer } from '../schemas/answers';
export { postPath as path } from '../schemas/input';
