/** The schemas of this endpoint. */
export { postPath as path } from '../schemas/input';
