/** The schemas of this endpoint. */
export { profileAnswer as answer } from '../schemas/answers';
export { userPath as path, profileQuery as query } from '../schemas/input';
