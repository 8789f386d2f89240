/** The schemas of this endpoint. */
export { tokenPath as path } from '../schemas/input';
