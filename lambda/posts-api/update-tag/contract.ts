/** The schemas of this endpoint. */
export { tagAnswer as answer } from '../schemas/answers';
export { tagPath as path, tagChanges as body } from '../schemas/input';
