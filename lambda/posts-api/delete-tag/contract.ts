/** The schemas of this endpoint. */
export { tagPath as path } from '../schemas/input';
