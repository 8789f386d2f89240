/** The schemas of this endpoint. */
export { categoriesAnswer as answer } from '../schemas/answers';
export { segmentPath as path } from '../schemas/input';
