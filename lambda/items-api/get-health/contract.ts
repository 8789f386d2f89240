/** The schemas of this endpoint. */
export { healthAnswer as answer } from '../schemas/answers';
