/** The schemas of this endpoint. */
export { itemPath as path } from '../schemas/input';
