/** The schemas of this endpoint. */
export { userPath as path } from '../schemas/input';
