/** The schemas of this endpoint. */
export { meAnswer as answer } from '../schemas/answers';
