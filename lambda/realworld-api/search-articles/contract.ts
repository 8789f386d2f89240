/** The schemas of this endpoint. */
export { searchAnswer as answer } from '../schemas/answers';
export { searchQuery as query } from '../schemas/lists';
