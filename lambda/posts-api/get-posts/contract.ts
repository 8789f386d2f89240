/** The schemas of this endpoint. */
export { postsAnswer as answer } from '../schemas/answers';
export { postsQuery as query } from '../schemas/input';
