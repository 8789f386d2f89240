/** The schemas of this endpoint. */
export { blobAnswer as answer } from '../schemas/answers';
export { userPath as path } from '../schemas/input';
