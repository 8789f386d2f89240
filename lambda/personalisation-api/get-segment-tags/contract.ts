/** The schemas of this endpoint. */
export { namesAnswer as answer } from '../schemas/answers';
export { segmentPath as path } from '../schemas/input';
