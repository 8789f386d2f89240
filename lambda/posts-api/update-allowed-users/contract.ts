/** The schemas of this endpoint. */
export { allowedUsersSet as answer } from '../schemas/answers';
export { postPath as path, newAllowedUsers as body } from '../schemas/input';
