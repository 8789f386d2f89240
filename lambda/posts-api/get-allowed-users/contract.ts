/** The schemas of this endpoint. */
export { allowedUsersAnswer as answer } from '../schemas/answers';
export { postPath as path, pageQuery as query } from '../schemas/input';
