/** The schemas of this endpoint. */
export { usersAnswer as answer } from '../schemas/answers';
export { usersQuery as query } from '../schemas/input';
