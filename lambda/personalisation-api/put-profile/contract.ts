/** The schemas of this endpoint. */
export { storedProfile as answer } from '../schemas/answers';
export { newProfile as body } from '../schemas/input';
