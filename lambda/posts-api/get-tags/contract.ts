/** The schemas of this endpoint. */
export { tagsAnswer as answer } from '../schemas/answers';
export { tagsQuery as query } from '../schemas/input';
