/** The schemas of this endpoint. */
export { tokensAnswer as answer } from '../schemas/answers';
export { pageQuery as query } from '../schemas/input';
