/** The schemas of this endpoint. */
export { postsAnswer as answer } from '../schemas/answers';
export { userPath as path, pageQuery as query } from '../schemas/input';
