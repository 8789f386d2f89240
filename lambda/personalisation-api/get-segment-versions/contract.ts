/** The schemas of this endpoint. */
export { versionsAnswer as answer } from '../schemas/answers';
export { segmentPath as path, versionsQuery as query } from '../schemas/input';
