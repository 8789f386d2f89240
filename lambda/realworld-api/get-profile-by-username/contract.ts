/** The schemas of this endpoint. */
export { profileAnswer as answer } from '../schemas/answers';
export { usernamePath as path } from '../schemas/input';
