/** The schemas of this endpoint. */
export { segmentAnswer as answer } from '../schemas/answers';
export { segmentPath as path, segmentQuery as query } from '../schemas/input';
