/** The schemas of this endpoint. */
export { commentPath as path } from '../schemas/input';
