/** The schemas of this endpoint. */
export { meAnswer as answer } from '../schemas/answers';
export { profileChanges as body } from '../schemas/input';
