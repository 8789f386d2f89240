/** The schemas of this endpoint. */
export { itemsAnswer as answer } from '../schemas/answers';
export { itemsQuery as query } from '../schemas/input';
