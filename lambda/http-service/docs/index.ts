import { documents } from '../../core/docs/docs';

/** The API explorer of any service, and the document that its app has put beside this function. */
export const handler = documents(__dirname);
