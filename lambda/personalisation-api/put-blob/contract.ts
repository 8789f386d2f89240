/** The schemas of this endpoint. */
export { storedBlob as answer } from '../schemas/answers';
export { newBlob as body } from '../schemas/input';
