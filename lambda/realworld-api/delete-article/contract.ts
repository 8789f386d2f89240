/** The schemas of this endpoint. */
export { slugPath as path } from '../schemas/input';
