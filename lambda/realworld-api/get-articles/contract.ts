/** The schemas of this endpoint. */
export { articlesAnswer as answer } from '../schemas/answers';
export { listQuery as query } from '../schemas/lists';
