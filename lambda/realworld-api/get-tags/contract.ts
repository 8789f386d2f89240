/** The schemas of this endpoint. */
export { tagsAnswer as answer } from '../schemas/answers';
