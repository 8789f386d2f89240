/** The schemas of this endpoint. */
export { articlesAnswer as answer } from '../schemas/answers';
export { pageQuery as query } from '../schemas/input';
